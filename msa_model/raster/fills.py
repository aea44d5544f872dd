"""Untagged fill values: numbers that software writes where it has no data, found inside a picture as well.

A number is taken for a fill only where it cannot be data: beyond all that is measured (1e20 and more), or one
of the usual ones and far from everything else in its band.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
    """Which floating numbers cannot be data: not finite, or huge."""
    with np.errstate(invalid="ignore"):
        return np.asarray(~(np.abs(values) < HUGE))


def _fills_of(band: NDArray[Any], dtype: str) -> tuple[float, ...]:
    """Eight bits have no number to spare: black and white are colours there."""
    if dtype in ("uint8", "int8") or band.size == 0:
        return ()
    return tuple(fill for fill in _candidates(dtype) if _stands_apart(band, fill))


def _candidates(dtype: str) -> list[float]:
    if not np.issubdtype(dtype, np.integer):
        return list(_USUAL)
    ends = np.iinfo(dtype)
    return [
        fill for fill in dict.fromkeys((*_USUAL, ends.min, ends.max)) if ends.min <= fill <= ends.max and fill
    ]


def _stands_apart(band: NDArray[Any], fill: float) -> bool:
    """Whether `fill` occurs, and lies far from the rest of a band's values [n] with hardly any in between."""
    there = band == fill
    count = int(there.sum())
    rest = band[~there].astype(np.float64)
    if count < _FEWEST_PX or rest.size == 0 or len(np.unique(rest)) < _FEWEST_VALUES:
        return False
    low, high = np.percentile(rest, _TAILS)
    nearest = min(max(float(fill), low), high)
    gap = abs(nearest - float(fill))
    between = int((np.abs(rest - float(fill)) < gap / 2).sum())
    return bool(gap > _APART * (high - low) and between <= _BETWEEN_SHARE * count)
