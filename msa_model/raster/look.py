"""What a sample of a raster tells of all of it: how its numbers become colours, and where it has no data."""

from __future__ import annotations

from dataclasses import dataclass, replace

from msa_model.raster.bands import BandLayout
from msa_model.raster.collar import Collar, find_collars
from msa_model.raster.fills import find_fills
from msa_model.raster.handles import Dataset
from msa_model.raster.pixels import Mask, PixelWindow, RawPixels
from msa_model.raster.sample import take_sample
from msa_model.raster.stretch import Stretch, stretch_of


@dataclass(frozen=True)
class Gap:
    """A `share` of the raster's pixels that counts as without data for holding `value` without a tag.

    `at_edge`: only where it reaches in from the edge.
    """

    value: str
    share: float
    at_edge: bool


@dataclass(frozen=True)
class Look:
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


def look_at(path: str, dataset: Dataset, layout: BandLayout) -> Look:
    """Look at a raster once.

    Raises:
        RasterUnreadable: a block cannot be decoded.
    """
    sample = take_sample(path, dataset, layout)
    layout, raw = _without_fills(layout, sample.pixels)
    collars = () if layout.stated else find_collars(replace(sample, pixels=raw))
    size = (dataset.width, dataset.height)
    look = Look(layout, Stretch((0.0,), (1.0,)), collars, raw.valid, ())
    whole = PixelWindow(0, 0, *size, *raw.valid.shape[::-1])
    valid = look.without_collars(raw, whole, size)
    return replace(
        look,
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
