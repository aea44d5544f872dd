"""Tiles of a user's own rasters to learn from, and others to see what was learnt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from msa_model.protocol.messages import RasterRef, ScanSettings
from msa_model.raster.grid import Keys
from msa_model.raster.source import RasterSource
from msa_model.raster.tiles import plan_tiles, read_tiles, tile_boxes

HELD_OUT = 0.15  # of a raster's longer side
LEAST_VALID = 0.5  # share of a tile that has data
AT_ONCE = 16

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class OwnTiles:
    """RGB tiles uint8 [n, 256, 256, 3], and which of them are held out [n]."""

    pixels: NDArray[np.uint8]
    held_out: Flags


def own_tiles(raster: RasterRef, most: int, seed: int) -> Iterator[OwnTiles]:
    """At most `most` tiles of a raster as a search would cut it, in batches, always the same for a seed.

    Held out is the far end of the raster: no tile of it shares a pixel with one that is learnt from.

    Raises:
        RasterMissing, RasterUnreadable: the raster.
    """
    with RasterSource.open(raster) as source:
        keys = plan_tiles(source, ScanSettings(), None).keys
        held_out, apart = _far_end(keys, source.width, source.height)
        chosen = _drawn(np.flatnonzero(apart), most, seed)
        far = {tuple(key) for key in keys[chosen[held_out[chosen]]].tolist()}
        for batch in read_tiles(source, keys[chosen], AT_ONCE):
            keep = batch.valid >= LEAST_VALID
            if keep.any():
                yield OwnTiles(
                    batch.pixels[keep], np.array([tuple(k) in far for k in batch.keys[keep].tolist()])
                )


def _far_end(keys: Keys, width: int, height: int) -> tuple[Flags, Flags]:
    """Which tiles lie in the far end, and which lie wholly on one side of its edge."""
    boxes = tile_boxes(keys)  # x0, y0, x1, y1
    axis, length = (0, width) if width >= height else (1, height)
    start, end = boxes[:, axis], boxes[:, axis + 2]
    edge = min((1 - HELD_OUT) * length, length - float((end - start).min()))
    held_out: Flags = start >= edge
    return held_out, held_out | (end <= edge)


def _drawn(places: NDArray[np.int64], most: int, seed: int) -> NDArray[np.int64]:
    order = np.random.default_rng(seed).permutation(len(places))[:most]
    return np.sort(places[order])
