"""Constants of match scores, fitted to cases: a logistic regression on six named parts, and two thresholds.

Whether they hold on imagery of a source never seen is told by leaving out each source in turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from msa_model.measure.verdict import (
    PARTS,
    TOGETHER,
    Cases,
    Values,
    VerdictEvaluation,
    evaluate_scores,
    joined,
    match_scores,
)

NOTHING, WRONGLY_GOOD = 0.01, 0.02  # of what is there may fall below 0; of what is not may reach `GOOD`
WRONGLY_STRONG = 0.005  # of places, for the best phrase that is false there
_MOST_NEAREST = (
    0.6  # of its best_score is added to a cosine: with more, most tiles of a raster match once one does
)
_LEAST_WIDTH = 0.14  # of the cosine, from 0 to `GOOD`
_RIDGE, _STEPS = 1e-3, 30


@dataclass(frozen=True)
class Fitted:
    """See `msa_model.index.background.Constants`."""

    own: float
    level: float
    spread: float
    growth: float
    zero: float
    width: float
    nearest: float = 0.0


def fit(cases: Cases) -> Fitted:
    """Every source counts alike."""
    weights, shares, heights = _heights(cases)
    there, absent = cases.present, ~cases.present
    zero = _quantile(heights[there], weights[there], NOTHING)
    good = _quantile(heights[absent], weights[absent], 1 - WRONGLY_GOOD)
    lacking = max(0.0, _LEAST_WIDTH - (good - zero))
    own, level, spread, nearest, growth = shares.tolist()
    return Fitted(own, level, spread, growth, zero - lacking / 2, good - zero + lacking, nearest)


def fit_phrases(cases: Cases) -> Fitted:
    """For phrases at single places; every source counts alike.

    `GOOD` and strong are set by how often a place's best false phrase reaches them; 0 lies as far below.
    """
    weights, shares, heights = _heights(cases)
    false = ~cases.present
    good, strong = (
        _quantile(heights[false], weights[false], 1 - wrongly) for wrongly in (WRONGLY_GOOD, WRONGLY_STRONG)
    )
    own, level, spread, nearest, growth = shares.tolist()
    return Fitted(own, level, spread, growth, 2 * good - strong, max(strong - good, 1e-6), nearest)


def _heights(cases: Cases) -> tuple[Values, Values, Values]:
    """The cases' weights [n], what each other part takes off a cosine [p - 1], and what is left [n]."""
    weights = cases.weights()
    shares = _shares(cases.values, cases.present, weights)
    nearest = PARTS.index("nearest")
    if shares[nearest - 1] < -_MOST_NEAREST:
        held = cases.values.copy()
        held[:, 0] += _MOST_NEAREST * held[:, nearest]
        held[:, nearest] = 0.0
        shares = _shares(held, cases.present, weights)
        shares[nearest - 1] = -_MOST_NEAREST
    return weights, shares, cases.values[:, 0] - cases.values[:, 1:] @ shares


def _shares(values: Values, present: NDArray[np.bool_], weights: Values) -> Values:
    slopes = _logistic(values, present, weights)
    shares: Values = -slopes[1:] / max(slopes[0], 1e-6)
    return shares


def left_out(seeds: Sequence[Cases]) -> VerdictEvaluation:
    """Each source's cases, of each seed, by constants that were fitted to the other sources (all seeds).

    Where there is but one source, by its own constants: then nothing is left out.
    """
    cases = joined(seeds)
    scores = np.empty(len(cases.present))
    sources = np.unique(cases.sources)
    apart = cases.sources != TOGETHER
    for source in sources:
        own = cases.sources == source
        others = apart & ~own if (apart & ~own).any() else apart
        scores[own] = match_scores(cases.values[own], fit(cases.part(others)))
    ends = np.cumsum([len(seed.present) for seed in seeds])[:-1]
    return evaluate_scores(seeds, np.split(scores, ends))


def _logistic(values: Values, present: NDArray[np.bool_], weights: Values) -> Values:
    """Slopes [p] of a ridge logistic regression on standardised values [n, p], by Newton's steps."""
    weights = weights / weights.sum()
    mean = weights @ values
    deviation = np.sqrt(weights @ (values - mean) ** 2) + 1e-9
    design = np.column_stack(((values - mean) / deviation, np.ones(len(values))))
    ridge = np.diag([*(_RIDGE for _ in PARTS), 1e-9])
    slopes = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        chances = 1 / (1 + np.exp(-np.clip(design @ slopes, -30, 30)))
        gradient = design.T @ (weights * (chances - present)) + ridge @ slopes
        curvature = (design * (weights * chances * (1 - chances))[:, None]).T @ design + ridge
        slopes = slopes - np.linalg.solve(curvature, gradient)
    found: Values = slopes[:-1] / deviation
    return found


def _quantile(values: Values, weights: Values, share: float) -> float:
    """The value that a `share` of the weight lies below."""
    order = np.argsort(values)
    reached = np.cumsum(weights[order]) / weights.sum()
    return float(values[order][min(int(np.searchsorted(reached, share)), len(values) - 1)])
