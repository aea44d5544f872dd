"""How true are the phrases that a description shows? On labelled images of single things.

Of each image a phrase is true, false, or in doubt (`subjects.truths`). Doubt is no case: it neither fits nor
counts against. Constants are fitted to the highest true and the highest false phrase of each image.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from msa_model.index.background import Constants, Floats, PhraseBackground, best_of_each_category
from msa_model.measure.dataset import DatasetImage
from msa_model.measure.evaluation import KnownEncoder, encode_images
from msa_model.measure.fitting import Fitted, fit_phrases
from msa_model.measure.mosaics import Flags, by_source
from msa_model.measure.subjects import FALSE, PERHAPS, TRUE, Label, PhraseSubjects, truths
from msa_model.measure.verdict import Cases
from msa_model.protocol.errors import DatasetUnreadable
from msa_model.protocol.match import LIKELY_FROM, STRONG_FROM

_LOW = -9.0  # below every cosine
ALL = "all, each source alike"


@dataclass(frozen=True)
class DescribedImages:
    """Images as unit vectors [n, d], whose they are [n], and what every phrase [m] is there: [n, m].

    `ground`: the phrases; `categories` [m]: which of them compete.
    """

    vectors: Floats
    sources: NDArray[np.str_]
    truth: NDArray[np.int8]
    ground: PhraseBackground
    categories: tuple[str, ...]

    @classmethod
    def of(
        cls,
        encoder: KnownEncoder,
        sets: Mapping[str, Sequence[DatasetImage]],
        stated: Sequence[PhraseSubjects],
        categories: Sequence[str],
        table: Mapping[str, Label],
    ) -> DescribedImages:
        """All images of all sets.

        Raises:
            DatasetUnreadable: an image cannot be decoded.
        """
        phrases = encoder.encode_texts([row.phrase for row in stated])
        vectors, sources, labels = [], [], []
        for name, rows in sets.items():
            for source, own in by_source(rows, name).items():
                vectors.append(encode_images(encoder, [row.path for row in own]))
                sources += [source] * len(own)
                labels += [row.label for row in own]
        known = truths(stated, labels, table)
        return cls(
            np.concatenate(vectors),
            np.array(sources),
            np.stack([known[label] for label in labels]),
            PhraseBackground(phrases, phrases @ encoder.background),
            tuple(categories),
        )

    def part(self, keep: Flags) -> DescribedImages:
        """Some of the images."""
        kept = self.vectors[keep], self.sources[keep], self.truth[keep]
        return DescribedImages(*kept, self.ground, self.categories)

    @cached_property
    def cosines(self) -> Floats:
        """Of every phrase with every image [n, m]."""
        cosines: Floats = self.vectors @ self.ground.vectors.T
        return cosines

    def cases(self) -> Cases:
        """The highest true and the highest false phrase of each image; a true one not where there is none."""
        fits = self.cosines - self.ground.means
        level, spread = fits.mean(axis=1), fits.std(axis=1)
        parts = []
        for wanted in (TRUE, FALSE):
            rows = np.flatnonzero((self.truth == wanted).any(axis=1))
            best = np.where(self.truth[rows] == wanted, fits[rows], _LOW).argmax(axis=1)
            height, mean = self.cosines[rows, best], self.ground.means[best]
            unused = np.zeros(len(rows))  # one place, and its phrases are looked at together
            values = np.column_stack((height, mean, level[rows], spread[rows], unused, unused))
            kinds, present = np.full(len(rows), "an image"), np.full(len(rows), wanted == TRUE)
            parts.append((self.sources[rows], kinds, present, values.astype(np.float64)))
        return Cases(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))

    def match_score(self, constants: Constants) -> Floats:
        """Match scores [n, m]."""
        return self.ground.match_score(self.vectors, self.ground.vectors, self.ground.means, constants)


@dataclass(frozen=True)
class Described:
    """What descriptions of one source show, in percent; None of nothing.

    `shown`: places of which anything is told, `strong` where a phrase matches strongly; `told`: phrases a
    place. Of them `true`, in `doubt`, and `false`. `right`: the true ones among true and false, of all and of
    first phrases. `unknown_shown`: places where a false phrase would be told if the bank had no true one and
    none in doubt.
    """

    name: str
    places: int
    shown: float
    strong: float
    told: float
    true: float | None
    doubt: float | None
    false: float | None
    right: float | None
    first_right: float | None
    unknown_shown: float


@dataclass(frozen=True)
class DescribeEvaluation:
    """By source, the last row all of them."""

    sources: tuple[Described, ...]

    @property
    def all(self) -> Described:
        """Every source alike."""
        return self.sources[-1]


def fit_describing(places: DescribedImages) -> Fitted:
    """Constants of phrases at places; every source counts alike.

    Raises:
        DatasetUnreadable: no phrase is known to be true, or none to be false.
    """
    cases = places.cases()
    if cases.present.all() or not cases.present.any():
        raise DatasetUnreadable("Constants need images of known classes, whose phrases are true or false.")
    return fit_phrases(cases)


def describe_left_out(places: DescribedImages) -> DescribeEvaluation:
    """Each source by constants that were fitted to the others; a single source by its own."""
    rows = []
    for source in dict.fromkeys(places.sources.tolist()):
        own = places.sources == source
        others = places.part(~own) if not own.all() else places
        rows.append(evaluate_describing(source, places.part(own), fit_describing(others)))
    return DescribeEvaluation((*rows, _mean(rows)))


def evaluate_describing(name: str, places: DescribedImages, constants: Constants) -> Described:
    """What a description would show of each image."""
    match_score = places.match_score(constants)
    shown = np.zeros(match_score.shape, bool)
    for row, heights in zip(shown, match_score, strict=True):
        best = best_of_each_category(heights, places.categories)
        row[best[heights[best] >= LIKELY_FROM]] = True
    first = np.where(shown, match_score, -np.inf).argmax(axis=1)
    any_shown = shown.any(axis=1)
    firsts = places.truth[np.arange(len(first)), first][any_shown]
    told = places.truth[shown]
    false = np.where(places.truth == FALSE, match_score, -np.inf).max(axis=1)
    return Described(
        name,
        len(match_score),
        shown=100 * float(any_shown.mean()),
        strong=100 * float((match_score.max(axis=1) >= STRONG_FROM).mean()),
        told=float(shown.sum() / len(match_score)),
        true=_percent(told == TRUE),
        doubt=_percent(told == PERHAPS),
        false=_percent(told == FALSE),
        right=_percent(told[told != PERHAPS] == TRUE),
        first_right=_percent(firsts[firsts != PERHAPS] == TRUE),
        unknown_shown=100 * float((false >= LIKELY_FROM).mean()),
    )


def _percent(flags: Flags) -> float | None:
    return 100 * float(flags.mean()) if len(flags) else None


def _mean(rows: Sequence[Described]) -> Described:
    """Of each figure over the sources that have it."""
    names = [field.name for field in fields(Described) if field.name not in ("name", "places")]
    figures = {name: [value for row in rows if (value := getattr(row, name)) is not None] for name in names}
    means: dict[str, Any] = {name: float(np.mean(own)) if own else None for name, own in figures.items()}
    return Described(ALL, sum(row.places for row in rows), **means)
