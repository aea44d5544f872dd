"""Passes: squares of a raster that the backbone sees at once; overlapping tiles share its arithmetic.

Passes lie on a lattice anchored to the raster; what a pass shows depends on nothing but its place and the
raster. A tile belongs to the one that holds its origin, so that it has the same vector whatever area, order
or resumed scan asks for it. Tiles without all their pixels are left out: they are encoded by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from msa_model.raster.grid import LATTICE, STEPS, TILE, Keys, TileBlock, TileGrid
from msa_model.raster.source import Readable, Region, filled
from msa_model.raster.tiles import TileBatch, prefetched

PASS_STEPS = 32  # lattice steps from pass to pass: 1024 level px
_REACH = PASS_STEPS - 1 + STEPS  # of the last tile that begins in it


@dataclass(frozen=True)
class TilePass:
    """Tiles of one pass, and the picture uint8 [h, w, 3] that the backbone sees for those `shared` bool [n].

    `offsets` int [n, 2] are their (row, column) in it, in lattice steps; without a shared tile it is empty.
    """

    tiles: TileBatch
    shared: NDArray[np.bool_]
    offsets: NDArray[np.int64]
    picture: NDArray[np.uint8]

    @classmethod
    def alone(cls, tiles: TileBatch) -> TilePass:
        """Tiles that are all encoded by themselves."""
        none = np.zeros((0, 0, 3), np.uint8)
        return cls(tiles, np.zeros(len(tiles.keys), bool), np.zeros((len(tiles.keys), 2), np.int64), none)

    def parts(self, count: Callable[[], int]) -> Iterator[TilePass]:
        """The tiles in pieces, `count` of them in the next one."""
        start, tiles = 0, self.tiles
        while start < len(tiles.keys):
            part = slice(start, start + count())
            yield TilePass.alone(
                TileBatch(tiles.keys[part], tiles.pixels[part], tiles.valid[part], tiles.whole[part])
            )
            start = part.stop


def passes_of(keys: Keys, width: int, height: int) -> Iterator[TileBlock]:
    """Group tiles int32 [n, 3] by pass: factors in order of first appearance, passes in reading order.

    The window of each is that of the whole pass, as far as the raster's tiles reach.
    """
    order = sorted(set(keys[:, 0].tolist()), key=keys[:, 0].tolist().index)
    for factor in order:
        level = keys[keys[:, 0] == factor]
        passes = level[:, 1:] // PASS_STEPS
        level = level[np.lexsort((level[:, 2], level[:, 1], passes[:, 1], passes[:, 0]))]
        passes = level[:, 1:] // PASS_STEPS
        starts = np.flatnonzero((np.diff(passes, axis=0) != 0).any(axis=1)) + 1
        ends = _ends(width, height, factor)
        yield from (_pass(part, ends) for part in np.split(level, starts))


def _ends(width: int, height: int, factor: int) -> tuple[int, int]:
    """Lattice steps (down, across) to where the last tile of the raster ends."""
    last = TileGrid(width, height, factor).last
    return last[0] + STEPS, last[1] + STEPS


def _pass(keys: Keys, ends: tuple[int, int]) -> TileBlock:
    row, col = (keys[0, 1:] // PASS_STEPS * PASS_STEPS).tolist()
    rows, cols = min(_REACH, ends[0] - row), min(_REACH, ends[1] - col)
    return TileBlock(int(keys[0, 0]), row, col, rows, cols, keys)


def read_passes(source: Readable, keys: Keys) -> Generator[TilePass, None, None]:
    """The pixels of tiles int32 [n, 3] pass by pass, read ahead in threads; errors as of `read_tiles`."""

    def read(block: TileBlock) -> TilePass:
        region = source.read_region(*block.origin_px, float(block.factor), *block.size_px)
        return _prepared(block, region, (source.width, source.height))

    with closing(prefetched(passes_of(keys, source.width, source.height), read)) as passes:
        yield from passes


def _prepared(block: TileBlock, region: Region, size: tuple[int, int]) -> TilePass:
    offsets = (block.keys[:, 1:] - (block.row, block.col)).astype(np.int64)
    boxes = [np.s_[y : y + TILE, x : x + TILE] for y, x in (offsets * LATTICE).tolist()]
    valid = np.array([region.valid[box].mean() for box in boxes], np.float32)
    pixels = np.stack([filled(region.rgb[box], region.valid[box]) for box in boxes])
    whole = np.full(len(offsets), region.whole)
    shared = (valid == 1) & whole
    rows, cols = (_inside(block, axis, size) for axis in (1, 0))
    picture = filled(region.rgb, region.valid)[: rows * LATTICE, : cols * LATTICE]
    return TilePass(TileBatch(block.keys, pixels, valid, whole), shared, offsets, picture)


def _inside(block: TileBlock, axis: int, size: tuple[int, int]) -> int:
    """Whole lattice steps of the pass on the raster: along x (0) or y (1)."""
    start, steps = (block.col, block.cols) if axis == 0 else (block.row, block.rows)
    return min(steps, size[axis] // (LATTICE * block.factor) - start)
