"""Areas of interest: what the map shows, polygons drawn or of a layer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Optional, Union

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsGeometry,
    QgsMapLayer,
    QgsPointXY,
    QgsProject,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.gui import QgsMapCanvas

from msa_model.protocol.errors import AoiInvalid, AoiOutsideRaster
from msa_model.protocol.messages import Aoi
from qgis_msa_plugin.gis.geometry import aoi_of, flat
from qgis_msa_plugin.translate import tr


class AreaKind(Enum):
    """The choices of the dock."""

    WHOLE_LAYER = "whole_layer"
    CANVAS = "canvas"
    SELECTION = "selection"


def canvas_area(
    canvas: QgsMapCanvas, layers: Union[QgsMapLayer, Sequence[QgsMapLayer], None]
) -> Optional[Aoi]:
    """What the map shows of the layers now, rotation included; no limit where it shows all of them.

    Raises:
        AoiOutsideRaster: it shows nothing of them.
    """
    layers = [layers] if isinstance(layers, QgsMapLayer) else list(layers or ())
    settings = canvas.mapSettings()
    crs = settings.destinationCrs()
    view = QgsGeometry.fromPolygonXY([[QgsPointXY(corner) for corner in settings.visiblePolygon()]])
    boxes = [_box_in(layer, crs) for layer in layers]
    if not boxes or None in boxes:
        return aoi_of(view, crs)
    place = QgsGeometry.unaryUnion(boxes)
    if view.contains(place):
        return None
    # Only this part: the rest of a wide view may lie where the raster's CRS has no coordinates.
    shown = view.intersection(place)
    if shown.isEmpty():
        names = "', '".join(layer.name() for layer in layers)
        raise AoiOutsideRaster(tr("The map shows nothing of the layer '{name}'.").format(name=names))
    return aoi_of(shown, crs)


def layer_area(layer: Optional[QgsVectorLayer], selected_only: bool = False) -> Aoi:
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
    nothing = tr("The layer '{name}' holds no polygon with an area.").format(name=layer.name())
    return area_of((feature.geometry() for feature in features), layer.crs(), nothing)


def drawn_area(points: Iterable[QgsPointXY], crs: QgsCoordinateReferenceSystem) -> Aoi:
    """What was drawn, as an area; a line that crosses itself encloses what it goes around.

    Raises:
        AoiInvalid: it has no area, or the map has no CRS.
    """
    if not crs.isValid():
        raise AoiInvalid(tr("The map has no CRS: choose one for the project first."))
    nothing = tr("What was drawn has no area: click at least three corners.")
    return area_of([QgsGeometry.fromPolygonXY([list(points)])], crs, nothing)


def area_of(geometries: Iterable[QgsGeometry], crs: QgsCoordinateReferenceSystem, nothing: str) -> Aoi:
    """The polygonal parts of all as one area; those that are invalid are repaired first.

    Raises:
        AoiInvalid: `nothing` has an area.
    """
    area = united(geometries)
    if area.isEmpty():
        raise AoiInvalid(nothing)
    return aoi_of(area, crs)


def united(geometries: Iterable[QgsGeometry]) -> QgsGeometry:
    """The polygonal parts of all, flat, straight and repaired where they are invalid; perhaps empty."""
    single = (part for geometry in geometries for part in _polygons(flat(geometry)))
    valid = (part if part.isGeosValid() else part.makeValid() for part in single)
    parts = [part for whole in valid for part in _polygons(whole)]
    return QgsGeometry.unaryUnion(parts) if parts else QgsGeometry()


def _polygons(geometry: QgsGeometry) -> Iterable[QgsGeometry]:
    """The polygons of a geometry or collection; each part of a collection is repaired by itself."""
    polygon = QgsWkbTypes.GeometryType.PolygonGeometry
    return (part for part in geometry.asGeometryCollection() if part.type() == polygon and not part.isEmpty())


def _box_in(layer: QgsMapLayer, crs: QgsCoordinateReferenceSystem) -> Optional[QgsGeometry]:
    """The box around the layer in `crs`, or nothing where that cannot be told."""
    try:
        transform = QgsCoordinateTransform(layer.crs(), crs, QgsProject.instance())
        return QgsGeometry.fromRect(transform.transformBoundingBox(layer.extent()))
    except QgsCsException:
        return None
