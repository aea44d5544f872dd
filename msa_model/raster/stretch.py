"""From a raster's own numbers to 8-bit colours, the same way over the whole raster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from msa_model.raster.pixels import Mask

_PERCENTILES = (2.0, 98.0)


@dataclass(frozen=True)
class Stretch:
    """A straight line per band: `low` becomes 0, `high` 255, what lies outside is cut off."""

    low: tuple[float, ...]
    high: tuple[float, ...]

    def apply(self, values: NDArray[Any]) -> NDArray[np.uint8]:
        """Map values [bands, h, w] → uint8 [h, w, 3]; one band becomes grey."""
        if values.dtype == np.uint8 and self == IDENTITY:
            scaled = values
        else:
            low = np.array(self.low[: len(values)], np.float32)[:, None, None]
            high = np.array(self.high[: len(values)], np.float32)[:, None, None]
            inside = np.clip(values.astype(np.float32), low, high)
            scaled = np.rint((inside - low) * (255 / (high - low))).astype(np.uint8)
        rgb = np.moveaxis(scaled, 0, -1)
        return np.ascontiguousarray(np.broadcast_to(rgb, (*rgb.shape[:2], 3)))


IDENTITY = Stretch((0.0, 0.0, 0.0), (255.0, 255.0, 255.0))


def stretch_of(values: NDArray[Any], valid: Mask) -> Stretch:
    """The 2nd and 98th percentiles of each band's valid values; 8-bit stays as it is."""
    if values.dtype == np.uint8:
        return IDENTITY
    ends = [_ends(band[valid]) for band in values]
    low, high = zip(*(ends * 3 if len(ends) == 1 else ends), strict=True)
    return Stretch(low, high)


def _ends(band: NDArray[Any]) -> tuple[float, float]:
    if band.size == 0:
        return 0.0, 1.0
    low, high = (float(value) for value in np.percentile(band.astype(np.float64), _PERCENTILES))
    return (low, high) if high > low else (low, low + 1.0)
