"""Ranked tiles as vector layers in a group of the layer tree."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Callable, Optional

from qgis.core import QgsMapLayer, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from msa_model.protocol.codec import to_wire
from msa_model.protocol.errors import ProtocolError
from msa_model.protocol.hit_filter import ShownHits, choose
from qgis_msa_plugin.gis.geometry import crs_of
from qgis_msa_plugin.gis.hit_form import set_up_hit_form
from qgis_msa_plugin.gis.marks import (
    ANSWER_PROPERTY,
    GROUP,
    KEY_PROPERTY,
    QUERY_PROPERTY,
    SOURCE_PROPERTY,
    UNSAVED_PROPERTY,
    add_to_group,
    claim,
    is_ours,
    is_result_layer,
    load_style,
    set_visible,
)
from qgis_msa_plugin.logs import log_warning
from qgis_msa_plugin.map.layer_fill import FIELDS, fill_of
from qgis_msa_plugin.search.question import Question, Results
from qgis_msa_plugin.search.stored import StoredAnswer, answer_text, read_answer
from qgis_msa_plugin.widgets import wording

__all__ = ["GROUP", "QUERY_PROPERTY", "SOURCE_PROPERTY", "ResultLayers", "is_result_layer", "refill"]

Unreadable = Callable[[ProtocolError], object]  # hears of an answer that cannot be read

_KEEP_MS = 400  # after the last change, before an answer is kept with its layer


class ResultLayers(QObject):
    """One layer per question and rasters: a new question comes on top, the same one refreshes its own layer.

    The layer shown before is only hidden, so that two questions' tiles are never mixed up unasked. A layer
    that the user has edited or saved is left as it is: the next answer goes into a new one.
    """

    rank_picked = pyqtSignal(int)
    removed = pyqtSignal()

    def __init__(self, project: QgsProject, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._project = project
        self._layer: Optional[QgsVectorLayer] = None
        self._selecting = False
        self._keep = QTimer(self)
        self._keep.setSingleShot(True)
        self._keep.setInterval(_KEEP_MS)
        self._keep.timeout.connect(self._keep_answer)
        project.layersWillBeRemoved.connect(self._forget)

    @property
    def layer(self) -> Optional[QgsVectorLayer]:
        """The layer of the results shown last."""
        return self._layer

    def show(self, answer: StoredAnswer, shown: ShownHits) -> None:
        """Put the answer on the map, as far as it is shown."""
        results = answer.results
        layer = self._find(results.question)
        if layer is None:
            if not len(results.table):
                return
            layer = self._create(results)
        if layer is not self._layer:
            self._bring_up(layer)
        fill_of(layer).show(answer, shown.rows)
        self._keep.start()

    def adopt(self) -> Optional[StoredAnswer]:
        """Take up the topmost visible result layer of the project; its answer, if it has kept one."""
        nodes = [node for node in self._project.layerTreeRoot().findLayers() if node.isVisible()]
        layer = next((node.layer() for node in nodes if _is_own_result(node.layer())), None)
        if layer is None:
            return None
        _refill(layer, self._project, _say_nothing)
        answer = fill_of(layer).answer
        if answer is not None:
            self._watch(layer)
        return answer

    def bring_back(self, layer_id: str) -> Optional[StoredAnswer]:
        """Take up a result layer again, and show it; its answer, if it has kept one."""
        layer = self._project.mapLayer(layer_id)
        if not isinstance(layer, QgsVectorLayer) or not _is_own_result(layer):
            return None
        if layer is self._layer and self._keep.isActive():
            self._keep_answer()
        _refill(layer, self._project, _say_nothing)
        answer = fill_of(layer).answer
        if answer is not None:
            set_visible(self._project, layer, True)
            self._watch(layer)
        return answer

    def select(self, rank: Optional[int]) -> None:
        """Select the tile of that rank, and no other; the map shows it as any selection."""
        if self._layer is None or self._layer.providerType() != "memory":
            return  # in a saved layer ids mean other features
        ids = [] if rank is None else list(fill_of(self._layer).feature_ids(rank - 1))
        self._selecting = True
        if set(ids) != set(self._layer.selectedFeatureIds()):
            self._layer.selectByIds(ids)
        self._selecting = False

    def release(self) -> None:
        """Stop following the project; the layers stay, they are the user's."""
        if self._keep.isActive():
            self._keep.stop()
            self._keep_answer()
        self._project.layersWillBeRemoved.disconnect(self._forget)
        self._watch(None)

    def _find(self, question: Question) -> Optional[QgsVectorLayer]:
        key = key_of(question)
        layers = self._project.mapLayers().values()
        return next((layer for layer in layers if _key(layer) == key), None)

    def _create(self, results: Results) -> QgsVectorLayer:
        name = f"{wording.brief(results.question.sought)} · {wording.brief(results.title)}"
        layer = QgsVectorLayer(f"Polygon?{FIELDS}", name, "memory")
        layer.setCrs(crs_of(results.table.reply.indexes[0].crs))
        layer.setCustomProperty(QUERY_PROPERTY, results.query)
        layer.setCustomProperty(SOURCE_PROPERTY, "\n".join(results.question.sources))
        layer.setCustomProperty(KEY_PROPERTY, key_of(results.question))
        layer.setCustomProperty(UNSAVED_PROPERTY, 1)
        load_style(layer, "results")
        set_up_hit_form(layer)
        claim(layer)
        add_to_group(self._project, layer)
        return layer

    def _bring_up(self, layer: QgsVectorLayer) -> None:
        if is_ours(self._layer):
            set_visible(self._project, self._layer, False)
        set_visible(self._project, layer, True)
        self._watch(layer)

    def _watch(self, layer: Optional[QgsVectorLayer]) -> None:
        if self._layer is not None:
            if self._keep.isActive():
                self._keep.stop()
                self._keep_answer()
            self._layer.selectionChanged.disconnect(self._pick)
        self._layer = layer
        if layer is not None:
            layer.selectionChanged.connect(self._pick)

    def _pick(self, *_: object) -> None:
        if self._selecting or self._layer is None or self._layer.providerType() != "memory":
            return
        fill = fill_of(self._layer)
        rows = [fill.row(feature_id) for feature_id in self._layer.selectedFeatureIds()]
        picked = [row for row in rows if row is not None]
        if picked:
            self.rank_picked.emit(min(picked) + 1)

    def _keep_answer(self) -> None:
        """Keep the answer with its layer: a project saves that, but no features of a memory layer."""
        layer = self._layer
        answer = fill_of(layer).answer if layer is not None else None
        if layer is not None and answer is not None and is_ours(layer):
            layer.setCustomProperty(ANSWER_PROPERTY, answer_text(answer))

    def _forget(self, layer_ids: Sequence[str]) -> None:
        if self._layer is not None and self._layer.id() in layer_ids:
            self._keep.stop()
            self._watch(None)
            self.removed.emit()


