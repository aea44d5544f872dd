"""Ranking the tiles of several indexes as one list, in columns, and which hits are one place.

Overlapping hits are one place, whatever their scale and index.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray

from msa_model.index.rank import widened
from msa_model.jobs.limits import Flags, Limits, both, kept_tiles
from msa_model.jobs.open_files import OpenIndex
from msa_model.protocol.errors import BadArgument
from msa_model.raster.coordinates import LONLAT, moved, wrapped
from msa_model.raster.grid import Keys
from msa_model.raster.tiles import box_rings, tile_boxes

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
    near = _Overlaps(boxes, shared)
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


def _greedily(near: _Overlaps, block: Rows) -> NDArray[np.int32]:
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


class _Overlaps:
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


Floats = NDArray[np.float32]
Shown = Callable[[OpenIndex, Flags | None], Flags]
_Number = TypeVar("_Number", bound=np.generic)

EVERYTHING = Limits()


@dataclass(frozen=True)
class Ranking:
    """Tiles by falling score: `owners` int32 [n] number `indexes`, `positions` int64 [n] their tables' rows.

    `tiles` is how many were ranked, those behind the first n as well; `stored` how many each index held.
    There is at least one index.
    """

    indexes: tuple[OpenIndex, ...]
    owners: NDArray[np.int32]
    positions: NDArray[np.int64]
    scores: Floats
    tiles: int
    stored: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def keys(self) -> Keys:
        """Lattice keys int32 [n, 3]."""
        return self._gathered([index.table.keys for index in self.indexes])

    @property
    def valid(self) -> Floats:
        """Share of each tile that has data, float32 [n]."""
        return self._gathered([index.table.valid for index in self.indexes])

    @property
    def vectors(self) -> Floats:
        """Unit vectors float32 [n, d]."""
        return widened(self._gathered([index.table.vectors for index in self.indexes]))

    def head(self, count: int) -> Ranking:
        """The first `count` of the list."""
        return self.ordered(np.arange(min(count, len(self))))

    def ordered(self, order: NDArray[np.int64]) -> Ranking:
        """The rows at `order`."""
        return replace(
            self, owners=self.owners[order], positions=self.positions[order], scores=self.scores[order]
        )

    def _gathered(self, columns: Sequence[NDArray[_Number]]) -> NDArray[_Number]:
        if len(columns) == 1:
            return columns[0][self.positions]
        out = np.empty((len(self), *columns[0].shape[1:]), columns[0].dtype)
        for owner, column in enumerate(columns):
            rows = self.owners == owner
            out[rows] = column[self.positions[rows]]
        return out


def rank_indexes(
    indexes: Sequence[OpenIndex],
    vector: Floats,
    k: int,
    limits: Limits = EVERYTHING,
    ranked: Sequence[int] = (),
    *,
    shown: Shown | None = None,
) -> Ranking:
    """The `k` tiles nearest to `vector` [d] of all indexes; ties in the order of the indexes and their tiles.

    With `ranked` only the first tiles of each index take part, as many as were stored at an earlier ranking;
    with `shown` only those that it says of what is left. What does not take part is not scored.

    Raises:
        BadArgument: `k` is below 1, or `ranked` is not of these indexes.
        And what `kept_tiles` raises.
    """
    stored = tuple(ranked) or tuple(len(index.table.keys) for index in indexes)
    _check_stored(indexes, stored)
    keeps = [
        both(keep, _first(index, count))
        for index, count, keep in zip(indexes, stored, kept_tiles(indexes, limits), strict=True)
    ]
    if shown is not None:
        keeps = [shown(index, keep) for index, keep in zip(indexes, keeps, strict=True)]
    best = [index.table.rank(vector, k, keep) for index, keep in zip(indexes, keeps, strict=True)]
    owners = np.repeat(np.arange(len(best), dtype=np.int32), [len(positions) for positions, _ in best])
    positions = np.concatenate([part for part, _ in best])
    scores = np.concatenate([part for _, part in best])
    tiles = sum(
        len(index.table.keys) if keep is None else int(keep.sum())
        for index, keep in zip(indexes, keeps, strict=True)
    )
    everything = Ranking(tuple(indexes), owners, positions, scores, tiles, stored)
    return everything if len(best) == 1 else everything.ordered(np.argsort(-scores, kind="stable")[:k])


def _check_stored(indexes: Sequence[OpenIndex], stored: Sequence[int]) -> None:
    if len(stored) != len(indexes):
        raise BadArgument(f"The tiles of {len(stored)} indexes were ranked, but {len(indexes)} are asked.")
    for index, count in zip(indexes, stored, strict=True):
        if not 0 <= count <= len(index.table.keys):
            raise BadArgument(f"{index.path} no longer holds the {count} tiles that were ranked.")


def _first(index: OpenIndex, count: int) -> Flags | None:
    """Which tiles are the first `count`; None for all that there are."""
    everything = len(index.table.keys)
    return None if count == everything else np.arange(everything) < count


@dataclass(frozen=True)
class Grid:
    """Where an index's tiles lie: `affine` maps (column, row) to coordinates in `crs`."""

    crs: str
    affine: Affine


def places_of_hits(ranking: Ranking) -> NDArray[np.int32]:
    """Numbers the places of a ranked list, int32 [n], 0 the best: see `msa_model.jobs.ranked`.

    Hits of several indexes share a place where they overlap on the ground.
    """
    grids = [Grid(index.manifest.crs, index.manifest.affine) for index in ranking.indexes]
    return places_on(grids, ranking.owners, ranking.keys)


def places_on(grids: Sequence[Grid], owners: NDArray[np.int32], keys: Keys) -> NDArray[np.int32]:
    """As `places_of_hits`, of tiles of keys [n, 3] on the grids that `owners` [n] number."""
    if len(grids) == 1:
        return places_of(tile_boxes(keys))
    return places_of(_boxes_on_the_ground(grids, owners, keys))


def _boxes_on_the_ground(grids: Sequence[Grid], owners: NDArray[np.int32], keys: Keys) -> Boxes:
    """Boxes [n, 4] in the one CRS of all indexes, or in degrees; shares of areas are the same in either."""
    crs = {grid.crs for grid in grids}
    common = crs.pop() if len(crs) == 1 else LONLAT
    rings = np.empty((len(keys), 4, 2))
    for owner in np.unique(owners).tolist():
        grid, rows = grids[owner], owners == owner
        rings[rows] = box_rings(grid.affine, tile_boxes(keys[rows]))
        if grid.crs != common:
            flat = moved(rings[rows].reshape(-1, 2), grid.crs, common)
            rings[rows] = flat.reshape(-1, 4, 2)
    if common == LONLAT and len(rings):
        rings[..., 0] = _unbroken(rings[..., 0])
    return np.concatenate((rings.min(axis=1), rings.max(axis=1)), axis=1)


def _unbroken(longitudes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Longitudes [n, 4] as degrees east of the best hit, so that a place may lie on the date line."""
    first = wrapped(longitudes[:, :1] - longitudes[0, 0], 360)
    out: NDArray[np.float64] = first + wrapped(longitudes - longitudes[:, :1], 360)
    return out
