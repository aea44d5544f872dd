"""Confidence intervals by the bootstrap over images.

An image with all its captions is one unit, drawn with replacement; what is searched stays as it is. So the
interval tells how much the figures hang on which images were asked, not on which others they were among.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from msa_model.measure.metrics import BothWays, Indices

LEVEL = 0.95
NAMES = ("r1", "r5", "r10")


@dataclass(frozen=True)
class Intervals:
    """(low, high) in percent of each recall and of their mean, at `level`, from `draws` with `seed`."""

    i2t: dict[str, tuple[float, float]]
    t2i: dict[str, tuple[float, float]]
    mr: tuple[float, float]
    level: float
    draws: int
    seed: int


def intervals(ranks: BothWays, owner: Indices, draws: int, seed: int = 0) -> Intervals:
    """Percentile intervals of the recalls; caption j belongs to image `owner[j]`."""
    images = len(ranks.i2t.better)
    hits = ranks.t2i.hits()
    own = np.stack([np.bincount(owner, column, images) for column in hits.T])  # [3, n] summed over captions
    captions: NDArray[np.float64] = np.bincount(owner, minlength=images).astype(np.float64)
    table: NDArray[np.float64] = np.concatenate((ranks.i2t.hits().T, own, captions[None]))  # [7, n]
    drawn = _resampled_sums(table, draws, seed)  # [draws, 7]
    recalls = 100 * drawn[:, :6] / np.where(np.arange(6) < len(NAMES), images, drawn[:, 6:])
    low, high = _limits(recalls)
    limits = list(zip(low.tolist(), high.tolist(), strict=True))
    mean_low, mean_high = _limits(recalls.mean(axis=1))
    return Intervals(
        i2t=dict(zip(NAMES, limits[:3], strict=True)),
        t2i=dict(zip(NAMES, limits[3:], strict=True)),
        mr=(float(mean_low), float(mean_high)),
        level=LEVEL,
        draws=draws,
        seed=seed,
    )


def _resampled_sums(table: NDArray[np.float64], draws: int, seed: int) -> NDArray[np.float64]:
    """Sums [draws, rows] of the table's columns [rows, n], n of them drawn each time."""
    rng = np.random.default_rng(seed)
    count = table.shape[1]
    times = (np.bincount(rng.integers(count, size=count), minlength=count) for _ in range(draws))
    return np.stack([table @ drawn for drawn in times])


def _limits(values: NDArray[np.float64]) -> NDArray[np.float64]:
    limits: NDArray[np.float64] = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return limits
