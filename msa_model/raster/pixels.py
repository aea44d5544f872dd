"""Raw pixels of a window of a raster: decoded, decimated, masked, not yet stretched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.enums import MaskFlags, Resampling
from rasterio.windows import Window

from msa_model.raster.bands import BandLayout
from msa_model.raster.handles import Dataset, decoding

_PALETTE_OVERSAMPLING = 4

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class RawPixels:
    """`values` [bands, h, w] in the raster's own numbers (a palette's colours), `valid` bool [h, w].

    One band stands for three equal ones; values that are not valid are finite, but mean nothing.
    """

    values: NDArray[Any]
    valid: Mask


@dataclass(frozen=True)
class PixelWindow:
    """A window of a raster in its pixels, inside the raster, and the size it is read at."""

    x: float
    y: float
    width: float
    height: float
    out_width: int
    out_height: int

    @property
    def box(self) -> Window:
        """The window as rasterio takes it."""
        return Window(self.x, self.y, self.width, self.height)

    @property
    def out_shape(self) -> tuple[int, int]:
        """(rows, columns) that it is read at."""
        return self.out_height, self.out_width

    def on_overview(self, decimation: int) -> PixelWindow:
        """The same window in the pixels of an overview."""
        x, y, width, height = (side / decimation for side in (self.x, self.y, self.width, self.height))
        return PixelWindow(x, y, width, height, self.out_width, self.out_height)

    def __str__(self) -> str:
        return f"column {self.x:.0f}, row {self.y:.0f} ({self.width:.0f} × {self.height:.0f} px)"


@dataclass(frozen=True)
class Level:
    """A dataset that shows a raster decimated: by 1 the raster itself, else an overview alone."""

    dataset: Dataset
    decimation: int = 1


def read_raw(
    path: str,
    level: Level,
    layout: BandLayout,
    window: PixelWindow,
    *,
    masks: Level | None = None,
    sharp: bool = False,
) -> RawPixels:
    """Read a window, averaging where several pixels fall on one (`sharp`: pick one instead).

    `masks` is where validity is read, if elsewhere.

    Raises:
        RasterUnreadable: a block of the window cannot be decoded; the sentence names the window.
    """
    own, masks = window.on_overview(level.decimation), masks or level
    with decoding(path, str(window)):
        if layout.palette is not None:
            return _read_palette(level.dataset, layout.palette, layout.bands[0], own, sharp)
        values = level.dataset.read(
            layout.distinct,
            window=own.box,
            out_shape=(len(layout.distinct), *own.out_shape),
            resampling=Resampling.nearest if sharp else _resampling(own),
        )
        valid = _read_valid(masks.dataset, layout, window.on_overview(masks.decimation))
    if np.issubdtype(values.dtype, np.floating):
        finite = np.isfinite(values)
        valid &= finite.all(axis=0)
        values = np.where(finite, values, 0)
    return RawPixels(values, valid)


def _resampling(window: PixelWindow) -> Resampling:
    decimation = window.width / window.out_width
    if decimation > 1:
        return Resampling.average
    return Resampling.nearest if decimation == 1 else Resampling.bilinear


def _read_valid(dataset: Dataset, layout: BandLayout, window: PixelWindow) -> Mask:
    """Valid where any band is: a black band in a shadow is not yet nodata."""
    if not layout.masked:
        return np.ones(window.out_shape, bool)
    per_band = any(MaskFlags.nodata in dataset.mask_flag_enums[band - 1] for band in layout.bands)
    bands = layout.distinct if per_band else layout.distinct[:1]
    masks = dataset.read_masks(bands, window=window.box, out_shape=(len(bands), *window.out_shape))
    return np.asarray((masks > 0).any(axis=0))


def _read_palette(
    dataset: Dataset, palette: NDArray[np.uint8], band: int, window: PixelWindow, sharp: bool
) -> RawPixels:
    """Colours first, average after: the mean of two palette numbers is a third colour."""
    decimation = window.width / window.out_width
    times = 1 if sharp else int(min(max(1, decimation), _PALETTE_OVERSAMPLING))
    shape = (window.out_height * times, window.out_width * times)
    numbers = dataset.read(band, window=window.box, out_shape=shape, resampling=Resampling.nearest)
    mask = dataset.read_masks(band, window=window.box, out_shape=shape)
    colours = palette[np.minimum(numbers, len(palette) - 1)]
    opaque = (colours[..., 3] > 0) & (mask > 0)
    cells = colours[..., :3].reshape(window.out_height, times, window.out_width, times, 3)
    averaged = np.rint(cells.mean(axis=(1, 3))).astype(np.uint8)
    valid = opaque.reshape(window.out_height, times, window.out_width, times).any(axis=(1, 3))
    return RawPixels(np.moveaxis(averaged, -1, 0), valid)
