"""How far the best tiles of a text stand out from those of background phrases on the same tiles.

The best of many scores is always high, so it says nothing by itself. What it says beside the best scores of
a few hundred background phrases, found on the same tiles in the same way, is whether the text is special.
The numbers below were chosen on mosaics of validation images (docs/experiments.md, ADR 0011).

Match scores of phrases at single places: each phrase beside the shipped ones at the same place.

A search compares its best tiles with the best tiles of other texts. Here there is one picture, and the other
texts' cosines with it say how high a phrase must stand. Constants are fitted by `msa calibrate --describe`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from msa_model.index.rank import Positions
from msa_model.index.text_bytes import ByteProduct, TextBytes
from msa_model.index.tile_table import GrowingTable
from msa_model.protocol.match import LIKELY_FROM

BEST = 3  # tiles whose mean score is compared
NEAREST = 5  # background phrases most like a text, whose excess counts apart
SHARE = 0.5  # of the phrases' mean is taken off: many of them show what is there
GROWTH = 0.015  # of a score, for each e times as many tiles: the best of more is higher by chance
ZERO = 1.58  # spreads above both: 1 in 12 texts that show what is there stands lower
GOOD = LIKELY_FROM  # spreads above zero: 1 in 20 texts that show nothing stands higher
_LIKE_ZERO, _LIKE_SPREAD = 2.65, 1.46  # spreads below the mean, and what counts as one, for examples
_UNSHARED = 0.3  # spreads above the whole mean, where no mean of other images is known

_CHUNK = 8192  # rows whose scores with all phrases are held at once
_TINY = 1e-6

Floats = NDArray[np.float32]


class BestScores:
    """The highest scores of each of m texts [m, d] over tiles that come bit by bit.

    With a `product` of bytes, a table's bytes are read where it has them, and of its vectors only those that
    may be among the best: the scores are the same.
    """

    def __init__(self, texts: Floats, product: ByteProduct | None = None) -> None:
        self._texts = texts
        self._bytes = TextBytes(texts, product) if product is not None else None
        self._scores: Floats = np.full((len(texts), BEST), -np.inf, np.float32)
        self.tiles = 0

    def add(self, vectors: Floats) -> None:
        """Tiles' unit vectors [n, d]."""
        for start in range(0, len(vectors), _CHUNK):
            self._keep(self._texts @ vectors[start : start + _CHUNK].T)
        self.tiles += len(vectors)

    def add_rows(self, table: GrowingTable, rows: Positions) -> None:
        """Tiles of a table, at rising `rows` [n]."""
        coded = 0
        if self._bytes:
            segments = table.segments
            coded = int(np.searchsorted(rows, sum(len(segment.codes) for segment in segments)))
            near = self._bytes.candidates(segments, rows[:coded], self._scores)
            self._add_all(table, near)
            self.tiles += coded - len(near)
        self._add_all(table, rows[coded:])

    def _add_all(self, table: GrowingTable, rows: Positions) -> None:
        for start in range(0, len(rows), _CHUNK):
            self.add(table.rows(rows[start : start + _CHUNK]))

    def join(self, other: BestScores) -> None:
        """Tiles that another one has seen, with the same texts."""
        self._keep(other._scores)
        self.tiles += other.tiles

    def means(self) -> Floats:
        """The mean of each text's best scores [m]; of fewer than `BEST` tiles, of all.

        `BestScores` without a tile has none.
        """
        return mean_of_best(self._scores[:, : max(1, min(self.tiles, BEST))])

    def _keep(self, scores: Floats) -> None:
        """Scores [m, n]; only texts of which one is better than the last that is kept are looked at again."""
        better = np.flatnonzero(scores.max(axis=1, initial=-np.inf) > self._scores[:, -1])
        both = np.concatenate([self._scores[better], scores[better]], axis=1)
        self._scores[better] = -np.sort(-np.partition(both, -BEST, axis=1)[:, -BEST:], axis=1)


def mean_of_best(falling: Floats) -> Floats:
    """The mean of the first `BEST` of scores [..., n] that fall along the last axis."""
    means: Floats = falling[..., :BEST].mean(axis=-1)
    return means


@dataclass(frozen=True)
class Scale:
    """Turns a text's cosines on some tiles into match scores: (cosine - `offset`) / `spread`."""

    offset: float
    spread: float

    def match_score(self, cosine: float) -> float:
        """Below 0 as low as things that are not there, from `GOOD` on as high as hardly any of them."""
        return (cosine - self.offset) / self.spread


