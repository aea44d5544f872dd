"""A scan of a layer that QGIS draws: blocks are drawn one by one and sent, the worker encodes them."""

from __future__ import annotations

import time
from collections import deque
from typing import Optional

from qgis.core import QgsMapLayer
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from msa_model.protocol import rpc
from msa_model.protocol.errors import Cancelled, MsaError, WorkerDied
from msa_model.protocol.messages import Progress, ScanSummary
from msa_model.protocol.pixels import (
    PixelBlock,
    PixelEncoded,
    PixelEncodeRequest,
    PixelPlan,
    PixelPlanRequest,
)
from qgis_msa_plugin.gis.geometry import crs_of
from qgis_msa_plugin.render.drawer import PATIENCE, BlockDrawer, Drawn, HeldBack, Patience, hidden_at
from qgis_msa_plugin.render.errors import LayerChanged, LayerGone, LayerSilent, LayerUnavailable
from qgis_msa_plugin.render.look import host_of, version_of
from qgis_msa_plugin.search.tally import Tally
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.state import WorkerState

MOST_SENDING = 2  # blocks on their way to the worker, besides the one that is drawn
MOST_FAILURES = 3  # blocks in a row that a server fails before it is left alone


class PixelScan(QObject):
    """Ends in exactly one of `finished` (a `ScanSummary`) and `failed`; `resumed` as in `ScanRun`.

    A block that the server fails again and again is left out; then the scan ends as `failed`, too, with all
    else indexed: the next scan asks for the rest.
    """

    progressed = pyqtSignal(object)
    resumed = pyqtSignal(object)
    finished = pyqtSignal(object)
    failed = pyqtSignal(object)

    def __init__(
        self,
        client: WorkerClient,
        parent: Optional[QObject] = None,
        patience: Patience = PATIENCE,
    ) -> None:
        super().__init__(parent)
        self._client, self._patience = client, patience
        self._drawer: Optional[BlockDrawer] = None
        self._layer: Optional[QgsMapLayer] = None
        self._request: Optional[PixelPlanRequest] = None
        self._waiting: deque[PixelBlock] = deque()
        self._sending: dict[int, Drawn] = {}
        self._held = HeldBack()
        self._failures: list[str] = []
        self._failed_in_a_row = 0
        self._ending: Optional[MsaError] = None
        self._may_resume = False
        self._tally = Tally(0)
        self._began = 0.0
        self._host = ""
        self.plan: Optional[PixelPlan] = None
        self.indexed = 0

    def start(self, request: PixelPlanRequest, plan: PixelPlan, layer: Optional[QgsMapLayer]) -> None:
        """Draw and encode the plan's blocks; the layer may go meanwhile, which ends the scan."""
        self._request, self.plan, self._layer = request, plan, layer
        self.indexed = plan.tiles - plan.missing
        self._waiting, self._sending, self._held = deque(plan.blocks), {}, HeldBack()
        self._failures, self._failed_in_a_row = [], 0
        self._ending, self._may_resume = None, True
        self._tally, self._began = Tally(plan.missing), time.monotonic()
        if layer is None:
            self._end_with(LayerGone(tr("The layer '{name}' is gone.").format(name=request.grid.title)))
            return
        self._host = host_of(layer)
        layer.willBeDeleted.connect(self._on_layer_gone)
        self._drawer = BlockDrawer(layer, crs_of(request.grid.crs), self._patience, self)
        QTimer.singleShot(0, self._go_on)

    def cancel(self) -> None:
        """Ask for the end; it comes as `failed` with `Cancelled`. What is encoded is kept."""
        if self._request is not None:
            self._end_with(Cancelled(tr("The scan was cancelled.")))

    def _go_on(self) -> None:
        """Draw the next block, or end where nothing is left to do."""
        if self._request is None or (self._drawer is not None and self._drawer.busy):
            return
        if self._ending is None and self._waiting:
            if len(self._sending) < MOST_SENDING:
                self._draw(self._waiting[0])
        elif not self._sending:
            self._finish()

    def _draw(self, block: PixelBlock) -> None:
        error = self._refusal(block)
        if error is not None:
            self._end_with(error)
            return
        self._waiting.popleft()
        self._drawer.draw(block, self._on_drawn)

    def _refusal(self, block: PixelBlock) -> Optional[MsaError]:
        """Why this block must not be drawn from the layer as it is now."""
        name = self._request.grid.title
        if version_of(self._layer) != self._request.grid.version:
            text = tr("The layer '{name}' looks otherwise than when its scan began.")
            return LayerChanged(text.format(name=name))
        if hidden_at(self._layer, crs_of(self._request.grid.crs), block):
            text = tr("The layer '{name}' is not shown at a scale that the search needs.")
            return LayerUnavailable(text.format(name=name))
        return None

    def _on_drawn(self, drawn: Drawn) -> None:
        if not drawn.complete:
            self._failures.append(drawn.problem)
        if drawn.complete or drawn.rgba:
            self._failed_in_a_row = 0
            for passed in self._held.passed_on(drawn):
                self._send(passed)
        else:
            self._failed_in_a_row += 1
            self._report(self._tally.leave_out(drawn.block.tiles))
        if self._failed_in_a_row == MOST_FAILURES:
            self._end_with(self._unavailable(tr("'{name}' is not drawn: {host} fails ({problem}).")))
        self._go_on()

    def _send(self, drawn: Drawn) -> None:
        request = PixelEncodeRequest(self._request, drawn.block, drawn.complete)
        call = self._client.call(
            rpc.PIXELS_ENCODE,
            request,
            PixelEncoded,
            lambda reply, _: self._on_encoded(call, reply),
            lambda error: self._on_refused(call, error),
            progress=lambda progress: self._on_progress(call, progress),
            attachment=drawn.rgba,
        )
        self._sending[call] = drawn

    def _on_progress(self, call: int, progress: Progress) -> None:
        if call in self._sending:
            self._report(self._tally.under_way(call, progress.done))

    def _on_encoded(self, call: int, reply: PixelEncoded) -> None:
        drawn = self._sending.pop(call, None)
        if drawn is None:
            return
        self._report(self._tally.add(call, drawn.block.tiles, reply))
        self._go_on()

    def _on_refused(self, call: int, error: MsaError) -> None:
        died = self._sending.pop(call, None)
        if died is None:
            return
        self._tally.drop(call)
        revived = self._client.state in (WorkerState.STARTING, WorkerState.READY)
        if isinstance(error, WorkerDied) and self._may_resume and revived and self._ending is None:
            self._resume(error, died)
        elif self._ending is None:
            self._end_with(error)
        self._go_on()

    def _resume(self, error: WorkerDied, died: Drawn) -> None:
        """Send the blocks again that the worker had when it died; what it stored is not encoded again."""
        self._may_resume = False
        lost, self._sending = tuple(self._sending.values()), {}
        for drawn in (died, *lost):
            self._send(drawn)
        self.resumed.emit(error)

    def _report(self, progress: Progress) -> None:
        self.indexed = self.plan.tiles - self.plan.missing + self._tally.stored
        if self._ending is None:
            self.progressed.emit(progress)

    def _on_layer_gone(self) -> None:
        name = self._request.grid.title if self._request is not None else ""
        self._end_with(LayerGone(tr("The layer '{name}' was removed.").format(name=name)))

    def _end_with(self, error: MsaError) -> None:
        """Draw nothing more, call off what the worker is doing, and end once it has let go."""
        if self._ending is None:
            self._ending = error
        self._let_layer_go()
        for call in tuple(self._sending):
            self._client.cancel(call)
        if not self._sending:
            QTimer.singleShot(0, self._finish)

    def _finish(self) -> None:
        if self._request is None or self._sending:
            return
        plan, error = self.plan, self._ending
        self._let_layer_go()
        if error is None and self._failures:
            text = tr("Parts of '{name}' were left out ({parts} times): {host} fails ({problem}).")
            error = self._unavailable(text)
        if error is None and self._held.left:
            error = silent(self._request.grid.title)
        self._request = None
        if error is not None:
            self.failed.emit(error)
            return
        encoded, skipped = self._tally.encoded, self._tally.skipped
        seconds = time.monotonic() - self._began
        reused = plan.tiles - encoded - skipped
        self.finished.emit(ScanSummary(plan.index, plan.tiles, encoded, reused, skipped, seconds))

    def _unavailable(self, text: str) -> LayerUnavailable:
        sentence = text.format(
            name=self._request.grid.title,
            host=self._host or tr("its source"),
            problem=self._failures[-1],
            parts=len(self._failures),
        )
        return LayerUnavailable(sentence)

    def _let_layer_go(self) -> None:
        layer, self._layer = self._layer, None
        drawer, self._drawer = self._drawer, None
        if layer is not None and not sip.isdeleted(layer):  # it may be telling of its own end
            layer.willBeDeleted.disconnect(self._on_layer_gone)
        if drawer is not None:
            drawer.release()
            drawer.deleteLater()


def silent(name: str) -> LayerSilent:
    """What a layer is told of that drew nothing and asked for nothing."""
    text = tr("The layer '{name}' drew nothing in this area, and asked its server for nothing.")
    return LayerSilent(text.format(name=name))
