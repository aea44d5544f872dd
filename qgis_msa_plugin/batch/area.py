"""Where a batch scan looks: polygons as they come, made into one area that the worker can use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsGeometry,
    QgsPointXY,
    QgsRectangle,
    QgsVectorLayer,
    QgsWkbTypes,
)

from msa_model.protocol.errors import AoiInvalid
from msa_model.protocol.messages import Aoi
from qgis_msa_plugin.layers.geometry import aoi_of
from qgis_msa_plugin.translate import tr

_MERCATOR_HALF = 20037508.342789244
_HIGH = 1e9  # above any coordinate


def polygons_of(layer: Optional[QgsVectorLayer], selected_only: bool = False) -> Aoi:
    """The polygons of a layer as one area, in its CRS.

    Raises:
        AoiInvalid: no layer, no CRS, or no polygon with an area.
    """
    if layer is None:
        raise AoiInvalid(tr("There is no polygon layer: add one, or draw the area."))
    if not layer.crs().isValid():
        raise AoiInvalid(tr("The layer '{name}' has no CRS.").format(name=layer.name()))
    if selected_only and not layer.selectedFeatureCount():
        text = tr("No polygon of the layer '{name}' is selected.")
        raise AoiInvalid(text.format(name=layer.name()))
    features = layer.getSelectedFeatures() if selected_only else layer.getFeatures()
    area = united(feature.geometry() for feature in features)
    if area.isEmpty():
        raise AoiInvalid(tr("The layer '{name}' holds no polygon with an area.").format(name=layer.name()))
    return aoi_of(within_world(area, layer.crs()), layer.crs())


def drawn(points: Iterable[QgsPointXY], crs: QgsCoordinateReferenceSystem) -> Aoi:
    """What was drawn, as an area; a line that crosses itself encloses what it goes around.

    Raises:
        AoiInvalid: it has no area, or the map has no CRS.
    """
    if not crs.isValid():
        raise AoiInvalid(tr("The map has no CRS: choose one for the project first."))
    area = united([QgsGeometry.fromPolygonXY([list(points)])])
    if area.isEmpty():
        raise AoiInvalid(tr("What was drawn has no area: click at least three corners."))
    return aoi_of(within_world(area, crs), crs)


def united(geometries: Iterable[QgsGeometry]) -> QgsGeometry:
    """The polygonal parts of all, repaired where they are invalid, as one geometry; perhaps empty."""
    whole = (geometry if geometry.isGeosValid() else geometry.makeValid() for geometry in geometries)
    parts = [
        part
        for geometry in whole
        if not geometry.isNull()
        for part in geometry.asGeometryCollection()
        if part.type() == QgsWkbTypes.GeometryType.PolygonGeometry and part.area() > 0
    ]
    return QgsGeometry.unaryUnion(parts) if parts else QgsGeometry()


def within_world(area: QgsGeometry, crs: QgsCoordinateReferenceSystem) -> QgsGeometry:
    """The area with what lies beyond the antimeridian (longitude 190) brought to its other side (-170)."""
    half = _half_world(crs)
    box = area.boundingBox()
    if half is None or (box.xMinimum() >= -half and box.xMaximum() <= half):
        return area
    world = QgsGeometry.fromRect(QgsRectangle(-half, -_HIGH, half, _HIGH))
    pieces = []
    for turns in (-1, 0, 1):
        piece = QgsGeometry(area)
        if piece.translate(2 * half * turns, 0) == Qgis.GeometryOperationResult.Success:
            pieces.append(piece.intersection(world))
    return united(pieces)


def _half_world(crs: QgsCoordinateReferenceSystem) -> Optional[float]:
    if crs.isGeographic():
        return 180.0
    return _MERCATOR_HALF if crs.authid() == "EPSG:3857" else None
