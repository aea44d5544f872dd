"""What of a raster is indexed and what is not, as a layer.

Groups of tiles that are alike, as a layer with a colour and a line of the legend for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from qgis.core import QgsCsException, QgsDistanceArea, QgsFeature, QgsGeometry, QgsProject, QgsVectorLayer
from qgis.PyQt.QtXml import QDomDocument

from msa_model.protocol.indexes import CoverageReply, CoveredArea
from msa_model.protocol.tile_groups import (
    ExploreReply,
    TileGroup,
    area_text,
    group_name,
    group_style,
)
from qgis_msa_plugin.gis.geometry import crs_of
from qgis_msa_plugin.gis.marks import (
    UNSAVED_PROPERTY,
    add_to_group,
    claim,
    feature_of,
    group_of,
    is_ours,
    load_style,
    replace_features,
)
from qgis_msa_plugin.logs import log_warning
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


_GROUP_FIELDS = (
    "field=id:integer&field=name:string(0)&field=verdict:string(16)&field=tiles:integer&field=area_m2:double"
)


def group_title(group: TileGroup) -> str:
    """What a group is called; one that no phrase fits by its number."""
    return group_name(group, tr("group {n}"))


def group_label(group: TileGroup) -> str:
    """A group's line of the legend."""
    text = tr("{name} ({tiles} tiles, {area})")
    tiles, area = wording.count(group.tiles), area_text(group.area_m2)
    return text.format(name=group_title(group), tiles=tiles, area=area)


def style_groups(layer: QgsVectorLayer, groups: Sequence[TileGroup]) -> None:
    """Draw a layer whose field `id` tells the group; where QGIS cannot, the log says why."""
    document = QDomDocument()
    document.setContent(group_style([(group.id, group_label(group)) for group in groups]))
    loaded, why = layer.importNamedStyle(document)
    if not loaded:
        log_warning(f"groups: {why}")


def add_groups(project: QgsProject, title: str, reply: ExploreReply) -> QgsVectorLayer:
    """A new layer below the results; the user's, as every layer that they asked for."""
    name = tr("What is in {layer}").format(layer=title)
    layer = QgsVectorLayer(f"MultiPolygon?{_GROUP_FIELDS}", name, "memory")
    layer.setCrs(crs_of(reply.crs))
    claim(layer)
    replace_features(layer, [_group_feature(layer, group) for group in reply.groups])
    style_groups(layer, reply.groups)
    add_to_group(project, layer, len(group_of(project).children()))
    return layer


def _group_feature(layer: QgsVectorLayer, group: TileGroup) -> QgsFeature:
    values = {
        "id": group.id,
        "name": group_title(group),
        "verdict": group.verdict,
        "tiles": group.tiles,
        "area_m2": group.area_m2,
    }
    feature = feature_of(layer, values)
    feature.setGeometry(QgsGeometry.fromWkt(group.shape))
    return feature
