"""Where a search looks: the whole layer, or the polygons that are selected."""

from __future__ import annotations

from typing import Callable, Optional

from qgis.core import QgsCsException, QgsMapLayer, QgsProject, QgsVectorLayer, QgsWkbTypes

from msa_model.protocol.errors import AoiInvalid
from msa_model.protocol.messages import Aoi
from qgis_msa_plugin.gis.areas import area_of
from qgis_msa_plugin.gis.geometry import to_crs
from qgis_msa_plugin.gis.marks import is_result_layer
from qgis_msa_plugin.translate import tr

AreaSource = Callable[[], Optional[Aoi]]


def whole_layer() -> Optional[Aoi]:
    """No limit."""
    return None


def selected_area(project: QgsProject, active: Optional[QgsMapLayer]) -> Aoi:
    """The selected polygons of the active layer, or else of all layers, as one area.

    Raises:
        AoiInvalid: no polygon is selected, none has an area, or the layers' CRSs do not go together.
    """
    layers = [layer for layer in (active,) if layer is not None and _selected(layer)]
    layers = layers or [*filter(_selected, project.mapLayers().values())]
    if not layers:
        raise AoiInvalid(tr("No polygon is selected: select one or more polygons on the map first."))
    crs = layers[0].crs()
    if not crs.isValid():
        raise AoiInvalid(tr("The layer '{name}' has no CRS.").format(name=layers[0].name()))
    try:
        parts = [
            to_crs(feature.geometry(), layer.crs(), crs)
            for layer in layers
            for feature in layer.selectedFeatures()
        ]
    except QgsCsException as error:
        raise AoiInvalid(tr("The selected polygons cannot be brought into one CRS.")) from error
    return area_of(parts, crs, tr("The selected polygons have no area."))


def _selected(layer: Optional[QgsMapLayer]) -> bool:
    if not isinstance(layer, QgsVectorLayer) or is_result_layer(layer):
        return False
    polygons = layer.geometryType() == QgsWkbTypes.GeometryType.PolygonGeometry
    return polygons and layer.selectedFeatureCount() > 0
