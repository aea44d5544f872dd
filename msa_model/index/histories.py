"""Scores of tiles over several dates: when they stand high, how they go, and which go alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from msa_model.index.changing import Floats
from msa_model.raster.grid import Keys, packed

DECADE = 10.0  # years that a trend is told for
LEAST_SHARED = 3  # dates that a correlation needs
_LEAST_SPREAD = 0.5  # of that of the history sought: a flat one is like none
_TINY = 1e-6

Numbers = NDArray[np.float64]


def united(keys: list[Keys]) -> tuple[Keys, list[NDArray[np.int64]]]:
    """All tiles of several indexes, int32 [n, 3], and for each index where it has them, -1 for not [n]."""
    joined = np.concatenate(keys)
    _, first = np.unique(packed(joined), return_index=True)
    everything = joined[np.sort(first)]
    names = packed(everything)
    order = np.argsort(names)
    rows = []
    for own in keys:
        at = np.full(len(names), -1, np.int64)
        at[order[np.searchsorted(names, packed(own), sorter=order)]] = np.arange(len(own))
        rows.append(at)
    return everything, rows


def calibrated(scores: Floats) -> Floats:
    """Scores [dates, n], NaN for gaps, without what a date adds to most tiles."""
    usual = np.nanmedian(scores, axis=0)
    apart = scores - usual
    known = ~np.isnan(apart).all(axis=1)
    effects = np.zeros(len(scores), np.float32)
    effects[known] = np.nanmedian(apart[known], axis=1)
    out: Floats = (scores - effects[:, None]).astype(np.float32)
    return out


@dataclass(frozen=True)
class Histories:
    """What scores over dates tell of each tile, [n] each.

    The best score, the first and last date above a threshold (-1: none), how many are, and how the score
    goes in ten years.
    """

    best: Floats
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    above: NDArray[np.int64]
    trend: Floats

    @classmethod
    def of(cls, scores: Floats, years: Numbers, threshold: float) -> Histories:
        """Of scores at dates in years [dates], with gaps."""
        above = np.nan_to_num(scores, nan=-np.inf) >= threshold
        some = above.any(axis=0)
        first = np.where(some, above.argmax(axis=0), -1)
        last = np.where(some, len(scores) - 1 - above[::-1].argmax(axis=0), -1)
        return cls(_best(scores), first, last, above.sum(axis=0), trends(scores, years))


def _best(scores: Floats) -> Floats:
    best: Floats = np.nan_to_num(scores, nan=-np.inf).max(axis=0)
    return best


def trends(scores: Floats, years: Numbers) -> Floats:
    """The slope in ten years of a line through each tile's scores [dates, n]; 0 of fewer than two dates."""
    there = ~np.isnan(scores)
    count = np.maximum(there.sum(axis=0), 1)
    times = np.where(there, years[:, None], 0.0)
    times = np.where(there, times - times.sum(axis=0) / count, 0.0)
    spread = (times**2).sum(axis=0)
    slope = (times * np.where(there, scores, 0)).sum(axis=0) / np.maximum(spread, _TINY)
    out: Floats = np.where(spread > _TINY, slope * DECADE, 0).astype(np.float32)
    return out


def correlations(scores: Floats, at: int) -> Floats:
    """How alike each tile's history goes to that of the tile `at` [n]; 0 where too few dates are shared.

    A history that hardly moves is like none.
    """
    both = ~np.isnan(scores) & ~np.isnan(scores[:, at : at + 1])
    count = np.maximum(both.sum(axis=0), 1)
    centred = []
    for values in (scores, np.broadcast_to(scores[:, at : at + 1], scores.shape)):
        own = np.where(both, values, 0)
        centred.append(np.where(both, own - own.sum(axis=0) / count, 0))
    products = (centred[0] * centred[1]).sum(axis=0)
    spreads = [np.sqrt((part**2).sum(axis=0)) for part in centred]
    moves = (spreads[0] >= _LEAST_SPREAD * spreads[1]) & (both.sum(axis=0) >= LEAST_SHARED)
    alike = products / np.maximum(spreads[0] * spreads[1], _TINY)
    out: Floats = np.where(moves, alike, 0).astype(np.float32)
    return out
