"""What a batch scan would cost, asked of the worker while its form is filled in."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import QObject, pyqtSignal

from msa_model.protocol import methods
from msa_model.protocol.batch import BatchPlan, BatchRequest
from msa_model.protocol.errors import Cancelled, MsaError
from qgis_msa_plugin.render.feeder import Feeder
from qgis_msa_plugin.widgets.observed import Observed
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.newest import NewestCall


class BatchCosts(QObject):
    """The plan of the request made last; the same request again is not asked twice."""

    plan_changed = pyqtSignal(object)
    refusal_changed = pyqtSignal(object)
    busy_changed = pyqtSignal(object)

    plan: Observed[Optional[BatchPlan]] = Observed(None)
    refusal: Observed[Optional[MsaError]] = Observed(None)
    busy: Observed[bool] = Observed(False)

    def __init__(self, client: WorkerClient, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._call = NewestCall(client)
        self._feeder = Feeder(parent=self)
        self._request: Optional[BatchRequest] = None

    def ask(self, request: BatchRequest) -> None:
        """Have the request planned, whatever was asked before."""
        if request == self._request and (self.busy or self.plan is not None):
            return
        self.forget()
        self._request, self.busy = request, True
        self._call.ask(
            methods.BATCH_PLAN,
            request,
            lambda plan, _: self._take(plan),
            self._refuse,
            draw=self._feeder.draw,
        )

    def forget(self) -> None:
        """The plan holds no more."""
        self._call.drop()
        self._feeder.rest()
        self._request = None
        self.plan, self.refusal, self.busy = None, None, False

    def _take(self, plan: BatchPlan) -> None:
        self._feeder.rest()
        self.plan, self.busy = plan, False

    def _refuse(self, error: MsaError) -> None:
        self._feeder.rest()
        self.busy = False
        if not isinstance(error, Cancelled):
            self.refusal = error
