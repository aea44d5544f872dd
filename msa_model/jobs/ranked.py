"""Ranking the tiles of several indexes as one list, in columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from msa_model.index.halves import widened
from msa_model.jobs.open_indexes import OpenIndex
from msa_model.protocol.errors import AoiOutsideRaster, BadArgument
from msa_model.protocol.messages import Aoi
from msa_model.raster.grid import Keys
from msa_model.raster.tiles import area_in_pixels, tiles_in

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]
_Number = TypeVar("_Number", bound=np.generic)


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
    aoi: Aoi | None = None,
    ranked: Sequence[int] = (),
    *,
    shown: Callable[[OpenIndex], Flags] | None = None,
) -> Ranking:
    """The `k` tiles nearest to `vector` [d] of all indexes; ties in the order of the indexes and their tiles.

    With `ranked` only the first tiles of each index take part, as many as were stored at an earlier ranking;
    with `shown` only those that it says, bool [n].

    Raises:
        BadArgument: `k` is below 1, or `ranked` is not of these indexes.
        AoiInvalid: the area is none.
        AoiOutsideRaster: it meets none of the rasters.
    """
    stored = tuple(ranked) or tuple(len(index.table.keys) for index in indexes)
    _check_stored(indexes, stored)
    keeps = [
        _first(index, count, keep)
        for index, count, keep in zip(indexes, stored, _kept(indexes, aoi), strict=True)
    ]
    if shown is not None:
        keeps = [
            shown(index) if keep is None else shown(index) & keep
            for index, keep in zip(indexes, keeps, strict=True)
        ]
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


def _first(index: OpenIndex, count: int, keep: NDArray[np.bool_] | None) -> NDArray[np.bool_] | None:
    """Which of the first `count` tiles are kept; None for all that there are."""
    everything = len(index.table.keys)
    if count == everything:
        return keep
    first = np.arange(everything) < count
    return first if keep is None else first & keep


def _kept(indexes: Sequence[OpenIndex], aoi: Aoi | None) -> list[NDArray[np.bool_] | None]:
    """Which tiles of each index meet the area; None for all."""
    if aoi is None:
        return [None] * len(indexes)
    keeps: list[NDArray[np.bool_] | None] = []
    outside: list[AoiOutsideRaster] = []
    for index in indexes:
        try:
            keeps.append(tiles_meeting(index, aoi))
        except AoiOutsideRaster as error:
            keeps.append(np.zeros(len(index.table.keys), bool))
            outside.append(error)
    if len(outside) == len(indexes):
        raise (
            outside[0]
            if len(indexes) == 1
            else AoiOutsideRaster(f"The area of interest meets none of the {len(indexes)} rasters.")
        )
    return keeps


def tiles_meeting(index: OpenIndex, aoi: Aoi, keys: Keys | None = None) -> NDArray[np.bool_]:
    """Which tiles of an index, or of `keys` [n, 3] on its lattice, belong to the area (`Aoi`), bool [n].

    Raises:
        AoiInvalid: the area is none.
        AoiOutsideRaster: it does not meet the raster.
    """
    manifest = index.manifest
    area = area_in_pixels(aoi, manifest.affine, manifest.crs, manifest.width, manifest.height)
    if not area.area > 0:
        raise AoiOutsideRaster(f"The area of interest does not meet {manifest.name}.")
    return tiles_in(index.table.keys if keys is None else keys, area, centres=aoi.centres)
