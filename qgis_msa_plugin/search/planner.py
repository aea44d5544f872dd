"""What a scan would cost, asked of the worker whenever layers or area change."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

from qgis.PyQt.QtCore import QObject, pyqtSignal

from msa_model.protocol import methods
from msa_model.protocol.errors import Cancelled, MsaError
from msa_model.protocol.messages import ScanPlan, ScanRequest
from qgis_msa_plugin.worker.client import WorkerClient

Requests = tuple[ScanRequest, ...]


@dataclass(frozen=True)
class Planned:
    """What the worker says of one request: a plan, or why there is none."""

    request: ScanRequest
    plan: Optional[ScanPlan] = None
    error: Optional[MsaError] = None


class Planner(QObject):
    """Keeps the plans of the requests made last; answers to older ones are dropped."""

    planned = pyqtSignal(object)  # tuple[Planned, ...], in the order of the requests; at least one has a plan
    failed = pyqtSignal(object)  # the error of the first request, where none has a plan

    def __init__(self, client: WorkerClient, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._client = client
        self._requests: Requests = ()
        self._answers: dict[ScanRequest, Planned] = {}
        self._calls: dict[int, ScanRequest] = {}

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return bool(self._calls)

    def plans_of(self, requests: Requests) -> Optional[tuple[Planned, ...]]:
        """The plans, if all are known and nothing has been scanned since."""
        known = requests == self._requests and not self._calls
        return self._in_order() if known and self._answers else None

    def ask(self, requests: Requests) -> None:
        """Have the requests planned; open calls for the same requests will do."""
        if self.busy and requests == self._requests:
            return
        self.forget()
        self._requests = requests
        for request in requests:
            self._call(request)

    def forget(self) -> None:
        """Drop the plans, and the calls that would bring them."""
        open_calls, self._calls = self._calls, {}
        self._requests, self._answers = (), {}
        for call in open_calls:
            self._client.cancel(call)

    def _call(self, request: ScanRequest) -> None:
        call = self._client.call(
            methods.PLAN,
            request,
            lambda plan, _: self._take(call, Planned(request, plan)),
            lambda error: self._take(call, Planned(request, error=error)),
        )
        self._calls[call] = request

    def _take(self, call: int, answer: Planned) -> None:
        if self._calls.pop(call, None) is None:
            return
        self._answers[answer.request] = answer
        if not self._calls:
            self._tell(self._in_order())

    def _tell(self, answers: tuple[Planned, ...]) -> None:
        if any(answer.plan for answer in answers):
            self.planned.emit(answers)
            return
        error = answers[0].error
        self._requests, self._answers = (), {}
        if not isinstance(error, Cancelled):
            self.failed.emit(error)

    def _in_order(self) -> tuple[Planned, ...]:
        return tuple(self._answers[request] for request in self._requests)


def together(plans: Sequence[ScanPlan]) -> ScanPlan:
    """The plans of several rasters as one: costs added up, the index of the first."""
    if len(plans) == 1:
        return plans[0]
    scales = {scale.scale_m: scale for plan in reversed(plans) for scale in plan.scales}
    return dataclasses.replace(
        plans[0],
        tiles=sum(plan.tiles for plan in plans),
        missing=sum(plan.missing for plan in plans),
        seconds=sum(plan.seconds for plan in plans),
        bytes=sum(plan.bytes for plan in plans),
        scales=tuple(scales[scale_m] for scale_m in sorted(scales)),
        warnings=tuple(dict.fromkeys(warning for plan in plans for warning in plan.warnings)),
    )
