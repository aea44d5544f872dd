"""What an engine's rate is made of: times of it and of torch in float32, taken by turns. Imports no torch."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """Seconds by the clock, and of this process's threads on the processor."""

    wall: float
    processor: float


@dataclass(frozen=True)
class Comparison:
    """Rounds of (torch in float32, engine) with `threads` threads, and the least cosine of their vectors."""

    rounds: tuple[tuple[Timing, Timing], ...]
    threads: int
    cosine: float

    @property
    def share(self) -> float:
        """What torch got of its threads' processors."""
        return share_of([torch for torch, _ in self.rounds], self.threads)

    def rate(self, tiles: int, *, by_clock: bool) -> float:
        """Tiles a second, by the clock or by the processor's time.

        Torch's best, times the median of how many times as fast the engine was: whatever else the machine
        did met both.
        """
        pairs = [tuple(t.wall if by_clock else t.processor for t in pair) for pair in self.rounds]
        times_as_fast = statistics.median(torch / engine for torch, engine in pairs)
        return tiles / min(torch for torch, _ in pairs) * times_as_fast


def share_of(timings: Sequence[Timing], threads: int) -> float:
    """What the threads got of their processors, in the timing where they got most; 1 on a quiet machine."""
    return min(1.0, max(timing.processor / (timing.wall * threads) for timing in timings))


def timed(job: Callable[[], object]) -> Timing:
    """How long a job takes."""
    wall, processor = time.perf_counter(), time.process_time()
    job()
    return Timing(time.perf_counter() - wall, time.process_time() - processor)
