"""Groups of tiles that are alike, as a layer with a colour and a line of the legend for each."""

from __future__ import annotations

from collections.abc import Sequence

from qgis.core import QgsFeature, QgsGeometry, QgsProject, QgsVectorLayer
from qgis.PyQt.QtXml import QDomDocument

from msa_model.protocol.exploring import ExploreReply, TileGroup, group_name
from msa_model.protocol.group_style import area_text, group_style
from qgis_msa_plugin.gis.geometry import crs_of
from qgis_msa_plugin.gis.group import add_to_group, group_of
from qgis_msa_plugin.gis.ours import claim, feature_of, replace_features
from qgis_msa_plugin.logs import log_warning
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording

_FIELDS = (
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
    layer = QgsVectorLayer(f"MultiPolygon?{_FIELDS}", name, "memory")
    layer.setCrs(crs_of(reply.crs))
    claim(layer)
    replace_features(layer, [_feature(layer, group) for group in reply.groups])
    style_groups(layer, reply.groups)
    add_to_group(project, layer, len(group_of(project).children()))
    return layer


def _feature(layer: QgsVectorLayer, group: TileGroup) -> QgsFeature:
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
