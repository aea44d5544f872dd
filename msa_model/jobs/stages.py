"""A scan's stages side by side: read and prepared in one thread, encoded here, written in another."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import TypeVar

from msa_model.protocol.plan_parts import STAGES, ScanProfile

Item = TypeVar("Item")
Result = TypeVar("Result")

_END = object()


class Clock:
    """How long each stage took. Each adds to its own entry, from its own thread."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._spent = dict.fromkeys(STAGES, 0.0)

    def timed(self, stage: str, work: Callable[[], Result]) -> Result:
        """The result of work that is the stage's."""
        started = time.monotonic()
        try:
            return work()
        finally:
            self._spent[stage] += time.monotonic() - started

    def each(self, stage: str, items: Iterator[Item]) -> Generator[Item, None, None]:
        """The items; what each takes to come is the stage's."""
        while (item := self.timed(stage, lambda: next(items, _END))) is not _END:
            yield item  # type: ignore[misc]

    def profile(self) -> ScanProfile:
        """As of now."""
        total = max(time.monotonic() - self._started, 1e-9)
        limit = max(STAGES, key=self._spent.__getitem__)
        return ScanProfile(**self._spent, limit=limit, share=self._spent[limit] / total)


class Writer:
    """Writes batches in order in a thread of its own, one while the next one is made; to be closed.

    Failures come out of the next call, or of the end.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._pending: Future[int] | None = None

    def write(self, tiles: int, work: Callable[[], object]) -> int:
        """Begins a batch when the one before is written; how many tiles that one had."""
        written = self.finish()
        self._pending = self._pool.submit(self._written, tiles, work)
        return written

    def finish(self) -> int:
        """Waits for the last batch; how many tiles it had."""
        pending, self._pending = self._pending, None
        return pending.result() if pending is not None else 0

    def __enter__(self) -> Writer:
        """To be closed at the end."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """What was begun is written."""
        try:
            self.finish()
        finally:
            self._pool.shutdown()

    def _written(self, tiles: int, work: Callable[[], object]) -> int:
        self._clock.timed("writing", work)
        return tiles
