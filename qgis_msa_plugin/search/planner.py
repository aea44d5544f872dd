"""What a scan would cost, asked of the worker whenever layers or area change."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

from qgis.PyQt.QtCore import QObject, pyqtSignal

from msa_model.protocol import methods
from msa_model.protocol.errors import Cancelled, MsaError, RasterMissing
from msa_model.protocol.messages import RasterRef, ScaleInfo, ScanPlan, ScanRequest
from qgis_msa_plugin.search.target import fetches_much
from qgis_msa_plugin.worker.client import WorkerClient

LONG_SCAN_S = 120.0  # a scan that takes longer asks first

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
    unseen = pyqtSignal(object)  # the error of a request whose file is here, but not where the worker runs

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
        unseen = [] if self._client.shares_files else list(filter(_is_missing, answers))
        if not unseen and any(answer.plan for answer in answers):
            self.planned.emit(answers)
            return
        self._requests, self._answers = (), {}
        if unseen:
            self.unseen.emit(unseen[0].error)
        elif not isinstance(answers[0].error, Cancelled):
            self.failed.emit(answers[0].error)

    def _in_order(self) -> tuple[Planned, ...]:
        return tuple(self._answers[request] for request in self._requests)


def _is_missing(answer: Planned) -> bool:
    return isinstance(answer.request.raster, RasterRef) and isinstance(answer.error, RasterMissing)


def plans_in(planned: Sequence[Planned]) -> tuple[ScanPlan, ...]:
    """The plans that there are."""
    return tuple(answer.plan for answer in planned if answer.plan is not None)


def without_overviews(planned: Sequence[Planned]) -> tuple[str, ...]:
    """The raster files whose scan overviews would spare something."""
    found = ((answer.request.raster, answer.plan) for answer in planned)
    return tuple(r.path for r, plan in found if isinstance(r, RasterRef) and plan and plan.overviews)


def is_long(planned: Sequence[Planned]) -> bool:
    """Whether one should ask before: the scan takes long, or troubles a server."""
    pairs = [(answer.request, answer.plan) for answer in planned if answer.plan is not None]
    long = joined_plan(plans_in(planned)).seconds > LONG_SCAN_S
    return long or any(fetches_much(request, plan) for request, plan in pairs)


@dataclass(frozen=True)
class Coarse:
    """The coarser sizes of tiles alone, and about how long scanning these takes."""

    scales_m: tuple[float, ...]
    seconds: float


def coarse_of(plans: Sequence[ScanPlan]) -> Optional[Coarse]:
    """What is left of a scan without its finest sizes, as few as leave it short; else the coarsest size.

    None where every raster has one size only.
    """
    sizes = sorted({scale.scale_m for plan in plans for scale in plan.scales})
    ways = [_coarser_than(finest, plans) for finest in sizes[:-1]]
    return next((way for way in ways if way.seconds <= LONG_SCAN_S), ways[-1] if ways else None)


def _coarser_than(finest: float, plans: Sequence[ScanPlan]) -> Coarse:
    kept = [[scale for scale in plan.scales if scale.scale_m > finest] for plan in plans]
    shares = [_tiles(scales) / max(_tiles(plan.scales), 1) for plan, scales in zip(plans, kept)]
    scales_m = sorted({scale.scale_m for scales in kept for scale in scales})
    return Coarse(tuple(scales_m), sum(plan.seconds * share for plan, share in zip(plans, shares)))


def _tiles(scales: Sequence[ScaleInfo]) -> int:
    return sum(scale.tiles for scale in scales)


def joined_plan(plans: Sequence[ScanPlan]) -> ScanPlan:
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
        overviews=next((plan.overviews for plan in plans if plan.overviews), None),
        warnings=tuple(dict.fromkeys(warning for plan in plans for warning in plan.warnings)),
    )


def rest_of(shown: ScanPlan, plan: ScanPlan, indexed: Optional[int]) -> ScanPlan:
    """What is left of a plan that is shown, once so many tiles of it are indexed; of another one, all."""
    if indexed is None or shown.missing != plan.missing:
        return shown
    share = (plan.tiles - indexed) / max(plan.missing, 1)
    return dataclasses.replace(
        shown,
        missing=plan.tiles - indexed,
        seconds=plan.seconds * share,
        bytes=round(plan.bytes * share),
    )
