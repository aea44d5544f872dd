"""The pixel grid of a layer that QGIS draws: anchored to the layer and the GSD, never to the view."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsDistanceArea,
    QgsGeometry,
    QgsMapLayer,
    QgsPointXY,
    QgsProject,
    QgsRasterInterface,
    QgsRasterLayer,
    QgsRectangle,
)

from msa_model.protocol.errors import AoiInvalid, AoiOutsideRaster, MsaError, RasterMissing, RasterWithoutCrs
from msa_model.protocol.layers import DrawnLayer
from msa_model.protocol.messages import Aoi
from qgis_msa_plugin.gis.geometry import WGS84, crs_of, crs_text
from qgis_msa_plugin.render.style import shown_source, version_of
from qgis_msa_plugin.translate import tr

GSDS_M = (0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
_USUAL_M = 0.5
_SHARP = 0.7  # a GSD this much finer than the server's finest pixels still shows what there is
_METRIC = 0.01  # a CRS whose units are metres on the ground within this share is used as it is
_PROBE = 500.0  # units, either way
_MANY = 100  # pixels, either way
# Of a UTM zone: broad enough for areas across its edge; one per cent off at the far ends.
_ZONE_EAST, _ZONE_NORTH, _ZONE_SOUTH = (-200_000, 1_200_000), (-1_000_000, 9_400_000), (600_000, 11_000_000)
_POLAR, _POLAR_BOX = 84.0, (0, 4_000_000)
_BROAD, _SNAP = 20.0, 10_000.0  # degrees beyond which a layer is not cut; metres
_MOST_WHOLE = 20_000 * 128.0**2  # pixels of a layer searched without an area: 20,000 tiles or so


@dataclass(frozen=True)
class _Frame:
    """Where a grid lies: a box in a CRS."""

    crs: QgsCoordinateReferenceSystem
    box: QgsRectangle


def pixel_grid(layer: QgsMapLayer, aoi: Optional[Aoi] = None, gsd_m: Optional[float] = None) -> DrawnLayer:
    """The grid to draw the layer on; a raster that has pixels of its own keeps them where no GSD is picked.

    Else the grid's units are metres: the layer's own CRS where its units are metres on the ground, or the
    UTM zone in which the area (or else the layer) lies.

    Raises:
        RasterMissing: QGIS itself cannot open the layer.
        RasterWithoutCrs: QGIS knows no CRS for the layer.
        AoiInvalid, AoiOutsideRaster: there is no place on Earth that the area, or the layer, lies at.
        too_many_tiles: no area is given, and the layer has no end.
    """
    _check(layer)
    if gsd_m is None and has_own_pixels(layer):
        return _own_grid(layer)
    side = gsd_m or usual_gsd(gsd_choices(layer, aoi))
    frame = _frame(layer, _centre(layer, aoi))
    left, top = math.floor(frame.box.xMinimum() / side), math.ceil(frame.box.yMaximum() / side)
    width = max(1, math.ceil(frame.box.xMaximum() / side) - left)
    height = max(1, top - math.floor(frame.box.yMinimum() / side))
    if aoi is None and width * height > _MOST_WHOLE:
        raise MsaError.of(
            "too_many_tiles",
            tr("The layer '{name}' is too large to be searched as a whole at {gsd:g} m a pixel.").format(
                name=layer.name(), gsd=side
            ),
        )
    return _grid(layer, frame.crs, (side, 0.0, left * side, 0.0, -side, top * side), (width, height))


def gsd_choices(layer: Optional[QgsMapLayer], aoi: Optional[Aoi] = None) -> tuple[float, ...]:
    """The GSDs (metres, rising) to offer for a layer that has no pixels of its own; empty for all others.

    None finer than what the server holds at that place. `usual_gsd` is the one to take unless the user
    picks another. A raster with its own pixels may be drawn at any of `GSDS_M`, too, as QGIS shows it.
    """
    if layer is None or not layer.isValid() or has_own_pixels(layer):
        return ()
    finest = _finest_m(layer, aoi)
    return tuple(gsd for gsd in GSDS_M if gsd >= finest * _SHARP) or GSDS_M[-1:]


def usual_gsd(choices: tuple[float, ...]) -> float:
    """The GSD to draw at unless the user picks another."""
    return min(choices, key=lambda gsd: (abs(math.log(gsd / _USUAL_M)), gsd), default=_USUAL_M)


def has_own_pixels(layer: QgsMapLayer) -> bool:
    """Whether the layer is a raster of a known number of pixels."""
    if not isinstance(layer, QgsRasterLayer) or layer.dataProvider() is None:
        return False
    sized = int(layer.dataProvider().capabilities()) & int(QgsRasterInterface.Capability.Size)
    return bool(sized) and layer.width() > 0 and layer.height() > 0


def _check(layer: QgsMapLayer) -> None:
    if not layer.isValid():
        sentence = tr("The layer '{name}' is broken; its source is {source}.")
        raise RasterMissing(sentence.format(name=layer.name(), source=shown_source(layer)))
    if not layer.crs().isValid():
        raise RasterWithoutCrs(tr("The layer '{name}' has no CRS.").format(name=layer.name()))


def _own_grid(layer: QgsRasterLayer) -> DrawnLayer:
    box, width, height = layer.extent(), layer.width(), layer.height()
    across, down = box.width() / width, box.height() / height
    transform = (across, 0.0, box.xMinimum(), 0.0, -down, box.yMaximum())
    return _grid(layer, layer.crs(), transform, (width, height))


def _grid(
    layer: QgsMapLayer,
    crs: QgsCoordinateReferenceSystem,
    transform: tuple[float, float, float, float, float, float],
    size: tuple[int, int],
) -> DrawnLayer:
    return DrawnLayer(
        source=shown_source(layer),
        title=layer.name(),
        version=version_of(layer),
        crs=crs_text(crs),
        transform=transform,
        width=size[0],
        height=size[1],
    )


def _centre(layer: QgsMapLayer, aoi: Optional[Aoi]) -> QgsPointXY:
    """A place in the middle of the area, or else of the layer, in longitude and latitude."""
    if aoi is None:
        place, crs = layer.extent().center(), layer.crs()
    else:
        geometry, crs = QgsGeometry.fromWkt(aoi.wkt), crs_of(aoi.crs)
        if geometry.isEmpty() or not crs.isValid():
            raise AoiInvalid(tr("The area of interest is no polygon with a known CRS."))
        inner = geometry.pointOnSurface()
        place = geometry.boundingBox().center() if inner.isEmpty() else inner.asPoint()
    try:
        lonlat = _transform(crs, QgsCoordinateReferenceSystem(WGS84)).transform(QgsPointXY(place))
    except QgsCsException as error:
        raise AoiOutsideRaster(tr("The area of interest has no geographic coordinates.")) from error
    if not (math.isfinite(lonlat.x()) and abs(lonlat.y()) <= 90):  # noqa: PLR2004
        raise AoiOutsideRaster(tr("The area of interest has no geographic coordinates."))
    return lonlat


def _frame(layer: QgsMapLayer, centre: QgsPointXY) -> _Frame:
    """The layer's own CRS where its units are metres there, else a UTM zone, cut to the layer."""
    if _is_metric(layer.crs(), centre):
        return _Frame(layer.crs(), layer.extent())
    crs, box = _zone(centre)
    return _Frame(crs, _cut(layer, crs, box))


