"""The tiles of an index as a search holds them: in memory or mapped from a file, growing during a scan."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from msa_model.index.rank import (
    MOST_WANTED,
    SEGMENT,
    Floats,
    Halves,
    Positions,
    Products,
    Segment,
    available,
    check_asked,
    encoded,
    rank_exactly,
    rank_tiles,
    widened,
)
from msa_model.raster.grid import Keys

Kept = NDArray[np.bool_]


class GrowingTable:
    """Keys int32 [n, 3], vectors float16 [n, d], valid float32 [n]; appending does not copy all each time."""

    def __init__(self, dimension: int) -> None:
        self._keys: Keys = np.empty((0, 3), np.int32)
        self._vectors: Halves = np.empty((0, dimension), np.float16)
        self._valid: Floats = np.empty(0, np.float32)
        self._count = 0
        self._segments: list[Segment] = []

    @property
    def keys(self) -> Keys:
        """Lattice keys int32 [n, 3]."""
        return self._keys[: self._count]

    @property
    def vectors(self) -> Halves:
        """Unit vectors float16 [n, d], as stored."""
        return self._vectors[: self._count]

    @property
    def valid(self) -> Floats:
        """Share of each tile that has data, float32 [n], from 0 to 1."""
        return self._valid[: self._count]

    @property
    def segments(self) -> Sequence[Segment]:
        """The first rows as bytes, as far as they fill segments; made when they are asked for."""
        if available():
            for start in range(self._coded, self._count - SEGMENT + 1, SEGMENT):
                self._segments.append(encoded(self._vectors[start : start + SEGMENT]))
        return self._segments

    @property
    def _coded(self) -> int:
        """How many of the first rows are there as bytes."""
        return sum(len(segment.codes) for segment in self._segments)

    def whole_as_segments(self) -> Sequence[Segment]:
        """All rows as bytes, the last of them as a short segment, which is kept; none without FAISS."""
        whole = self.segments
        rest = self.vectors[self._coded :]
        if available() and len(rest):
            self._segments.append(encoded(rest))
        return whole

    def extend(self, keys: Keys, vectors: Halves, valid: Floats) -> None:
        """Appends keys [m, 3], vectors [m, d] and valid shares [m]; the first ones are not copied."""
        if self._count == 0:
            self._keys, self._vectors, self._valid = keys, vectors, valid
            self._count = len(keys)
            return
        end = self._count + len(keys)
        if end > len(self._keys):
            self._reserve(max(end, self._count * 3 // 2))
        new = slice(self._count, end)
        self._keys[new], self._vectors[new], self._valid[new] = keys, vectors, valid
        self._count = end

    def take_over(self, keys: Keys, vectors: Halves, valid: Floats, segments: Sequence[Segment]) -> None:
        """Hold rows as of `extend` that lie in a file, and their segments, in place of what there was."""
        self._count = 0
        self.extend(keys, vectors, valid)
        self._segments = list(segments)

    def rows(self, positions: Positions | Sequence[int]) -> Floats:
        """The vectors float32 [m, d] at `positions`."""
        return widened(self.vectors[positions])

    def rank(self, query: Floats, k: int, keep: Kept | None = None) -> tuple[Positions, Floats]:
        """The `k` nearest rows to query [d]; see `rank_tiles`, whose answer this is."""
        check_asked(self.vectors, query, k)
        if k > MOST_WANTED or not self.segments:
            return rank_tiles(self.vectors, query, k, keep)
        return rank_exactly(self.vectors, query, k, self._candidates(query, k, keep))

    def _candidates(self, query: Floats, k: int, keep: Kept | None) -> Positions:
        """The rows that may be among the `k` nearest."""
        products, coded, start = Products(query), self._coded, 0
        places, cosines = rank_tiles(self.vectors[coded:], query, k, None if keep is None else keep[coded:])
        places, floor, slack = places + coded, -np.inf, 0.0
        for segment in self._segments:
            rows = slice(start, start + len(segment.codes))
            found, near = products.best(segment, k, None if keep is None else keep[rows], floor)
            places, cosines = np.concatenate((places, found + start)), np.concatenate((cosines, near))
            start = rows.stop
            slack = max(slack, 2 * products.margin(segment.step))
            if len(cosines) >= k:
                floor = float(np.partition(cosines, -k)[-k])
                near_enough = cosines >= floor - slack
                places, cosines = places[near_enough], cosines[near_enough]
        return places

    def _reserve(self, rows: int) -> None:
        keys, vectors, valid = self.keys, self.vectors, self.valid
        self._keys = np.empty((rows, keys.shape[1]), np.int32)
        self._vectors = np.empty((rows, vectors.shape[1]), np.float16)
        self._valid = np.empty(rows, np.float32)
        old = slice(self._count)
        self._keys[old], self._vectors[old], self._valid[old] = keys, vectors, valid
