"""Two pictures of the same ground, cut into tiles, with what share of each changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from msa_model.index.changing import Floats
from msa_model.measure.evaluation import TileTextEncoder
from msa_model.raster.grid import TILE, Keys, TileGrid
from msa_model.raster.tiles import tile_boxes
from msa_model.research.evaluate.change_pairs import CELL, Flags, Picture

FACTORS = (1, 2)
CAST = ((1.15, 12.0), (1.0, 0.0), (0.8, -5.0))  # gain and offset of red, green and blue
_BATCH = 32
_LEAST_VALID = 0.5  # of a tile, as a scan skips those with less


@dataclass(frozen=True)
class Mosaic:
    """Pictures uint8 [h, w, 3] before and after, tiles int32 [n, 3], and what share of each changed [n]."""

    before: Picture
    after: Picture
    keys: Keys
    share: Floats

    @classmethod
    def of(cls, before: Picture, after: Picture, changed: Flags) -> Mosaic:
        """Without the tiles that are mostly blank before."""
        keys = _keys(changed.shape)
        there, changes = (tile_means(plane, keys) for plane in (before.max(axis=-1) > 0, changed))
        full = there >= _LEAST_VALID
        return cls(before, after, keys[full], changes[full])


def _keys(shape: tuple[int, ...]) -> Keys:
    grids = [(factor, TileGrid(shape[1], shape[0], factor).keys()) for factor in FACTORS]
    return np.concatenate([np.column_stack((np.full(len(own), f, np.int32), own)) for f, own in grids])


def tile_means(plane: Flags, keys: Keys) -> Floats:
    """What share of each tile [n] a plane bool [h, w] covers."""
    boxes = tile_boxes(keys).astype(int)
    return np.array([plane[y0:y1, x0:x1].mean() for x0, y0, x1, y1 in boxes], np.float32)


def laid_out(images: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Images in a square of cells, four small ones in a cell; cells without one are black."""
    small = [image for image in images if len(image) < CELL]
    cells = [image for image in images if len(image) >= CELL]
    for start in range(0, len(small), 4):
        four = [*small[start : start + 4], *[np.zeros_like(small[0])] * 3][:4]
        cells.append(np.concatenate([np.concatenate(four[:2], axis=1), np.concatenate(four[2:], axis=1)]))
    side = int(np.ceil(np.sqrt(len(cells))))
    cells += [np.zeros_like(cells[0])] * (side**2 - len(cells))
    shuffled = [cells[place] for place in np.random.default_rng(0).permutation(len(cells))]
    rows = [np.concatenate(shuffled[start : start + side], axis=1) for start in range(0, side**2, side)]
    return np.concatenate(rows)


def encoded(encoder: TileTextEncoder, image: Picture, keys: Keys) -> Floats:
    """Unit vectors [n, d] of the tiles of an image."""
    tiles = [
        np.asarray(Image.fromarray(image[y0:y1, x0:x1]).resize((TILE, TILE), Image.Resampling.BOX))
        for x0, y0, x1, y1 in tile_boxes(keys).astype(int)
    ]
    return np.concatenate(
        [encoder.encode_tiles(np.stack(tiles[at : at + _BATCH])) for at in range(0, len(tiles), _BATCH)]
    )


def cast(image: Picture) -> Picture:
    """A warm cast, where the image is not blank."""
    gains, offsets = np.array(CAST).T
    warm: Picture = np.clip(image * gains + offsets, 0, 255).astype(np.uint8)
    return np.where(image.any(axis=-1, keepdims=True), warm, image)


def shifted(image: Picture, pixels: int) -> Picture:
    """As far down and to the right."""
    return np.roll(image, (pixels, pixels), (0, 1))
