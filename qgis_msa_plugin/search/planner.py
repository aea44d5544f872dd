"""What a scan would cost, asked of the worker whenever layer or area change."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import QObject, pyqtSignal

from msa_model.protocol import rpc
from msa_model.protocol.errors import Cancelled, MsaError
from msa_model.protocol.messages import ScanPlan, ScanRequest
from qgis_msa_plugin.worker.client import WorkerClient


class Planner(QObject):
    """Keeps the plan of the request made last; answers to older requests are dropped."""

    planned = pyqtSignal(object)
    failed = pyqtSignal(object)

    def __init__(self, client: WorkerClient, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._client = client
        self._request: Optional[ScanRequest] = None
        self._plan: Optional[ScanPlan] = None
        self._call: Optional[int] = None

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return self._call is not None

    def plan_of(self, request: ScanRequest) -> Optional[ScanPlan]:
        """The plan, if it is known and nothing has been scanned since."""
        return self._plan if request == self._request else None

    def ask(self, request: ScanRequest) -> None:
        """Have the request planned; an open one for the same request will do."""
        if self.busy and request == self._request:
            return
        self.forget()
        self._request = request
        call = self._call = self._client.call(
            rpc.PLAN,
            request,
            ScanPlan,
            lambda plan, _: self._take(call, plan),
            lambda error: self._refuse(call, error),
        )

    def forget(self) -> None:
        """Drop the plan, and the call that would bring one."""
        open_call, self._call = self._call, None
        self._request = self._plan = None
        if open_call is not None:
            self._client.cancel(open_call)

    def _take(self, call: int, plan: ScanPlan) -> None:
        if call == self._call:
            self._call, self._plan = None, plan
            self.planned.emit(plan)

    def _refuse(self, call: int, error: MsaError) -> None:
        if call == self._call:
            self._call = self._request = None
            if not isinstance(error, Cancelled):
                self.failed.emit(error)
