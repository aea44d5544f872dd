"""The tile grid: anchored to the raster, so that a place has one tile whatever the view or the AOI.

A level is the raster decimated by an integer `factor`. Tiles are TILE level pixels square; their origins lie
on a lattice of LATTICE level pixels. A tile's key is (factor, row, col), its window in raster pixels starts
at (row, col) * LATTICE * factor. Numbers only, no I/O.

Blocks of neighbouring tiles that are read at once, so that overlapping tiles decode their pixels once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from msa_model.protocol.errors import BadArgument

TILE = 256
LATTICE = 32
STEPS = TILE // LATTICE  # lattice steps along a tile

Keys = NDArray[np.int32]
Window = tuple[float, float, float, float]  # x0, y0, x1, y1 in raster pixels

_FINEST_M, _COARSEST_M = 40.0, 400.0


@dataclass(frozen=True)
class TileGrid:
    """The tiles of a raster of `width` × `height` px at one decimation factor.

    Raises:
        BadArgument: overlap outside 0 … 7/8, or a size or factor below 1.
    """

    width: int
    height: int
    factor: int
    overlap: float = 0.5

    def __post_init__(self) -> None:
        if min(self.width, self.height, self.factor) < 1:
            raise BadArgument(f"A grid of {self.width} × {self.height} px at 1:{self.factor} has no tiles.")
        if not 0 <= self.overlap <= 1 - 1 / STEPS:
            raise BadArgument(f"The overlap must lie between 0 and {1 - 1 / STEPS}, not at {self.overlap}.")

    @property
    def hop(self) -> int:
        """Lattice steps from one tile to the next."""
        return max(1, round(STEPS * (1 - self.overlap)))

    @property
    def last(self) -> tuple[int, int]:
        """Lattice steps (row, column) of the tile at the far corner."""
        return _last_origin(self.height, self.factor), _last_origin(self.width, self.factor)

    def count(self, window: Window | None = None) -> int:
        """How many tiles `keys` returns; nothing is made per tile, whatever a raster claims to be."""
        return math.prod(len(axis) for axis in self._origins(window))

    def keys(self, window: Window | None = None) -> Keys:
        """Lattice keys int32 [n, 2] as (row, col), row by row; `window` keeps the tiles that overlap it."""
        rows, cols = self._origins(window)
        return np.stack(np.meshgrid(rows, cols, indexing="ij"), axis=-1).reshape(-1, 2)

    def _origins(self, window: Window | None) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        x0, y0, x1, y1 = window or (0, 0, self.width, self.height)
        return (
            _axis_origins(self.height, self.factor, self.hop, y0, y1),
            _axis_origins(self.width, self.factor, self.hop, x0, x1),
        )


def _last_origin(size: int, factor: int) -> int:
    """The lattice step of the tile that covers the far edge."""
    return max(0, math.ceil((size - TILE * factor) / (LATTICE * factor)))


def _axis_origins(size: int, factor: int, hop: int, start: float, stop: float) -> NDArray[np.int32]:
    """Origins along an axis whose tiles overlap the pixels start … stop."""
    last, unit = _last_origin(size, factor), LATTICE * factor
    first_regular = max(0, math.floor((start / unit - STEPS) / hop) * hop)
    end_regular = min(last, math.ceil(stop / unit))
    origins = np.append(np.arange(first_regular, end_regular, hop, dtype=np.int64), last)
    pixels = origins * unit
    return origins[(pixels < stop) & (pixels + TILE * factor > start)].astype(np.int32)


def choose_factors(gsd_m: float, width: int, height: int, scales_m: Sequence[float] = ()) -> tuple[int, ...]:
    """Integer decimations, finest first, whose tiles are nearest to `scales_m` metres on the ground.

    A scale finer than the pixels or coarser than the raster becomes the nearest one that there is.
    Without scales: powers of two with tiles of about 40 … 400 m where the raster allows, and two at least.

    Raises:
        BadArgument: a scale that is no positive number.
    """
    if not scales_m:
        return _default_factors(gsd_m, width, height)
    for scale in scales_m:
        if not (math.isfinite(scale) and scale > 0):
            raise BadArgument(f"A tile side must be a positive number of metres, not {scale}.")
    coarsest = max(1, math.ceil(max(width, height) / TILE))
    return tuple(sorted({min(max(1, round(scale / (TILE * gsd_m))), coarsest) for scale in scales_m}))


def _default_factors(gsd_m: float, width: int, height: int) -> tuple[int, ...]:
    tile_m = TILE * gsd_m
    first = 2 ** max(0, round(math.log2(_FINEST_M / tile_m)))
    while first > 1 and first * 2 * TILE > max(width, height):  # room for two scales
        first //= 2
    factors = [first, first * 2]
    while factors[-1] * 2 * tile_m <= _COARSEST_M and factors[-1] * 2 * TILE <= max(width, height):
        factors.append(factors[-1] * 2)
    return tuple(factors)


def packed(keys: Keys) -> NDArray[np.int64]:
    """One number per key [n, 3]: 15 bits of factor, 24 of row, 24 of column."""
    factor, row, col = keys.astype(np.int64).T
    numbers: NDArray[np.int64] = (factor << 48) | (row << 24) | col
    return numbers


_SIDE_STEPS = 32  # lattice steps: 1024 + 256 level px, 5 MB
_FULL_PX = 8192  # side at full resolution, where no overview spares reading it
_STRIP_STEPS = (8, 384)  # a file of strips is decoded whole strips at a time: wide and low


@dataclass(frozen=True)
class TileBlock:
    """Tiles `keys` int32 [n, 3] of one factor inside one window, given in lattice steps."""

    factor: int
    row: int
    col: int
    rows: int
    cols: int
    keys: Keys

    @property
    def origin_px(self) -> tuple[int, int]:
        """(x, y) of the window in raster pixels."""
        return self.col * LATTICE * self.factor, self.row * LATTICE * self.factor

    @property
    def size_px(self) -> tuple[int, int]:
        """(width, height) of the window in level pixels."""
        return self.cols * LATTICE, self.rows * LATTICE


def blocks_of(keys: Keys, *, overviews: tuple[int, ...], strips: bool) -> Iterator[TileBlock]:
    """Group tiles [n, 3] by place: factors in order of first appearance, blocks in reading order.

    `overviews` are the decimations that the file holds, `strips` whether its blocks span its width.
    """
    order = sorted(set(keys[:, 0].tolist()), key=keys[:, 0].tolist().index)
    for factor in order:
        high, wide = _STRIP_STEPS if strips else (_side_steps(factor, overviews),) * 2
        level = keys[keys[:, 0] == factor]
        places = level[:, 1:] // (high, wide)
        level = level[np.lexsort((level[:, 2], level[:, 1], places[:, 1], places[:, 0]))]
        places = level[:, 1:] // (high, wide)
        starts = np.flatnonzero((np.diff(places, axis=0) != 0).any(axis=1)) + 1
        yield from (_block(part) for part in np.split(level, starts))


def _side_steps(factor: int, overviews: tuple[int, ...]) -> int:
    decoded = factor // max((level for level in overviews if level <= factor), default=1)
    fitting = _FULL_PX // (decoded * LATTICE) - STEPS
    return int(np.clip(fitting, STEPS, _SIDE_STEPS))


def _block(keys: Keys) -> TileBlock:
    (row, col), (last_row, last_col) = keys[:, 1:].min(axis=0), keys[:, 1:].max(axis=0)
    rows, cols = last_row - row + TILE // LATTICE, last_col - col + TILE // LATTICE
    return TileBlock(int(keys[0, 0]), int(row), int(col), int(rows), int(cols), keys)
