"""Ranks of images among captions and captions among images, and what is read off them.

Two protocols:
- every caption: an image's captions all count as its own, a caption belongs to one image;
- distinct captions: equal captions are one, and every image that has it is right for it.

Scores are compared after rounding to 1e-6. Equal scores (identical captions of different images above all)
are taken in random order and the expectation is reported, so that the order of a file gives no luck.
Scores are made in blocks: memory grows with the images and with the captions, never with their product.

Confidence intervals by the bootstrap over images.

An image with all its captions is one unit, drawn with replacement; what is searched stays as it is. So the
interval tells how much the figures hang on which images were asked, not on which others they were among.

How well a score puts the relevant images first, and how far two scores agree on the first ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Indices = NDArray[np.int64]

CUTOFFS = (1, 5, 10)
UNITS = 1e6  # scores are compared in millionths
IMAGES_AT_ONCE = 256  # a block of scores, 4 MB, stays near the core
TEXTS_AT_ONCE = 2048


@dataclass(frozen=True)
class Recall:
    """Percent of queries with a correct answer among the first 1, 5 and 10."""

    r1: float
    r5: float
    r10: float

    @property
    def mean(self) -> float:
        """The mean of the three."""
        return (self.r1 + self.r5 + self.r10) / 3


@dataclass(frozen=True)
class Ranks:
    """Where queries [q] find their own: behind `better` foreign items, tied with `foreign` others.

    `own` of theirs have that same, their best score.
    """

    better: Indices
    own: Indices
    foreign: Indices

    def hits(self) -> Doubles:
        """[q, 3]: P(an own item within the first 1, 5, 10), ties in random order.

        Hypergeometric: 1 - Π_{j < K - better} (foreign - j) / (own + foreign - j).
        """
        places = np.maximum(0, np.array(CUTOFFS) - self.better[:, None])  # [q, 3]
        missed = np.ones(places.shape)
        for j in range(CUTOFFS[-1]):
            left = np.maximum(0, self.foreign - j)
            share = left / np.maximum(1, self.own + self.foreign - j)  # [q]
            missed *= np.where(places > j, share[:, None], 1.0)
        return 1 - missed

    def positions(self) -> Doubles:
        """[q]: the expected rank of the first own item, counted from 1."""
        return self.better + (self.own + self.foreign + 1) / (self.own + 1)

    def recall(self) -> Recall:
        """The mean of `hits`, in percent."""
        r1, r5, r10 = (100 * self.hits().mean(axis=0)).tolist()
        return Recall(r1, r5, r10)

    def median_rank(self) -> float:
        """The median of `positions`."""
        return float(np.median(self.positions()))


def ranks_of(scores: Doubles, own: NDArray[np.bool_], units: float = UNITS) -> Ranks:
    """Ranks from a matrix of scores [q, m], compared in 1 / `units`; `own` [q, m] marks right answers."""
    scores = np.rint(units * scores)
    best = np.where(own, scores, -np.inf).max(axis=1, keepdims=True)
    equal = scores == best
    counts = ((scores > best), equal & own, equal & ~own)
    return Ranks(*(part.sum(axis=1) for part in counts))


@dataclass(frozen=True)
class BothWays:
    """Ranks of images among texts, and of texts among images."""

    i2t: Ranks
    t2i: Ranks


@dataclass(frozen=True)
class RankProtocols:
    """Ranks by both protocols; texts are captions in `every`, distinct captions in `distinct`."""

    every: BothWays
    distinct: BothWays


def rank(images: Floats, texts: Floats, text_of: Indices, owner: Indices) -> RankProtocols:
    """Ranks by both protocols.

    `images` [n, d] and `texts` [u, d] (distinct texts) are unit vectors; caption j of c has the text
    `text_of[j]` and belongs to image `owner[j]`. Every image has a caption and every text is used.
    """
    order = np.argsort(text_of, kind="stable")  # captions of a text stand together
    count = _Count(images, texts, text_of[order], owner[order])
    for rows in _blocks(len(images), IMAGES_AT_ONCE):
        for columns in _blocks(len(texts), TEXTS_AT_ONCE):
            count.add(rows, columns)
    return count.protocols(order)


class _Count:
    """How many items are better than, or equal to, the best own one of each query."""

    def __init__(self, images: Floats, texts: Floats, text_of: Indices, owner: Indices) -> None:
        """Captions in the order of their texts."""
        self._images, self._texts = images, texts
        self._text_of, self._owner = text_of, owner
        self._own = _own_scores(images, texts, text_of, owner)  # [c]
        self._best_of_image = _largest(self._own, owner, len(images))
        self._best_of_text = _largest(self._own, text_of, len(texts))
        self._captions = np.bincount(text_of, minlength=len(texts)).astype(np.float32)  # of each text
        self._first = np.searchsorted(text_of, np.arange(len(texts) + 1))  # where a text's captions begin
        self._for_images = np.zeros((2, 2, len(images)))  # (better, equal) of (captions, texts)
        self._for_captions = np.zeros((2, len(text_of)))
        self._for_texts = np.zeros((2, len(texts)))

    def add(self, rows: slice, columns: slice) -> None:
        """Counts the scores of some images with some texts."""
        scores = _scores(self._images[rows], self._texts[columns])  # [rows, columns]
        weights = np.stack((self._captions[columns], np.ones_like(self._captions[columns])))
        best = self._best_of_image[rows, None]
        for i, mask in enumerate((scores > best, scores == best)):
            self._for_images[i, :, rows] += (mask.astype(np.float32) @ weights.T).T
        counted = _counts(scores, self._best_of_text[columns])
        self._for_texts[:, columns] += counted
        start, stop = self._first[columns.start], self._first[columns.stop]
        if stop - start == scores.shape[1]:  # a caption a text
            self._for_captions[:, start:stop] += counted
            return
        for part in _blocks(stop, TEXTS_AT_ONCE, start):
            mine = scores[:, self._text_of[part] - columns.start]
            self._for_captions[:, part] += _counts(mine, self._own[part])

    def protocols(self, order: Indices) -> RankProtocols:
        """The ranks; `order` [c] is where each counted caption stood before."""
        at_best = self._own == self._best_of_image[self._owner]
        pairs = np.unique(np.stack((self._owner[at_best], self._text_of[at_best])), axis=1)
        image_own = np.bincount(self._owner[at_best], minlength=len(self._images))
        image_own_texts = np.bincount(pairs[0], minlength=len(self._images))
        at_best = self._own == self._best_of_text[self._text_of]
        pairs = np.unique(np.stack((self._text_of[at_best], self._owner[at_best])), axis=1)
        text_own = np.bincount(pairs[0], minlength=len(self._texts))
        captions = np.empty_like(self._for_captions)
        captions[:, order] = self._for_captions
        every = BothWays(
            _ranks(self._for_images[:, 0], image_own),
            _ranks(captions, np.ones(len(order), np.int64)),
        )
        distinct = BothWays(
            _ranks(self._for_images[:, 1], image_own_texts), _ranks(self._for_texts, text_own)
        )
        return RankProtocols(every, distinct)


def _scores(images: Floats, texts: Floats) -> Doubles:
    """Cosines in millionths [n, u], in double precision: the same pair scores the same wherever it stands."""
    scores = images.astype(np.float64) @ (UNITS * texts.astype(np.float64)).T
    return np.rint(scores, out=scores)


def _own_scores(images: Floats, texts: Floats, text_of: Indices, owner: Indices) -> Doubles:
    """[c]: the score of each caption with its image."""
    own = np.empty(len(owner))
    for part in _blocks(len(owner), TEXTS_AT_ONCE):
        left, right = images[owner[part]].astype(np.float64), texts[text_of[part]].astype(np.float64)
        own[part] = np.rint(UNITS * np.einsum("cd,cd->c", left, right))
    return own


def _counts(scores: Doubles, best: Doubles) -> Doubles:
    """(better, equal) [2, u] over the rows of scores [n, u]."""
    ones = np.ones(len(scores), np.float32)
    return np.stack([ones @ mask.astype(np.float32) for mask in (scores > best, scores == best)])


def _largest(values: Doubles, group: Indices, groups: int) -> Doubles:
    out = np.full(groups, -np.inf)
    np.maximum.at(out, group, values)
    return out


def _ranks(counted: Doubles, own: Indices) -> Ranks:
    better, equal = np.rint(counted).astype(np.int64)
    return Ranks(better, own, equal - own)


def _blocks(stop: int, size: int, start: int = 0) -> Iterator[slice]:
    for low in range(start, stop, size):
        yield slice(low, min(low + size, stop))


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
    """Positions [k] of the highest of scores [n], best first; equal ones in order of position."""
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
