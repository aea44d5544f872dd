"""What of a raster is indexed and what is not, as a layer."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsCsException, QgsDistanceArea, QgsFeature, QgsGeometry, QgsProject, QgsVectorLayer

from msa_model.protocol.indexes import CoverageReply, CoveredArea
from qgis_msa_plugin.gis.geometry import crs_of
from qgis_msa_plugin.gis.group import add_to_group, group_of
from qgis_msa_plugin.gis.marks import UNSAVED_PROPERTY, load_style
from qgis_msa_plugin.gis.ours import claim, feature_of, is_ours, replace_features
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording

COVERAGE_PROPERTY = "msa_search/coverage"  # the index file
TITLE_PROPERTY = "msa_search/coverage_of"
INDEXED, MISSING = "indexed", "missing"  # values of the field `state`, which the style knows

_FIELDS = (
    "field=state:string(16)&field=scale:string(32)&field=scale_m:double"
    "&field=tiles:integer&field=area_ha:double"
)
_HECTARE = 10_000


class CoverageLayers:
    """One layer per index file: an area per scale, and what no scale covers."""

    def __init__(self, project: QgsProject) -> None:
        self._project = project

    def show(self, title: str, reply: CoverageReply) -> QgsVectorLayer:
        """Put it on the map, below the results, or bring the layer that is there up to date."""
        layer = self.layer_of(reply.index) or self._create(title, reply)
        replace_features(layer, _features(layer, reply))
        return layer

    def shown(self) -> dict[str, str]:
        """The title of each coverage layer of the project, by its index file."""
        layers = self._project.mapLayers().values()
        return {
            str(layer.customProperty(COVERAGE_PROPERTY)): str(layer.customProperty(TITLE_PROPERTY) or "")
            for layer in layers
            if is_ours(layer) and layer.customProperty(COVERAGE_PROPERTY)
        }

    def layer_of(self, index: str) -> Optional[QgsVectorLayer]:
        """The plugin's own layer of an index file, if the project has one."""
        layers = filter(is_ours, self._project.mapLayers().values())
        return next((layer for layer in layers if layer.customProperty(COVERAGE_PROPERTY) == index), None)

    def _create(self, title: str, reply: CoverageReply) -> QgsVectorLayer:
        name = tr("Coverage of {layer}").format(layer=title)
        layer = QgsVectorLayer(f"MultiPolygon?{_FIELDS}", name, "memory")
        layer.setCrs(crs_of(reply.crs))
        layer.setCustomProperty(COVERAGE_PROPERTY, reply.index)
        layer.setCustomProperty(TITLE_PROPERTY, title)
        layer.setCustomProperty(UNSAVED_PROPERTY, 1)  # it is made anew when the project is opened
        load_style(layer, "coverage")
        claim(layer)
        add_to_group(self._project, layer, len(group_of(self._project).children()))
        return layer


def _features(layer: QgsVectorLayer, reply: CoverageReply) -> list[QgsFeature]:
    areas = [(area, QgsGeometry.fromWkt(area.wkt)) for area in reply.areas]
    features = [
        _feature(layer, geometry, INDEXED, area) for area, geometry in areas if not geometry.isEmpty()
    ]
    whole = QgsGeometry.fromWkt(reply.raster)
    covered = QgsGeometry.unaryUnion([geometry for _, geometry in areas]) if areas else QgsGeometry()
    rest = whole if covered.isEmpty() else whole.difference(covered)
    if not rest.isEmpty():
        features.append(_feature(layer, rest, MISSING))
    return features


def _feature(
    layer: QgsVectorLayer, geometry: QgsGeometry, state: str, area: Optional[CoveredArea] = None
) -> QgsFeature:
    values: dict[str, object] = {"state": state, "scale": "", "area_ha": _hectares(layer, geometry)}
    if area is not None:
        values |= {"scale": wording.metres(area.scale_m), "scale_m": area.scale_m, "tiles": area.tiles}
    feature = feature_of(layer, values)
    # One part or many: a multipolygon.
    feature.setGeometry(QgsGeometry.collectGeometry(geometry.asGeometryCollection()))
    return feature


def _hectares(layer: QgsVectorLayer, geometry: QgsGeometry) -> Optional[float]:
    ground = QgsDistanceArea()
    ground.setSourceCrs(layer.crs(), QgsProject.instance().transformContext())
    if not ground.setEllipsoid("WGS84"):
        return None
    try:
        return round(float(ground.measureArea(geometry)) / _HECTARE, 3)
    except QgsCsException:
        return None
