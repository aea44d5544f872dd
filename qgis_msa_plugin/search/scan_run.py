"""One index build at a time, carried on over the death of a worker."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import QObject, pyqtSignal

from msa_model.protocol import methods
from msa_model.protocol.errors import MsaError
from msa_model.protocol.messages import Progress, ScanPlan, ScanRequest, ScanSummary
from qgis_msa_plugin.render.feeder import Feeder
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.newest import NewestCall


class ScanRun(QObject):
    """Ends in exactly one of `finished` and `failed`; `resumed` tells of a worker that died on the way."""

    progressed = pyqtSignal(object)  # Progress
    resumed = pyqtSignal(object)  # MsaError: why it had to be started again
    finished = pyqtSignal(object)  # ScanSummary
    failed = pyqtSignal(object)  # MsaError

    def __init__(
        self, client: WorkerClient, parent: Optional[QObject] = None, feeder: Optional[Feeder] = None
    ) -> None:
        super().__init__(parent)
        self._feeder = feeder or Feeder(parent=self)
        self._request: Optional[ScanRequest] = None
        self._call = NewestCall(client)
        self._may_resume = False
        self.plan: Optional[ScanPlan] = None
        self.indexed = 0

    def start(self, request: ScanRequest, plan: ScanPlan) -> None:
        """Build what the index lacks."""
        self._request, self.plan = request, plan
        self.indexed = plan.tiles - plan.missing
        self._may_resume = True
        self._build(request)

    def cancel(self) -> None:
        """Ask for the end; it comes as `failed` with `Cancelled`."""
        self._may_resume = False
        self._call.cancel()

    def _build(self, request: ScanRequest) -> None:
        self._call.ask(
            methods.BUILD,
            request,
            self._finish,
            self._fail,
            progress=self._advance,
            draw=self._feeder.draw,
        )

    def _advance(self, progress: Progress) -> None:
        if self.plan is not None and progress.total:  # 0 while the worker looks at the raster
            self.indexed = max(self.indexed, self.plan.tiles - progress.total + progress.done)
        self.progressed.emit(progress)

    def _finish(self, summary: ScanSummary, _: bytes) -> None:
        self._request = None
        self._feeder.rest()
        self.finished.emit(summary)

    def _fail(self, error: MsaError) -> None:
        request = self._request
        self._feeder.rest()
        if self._may_resume and request is not None and self._call.may_go_on(error):
            self._may_resume = False
            self._build(request)
            self.resumed.emit(error)
            return
        self._request = None
        self.failed.emit(error)
