"""Raw pixels of a window of a raster: decoded, decimated, masked, not yet stretched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.enums import MaskFlags, Resampling
from rasterio.windows import Window

from msa_model.raster.colours import BandLayout, is_wild
from msa_model.raster.handles import Dataset, decoding

_PALETTE_OVERSAMPLING = 4
_MOST_OVERSAMPLING = 8
_AT_ONCE_PX = 4_000_000

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class RawPixels:
    """`values` [bands, h, w] in the raster's own numbers (a palette's colours), `valid` bool [h, w].

    One band stands for three equal ones; values that are not valid are finite, but mean nothing. `known` bool
    [bands, h, w] says where each band has a value of its own; `wild`, whether untagged numbers that cannot be
    data (`is_wild`) were among them.
    """

    values: NDArray[Any]
    valid: Mask
    known: Mask
    wild: bool = False


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
class DatasetLevel:
    """A dataset that shows a raster decimated: by 1 the raster itself, else an overview alone."""

    dataset: Dataset
    decimation: int = 1


def read_raw(
    path: str,
    level: DatasetLevel,
    layout: BandLayout,
    window: PixelWindow,
    *,
    masks: DatasetLevel | None = None,
    sharp: bool = False,
) -> RawPixels:
    """Read a window, averaging where several pixels fall on one (`sharp`: pick one instead).

    A fill of one band makes the pixel invalid: it has no colour then.

    `masks` is where validity is read, if elsewhere.

    Raises:
        RasterUnreadable: a block of the window cannot be decoded; the sentence names the window.
    """
    masks = masks or level
    with decoding(path, str(window)):
        if layout.palette is not None:
            return _read_palette(level, layout, layout.palette, window, sharp)
        if layout.fills.mixes and not sharp and window.width > window.out_width:
            return _read_averaged(level, masks, layout, window)
        own = window.on_overview(level.decimation)
        return _read(level, masks, layout, window, Resampling.nearest if sharp else _resampling(own))


def _read(
    level: DatasetLevel, masks: DatasetLevel, layout: BandLayout, window: PixelWindow, resampling: Resampling
) -> RawPixels:
    values = _read_values(level.dataset, layout, window.on_overview(level.decimation), resampling)
    tagged = _read_tagged(masks.dataset, layout, window.on_overview(masks.decimation))
    valid, known, wild = tagged.any(axis=0), np.broadcast_to(tagged, values.shape), False
    fills = layout.fills.holds(values)
    if np.issubdtype(values.dtype, np.floating):
        odd = is_wild(values)
        wild, fills = bool((odd & known).any()), fills | odd
        values = np.where(odd, 0, values)
    if fills.any():
        valid, known = valid & ~fills.any(axis=0), known & ~fills
    return RawPixels(values, np.asarray(valid), known, wild)


def _read_values(
    dataset: Dataset, layout: BandLayout, window: PixelWindow, resampling: Resampling
) -> NDArray[Any]:
    """[channels, h, w] in the type that holds all of them; rasterio reads bands of one type at once only."""
    how = {"window": window.box, "resampling": resampling}
    bands, shape = layout.distinct, window.out_shape
    if len(set(layout.dtypes)) == 1:
        return np.asarray(dataset.read(bands, out_shape=(len(bands), *shape), **how)[layout.channels])
    found = {band: dataset.read(band, out_shape=shape, **how) for band in bands}
    return np.stack([found[band] for band in layout.bands]).astype(np.result_type(*layout.dtypes))


def _read_averaged(
    level: DatasetLevel, masks: DatasetLevel, layout: BandLayout, window: PixelWindow
) -> RawPixels:
    """Means of the pixels that have data: GDAL knows of tagged gaps only, and would mix untagged ones in."""
    own = window.on_overview(level.decimation)
    times = int(min(np.ceil(own.width / own.out_width), _MOST_OVERSAMPLING))
    rows = max(1, _AT_ONCE_PX // (window.out_width * times**2))
    parts = [
        _averaged(_read(level, masks, layout, part, Resampling.nearest), times)
        for part in _in_parts(window, rows, times)
    ]
    return RawPixels(
        values=np.concatenate([part.values for part in parts], axis=1),
        valid=np.concatenate([part.valid for part in parts], axis=0),
        known=np.concatenate([part.known for part in parts], axis=1),
    )


def _in_parts(window: PixelWindow, rows: int, times: int) -> Iterator[PixelWindow]:
    """Pieces of at most `rows` output rows, each read `times` as fine."""
    step = window.height / window.out_height
    for start in range(0, window.out_height, rows):
        count = min(rows, window.out_height - start)
        yield PixelWindow(
            window.x,
            window.y + start * step,
            window.width,
            count * step,
            window.out_width * times,
            count * times,
        )


def _averaged(fine: RawPixels, times: int) -> RawPixels:
    """Cells of `times` × `times` pixels as one."""
    bands, height, width = fine.values.shape
    cells = (bands, height // times, times, width // times, times)
    known = fine.known.reshape(cells)
    sums = np.where(known, fine.values.reshape(cells), 0).sum(axis=(2, 4), dtype=np.float64)
    means = sums / np.maximum(known.sum(axis=(2, 4)), 1)
    if np.issubdtype(fine.values.dtype, np.integer):
        means = np.rint(means)
    seen = np.asarray(known.any(axis=(2, 4)))
    valid = np.asarray(fine.valid.reshape(cells[1:]).any(axis=(1, 3)))
    return RawPixels(means.astype(fine.values.dtype), valid, seen)


def _resampling(window: PixelWindow) -> Resampling:
    decimation = window.width / window.out_width
    if decimation > 1:
        return Resampling.average
    return Resampling.nearest if decimation == 1 else Resampling.bilinear


def _read_tagged(dataset: Dataset, layout: BandLayout, window: PixelWindow) -> Mask:
    """Where tags, masks and alpha say that a channel has data: bool [bands or 1, h, w].

    A pixel is valid where any of its bands is: a black band in a shadow is not yet nodata.
    """
    if not layout.masked:
        return np.ones((1, *window.out_shape), bool)
    per_band = any(MaskFlags.nodata in dataset.mask_flag_enums[band - 1] for band in layout.distinct)
    bands = layout.distinct if per_band else layout.distinct[:1]
    masks = dataset.read_masks(bands, window=window.box, out_shape=(len(bands), *window.out_shape)) > 0
    masks = np.asarray(masks[layout.channels] if per_band else masks)
    return masks & _unveiled(dataset, layout, window, window.out_shape) if layout.veil else masks


def _unveiled(dataset: Dataset, layout: BandLayout, window: PixelWindow, shape: tuple[int, int]) -> Mask:
    """Where an alpha band of its own lets the picture through."""
    return np.asarray(dataset.read(layout.veil, window=window.box, out_shape=shape) > 0)


def _read_palette(
    level: DatasetLevel, layout: BandLayout, palette: NDArray[np.uint8], whole: PixelWindow, sharp: bool
) -> RawPixels:
    """Colours first, average after: the mean of two palette numbers is a third colour."""
    dataset, window, band = level.dataset, whole.on_overview(level.decimation), layout.bands[0]
    decimation = window.width / window.out_width
    times = 1 if sharp else int(min(max(1, decimation), _PALETTE_OVERSAMPLING))
    shape = (window.out_height * times, window.out_width * times)
    numbers = dataset.read(band, window=window.box, out_shape=shape, resampling=Resampling.nearest)
    mask = dataset.read_masks(band, window=window.box, out_shape=shape)
    colours = palette[np.minimum(numbers, len(palette) - 1)]
    opaque = (colours[..., 3] > 0) & (mask > 0)
    if layout.veil:
        opaque &= _unveiled(dataset, layout, window, shape)
    cells = colours[..., :3].reshape(window.out_height, times, window.out_width, times, 3)
    averaged = np.rint(cells.mean(axis=(1, 3))).astype(np.uint8)
    valid = opaque.reshape(window.out_height, times, window.out_width, times).any(axis=(1, 3))
    return RawPixels(np.moveaxis(averaged, -1, 0), valid, np.broadcast_to(valid, (3, *valid.shape)))
