"""Texts into a field of a layer: as edits that the user can undo, save or drop, a few at a time."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

from qgis.core import QgsField, QgsVectorDataProvider, QgsVectorLayer
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from msa_model.protocol.errors import MsaError
from qgis_msa_plugin.translate import tr

_BUDGET_S = 0.02  # of the GUI thread in one go


class LayerNotEditable(MsaError):
    """The layer's attributes cannot be changed."""

    kind = "layer_not_editable"
    remedy = "Save the layer to a format that can be edited (Export > Save Features As…), and use that."


class FieldWriter(QObject):
    """Writes into one field; ends in `finished`, also where the layer went away or its edits were ended."""

    finished = pyqtSignal()

    def __init__(self, layer: QgsVectorLayer, field: str, parent: QObject) -> None:
        """Make the layer editable and the field exist.

        Raises:
            LayerNotEditable: it cannot be, or the field holds no text.
        """
        super().__init__(parent)
        self._layer = layer
        check_editable(layer, field)
        if not layer.isEditable() and not layer.startEditing():
            raise LayerNotEditable(tr("The layer '{name}' cannot be edited.").format(name=layer.name()))
        self._field = _field_of(layer, field)
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
            if not layer.changeAttributeValue(feature_id, self._field, text):
                continue  # the feature has been deleted meanwhile
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
        LayerNotEditable: they cannot; the sentence says why.
    """
    able, position = layer.dataProvider().capabilities(), layer.fields().lookupField(field)
    changes = bool(able & QgsVectorDataProvider.Capability.ChangeAttributeValues)
    adds = position >= 0 or bool(able & QgsVectorDataProvider.Capability.AddAttributes)
    if layer.readOnly() or not (changes and adds):
        text = tr("The attributes of the layer '{name}' cannot be changed here.")
        raise LayerNotEditable(text.format(name=layer.name()))
    if position >= 0 and layer.fields().at(position).isNumeric():
        text = tr("The field '{field}' of '{name}' holds numbers: choose another name.")
        raise LayerNotEditable(text.format(field=field, name=layer.name()))


def _field_of(layer: QgsVectorLayer, name: str) -> int:
    """The position of the field, which is added where it is missing."""
    position = int(layer.fields().lookupField(name))
    if position < 0:
        layer.addAttribute(_text_field(name))
        layer.updateFields()
        position = int(layer.fields().lookupField(name))
    if position < 0:
        text = tr("The layer '{layer}' takes no field '{field}'.")
        raise LayerNotEditable(text.format(layer=layer.name(), field=name))
    return position


def _text_field(name: str) -> QgsField:
    # Types of fields are spelled differently from version to version; a layer in memory knows the right one.
    field = QgsField(QgsVectorLayer("None?field=text:string(254)", "text", "memory").fields().at(0))
    field.setName(name)
    return field
