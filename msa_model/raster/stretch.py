"""From a raster's own numbers to 8-bit colours, the same way over the whole raster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from msa_model.raster.bands import BandLayout

_PERCENTILES = (2.0, 98.0)
_NARROW = 64  # of 256
_EXACT_IN_FLOAT32 = ("uint8", "int8", "uint16", "int16", "float16", "float32")


@dataclass(frozen=True)
class Stretch:
    """A straight line per band: `low` becomes 0, `high` (which may be less) 255, the rest is cut off."""

    low: tuple[float, ...]
    high: tuple[float, ...]

    def apply(self, values: NDArray[Any]) -> NDArray[np.uint8]:
        """Map values [bands, h, w] → uint8 [h, w, 3]; one band becomes grey."""
        if values.dtype == np.uint8 and self == IDENTITY:
            scaled = values
        else:
            precise = np.dtype(np.float32 if values.dtype in _EXACT_IN_FLOAT32 else np.float64)
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
