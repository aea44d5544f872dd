"""A scan of a layer that QGIS draws: blocks are drawn one by one and sent, the worker encodes them."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsMapLayer
from qgis.PyQt.QtCore import QObject, pyqtSignal

from msa_model.protocol.messages import Progress
from msa_model.protocol.pixels import PixelPlan, PixelPlanRequest
from qgis_msa_plugin.worker.client import WorkerClient


class PixelScan(QObject):
    """Ends in exactly one of `finished` (a `ScanSummary`) and `failed`; `resumed` as in `ScanRun`."""

    progressed = pyqtSignal(object)
    resumed = pyqtSignal(object)
    finished = pyqtSignal(object)
    failed = pyqtSignal(object)

    def __init__(self, client: WorkerClient, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._client = client
        self.plan: Optional[PixelPlan] = None
        self.indexed = 0

    def start(self, request: PixelPlanRequest, plan: PixelPlan, layer: QgsMapLayer) -> None:
        """Draw and encode the plan's blocks."""
        raise NotImplementedError

    def cancel(self) -> None:
        """Ask for the end; it comes as `failed` with `Cancelled`. What is encoded is kept."""
        raise NotImplementedError

    def _report(self, progress: Progress) -> None:
        self.progressed.emit(progress)
