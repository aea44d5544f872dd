"""Tiles of a scan by pixels: how many are through, how fast, how long it will take."""

from __future__ import annotations

import time
from collections import deque
from typing import Callable

from msa_model.protocol.messages import Progress
from msa_model.protocol.pixels import PixelEncoded

_WINDOW_S = 20.0


class Tally:
    """Counts the tiles of finished blocks, and those of blocks under way as the worker tells of them."""

    def __init__(self, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._total, self._clock = total, clock
        self._through = 0
        self._under_way: dict[int, int] = {}
        self._marks = deque([(clock(), 0)])
        self.encoded = self.skipped = 0

    @property
    def stored(self) -> int:
        """Tiles that the index holds or knows to be empty."""
        return self.encoded + self.skipped + sum(self._under_way.values())

    def under_way(self, call: int, done: int) -> Progress:
        """A block goes on."""
        self._under_way[call] = done
        return self._progress()

    def drop(self, call: int) -> None:
        """A block is not finished; what of it is stored will be told anew."""
        self._under_way.pop(call, None)

    def add(self, call: int, tiles: int, reply: PixelEncoded) -> Progress:
        """A block of that many tiles is finished."""
        self._under_way.pop(call, None)
        self._through += tiles
        self.encoded += reply.encoded
        self.skipped += reply.skipped
        return self._progress()

    def leave_out(self, tiles: int) -> Progress:
        """A block of that many tiles is given up."""
        self._through += tiles
        return self._progress()

    def _progress(self) -> Progress:
        now, done = self._clock(), min(self._total, self._through + sum(self._under_way.values()))
        self._marks.append((now, done))
        while len(self._marks) > 2 and now - self._marks[1][0] > _WINDOW_S:  # noqa: PLR2004
            self._marks.popleft()
        since, before = self._marks[0]
        rate = max(0.0, (done - before) / (now - since)) if now > since else 0.0
        return Progress(0, done, self._total, rate, (self._total - done) / rate if rate > 0 else None)
