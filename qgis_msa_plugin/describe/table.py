"""A description into an attribute table: the polygon's own, or that of a layer of descriptions."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QObject

from msa_model.protocol.errors import AoiInvalid
from qgis_msa_plugin.describe.describe_words import field_text, keyword_line, told
from qgis_msa_plugin.describe.field_writer import FieldWriter
from qgis_msa_plugin.describe.spot import DescribedSpot, Description, FeatureRef
from qgis_msa_plugin.gis.geometry import WGS84, crs_of, polygon_of, ring_of, to_crs
from qgis_msa_plugin.gis.group import add_to_group
from qgis_msa_plugin.gis.ours import claim, feature_of, is_ours
from qgis_msa_plugin.translate import tr

FIELD = "description"
PLACES_PROPERTY = "msa_search/descriptions"
_FIELDS = (
    "field=description:string(0)&field=keywords:string(0)&field=scale_m:double"
    "&field=raster:string(0)&field=score:double"
)


def add_to_table(
    project: QgsProject, description: Description, spot: Optional[DescribedSpot], parent: QObject
) -> QgsVectorLayer:
    """Write the description where it belongs; the layer that it went into.

    Raises:
        layer_not_editable: the polygon's layer cannot be changed.
        AoiInvalid: the polygon has gone.
    """
    if spot is not None and spot.feature is not None:
        return _into_feature(project, spot.feature, description, parent)
    layer = _places(project) or _new_places(project)
    reply = description.reply
    phrases = told(reply.phrases, reply.calibrated)
    values = {
        "description": field_text(phrases),
        "keywords": keyword_line(reply.keywords),
        "scale_m": reply.scale_m,
        "raster": description.title,
        "score": phrases[0].score if phrases else None,
    }
    feature = feature_of(layer, values)
    feature.setGeometry(to_crs(polygon_of(ring_of(reply.bounds)), crs_of(reply.crs), layer.crs()))
    layer.dataProvider().addFeature(feature)
    layer.updateExtents()
    layer.triggerRepaint()
    return layer


def _into_feature(
    project: QgsProject, place: FeatureRef, description: Description, parent: QObject
) -> QgsVectorLayer:
    layer = project.mapLayer(place.layer_id)
    if not isinstance(layer, QgsVectorLayer) or not layer.getFeature(place.feature_id).isValid():
        raise AoiInvalid(tr("The polygon that was described has gone."))
    text = field_text(told(description.reply.phrases, description.reply.calibrated))
    writer = FieldWriter(layer, FIELD, parent)
    writer.finished.connect(writer.deleteLater)
    writer.put({place.feature_id: text})
    return layer


def _places(project: QgsProject) -> Optional[QgsVectorLayer]:
    layers = (layer for layer in project.mapLayers().values() if layer.customProperty(PLACES_PROPERTY))
    return next(filter(is_ours, layers), None)


def _new_places(project: QgsProject) -> QgsVectorLayer:
    layer = QgsVectorLayer(f"Polygon?crs={WGS84}&{_FIELDS}", tr("Descriptions"), "memory")
    layer.setCustomProperty(PLACES_PROPERTY, 1)
    symbol = layer.renderer().symbol().symbolLayer(0)
    colour = symbol.color()
    colour.setAlpha(0)
    symbol.setFillColor(colour)
    claim(layer)
    add_to_group(project, layer)
    return layer
