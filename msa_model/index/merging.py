"""Which hits are one place: overlapping ones, whatever their scale."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

SHARED = 0.2  # of the smaller tile; at half overlap a neighbour shares 1/2, a diagonal one 1/4
_BLOCK = 1024  # hits that are compared with each other; most others then belong to a place already

Boxes = NDArray[np.float64]
Rows = NDArray[np.int64]


def places_of(boxes: Boxes, shared: float = SHARED) -> NDArray[np.int32]:
    """Numbers the places of hits, best first: boxes [n, 4] (x0, y0, x1, y1) → int32 [n], 0 the best place.

    A hit belongs to the best place whose first hit covers, or is covered by, at least `shared` of the smaller
    of both (non-maximum suppression); where there is none, it founds a place of its own.
    """
    places = np.full(len(boxes), -1, np.int32)
    if not len(boxes):
        return places
    near = _Near(boxes, shared)
    count, left = 0, np.arange(len(boxes))
    while len(left):
        block, left = left[:_BLOCK], left[_BLOCK:]
        places[block] = _greedily(near, block) + count
        numbers, firsts = np.unique(places[block], return_index=True)
        hits, founders = near.pairs(left, block[firsts])
        found = np.full(len(left), len(boxes), np.int32)
        np.minimum.at(found, hits, numbers[founders].astype(np.int32))
        placed = found < len(boxes)
        places[left[placed]] = found[placed]
        count, left = count + len(numbers), left[~placed]
    return places


def _greedily(near: _Near, block: Rows) -> NDArray[np.int32]:
    one, other = near.pairs(block, block)
    order = np.argsort(one, kind="stable")
    starts, others = np.searchsorted(one[order], np.arange(len(block) + 1)), other[order]
    places = np.full(len(block), -1, np.int32)
    count = 0
    for hit in range(len(block)):
        if places[hit] < 0:
            around = others[starts[hit] : starts[hit + 1]]
            places[around[places[around] < 0]] = count
            count += 1
    return places


class _Near:
    """Which of boxes [n, 4], of which there is one, overlap enough."""

    def __init__(self, boxes: Boxes, shared: float) -> None:
        self._boxes, self._shared = boxes, shared
        least = float((boxes[:, 2:] - boxes[:, :2]).min())
        margin = 0.49 * shared * least  # so that neighbours that only touch are no candidates
        corners = (boxes + margin * np.array((1, 1, -1, -1))).reshape(-1, 2, 2)
        # A tree looks at extents alone, and a diagonal is made several times as fast as a box.
        self._diagonals: NDArray[np.object_] = shapely.linestrings(corners)

    def pairs(self, rows: Rows, others: Rows) -> tuple[Rows, Rows]:
        """Pairs (position in `rows`, position in `others`) of boxes that overlap enough."""
        one, other = shapely.STRtree(self._diagonals[others]).query(self._diagonals[rows])
        enough = _shares(self._boxes[rows], self._boxes[others], one, other) >= self._shared
        return one[enough], other[enough]


def _shares(boxes: Boxes, others: Boxes, one: Rows, other: Rows) -> NDArray[np.float64]:
    """The overlap of pairs of boxes, as a share of the smaller one [m]."""
    (a0, b0, a1, b1), (c0, d0, c1, d1) = np.ascontiguousarray(boxes.T), np.ascontiguousarray(others.T)
    across = np.minimum(a1[one], c1[other]) - np.maximum(a0[one], c0[other])
    down = np.minimum(b1[one], d1[other]) - np.maximum(b0[one], d0[other])
    areas = ((a1 - a0) * (b1 - b0))[one], ((c1 - c0) * (d1 - d0))[other]
    shares: NDArray[np.float64] = across * down / np.minimum(*areas)
    return shares
