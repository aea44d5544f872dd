"""Where a batch scan looks: polygons as they come, made into one area that the worker can use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry, QgsPointXY, QgsVectorLayer

from msa_model.protocol.errors import AoiInvalid
from msa_model.protocol.messages import Aoi
from qgis_msa_plugin.gis.geometry import aoi_of
from qgis_msa_plugin.gis.polygons import united
from qgis_msa_plugin.translate import tr


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
    return aoi_of(area, layer.crs())


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
    return aoi_of(area, crs)
