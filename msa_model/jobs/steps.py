"""Steps of long jobs: taking them, waiting for slow reading, and how fast they go.

A scan's stages go side by side: read and prepared in one thread, encoded here, written in another.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import TypeVar

from msa_model.protocol.messages import Progress
from msa_model.protocol.plan_parts import STAGES, ScanProfile
from msa_model.raster.source import Readable


class StageTimes:
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


class BatchWriter:
    """Writes batches in order in a thread of its own, one while the next one is made; to be closed.

    Failures come out of the next call, or of the end.
    """

    def __init__(self, clock: StageTimes) -> None:
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

    def __enter__(self) -> BatchWriter:
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


Item = TypeVar("Item")
Result = TypeVar("Result")
Step = TypeVar("Step")

_END = object()
_WAIT_SECONDS = 0.1


def with_pauses(
    items: Generator[Item, None, None], seconds: float = _WAIT_SECONDS
) -> Generator[Item | None, None, None]:
    """The items of a generator that runs in a thread of its own; None each time that one takes longer.

    Closing does not wait for the item under way: its generator is closed when that is done.
    """
    pool = ThreadPoolExecutor(1, thread_name_prefix="tiles")
    try:
        pending = pool.submit(next, items, _END)
        while True:
            wait([pending], seconds)
            if not pending.done():
                yield None
                continue
            item = pending.result()
            if item is _END:
                return
            pending = pool.submit(next, items, _END)
            yield item  # type: ignore[misc]
    finally:
        pool.submit(items.close)
        pool.shutdown(wait=False)


def in_thread(work: Callable[[], Result], seconds: float = _WAIT_SECONDS) -> Generator[None, None, Result]:
    """The result of work that is done in a thread of its own; yields each time that it takes longer.

    Closing does not wait: the work goes on unheard, and holds up no exit.
    """
    done: Future[Result] = Future()
    threading.Thread(target=_set_outcome, args=(done, work), name="aside", daemon=True).start()
    while not wait([done], seconds).done:
        yield
    return done.result()


def _set_outcome(done: Future[Result], work: Callable[[], Result]) -> None:
    try:
        done.set_result(work())
    except BaseException as error:
        done.set_exception(error)


def outcome(
    steps: Generator[Step, None, Result], tell: Callable[[Step], object] = lambda _step: None
) -> Result:
    """Takes all steps and tells of each; errors as of the job."""
    try:
        while True:
            tell(next(steps))
    except StopIteration as end:
        result: Result = end.value
        return result
    finally:
        steps.close()


def relayed(
    steps: Generator[Step, None, Result], progress: Callable[[Step], Progress]
) -> Generator[Progress, None, Result]:
    """The steps of a job, each as the progress that it means; closing it closes the job."""
    try:
        while True:
            yield progress(next(steps))
    except StopIteration as end:
        result: Result = end.value
        return result
    finally:
        steps.close()


def reading(source: Readable, work: Callable[[], Result]) -> Generator[Progress, None, Result]:
    """The result of reading, which of a drawn layer is waited for as in `looking`."""
    return (yield from looking(work)) if source.is_drawn else work()


def looking(work: Callable[[], Result]) -> Generator[Progress, None, Result]:
    """The result of looking at a raster in a thread of its own; reports that it is under way meanwhile.

    A slow file then holds up no other request, and looking at it can be cancelled.
    """
    return relayed(in_thread(work), lambda _waiting: Progress.at(0, 0))


STEP_SECONDS = 0.25  # a request that comes in the middle of a scan waits no longer
_AIM = 0.6  # of it: rates vary
_MOST_TILES = 256
_FIRST_RATE = 20.0  # tiles per second, until the first step is done
_WINDOW_SECONDS = 10.0


class ProgressMeter:
    """Counts tiles; the rate is that of the last ten seconds, or of the scan's second half if that is longer.

    So it follows a busy machine, and blocks that a server sends now and then count with the waiting between.
    """

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._started = time.monotonic()
        self._marks = deque([(self._started, 0)])

    def advance(self, tiles: int) -> Progress:
        """Counts finished tiles."""
        self._done += tiles
        now = time.monotonic()
        self._marks.append((now, self._done))
        window = max(_WINDOW_SECONDS, (now - self._started) / 2)
        while len(self._marks) > 2 and now - self._marks[1][0] > window:  # noqa: PLR2004
            self._marks.popleft()
        return self.progress()

    def progress(self) -> Progress:
        """The state now; its id is for the caller to set."""
        (since, before), (_, done), now = self._marks[0], self._marks[-1], time.monotonic()
        rate = (done - before) / (now - since) if now > since else 0.0
        return Progress.at(done, self._total, rate)


class StepSize:
    """Tiles per step, so that a step stays under `STEP_SECONDS` on this machine as it is now."""

    def __init__(self) -> None:
        self._rate = _FIRST_RATE

    @property
    def tiles(self) -> int:
        """How many tiles to take next."""
        return int(min(max(1.0, self._rate * STEP_SECONDS * _AIM), _MOST_TILES))

    def adapt(self, tiles: int, seconds: float) -> None:
        """Learns from a finished step: slower at once, faster by and by."""
        rate = tiles / max(seconds, 1e-6)
        self._rate = rate if rate < self._rate else self._rate + (rate - self._rate) / 4
