"""What a sample of a raster tells of all of it: how its numbers become colours, and where it has no data.

Untagged collars: constant colour that reaches in from the raster's edge, where nothing was photographed.

Mosaics and rotated frames are filled up with black or white, often without a nodata tag, and lossy
compression blurs the fill. The collar is found once on a small sample; a pixel of the raster belongs to it
when it has the fill's colour and lies where the sample says so.
A small look at the whole raster, of bounded cost whatever its size.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from msa_model.raster.colours import BandLayout, Stretch, find_fills, stretch_of
from msa_model.raster.handles import Dataset, is_warped
from msa_model.raster.pixels import DatasetLevel, Mask, PixelWindow, RawPixels, read_raw

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


_JPEG_NOISE = 8  # of 255
_SMALLEST_SHARE = 0.002  # of the sample
_BORDER_SHARE = 0.02  # of the sample's border
_EXACT_SHARE = 0.8  # of the collar has the very colour, the rest is compression noise
_FLAT_SHARE = 0.02  # of the rest may be flat as well, else flatness is this image's nature
_CANDIDATES = 3
_INK_AND_PAPER = 2
_CLASSES = 12  # colours that a map of classes has at most
_CLASSES_FLAT_SHARE = 0.3  # of it, least


@dataclass(frozen=True)
class Collar:
    """`colour` [bands] in raw numbers, ± `tolerance`, inside `where` (bool, stretched over the raster)."""

    colour: NDArray[Any]
    tolerance: float
    where: Mask

    def covers(self, values: NDArray[Any], window: PixelWindow, size: tuple[int, int]) -> Mask:
        """Which pixels of a window belong to it; `size` is the raster's (width, height)."""
        rows = _cells(window.y, window.height, window.out_height, size[1], self.where.shape[0])
        cols = _cells(window.x, window.width, window.out_width, size[0], self.where.shape[1])
        near = self.where[np.ix_(rows, cols)]
        return near & _has_colour(values, self.colour, self.tolerance) if near.any() else near


def find_collars(sample: PixelSample, covered: Mask) -> tuple[Collar, ...]:
    """The collars of a raster, from a sample of all of it; a picture of two colours has none.

    What is not `covered` by the image has no colour. A declared nodata number has one: compression blurs it.
    """
    values = sample.pixels.values
    if _is_bilevel(values[:, sample.pixels.valid]):
        return ()
    found = (_collar(values, covered, colour, sample.reach) for colour in _border_colours(values, covered))
    return tuple(collar for collar in found if collar is not None)


def _cells(start: float, length: float, count: int, size: int, cells: int) -> NDArray[np.intp]:
    centres = start + (np.arange(count) + 0.5) * (length / count)
    nearest: NDArray[np.intp] = np.clip(centres * (cells / size), 0, cells - 1).astype(np.intp)
    return nearest


def _border_colours(values: NDArray[Any], covered: Mask) -> list[NDArray[Any]]:
    """The most frequent colours along the border, [bands] each."""
    edges = (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1])
    border = np.concatenate([np.moveaxis(values, 0, -1)[edge] for edge in edges])
    seen = np.concatenate([covered[edge] for edge in edges])
    colours, counts = np.unique(border[seen], axis=0, return_counts=True)
    frequent = np.argsort(-counts, kind="stable")[:_CANDIDATES]
    return [colours[i] for i in frequent if counts[i] >= _BORDER_SHARE * len(border)]


def _is_bilevel(colours: NDArray[Any]) -> bool:
    """Whether [bands, n] are of two colours: paper and ink, of which neither is a gap."""
    return all(len(np.unique(band)) <= _INK_AND_PAPER for band in colours) and (
        len(np.unique(colours, axis=1).T) == _INK_AND_PAPER
    )


def _collar(values: NDArray[Any], covered: Mask, colour: NDArray[Any], reach: int) -> Collar | None:
    """Widest tolerance first; a scene that is dark of itself only allows the exact colour."""
    exact = _has_colour(values, colour, 0) & covered
    for tolerance in (_noise_of(values), 0):
        inside = _reached_from_edge(_has_colour(values, colour, tolerance) & covered)
        if inside.mean() < _SMALLEST_SHARE or exact[inside].mean() < _EXACT_SHARE:
            continue
        flat = _flat_share(values, ~inside)
        usual = _is_fill_value(colour) and not (flat >= _CLASSES_FLAT_SHARE and _is_of_classes(values))
        if usual or flat < _FLAT_SHARE:
            return Collar(colour, tolerance, _grown(inside, reach))
    return None


def _is_of_classes(values: NDArray[Any]) -> bool:
    """Whether a picture has so few colours that one of them stands for something, as the others do."""
    if values[0].size == 0 or any(len(np.unique(band)) > _CLASSES for band in values):
        return False
    return _INK_AND_PAPER < len(np.unique(values.reshape(len(values), -1), axis=1).T) <= _CLASSES


def _noise_of(values: NDArray[Any]) -> int:
    """What lossy compression may add to a colour: of 8 bits, as far as they are used."""
    return round(_JPEG_NOISE * int(values.max()) / 255) if values.dtype == np.uint8 else 0


def _has_colour(values: NDArray[Any], colour: NDArray[Any], tolerance: float) -> Mask:
    if tolerance == 0:
        return np.asarray((values == colour[:, None, None]).all(axis=0))
    distance = np.abs(values.astype(np.int16) - colour.astype(np.int16)[:, None, None])
    return np.asarray((distance <= tolerance).all(axis=0))


