"""Texts into a field of a layer: as edits that the user can undo, save or drop, a few at a time.

A description into an attribute table: the polygon's own, or that of a layer of descriptions.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Optional

from qgis.core import QgsField, QgsFields, QgsProject, QgsVectorDataProvider, QgsVectorLayer
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from msa_model.protocol.errors import AoiInvalid, MsaError
from qgis_msa_plugin.describe.describe_words import field_text, keyword_line, told
from qgis_msa_plugin.describe.describer import DescribedGeometry, Description, FeatureRef
from qgis_msa_plugin.gis.geometry import WGS84, crs_of, polygon_of, ring_of, to_crs
from qgis_msa_plugin.gis.marks import add_to_group, claim, feature_of, is_ours
from qgis_msa_plugin.translate import tr

_BUDGET_S = 0.02  # of the GUI thread in one go


class FieldWriter(QObject):
    """Writes into one field; ends in `finished`, also where the layer went away or its edits were ended."""

    finished = pyqtSignal()

    def __init__(self, layer: QgsVectorLayer, field: str, parent: QObject) -> None:
        """Make the layer editable and the field exist.

        Raises:
            layer_not_editable: it cannot be, or the field holds no text.
        """
        super().__init__(parent)
        self._layer = layer
        check_editable(layer, field)
        if not layer.isEditable() and not layer.startEditing():
            raise MsaError.of(
                "layer_not_editable", tr("The layer '{name}' cannot be edited.").format(name=layer.name())
            )
        self._field = _made_field(layer, field)
        self._steps: list[Iterator[None]] = []
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._step)

    @property
    def busy(self) -> bool:
        """Whether something is still to be written."""
        return bool(self._steps)

    def put(self, texts: Mapping[int, str]) -> None:
        """Write texts by feature id, as one step of undo for each call."""
        self._steps.append(self._edits(dict(texts)))
        self._timer.start()

    def _edits(self, texts: dict[int, str]) -> Iterator[None]:
        layer = self._layer
        layer.beginEditCommand(tr("Describe features"))
        until = time.monotonic() + _BUDGET_S
        for feature_id, text in texts.items():
            # Looked up each time: the user may move fields while this goes on.
            position = layer.fields().indexFromName(self._field)
            if position < 0 or not layer.changeAttributeValue(feature_id, position, text):
                continue  # the feature or the field has been deleted meanwhile
            if time.monotonic() > until:
                layer.endEditCommand()  # never left open: the user may edit in between
                yield
                if sip.isdeleted(layer) or not layer.isEditable():
                    return
                layer.beginEditCommand(tr("Describe features"))
                until = time.monotonic() + _BUDGET_S
        layer.endEditCommand()
        layer.triggerRepaint()

    def _step(self) -> None:
        if sip.isdeleted(self._layer) or not self._layer.isEditable():
            self._steps.clear()
        if self._steps:
            try:
                next(self._steps[0])
            except StopIteration:
                self._steps.pop(0)
        if not self._steps:
            self._timer.stop()
            self.finished.emit()


def check_editable(layer: QgsVectorLayer, field: str) -> None:
    """See whether texts can go into that field.

    Raises:
        layer_not_editable: they cannot; the sentence says why.
    """
    able, position = layer.dataProvider().capabilities(), layer.fields().lookupField(field)
    changes = bool(able & QgsVectorDataProvider.Capability.ChangeAttributeValues)
    adds = position >= 0 or bool(able & QgsVectorDataProvider.Capability.AddAttributes)
    if layer.readOnly() or not (changes and adds):
        text = tr("The attributes of the layer '{name}' cannot be changed here.")
        raise MsaError.of("layer_not_editable", text.format(name=layer.name()))
    if position >= 0 and not _takes_text(layer, position):
        text = tr("The field '{field}' of '{name}' is none for text: choose another name.")
        raise MsaError.of("layer_not_editable", text.format(field=field, name=layer.name()))


def _takes_text(layer: QgsVectorLayer, position: int) -> bool:
    """Whether it is a text field of the layer's own: not numbers or dates, not joined or worked out."""
    own = (QgsFields.FieldOrigin.OriginProvider, QgsFields.FieldOrigin.OriginEdit)
    field = layer.fields().at(position)
    return field.type() == _text_field("").type() and layer.fields().fieldOrigin(position) in own


def _made_field(layer: QgsVectorLayer, name: str) -> str:
    """The field's own name; it is added where it is missing."""
    position = int(layer.fields().lookupField(name))
    if position < 0:
        layer.addAttribute(_text_field(name))
        layer.updateFields()
        position = int(layer.fields().lookupField(name))
    if position < 0:
        text = tr("The layer '{layer}' takes no field '{field}'.")
        raise MsaError.of("layer_not_editable", text.format(layer=layer.name(), field=name))
    return str(layer.fields().at(position).name())


def _text_field(name: str) -> QgsField:
    # Types of fields are spelled differently from version to version; a layer in memory knows the right one.
    field = QgsField(QgsVectorLayer("None?field=text:string(254)", "text", "memory").fields().at(0))
    field.setName(name)
    return field


FIELD = "description"
PLACES_PROPERTY = "msa_search/descriptions"
_FIELDS = (
    "field=description:string(0)&field=keywords:string(0)&field=scale_m:double"
    "&field=raster:string(0)&field=score:double"
)


def add_to_table(
    project: QgsProject, description: Description, spot: Optional[DescribedGeometry], parent: QObject
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
