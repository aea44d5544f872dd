"""How well a score puts the relevant images first, and how far two scores agree on the first ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]
Flags = NDArray[np.bool_]

DECIMALS = 6  # scores are compared after rounding


def average_precision(scores: Scores, relevant: Flags) -> float:
    """Area under precision over recall, in steps; images of equal score come all at once.

    AP = Σ (R_n - R_{n-1}) P_n over the distinct scores, highest first. 0 where nothing is relevant.
    """
    values, group = np.unique(-np.round(scores, DECIMALS), return_inverse=True)
    found = np.bincount(group, relevant, len(values))
    precision = found.cumsum() / np.bincount(group, minlength=len(values)).cumsum()
    return float((found * precision).sum() / max(1, relevant.sum()))


def precision_at(scores: Scores, relevant: Flags, k: int) -> float:
    """The expected share of relevant images among the first k, equal scores in random order.

    Of fewer than k images, the share among all.
    """
    k = min(k, len(scores))
    values = np.round(scores, DECIMALS)
    last = np.partition(values, len(values) - k)[len(values) - k]
    before, tied = values > last, values == last
    hits = relevant[before].sum() + (k - before.sum()) * relevant[tied].mean()
    return float(hits / k)


def first(scores: Scores, k: int) -> NDArray[np.int64]:
    """Positions of the k highest scores, best first; equal ones in order of position."""
    return np.argsort(-scores, kind="stable")[:k]


def overlap_at(one: Scores, other: Scores, k: int) -> float:
    """Share of the first k that both have in common."""
    return len(np.intersect1d(first(one, k), first(other, k))) / min(k, len(one))


def rank_biased_overlap(one: Scores, other: Scores, p: float = 0.9, depth: int = 50) -> float:
    """Agreement of two rankings, the first places weighing most: 1 the same, 0 nothing in common.

    Webber, Moffat & Zobel 2010, equation 23 (extrapolated from the first `depth`): with X_d items in common
    among the first d, RBO = X_D / D · p^D + (1 - p) / p · Σ_{d ≤ D} X_d / d · p^d.
    """
    left, right = first(one, depth), first(other, depth)
    depths = np.arange(1, len(left) + 1)
    where_left, where_right = (np.full(len(one), len(left)) for _ in range(2))
    where_left[left], where_right[right] = depths - 1, depths - 1
    entered = np.maximum(where_left, where_right)  # the depth at which an image is in both
    common = np.bincount(entered, minlength=len(left) + 1)[: len(left)].cumsum()
    share = common / depths
    return float(share[-1] * p ** len(left) + (1 - p) / p * (share * p**depths).sum())
