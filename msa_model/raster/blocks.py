"""Blocks of neighbouring tiles that are read at once, so that overlapping tiles decode their pixels once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from msa_model.raster.grid import LATTICE, STEPS, TILE, Keys

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
    """Group tiles by place: factors in order of first appearance, blocks in reading order.

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
