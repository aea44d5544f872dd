"""A long job as the server sees it: steps to take, and reports to pass on."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Any

from msa_model.protocol.messages import Progress

Steps = Generator[Progress, None, tuple[Any, bytes]]  # a reply message and its attachment

_REPORT_SECONDS = 0.2


@dataclass(frozen=True)
class LongJob:
    """One request that takes many steps; closing them keeps what is written."""

    id: int
    method: str
    steps: Steps


class ProgressReports:
    """Passes on a job's first and last report, and at most five a second in between."""

    def __init__(self, send: Callable[[Progress], None], clock: Callable[[], float]) -> None:
        self._send = send
        self._clock = clock
        self._held: Progress | None = None
        self._reported: int | None = None
        self._sent_at = float("-inf")

    def report(self, job: LongJob, progress: Progress) -> None:
        """Sends the report, or holds it until a later one or the end replaces it."""
        is_first, self._reported = job.id != self._reported, job.id
        self._held = replace(progress, id=job.id)
        if is_first or self._clock() - self._sent_at >= _REPORT_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Sends the held report."""
        if self._held is not None:
            self._send(self._held)
            self._held, self._sent_at = None, self._clock()