class Constants(Protocol):
    """What a model's match scores are made of; `growth`, `zero` and `width` in units of the cosine.

    match_score = (cosine - own · text's mean - level · phrases' mean - spread · phrases' deviation
              - nearest · excess of the phrases most like the text - growth · ln tiles - zero) / width
    """

    @property
    def own(self) -> float:
        """Of the text's mean cosine over images of anything."""

    @property
    def level(self) -> float:
        """Of the background phrases' mean excess."""

    @property
    def spread(self) -> float:
        """Of their deviation."""

    @property
    def nearest(self) -> float:
        """Of how the phrases most like the text stand above the mean: below 0, as they confirm it."""

    @property
    def growth(self) -> float:
        """For each e times as many tiles."""

    @property
    def zero(self) -> float:
        """Where 0 is."""

    @property
    def width(self) -> float:
        """From 0 to `GOOD`."""


@dataclass(frozen=True)
class BackgroundLevel:
    """The mean and the deviation of the background phrases' excesses on so many tiles."""

    level: float
    spread: float
    tiles: int

    def scale(
        self, mean: float, constants: Constants | None = None, nearest: float = 0.0, *, centred: bool = True
    ) -> Scale:
        """See `Background.scale`; `centred`: the texts' own means are known."""
        size, spread = math.log(max(self.tiles, 1)), max(self.spread, _TINY)
        if constants is not None:
            ground = constants.level * self.level + constants.spread * spread + constants.growth * size
            text = constants.own * mean + constants.nearest * nearest
            return Scale(text + ground + constants.zero, constants.width)
        if not centred:
            return Scale(mean + self.level + _UNSHARED * spread, spread)
        return Scale(mean + SHARE * self.level + GROWTH * size + ZERO * spread, spread)


@dataclass(frozen=True)
class Background:
    """`excesses` [m]: each background phrase's mean best score less its mean over images of anything.

    `tiles` were looked at; `centred`: whether those means are known, else they are 0.
    """

    excesses: Floats
    tiles: int
    centred: bool

    @classmethod
    def of(cls, best: BestScores, means: Floats) -> Background:
        """Of phrases whose mean cosines over images of anything are `means` [m], zeros if not known."""
        return cls(best.means() - means, best.tiles, bool(means.any()))

    @property
    def ground(self) -> BackgroundLevel:
        """What all texts are compared with."""
        return BackgroundLevel(float(self.excesses.mean()), float(self.excesses.std()), self.tiles)

    def nearest_excess(self, cosines: Floats) -> Floats:
        """How the `NEAREST` phrases most like each text (`cosines` [..., m]) are above the mean: [...]."""
        nearest = np.argsort(-cosines, axis=-1, kind="stable")[..., :NEAREST]
        above: Floats = self.excesses[nearest].mean(axis=-1) - self.excesses.mean()
        return above

    def scale(self, mean: float, constants: Constants | None = None, nearest: float = 0.0) -> Scale:
        """For a text whose mean cosine over images of anything is `mean`; `constants` are the model's."""
        return self.ground.scale(mean, constants, nearest, centred=self.centred)

    def percentile(self, excess: float) -> float:
        """Share of the phrases that stand lower than a mean best score less the text's own mean."""
        return float((self.excesses < excess).mean())


def example_scale(best: Floats) -> Scale:
    """For a search by example, where tiles taken for the example reach the best scores `best` [m].

    Zero and `GOOD` mean what they mean for texts: 1 in 20 errs on either side.
    """
    spread = max(float(best.std()), _TINY)
    return Scale(float(best.mean()) - _LIKE_ZERO * spread, _LIKE_SPREAD * spread)


_UNSURE = np.nextafter(np.float32(LIKELY_FROM), np.float32(0))  # the most without constants: a weak match


@dataclass(frozen=True)
class PhraseBackground:
    """The shipped phrases as unit vectors [m, d], and each one's mean cosine over images of anything [m]."""

    vectors: Floats
    means: Floats

    def match_score(
        self, places: Floats, phrases: Floats, means: Floats, constants: Constants | None
    ) -> Floats:
        """Match scores [w, n] of phrases [n, d] with their means [n] at places [w, d].

        Without constants the rule of searches holds, and no phrase matches better than weakly.
        """
        own = 1.0 if constants is None else constants.own
        match_score = places @ phrases.T - np.float32(own) * means
        centred = bool(self.means.any())
        fits = places @ self.vectors.T - self.means
        for i, (level, spread) in enumerate(zip(fits.mean(axis=1), fits.std(axis=1), strict=True)):
            scale = BackgroundLevel(float(level), float(spread), 1).scale(0.0, constants, centred=centred)
            match_score[i] = (match_score[i] - scale.offset) / scale.spread
        return match_score if constants is not None else np.minimum(match_score, _UNSURE)


def best_of_each_category(heights: Floats, categories: Sequence[str]) -> NDArray[np.int64]:
    """Positions of phrases by falling height [n], of each category the highest only.

    Phrases of one category tell of one thing in different ways; those without one compete with none.
    """
    falling = np.argsort(-heights, kind="stable").tolist()
    taken: dict[str | int, int] = {}
    for place in falling:
        taken.setdefault(categories[place] or place, place)
    return np.array(list(taken.values()), np.int64)