def _cut(layer: QgsMapLayer, crs: QgsCoordinateReferenceSystem, box: QgsRectangle) -> QgsRectangle:
    """What of the box the layer may fill, in tens of kilometres; all of it where that cannot be told."""
    try:
        degrees = _transform(layer.crs(), QgsCoordinateReferenceSystem(WGS84))
        lonlat = degrees.transformBoundingBox(layer.extent())
        if not lonlat.isFinite() or max(lonlat.width(), lonlat.height()) > _BROAD:
            return box
        extent = _transform(layer.crs(), crs).transformBoundingBox(layer.extent())
    except QgsCsException:
        return box
    low = [math.floor(side / _SNAP) * _SNAP for side in (extent.xMinimum(), extent.yMinimum())]
    high = [math.ceil(side / _SNAP) * _SNAP for side in (extent.xMaximum(), extent.yMaximum())]
    inside = box.intersect(QgsRectangle(*low, *high))
    return box if inside.isEmpty() else inside


def _is_metric(crs: QgsCoordinateReferenceSystem, centre: QgsPointXY) -> bool:
    """Whether a unit is a metre on the ground at that place, either way."""
    if crs.isGeographic():
        return False
    back = QgsCoordinateReferenceSystem(WGS84)
    try:
        place = _transform(back, crs).transform(centre)
        lengths = [_length_m(place, crs, step) for step in ((_PROBE, 0.0), (0.0, _PROBE))]
    except QgsCsException:
        return False
    return all(abs(length / (2 * _PROBE) - 1) < _METRIC for length in lengths)


def _length_m(point: QgsPointXY, crs: QgsCoordinateReferenceSystem, step: tuple[float, float]) -> float:
    transform = _transform(crs, QgsCoordinateReferenceSystem(WGS84))
    ends = [QgsPointXY(point.x() + side * step[0], point.y() + side * step[1]) for side in (-1, 1)]
    return _ellipsoid().measureLine([transform.transform(end) for end in ends])


def _finest_m(layer: QgsMapLayer, aoi: Optional[Aoi]) -> float:
    """The side on the ground of the finest pixels that the server holds; 0 where it holds any."""
    if not isinstance(layer, QgsRasterLayer):
        return 0.0
    units = min(layer.dataProvider().nativeResolutions(), default=0.0)
    if not units:
        return 0.0
    centre = _centre(layer, aoi)
    place = _transform(QgsCoordinateReferenceSystem(WGS84), layer.crs()).transform(centre)
    return _length_m(place, layer.crs(), (_MANY * units, 0.0)) / (2 * _MANY)


def _zone(centre: QgsPointXY) -> tuple[QgsCoordinateReferenceSystem, QgsRectangle]:
    """The UTM zone of a place and a box around it; polar stereographic beyond 84 degrees."""
    north = centre.y() >= 0
    if abs(centre.y()) > _POLAR:
        low, high = _POLAR_BOX
        return QgsCoordinateReferenceSystem("EPSG:32661" if north else "EPSG:32761"), QgsRectangle(
            low, low, high, high
        )
    number = int(((centre.x() + 180) % 360) // 6) + 1
    low, high = _ZONE_NORTH if north else _ZONE_SOUTH
    crs = QgsCoordinateReferenceSystem(f"EPSG:{(32600 if north else 32700) + number}")
    return crs, QgsRectangle(_ZONE_EAST[0], low, _ZONE_EAST[1], high)


def _transform(
    source: QgsCoordinateReferenceSystem, target: QgsCoordinateReferenceSystem
) -> QgsCoordinateTransform:
    return QgsCoordinateTransform(source, target, QgsProject.instance())


def _ellipsoid() -> QgsDistanceArea:
    ground = QgsDistanceArea()
    if not ground.setEllipsoid("WGS84"):
        raise QgsCsException("QGIS does not know the ellipsoid WGS84.")
    return ground
