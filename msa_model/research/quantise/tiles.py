"""Tiles that a tower is quantised by: images of data sets, at the model's size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from msa_model.measure.dataset import DatasetImage, read_pixels
from msa_model.model.dual_encoder import TILE


def drawn_tiles(rows: Sequence[DatasetImage], count: int, seed: int) -> NDArray[np.uint8]:
    """RGB [n, TILE, TILE, 3] of at most `count` images, drawn by seed.

    Raises:
        DatasetUnreadable: an image cannot be decoded.
    """
    order = np.random.default_rng(seed).permutation(len(rows))[:count]
    return np.stack([_sized(read_pixels(rows[place].path)) for place in order])


def _sized(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    picture = Image.fromarray(pixels).resize((TILE, TILE), Image.Resampling.BICUBIC)
    return np.asarray(picture)
