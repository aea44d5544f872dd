"""Which bands are shown as red, green and blue."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from rasterio.enums import ColorInterp, MaskFlags

from msa_model.protocol.errors import BadArgument, RasterUnreadable
from msa_model.raster.fills import Fills
from msa_model.raster.handles import Dataset

_RGB = (ColorInterp.red, ColorInterp.green, ColorInterp.blue)
_RGB_NAMES = ("red", "green", "blue")


@dataclass(frozen=True)
class BandLayout:
    """How a raster's bands become colours.

    `bands`: the 1-based bands of R, G, B (the same one thrice for grey); `palette`: uint8 [256 or more, 4]
    RGBA per value of a single band; `masked`: whether any of them has nodata, alpha or a mask; `mask_apart`:
    whether that is a mask beside the bands, which has overviews of its own, or none; `stated`: whether a mask
    or an alpha band says of every pixel whether it has data; `guessed`: whether the first three of more bands
    are taken for red, green and blue because nothing says which they are; `dtypes` of the channels read;
    `falling`: those whose scale is negative; `fills`: numbers without a tag that stand for no data.
    """

    bands: tuple[int, int, int]
    palette: NDArray[np.uint8] | None
    masked: bool
    mask_apart: bool
    stated: bool = False
    guessed: bool = False
    dtypes: tuple[str, ...] = ("uint8",)
    falling: tuple[bool, ...] = (False,)
    fills: Fills = field(default_factory=Fills)

    @property
    def distinct(self) -> list[int]:
        """The bands to read, each once."""
        return list(dict.fromkeys(self.bands))

    @property
    def channels(self) -> list[int]:
        """Which of `distinct` each channel is: one channel for grey, else three."""
        distinct = self.distinct
        return [0] if len(distinct) == 1 else [distinct.index(band) for band in self.bands]


def band_layout(path: str, dataset: Dataset, asked: tuple[int, ...] = ()) -> BandLayout:
    """The layout asked for, or else by colour interpretation, by names, or the first three bands.

    Raises:
        BadArgument: bands that the raster does not have.
        RasterUnreadable: no bands, or complex numbers.
    """
    if dataset.count == 0:
        inside = ", ".join(dataset.subdatasets[:3]) or "none"
        raise RasterUnreadable(f"{path} holds no bands itself; its sub-datasets are: {inside}.")
    bands = _checked(path, asked, dataset.count) if asked else _own_bands(dataset)
    shown = bands if len(set(bands)) > 1 else bands[:1]
    dtypes = tuple(dataset.dtypes[band - 1] for band in shown)
    if any("complex" in dtype for dtype in dtypes):
        raise RasterUnreadable(f"{path} holds complex numbers, which have no colours.")
    flags = [set(dataset.mask_flag_enums[band - 1]) for band in shown]
    palette = _palette(dataset, bands)
    return BandLayout(
        bands=bands,
        palette=palette,
        masked=any({MaskFlags.all_valid} != own for own in flags),
        mask_apart={MaskFlags.per_dataset} in flags,
        stated=all(MaskFlags.per_dataset in own for own in flags),
        guessed=not asked and len(_shown(dataset)) > len(_RGB) and _told_bands(dataset) is None,
        dtypes=dtypes if palette is None else ("uint8",) * 3,
        falling=tuple(dataset.scales[band - 1] < 0 for band in shown) if palette is None else (False,) * 3,
    )


def _checked(path: str, asked: tuple[int, ...], count: int) -> tuple[int, int, int]:
    if len(asked) not in (1, 3) or not all(1 <= band <= count for band in asked):
        raise BadArgument(f"Bands {list(asked)} do not fit {path}: give one or three of 1 to {count}.")
    return asked * 3 if len(asked) == 1 else asked  # type: ignore[return-value]


def _own_bands(dataset: Dataset) -> tuple[int, int, int]:
    if (told := _told_bands(dataset)) is not None:
        return told
    shown = _shown(dataset) or [1]
    return (shown[0], shown[1], shown[2]) if len(shown) >= len(_RGB) else (shown[0],) * 3


def _told_bands(dataset: Dataset) -> tuple[int, int, int] | None:
    """Where colour interpretation, or else names, say which they are."""
    by_colour = [_first(dataset.colorinterp, colour) for colour in _RGB]
    names = [(name or "").lower() for name in dataset.descriptions]
    by_name = [_first(names, colour) for colour in _RGB_NAMES]
    for found in (by_colour, by_name):
        if all(found):
            return (found[0], found[1], found[2])
    return None


def _shown(dataset: Dataset) -> list[int]:
    """All but alpha."""
    return [i for i, colour in enumerate(dataset.colorinterp, 1) if colour != ColorInterp.alpha]


def _first(values: object, wanted: object) -> int:
    """1-based place of `wanted`; 0 where there is none."""
    return next((i for i, value in enumerate(values, 1) if value == wanted), 0)  # type: ignore[arg-type, var-annotated]


def _palette(dataset: Dataset, bands: tuple[int, int, int]) -> NDArray[np.uint8] | None:
    if len(set(bands)) > 1 or dataset.colorinterp[bands[0] - 1] != ColorInterp.palette:
        return None
    colours = dataset.colormap(bands[0])
    table = np.zeros((max(colours) + 1, 4), np.uint8)
    table[list(colours)] = list(colours.values())
    return table
