"""Which pairs of a data set are wrong: noisy correspondence, told from losses.

After RRSITR (CVPR 2026): pairs are clean, doubtful or wrong by their loss, and doubtful ones weigh as in
self-paced learning, w = cos(π u / 2). Its thresholds on the loss are absolute, and depend on batch and
temperature; here they come from the data: the losses of pairs that were mismatched on purpose say what a
wrong pair looks like, and how often there is one (a two-groups model: Efron, Statistical Science 23, 2008).
Losses must be out of sample: heads that were trained on a wrong pair fit it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DOUBTFUL, WRONG = 0.3, 0.7  # probability of a mismatch above which a pair is no longer clean, and is wrong
BINS = 40
_TAIL = 0.5  # quantile of the mismatched losses above which hardly any right pair lies
_SMOOTHING = 2.0  # bins


class PairClass(StrEnum):
    """What a pair is taken for."""

    CLEAN = "clean"
    DOUBTFUL = "doubtful"
    WRONG = "wrong"


@dataclass(frozen=True)
class NoiseSplit:
    """Of p pairs: probability of a mismatch, class and training weight; `share` of mismatches in all."""

    mismatch: Floats
    classes: NDArray[np.str_]
    weights: Floats
    share: float


def split_by_loss(losses: Floats, mismatched: Floats) -> NoiseSplit:
    """Sort pairs by their losses [p], given the losses [q] of pairs mismatched on purpose.

    f(l) = π f_0(l) + (1 - π) f_1(l): f is the density of `losses`, f_0 that of `mismatched`. A pair's
    probability of a mismatch is π f_0 / f, made to rise with the loss. π is what of f lies above the median
    of f_0, over one half.
    """
    beyond = float(np.mean(losses > np.quantile(mismatched, _TAIL)))
    share = min(1.0, beyond / (1 - _TAIL))
    mismatch = _mismatch_probability(losses, mismatched, share)
    return NoiseSplit(mismatch, _classes(mismatch), _weights(mismatch), share)


def _mismatch_probability(losses: Floats, mismatched: Floats, share: float) -> Floats:
    edges = np.linspace(*_span(losses, mismatched), BINS + 1)
    f, f0 = _density(losses, edges), _density(mismatched, edges)
    ratio = np.clip(share * f0 / np.maximum(f, 1e-12), 0, 1)
    middles = (edges[1:] + edges[:-1]) / 2
    rising = np.maximum.accumulate(np.where(f0 > 0, ratio, 0.0))
    found: Floats = np.interp(losses, middles, rising)
    return found


def _span(losses: Floats, mismatched: Floats) -> tuple[float, float]:
    both = np.concatenate((losses, mismatched))
    return float(both.min()), float(both.max()) + 1e-9


def _density(losses: Floats, edges: Floats) -> Floats:
    counts, _ = np.histogram(losses, edges)
    reach = np.arange(-3 * int(_SMOOTHING), 3 * int(_SMOOTHING) + 1)
    kernel = np.exp(-0.5 * (reach / _SMOOTHING) ** 2)
    smooth: Floats = np.convolve(counts, kernel / kernel.sum(), mode="same") / len(losses)
    return smooth


def _classes(mismatch: Floats) -> NDArray[np.str_]:
    wrong = np.where(mismatch > WRONG, PairClass.WRONG.value, PairClass.DOUBTFUL.value)
    return np.where(mismatch <= DOUBTFUL, PairClass.CLEAN.value, wrong)


def _weights(mismatch: Floats) -> Floats:
    """1 for clean pairs, 0 for wrong ones, a quarter of a cosine in between."""
    u = np.clip((mismatch - DOUBTFUL) / (WRONG - DOUBTFUL), 0, 1)
    return np.where(u >= 1, 0.0, np.cos(np.pi * u / 2))
