"""From a raster's numbers to 8-bit colours: bands that are shown, untagged fill values, stretch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.enums import ColorInterp, MaskFlags

from msa_model.protocol.errors import BadArgument, RasterUnreadable
from msa_model.raster.handles import Dataset

HUGE = 1e20  # CMIP's fill; ESRI's, SAGA's and netCDF's are larger still
_USUAL = (-9999.0, -99999.0, -999.0, 9999.0, 99999.0, -32767.0, -32768.0, 32767.0, 65535.0)
_TAILS = (1.0, 99.0)  # percentiles between which a band's data lie
_APART = 2.0  # times the spread of the data
_BETWEEN_SHARE = 0.05  # of the fill's pixels may lie nearer to it than to the data: overviews mix them
_FEWEST_VALUES, _FEWEST_PX = 3, 4


@dataclass(frozen=True)
class Fills:
    """`values`: the fills of each band read; `mixes`: whether averaging must leave pixels out one by one."""

    values: tuple[tuple[float, ...], ...] = ()
    mixes: bool = False

    def holds(self, values: NDArray[Any]) -> NDArray[np.bool_]:
        """Which of values [bands, h, w] are fills, as bool of that shape."""
        found = np.zeros(values.shape, bool)
        for number, fills in enumerate(self.values):
            for fill in fills:
                found[number] |= values[number] == fill
        return found


def find_fills(
    values: NDArray[Any], known: NDArray[np.bool_], dtypes: tuple[str, ...], *, wild: bool
) -> Fills:
    """The fills among values [bands, h, w] of types `dtypes`, `known` where tags and finiteness allow any.

    `wild`: the values had numbers that no data have, so that there are pixels to leave out in any case.
    """
    found = tuple(_fills_of(band[own], dtype) for band, own, dtype in zip(values, known, dtypes, strict=True))
    return Fills(found, wild or any(found))


def is_wild(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Which floating numbers, of any shape, cannot be data: not finite, or huge."""
    with np.errstate(invalid="ignore"):
        return np.asarray(~(np.abs(values) < HUGE))


def _fills_of(band: NDArray[Any], dtype: str) -> tuple[float, ...]:
    """Eight bits have no number to spare: black and white are colours there."""
    if dtype in ("uint8", "int8") or band.size == 0:
        return ()
    there = [fill for fill in _candidates(dtype) if (band == fill).any()]
    data = band[~np.isin(band, np.array(there, band.dtype))].astype(np.float64)
    return tuple(fill for fill in there if _stands_apart(data, fill, int((band == fill).sum())))


def _candidates(dtype: str) -> list[float]:
    if not np.issubdtype(dtype, np.integer):
        return list(_USUAL)
    ends = np.iinfo(dtype)
    return [
        fill for fill in dict.fromkeys((*_USUAL, ends.min, ends.max)) if ends.min <= fill <= ends.max and fill
    ]


