"""Recall at K between images and captions, both ways.

An image's captions all count as its own; a caption belongs to one image. Scores are compared after rounding
to 1e-6. Equal scores (identical captions of different images above all) are taken in random order and the
expectation is reported, so that the order of a file gives no luck.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Indices = NDArray[np.int64]

CUTOFFS = (1, 5, 10)
DECIMALS = 6
CHUNK = 512


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


def text_to_image_recall(images: Floats, texts: Floats, text_of: Indices, owner: Indices) -> Recall:
    """Every caption looks for its image.

    `images` [n, d] and `texts` [u, d] (distinct texts) are unit vectors; caption j of c has the text
    `text_of[j]` and belongs to image `owner[j]`.
    """
    hits = []
    for rows in _chunks(len(owner)):
        scores = np.round(texts[text_of[rows]] @ images.T, DECIMALS)  # [chunk, n]
        true = np.take_along_axis(scores, owner[rows, None], axis=1)  # [chunk, 1]
        better = (scores > true).sum(axis=1)
        equal = (scores == true).sum(axis=1) - 1
        hits += [_hit_rates(b, 1, e) for b, e in zip(better.tolist(), equal.tolist(), strict=True)]
    return _recall(hits)


def image_to_text_recall(images: Floats, texts: Floats, text_of: Indices, owner: Indices) -> Recall:
    """Every image looks for one of its captions among all; arguments as in `text_to_image_recall`."""
    hits = []
    for rows in _chunks(len(images)):
        scores = np.round(images[rows] @ texts.T, DECIMALS)[:, text_of]  # [chunk, c]
        own = owner[None, :] == np.arange(rows.start, rows.stop)[:, None]  # [chunk, c]
        best = np.where(own, scores, -np.inf).max(axis=1, keepdims=True)  # [chunk, 1]
        counts = ((scores > best) & ~own, (scores == best) & own, (scores == best) & ~own)
        hits += [_hit_rates(*row) for row in np.stack([c.sum(axis=1) for c in counts], axis=1).tolist()]
    return _recall(hits)


def _hit_rates(better: int, own: int, foreign: int) -> tuple[float, ...]:
    """P(an own item within the first K) for `own` and `foreign` items tied behind `better` others.

    Hypergeometric: 1 - C(foreign, K - better) / C(own + foreign, K - better).
    """
    places = [max(0, k - better) for k in CUTOFFS]
    return tuple(1.0 if p > foreign else 1 - comb(foreign, p) / comb(own + foreign, p) for p in places)


def _recall(hits: Sequence[tuple[float, ...]]) -> Recall:
    r1, r5, r10 = (100 * float(np.mean(column)) for column in zip(*hits, strict=True))
    return Recall(r1, r5, r10)


def _chunks(count: int) -> Iterator[slice]:
    for start in range(0, count, CHUNK):
        yield slice(start, min(start + CHUNK, count))