@dataclass(frozen=True)
class KeptAnswer:
    """An answer that the project has; `current` is the one that is listed."""

    layer_id: str
    name: str
    current: bool


def answers_in(results: Optional[Results]) -> list[KeptAnswer]:
    """The answers of the project, as its layer tree has them; `results` are listed now."""
    key = key_of(results.question) if results is not None else ""
    layers = [node.layer() for node in QgsProject.instance().layerTreeRoot().findLayers()]
    own = [layer for layer in layers if _is_own_result(layer)]
    return [KeptAnswer(layer.id(), layer.name(), _key(layer) == key) for layer in own]


def _say_nothing(_: ProtocolError) -> None:
    """Who asked does not want to hear of it."""


def refill(project: QgsProject, unreadable: Unreadable = _say_nothing) -> None:
    """Fill the result layers that a project was opened with, and that QGIS has kept empty; one at a time.

    `unreadable` hears of answers that cannot be read: their layers stay empty.
    """
    for layer in project.mapLayers().values():
        if _is_own_result(layer):
            QTimer.singleShot(0, partial(_refill_if_there, project, layer.id(), unreadable))


def key_of(question: Question) -> str:
    """Tells questions apart by words, examples and rasters; feedback and area refine one."""
    parts: list[object] = [
        question.text,
        [to_wire(example) for example in question.examples],
        question.sources,
    ]
    if question.dates is not None:
        parts.append(to_wire(question.dates))
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _refill_if_there(project: QgsProject, layer_id: str, unreadable: Unreadable) -> None:
    layer = project.mapLayer(layer_id)
    if _is_own_result(layer):
        _refill(layer, project, unreadable)


def _refill(layer: QgsVectorLayer, project: QgsProject, unreadable: Unreadable) -> None:
    text, known = layer.customProperty(ANSWER_PROPERTY), fill_of(layer).answer
    if not text or known is not None:
        return
    try:
        answer = read_answer(str(text), project)
    except ProtocolError as error:
        log_warning(f"{layer.name()}: {error.sentence}")
        unreadable(error)
        return
    layer.setCustomProperty(KEY_PROPERTY, key_of(answer.results.question))  # as the layers are named here
    fill_of(layer).show(answer, choose(answer.results.table, answer.filters).rows)


def _key(layer: QgsMapLayer) -> Optional[str]:
    return layer.customProperty(KEY_PROPERTY) if _is_own_result(layer) else None


def _is_own_result(layer: object) -> bool:
    return is_result_layer(layer) and is_ours(layer)