def _is_fill_value(colour: NDArray[Any]) -> bool:
    """Whether all bands hold a number that software writes where there is nothing."""
    usual = [0, -9999]
    if np.issubdtype(colour.dtype, np.integer):
        usual += [np.iinfo(colour.dtype).min, np.iinfo(colour.dtype).max]
    return len(set(colour.tolist())) == 1 and (colour[0] in usual or abs(float(colour[0])) > 1e30)  # noqa: PLR2004


def _flat_share(values: NDArray[Any], where: Mask) -> float:
    """Share of pixels that equal their right and lower neighbours."""
    flat = np.zeros(values.shape[1:], bool)
    corner = values[:, :-1, :-1]
    flat[:-1, :-1] = ((corner == values[:, :-1, 1:]) & (corner == values[:, 1:, :-1])).all(axis=0)
    return float(flat[where].mean()) if where.any() else 1.0


def _reached_from_edge(allowed: Mask) -> Mask:
    """The part of `allowed` that is 4-connected to the edge."""
    reached = np.zeros_like(allowed)
    reached[[0, -1]], reached[:, [0, -1]] = allowed[[0, -1]], allowed[:, [0, -1]]
    before = -1
    while (now := int(reached.sum())) != before:
        before = now
        for axis, step in ((0, 1), (0, -1), (1, 1), (1, -1)):
            reached = _swept(reached, allowed, axis, step)
    return reached


def _swept(reached: Mask, allowed: Mask, axis: int, step: int) -> Mask:
    """Carry `reached` along one direction through `allowed`, as far as it goes."""
    lines, open_ = (np.moveaxis(array, axis, 0)[::step] for array in (reached, allowed))
    out = lines.copy()
    for i in range(1, len(out)):
        out[i] |= out[i - 1] & open_[i]
    return np.moveaxis(out[::step], 0, axis)


def _grown(mask: Mask, reach: int) -> Mask:
    """`reach` cells wider on all sides: the sample does not see where exactly the collar ends."""
    for axis in (0, 1):
        padded = np.pad(mask, [(reach, reach) if axis == side else (0, 0) for side in (0, 1)])
        windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1, axis)
        mask = np.asarray(windows.any(axis=-1))
    return mask


@dataclass(frozen=True)
class Gap:
    """A `share` of the raster's pixels that counts as without data for holding `value` without a tag.

    `at_edge`: only where it reaches in from the edge.
    """

    value: str
    share: float
    at_edge: bool


@dataclass(frozen=True)
class RasterSample:
    """`layout` with the raster's fills; `valid` bool [h, w] is spread over all of the raster."""

    layout: BandLayout
    stretch: Stretch
    collars: tuple[Collar, ...]
    valid: Mask
    gaps: tuple[Gap, ...]

    def without_collars(self, raw: RawPixels, window: PixelWindow, size: tuple[int, int]) -> Mask:
        """The valid pixels of a window that lie in no collar; `size` is the raster's (width, height)."""
        valid = raw.valid
        for collar in self.collars:
            valid = valid & ~collar.covers(raw.values, window, size)
        return valid


def sample_raster(path: str, dataset: Dataset, layout: BandLayout) -> RasterSample:
    """Look at a raster once.

    Raises:
        RasterUnreadable: a block cannot be decoded.
    """
    sample = take_sample(path, dataset, layout)
    layout, raw = _without_fills(layout, sample.pixels)
    covered = raw.valid if is_warped(dataset) else np.ones_like(raw.valid)
    collars = () if layout.stated else find_collars(replace(sample, pixels=raw), covered)
    size = (dataset.width, dataset.height)
    found = RasterSample(layout, Stretch((0.0,), (1.0,)), collars, raw.valid, ())
    whole = PixelWindow(0, 0, *size, *raw.valid.shape[::-1])
    valid = found.without_collars(raw, whole, size)
    return replace(
        found,
        stretch=stretch_of(raw.values, raw.known & valid, layout),
        valid=valid,
        gaps=(*_fill_gaps(sample.pixels, raw, layout), *_collar_gaps(raw, collars, whole, size)),
    )


def _without_fills(layout: BandLayout, raw: RawPixels) -> tuple[BandLayout, RawPixels]:
    if layout.palette is not None:
        return layout, raw
    fills = find_fills(raw.values, raw.known, layout.dtypes, wild=raw.wild)
    held = fills.holds(raw.values)
    cleared = replace(raw, valid=raw.valid & ~held.any(axis=0), known=raw.known & ~held)
    return replace(layout, fills=fills), cleared


def _fill_gaps(before: RawPixels, after: RawPixels, layout: BandLayout) -> tuple[Gap, ...]:
    values = dict.fromkeys(f"{fill:.8g}" for fills in layout.fills.values for fill in fills)
    share = float((before.valid & ~after.valid).mean())
    return (Gap(", ".join(values), share, at_edge=False),) if values else ()


def _collar_gaps(
    raw: RawPixels, collars: tuple[Collar, ...], whole: PixelWindow, size: tuple[int, int]
) -> tuple[Gap, ...]:
    shares = [float((collar.covers(raw.values, whole, size) & raw.valid).mean()) for collar in collars]
    return tuple(
        Gap(", ".join(f"{value:g}" for value in dict.fromkeys(collar.colour.tolist())), share, at_edge=True)
        for collar, share in zip(collars, shares, strict=True)
        if share > 0
    )
