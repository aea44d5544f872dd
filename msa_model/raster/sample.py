"""A small look at the whole raster, of bounded cost whatever its size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from msa_model.raster.bands import BandLayout
from msa_model.raster.handles import Dataset
from msa_model.raster.pixels import DatasetLevel, PixelWindow, RawPixels, read_raw

SAMPLE_PX = 512  # longest side
_WHOLE_READ_PX = 64_000_000  # decoded in a second or so
_PATCHES, _PATCH_PX = 32, 8


@dataclass(frozen=True)
class PixelSample:
    """`pixels` spread over the raster; each stands for a place at most `reach` sample pixels away."""

    pixels: RawPixels
    reach: int


def take_sample(path: str, dataset: Dataset, layout: BandLayout) -> PixelSample:
    """Unaveraged pixels spread over the whole raster; the same for the same file.

    Through overviews where there are some; a large raster without any is sampled at 32 × 32 small patches,
    set side by side, instead of being decoded whole.

    Raises:
        RasterUnreadable: a block cannot be decoded.
    """
    width, height = dataset.width, dataset.height
    decimation = max(1.0, max(width, height) / SAMPLE_PX)
    usable = [level for level in dataset.overviews(layout.bands[0]) if level <= decimation]
    if width * height / max(usable, default=1) ** 2 > _WHOLE_READ_PX:
        return PixelSample(_patchwork(path, dataset, layout), _PATCH_PX)
    out = (max(1, round(width / decimation)), max(1, round(height / decimation)))
    whole = PixelWindow(0, 0, width, height, *out)
    return PixelSample(read_raw(path, DatasetLevel(dataset), layout, whole, sharp=True), 1)


def _patchwork(path: str, dataset: Dataset, layout: BandLayout) -> RawPixels:
    rows = [
        [_patch(path, dataset, layout, row, col) for col in _steps(dataset.width)]
        for row in _steps(dataset.height)
    ]
    return RawPixels(
        values=_side_by_side([[patch.values for patch in row] for row in rows]),
        valid=_side_by_side([[patch.valid for patch in row] for row in rows]),
        known=_side_by_side([[patch.known for patch in row] for row in rows]),
        wild=any(patch.wild for row in rows for patch in row),
    )


def _side_by_side(arrays: list[list[NDArray[Any]]]) -> NDArray[Any]:
    return np.concatenate([np.concatenate(row, axis=-1) for row in arrays], axis=-2)


def _steps(size: int) -> list[int]:
    """Where patches start along an axis, from the first pixel to the last."""
    return [int(start) for start in np.linspace(0, max(0, size - _PATCH_PX), _PATCHES)]


def _patch(path: str, dataset: Dataset, layout: BandLayout, y: int, x: int) -> RawPixels:
    width, height = min(_PATCH_PX, dataset.width), min(_PATCH_PX, dataset.height)
    return read_raw(path, DatasetLevel(dataset), layout, PixelWindow(x, y, width, height, width, height))
