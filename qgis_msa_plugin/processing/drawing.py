"""Layers that QGIS draws, in Processing: drawn where they live, waited for in the algorithm's thread."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass
from typing import Optional, Union

from qgis.core import QgsMapLayer, QgsProcessingFeedback
from qgis.PyQt.QtCore import QEventLoop, QObject, QTimer, pyqtSignal, pyqtSlot

from msa_model.protocol import rpc
from msa_model.protocol.errors import Cancelled, MsaError
from msa_model.protocol.messages import Aoi, ScanRequest, ScanSettings, ScanSummary
from msa_model.protocol.pixels import (
    PixelBlock,
    PixelEncoded,
    PixelEncodeRequest,
    PixelPlan,
    PixelPlanRequest,
)
from qgis_msa_plugin.gis.geometry import crs_of
from qgis_msa_plugin.render.drawer import PATIENCE, BlockDrawer, Drawn, HeldBack, Patience
from qgis_msa_plugin.render.errors import LayerUnavailable
from qgis_msa_plugin.search.pixel_scan import MOST_FAILURES, silent
from qgis_msa_plugin.search.request import scan_request
from qgis_msa_plugin.settings import current_settings
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.worker.blocking import BlockingWorker
from qgis_msa_plugin.worker.child import launch_of
from qgis_msa_plugin.worker.probe import looks_remote

_LOOK_MS = 100


class LayerDrawing(QObject):
    """Made where the layer lives, asked from the algorithm's thread; draws one block at a time."""

    _wanted = pyqtSignal(object)
    _unwanted = pyqtSignal()
    drawn = pyqtSignal(object)

    def __init__(self, layer: QgsMapLayer, patience: Patience = PATIENCE) -> None:
        super().__init__()
        self._layer, self._patience = layer, patience
        self._drawer: Optional[BlockDrawer] = None
        self._crs = ""
        self._wanted.connect(self._draw)
        self._unwanted.connect(self._release)

    def draw(self, crs: str, block: PixelBlock, feedback: QgsProcessingFeedback) -> Drawn:
        """The block; the thread that asks waits.

        Raises:
            Cancelled: soon after the feedback was cancelled.
        """
        waiting = _Waiting(feedback)
        self.drawn.connect(waiting.take)
        self._wanted.emit((crs, block))
        return waiting.result()

    def release(self) -> None:
        """Draw no more."""
        self._unwanted.emit()

    @pyqtSlot(object)
    def _draw(self, wanted: tuple[str, PixelBlock]) -> None:
        crs, block = wanted
        if self._drawer is None or crs != self._crs:
            self._release()
            self._crs, self._drawer = crs, BlockDrawer(self._layer, crs_of(crs), self._patience, self)
        self._drawer.draw(block, self.drawn.emit)

    @pyqtSlot()
    def _release(self) -> None:
        drawer, self._drawer = self._drawer, None
        if drawer is not None:
            drawer.release()


class _Waiting(QObject):
    """An event loop of the asking thread, until a block comes or the user has enough."""

    def __init__(self, feedback: QgsProcessingFeedback) -> None:
        super().__init__()
        self._feedback = feedback
        self._loop = QEventLoop()
        self._drawn: Optional[Drawn] = None
        self._look = QTimer(self)
        self._look.timeout.connect(self._on_look)

    @pyqtSlot(object)
    def take(self, drawn: Drawn) -> None:
        """The block is there."""
        self._drawn = drawn
        self._loop.quit()

    def result(self) -> Drawn:
        """Wait for it."""
        self._look.start(_LOOK_MS)
        if self._drawn is None:
            self._loop.exec()
        self._look.stop()
        if self._drawn is None:
            raise Cancelled(tr("The job was cancelled."))
        return self._drawn

    @pyqtSlot()
    def _on_look(self) -> None:
        if self._feedback.isCanceled():
            self._loop.quit()


@dataclass(frozen=True)
class DrawnScan:
    """A scan by pixels of one run of an algorithm."""

    request: PixelPlanRequest
    drawing: LayerDrawing

    @property
    def source(self) -> str:
        """The layer, for messages."""
        return self.request.grid.title


@dataclass(frozen=True)
class FileScan:
    """A scan of a file that the worker reads itself."""

    request: ScanRequest

    @property
    def source(self) -> str:
        """The raster, for messages."""
        return self.request.raster.address


RunScan = Union[FileScan, DrawnScan]


def scan_of(
    layer: QgsMapLayer, aoi: Optional[Aoi], settings: ScanSettings, index: Optional[str], gsd_m: float = 0.0
) -> RunScan:
    """The layer as an algorithm scans it; `gsd_m` 0 leaves the pixel size to the layer.

    Raises:
        MsaError: as `scan_request` says.
    """
    near = not looks_remote(launch_of(current_settings()).program)
    request = dataclasses.replace(scan_request(layer, aoi, settings, gsd_m or None, near), index=index)
    if isinstance(request, PixelPlanRequest):
        return DrawnScan(request, LayerDrawing(layer))
    return FileScan(request)


def run_drawn_scan(
    worker: BlockingWorker, scan: DrawnScan, plan: PixelPlan, feedback: QgsProcessingFeedback
) -> ScanSummary:
    """Draw and encode what is missing.

    Raises:
        LayerUnavailable: the server fails; what came before is kept.
        LayerSilent: nothing was drawn, and nothing asked for.
        Cancelled, and what the worker reports.
    """
    began, encoded, skipped = time.monotonic(), 0, 0
    failures: list[str] = []
    in_a_row, held = 0, HeldBack()
    try:
        for number, block in enumerate(plan.blocks):
            feedback.setProgress(100.0 * number / len(plan.blocks))
            drawn = scan.drawing.draw(scan.request.grid.crs, block, feedback)
            if not drawn.complete:
                failures.append(drawn.problem)
            if not drawn.complete and not drawn.rgba:
                in_a_row += 1
                if in_a_row == MOST_FAILURES:
                    raise _unavailable(scan, failures)
                continue
            in_a_row = 0
            for passed in held.passed_on(drawn):
                asked = PixelEncodeRequest(scan.request, passed.block, passed.complete)
                reply = worker.call(rpc.PIXELS_ENCODE, asked, PixelEncoded, passed.rgba)
                encoded, skipped = encoded + reply.encoded, skipped + reply.skipped
    finally:
        scan.drawing.release()
    if failures:
        raise _unavailable(scan, failures)
    if held.left:
        raise silent(scan.source)
    reused = plan.tiles - encoded - skipped
    return ScanSummary(plan.index, plan.tiles, encoded, reused, skipped, time.monotonic() - began)


def _unavailable(scan: DrawnScan, failures: list[str]) -> MsaError:
    text = tr("Parts of '{name}' were not drawn ({parts} times): {problem}.")
    name = scan.request.grid.title
    return LayerUnavailable(text.format(name=name, parts=len(failures), problem=failures[-1]))
