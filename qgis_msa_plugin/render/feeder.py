"""What the worker needs of layers that only QGIS reads: drawn for it, with every check."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Callable, Optional, Union

from qgis.core import QgsMapLayer, QgsProject
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, pyqtSignal, pyqtSlot

from msa_model.protocol.errors import MsaError
from msa_model.protocol.layers import DrawnLayer
from msa_model.protocol.pixels import DrawRequest, Picture, PixelBlock
from qgis_msa_plugin.gis.geometry import crs_of
from qgis_msa_plugin.render.drawer import DRAWING_LIMITS, BlockDrawer, DrawingLimits, Drawn, hidden_at
from qgis_msa_plugin.render.style import host_of, shown_source, version_of
from qgis_msa_plugin.translate import tr

MOST_FAILURES = 3  # blocks in a row that a server fails before it is left alone

Answer = Callable[[Union[Picture, MsaError]], None]
Layers = Callable[[], Iterable[QgsMapLayer]]


def layers_of_project() -> Iterable[QgsMapLayer]:
    """Every layer that could be meant."""
    return QgsProject.instance().mapLayers().values()


class Feeder(QObject):
    """Answers what the worker needs for one call: `draw` may be called from any thread.

    Made where the layers live; `layers` are those it may draw. Each `draw` ends in one call of its `answer`,
    in the thread of the layers, unless `rest` comes before.
    """

    _wanted = pyqtSignal(object)  # tuple[DrawRequest, Answer]
    _unwanted = pyqtSignal()

    def __init__(
        self,
        layers: Layers = layers_of_project,
        parent: Optional[QObject] = None,
        limits: DrawingLimits = DRAWING_LIMITS,
    ) -> None:
        super().__init__(parent)
        self._layers, self._limits = layers, limits
        self._drawings: dict[DrawnLayer, _LayerDrawing] = {}
        self._wanted.connect(self._draw)
        self._unwanted.connect(self._rest)

    def draw(self, request: DrawRequest, answer: Answer) -> None:
        """Draw a block of a layer, after those that were asked for before."""
        self._wanted.emit((request, answer))

    def rest(self) -> None:
        """The call has ended: nobody waits for what is left."""
        self._unwanted.emit()

    @pyqtSlot(object)
    def _draw(self, wanted: tuple[DrawRequest, Answer]) -> None:
        request, answer = wanted
        try:
            drawing = self._drawing(request.layer)
        except MsaError as error:
            answer(error)
        else:
            drawing.ask(request.block, answer)

    @pyqtSlot()
    def _rest(self) -> None:
        drawings, self._drawings = self._drawings, {}
        for drawing in drawings.values():
            drawing.release()

    def _drawing(self, drawn: DrawnLayer) -> _LayerDrawing:
        if drawn not in self._drawings:
            layer = layer_shown(drawn, self._layers())
            self._drawings[drawn] = _LayerDrawing(drawn, layer, self._limits, self)
        return self._drawings[drawn]


class _LayerDrawing(QObject):
    """Blocks of one layer, one after the other."""

    def __init__(self, drawn: DrawnLayer, layer: QgsMapLayer, limits: DrawingLimits, parent: QObject) -> None:
        super().__init__(parent)
        self._drawn, self._layer, self._host = drawn, layer, host_of(layer)
        self._crs = crs_of(drawn.crs)
        self._drawer = BlockDrawer(layer, self._crs, limits, self)
        self._waiting: deque[tuple[PixelBlock, Answer]] = deque()
        self._answer: Optional[Answer] = None
        self._failures_in_a_row = 0
        self._end: Optional[MsaError] = None
        layer.willBeDeleted.connect(self._on_layer_gone)

    def ask(self, block: PixelBlock, answer: Answer) -> None:
        """Draw this block in its turn."""
        self._waiting.append((block, answer))
        self._go_on()

    def release(self) -> None:
        """Draw no more and answer nobody."""
        self._waiting.clear()
        self._answer = None
        if not sip.isdeleted(self._layer):
            self._layer.willBeDeleted.disconnect(self._on_layer_gone)
        self._drawer.release()
        self.deleteLater()

    def _go_on(self) -> None:
        while self._waiting and not self._drawer.busy:
            block, answer = self._waiting.popleft()
            error = self._refusal(block)
            if error is None:
                self._answer = answer
                self._drawer.draw(block, self._on_drawn)
            else:
                answer(error)

    def _refusal(self, block: PixelBlock) -> Optional[MsaError]:
        """Why this block must not be drawn from the layer as it is now."""
        if self._end is not None:
            return self._end
        name = self._drawn.title
        if version_of(self._layer) != self._drawn.version:
            return MsaError.of(
                "layer_changed", tr("The layer '{name}' looks otherwise than before.").format(name=name)
            )
        if hidden_at(self._layer, self._crs, block):
            text = tr("The layer '{name}' is not shown at a scale that is needed.")
            return MsaError.of("layer_unavailable", text.format(name=name))
        return None

    def _on_drawn(self, drawn: Drawn) -> None:
        answer, self._answer = self._answer, None
        failed = bool(drawn.problem) and not drawn.rgba
        self._failures_in_a_row = self._failures_in_a_row + 1 if failed else 0
        if self._failures_in_a_row == MOST_FAILURES:
            self._end = self._unavailable(drawn.problem)
        if answer is not None:
            picture = Picture(drawn.rgba, self._told(drawn.problem), drawn.asked)
            answer(picture if self._end is None else self._end)
        self._go_on()

    def _told(self, problem: str) -> str:
        """The problem with the server that has it."""
        return f"{self._host}: {problem}" if problem and self._host else problem

    def _unavailable(self, problem: str) -> MsaError:
        text = tr("'{name}' is not drawn: {host} fails ({problem}).")
        host = self._host or tr("its source")
        return MsaError.of(
            "layer_unavailable", text.format(name=self._drawn.title, host=host, problem=problem)
        )

    def _on_layer_gone(self) -> None:
        self._end = MsaError.of(
            "layer_gone", tr("The layer '{name}' was removed.").format(name=self._drawn.title)
        )
        self._drawer.cancel()
        answer, self._answer = self._answer, None
        if answer is not None:
            answer(self._end)
        self._go_on()


def layer_shown(drawn: DrawnLayer, layers: Iterable[QgsMapLayer]) -> QgsMapLayer:
    """The layer whose pixels are asked for.

    Raises:
        layer_gone, layer_changed: there is none, or none that looks like that any more.
    """
    named = [layer for layer in layers if layer.isValid() and shown_source(layer) == drawn.source]
    if not named:
        raise MsaError.of(
            "layer_gone", tr("The layer '{name}' is not in the project.").format(name=drawn.title)
        )
    alike = [layer for layer in named if version_of(layer) == drawn.version]
    if not alike:
        raise MsaError.of(
            "layer_changed", tr("The layer '{name}' looks otherwise than before.").format(name=drawn.title)
        )
    return alike[0]
