"""Which hits are one place: overlapping ones, whatever their scale."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

SHARED = 0.45  # of the smaller tile; a neighbour at half a hop shares 1/2, a diagonal one 1/4

Boxes = NDArray[np.float64]


def places_of(boxes: Boxes, shared: float = SHARED) -> NDArray[np.int32]:
    """Numbers the places of hits, best first: boxes [n, 4] (x0, y0, x1, y1) → int32 [n], 0 the best place.

    A hit belongs to the best place whose first hit covers, or is covered by, at least `shared` of the smaller
    of both (non-maximum suppression); where there is none, it founds a place of its own.
    """
    starts, later = _overlapping(boxes, shared)
    places = np.full(len(boxes), -1, np.int32)
    count = 0
    for hit in range(len(boxes)):
        if places[hit] >= 0:
            continue
        places[hit] = count
        others = later[starts[hit] : starts[hit + 1]]
        places[others[places[others] < 0]] = count
        count += 1
    return places


def _overlapping(boxes: Boxes, shared: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each hit the later ones that overlap it enough: `later[starts[i] : starts[i + 1]]`."""
    one, other = _touching(boxes, shared)
    enough = _shares(boxes, one, other) >= shared
    one, other = one[enough], other[enough]
    order = np.argsort(one, kind="stable")
    return np.searchsorted(one[order], np.arange(len(boxes) + 1)), other[order]


def _touching(boxes: Boxes, shared: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs (earlier, later) without those that share too little even of the smallest tile."""
    least = float((boxes[:, 2:] - boxes[:, :2]).min(initial=np.inf)) if len(boxes) else 0.0
    margin = 0.49 * shared * least
    x0, y0, x1, y1 = boxes.T
    shapes = shapely.box(x0 + margin, y0 + margin, x1 - margin, y1 - margin)
    one, other = shapely.STRtree(shapes).query(shapes)
    earlier = one < other
    return one[earlier], other[earlier]


def _shares(boxes: Boxes, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.float64]:
    """The overlap of pairs of boxes, as a share of the smaller one [m]."""
    x0, y0, x1, y1 = np.ascontiguousarray(boxes.T)
    areas = (x1 - x0) * (y1 - y0)
    across = np.minimum(x1[one], x1[other]) - np.maximum(x0[one], x0[other])
    down = np.minimum(y1[one], y1[other]) - np.maximum(y0[one], y0[other])
    shares: NDArray[np.float64] = across * down / np.minimum(areas[one], areas[other])
    return shares
