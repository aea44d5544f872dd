"""How fast a scan goes, and how many tiles it should take at once."""

from __future__ import annotations

import time
from collections import deque

from msa_model.protocol.messages import Progress

STEP_SECONDS = 0.25  # a request that comes in the middle of a scan waits no longer
_AIM = 0.6  # of it: rates vary
_MOST_TILES = 256
_FIRST_RATE = 20.0  # tiles per second, until the first step is done
_WINDOW_SECONDS = 10.0


class Pace:
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