def _stands_apart(rest: NDArray[np.float64], fill: float, count: int) -> bool:
    """Whether a number that occurs `count` times lies far from the `rest` [n], with hardly any in between."""
    if count < _FEWEST_PX or rest.size == 0 or len(np.unique(rest)) < _FEWEST_VALUES:
        return False
    low, high = np.percentile(rest, _TAILS)
    nearest = min(max(float(fill), low), high)
    gap = abs(nearest - float(fill))
    between = int((np.abs(rest - float(fill)) < gap / 2).sum())
    return bool(gap > _APART * (high - low) and between <= _BETWEEN_SHARE * count)


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
    `falling`: those whose scale is negative; `veil`: an alpha band that GDAL's masks leave out, as they do
    where nodata or a mask is declared besides, or 0; `fills`: numbers without a tag that stand for no data.
    """

    bands: tuple[int, int, int]
    palette: NDArray[np.uint8] | None
    masked: bool
    mask_apart: bool
    stated: bool = False
    guessed: bool = False
    dtypes: tuple[str, ...] = ("uint8",)
    falling: tuple[bool, ...] = (False,)
    veil: int = 0
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
    palette, veil = _palette(dataset, bands), _veil(dataset, bands, flags)
    return BandLayout(
        bands=bands,
        palette=palette,
        masked=bool(veil) or any({MaskFlags.all_valid} != own for own in flags),
        mask_apart={MaskFlags.per_dataset} in flags,
        stated=bool(veil) or all(MaskFlags.per_dataset in own for own in flags),
        guessed=not asked and len(_shown(dataset)) > len(_RGB) and _told_bands(dataset) is None,
        dtypes=dtypes if palette is None else ("uint8",) * 3,
        falling=tuple(dataset.scales[band - 1] < 0 for band in shown) if palette is None else (False,) * 3,
        veil=veil,
    )


def _veil(dataset: Dataset, bands: tuple[int, int, int], flags: list[set[MaskFlags]]) -> int:
    alpha = _first(dataset.colorinterp, ColorInterp.alpha)
    return 0 if alpha in bands or any(MaskFlags.alpha in own for own in flags) else alpha


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


_PERCENTILES = (2.0, 98.0)
_NARROW = 64  # of 256
_TINY = 1e-30  # 255 divided by less is not far from float32's end
_EXACT_IN_FLOAT32 = ("uint8", "int8", "uint16", "int16", "float16", "float32")


@dataclass(frozen=True)
class Stretch:
    """A straight line per band: `low` becomes 0, `high` (which may be less) 255, the rest is cut off."""

    low: tuple[float, ...]
    high: tuple[float, ...]

    @property
    def _lengths(self) -> list[float]:
        return [abs(high - low) for low, high in zip(self.low, self.high, strict=True)]

    def apply(self, values: NDArray[Any]) -> NDArray[np.uint8]:
        """Map values [bands, h, w] → uint8 [h, w, 3]; one band becomes grey."""
        if values.dtype == np.uint8 and self == IDENTITY:
            scaled = values
        else:
            plain = values.dtype in _EXACT_IN_FLOAT32 and min(self._lengths) > _TINY
            precise = np.dtype(np.float32 if plain else np.float64)
            low, high = (_per_band(ends[: len(values)], precise) for ends in (self.low, self.high))
            inside = np.clip(values.astype(precise), np.minimum(low, high), np.maximum(low, high))
            scaled = np.rint((inside - low) * (255 / (high - low))).astype(np.uint8)
        rgb = np.moveaxis(scaled, 0, -1)
        return np.ascontiguousarray(np.broadcast_to(rgb, (*rgb.shape[:2], 3)))


def _per_band(numbers: tuple[float, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    return np.array(numbers, dtype)[:, None, None]


IDENTITY = Stretch((0.0, 0.0, 0.0), (255.0, 255.0, 255.0))


def stretch_of(values: NDArray[Any], known: NDArray[np.bool_], layout: BandLayout) -> Stretch:
    """The 2nd and 98th percentiles of each band's own known values; bands of 8 bits stay as they are.

    Eight-bit numbers that fill less than a quarter of their range are spread over it, all bands alike.
    `values`, `known` [bands, h, w].
    """
    narrow = _narrow(values, known, layout)
    ends = [
        _turned(narrow if dtype == "uint8" else _ends(band[own]), falling)
        for band, own, dtype, falling in zip(values, known, layout.dtypes, layout.falling, strict=True)
    ]
    low, high = zip(*(ends * 3 if len(ends) == 1 else ends), strict=True)
    return Stretch(low, high)


def _narrow(values: NDArray[Any], known: NDArray[np.bool_], layout: BandLayout) -> tuple[float, float]:
    """What the 8-bit bands reach from and to, if that is little, else all; black of colours stays black."""
    eight = [
        band[own] for band, own, dtype in zip(values, known, layout.dtypes, strict=True) if dtype == "uint8"
    ]
    found = np.concatenate(eight) if eight else np.empty(0)
    low, high = (float(found.min()), float(found.max())) if found.size else (0.0, 255.0)
    low = 0.0 if len(values) > 1 else low
    return (low, high) if low < high < _NARROW and layout.palette is None else (0.0, 255.0)


def _turned(ends: tuple[float, float], falling: bool) -> tuple[float, float]:
    return ends[::-1] if falling else ends


def _ends(band: NDArray[Any]) -> tuple[float, float]:
    """Percentiles; where they are equal, the least and the greatest value."""
    if band.size == 0:
        return 0.0, 1.0
    exact = band.astype(np.float64)
    low, high = (float(value) for value in np.percentile(exact, _PERCENTILES))
    if high <= low:
        low, high = float(exact.min()), float(exact.max())
    return (low, high) if high > low else (low, low + max(1.0, float(np.spacing(abs(low)))))
