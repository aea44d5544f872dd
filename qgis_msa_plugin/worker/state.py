"""The states of the worker as the plugin sees it."""

from __future__ import annotations

from enum import Enum
from typing import Optional

from msa_model.protocol.errors import MsaError


class WorkerState(Enum):
    """What the worker is doing."""

    MISSING = "missing"
    STOPPED = "stopped"
    STARTING = "starting"
    READY = "ready"
    FAILED = "failed"


_NEXT = {
    WorkerState.MISSING: {WorkerState.STOPPED, WorkerState.STARTING},
    WorkerState.STOPPED: {WorkerState.MISSING, WorkerState.STARTING},
    WorkerState.STARTING: {WorkerState.READY, WorkerState.FAILED, WorkerState.MISSING, WorkerState.STOPPED},
    WorkerState.READY: {WorkerState.STARTING, WorkerState.FAILED, WorkerState.MISSING, WorkerState.STOPPED},
    WorkerState.FAILED: {WorkerState.STARTING, WorkerState.MISSING, WorkerState.STOPPED},
}


class Lifecycle:
    """The one place where the state changes; `error` says why it is MISSING or FAILED."""

    def __init__(self) -> None:
        self.state = WorkerState.STOPPED
        self.error: Optional[MsaError] = None

    def enter(self, state: WorkerState, error: Optional[MsaError] = None) -> bool:
        """Whether the step changed anything.

        Raises:
            ValueError: there is no way from the present state to `state`.
        """
        if state is not self.state and state not in _NEXT[self.state]:
            raise ValueError(f"A worker that is {self.state.value} cannot become {state.value}.")
        changed = state is not self.state or error is not self.error
        self.state, self.error = state, error
        return changed


class RestartAllowance:
    """Grants one restart per period, so that a worker that always crashes is left alone."""

    def __init__(self, period_s: float = 300.0) -> None:
        self._period_s = period_s
        self._last: Optional[float] = None

    def grant(self, now_s: float) -> bool:
        """Whether a restart at `now_s` (a monotonic clock) is allowed; if so it is used up."""
        if self._last is not None and now_s - self._last < self._period_s:
            return False
        self._last = now_s
        return True
