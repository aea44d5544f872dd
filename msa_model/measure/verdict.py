"""Does the verdict of a search tell what is there from what is not, on imagery of any source?

On rasters whose content is known, phrases of every subject are asked for: where the raster shows the subject,
and among the tiles that cannot show it. A case is one phrase on one raster.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from msa_model.index.background import GOOD, Background, BackgroundLevel, BestScores, Constants
from msa_model.measure.evaluation import KnownEncoder
from msa_model.measure.mosaics import Flags, Ground
from msa_model.measure.subjects import Label, known

# What a case is judged by: the columns of `Cases.values`.
PARTS = ("height", "text's mean", "phrases' mean", "phrases' deviation", "nearest", "ln tiles")
TOGETHER = "all sources as one raster"  # the source of cases that none is left out of
_LEAST_TILES = 12
_SIZES = (50, 200, 1000)  # tiles: where the kinds of raster by size part

Floats = NDArray[np.float32]
Values = NDArray[np.float64]


@dataclass(frozen=True)
class SubjectVectors:
    """Texts as unit vectors: phrases of each subject, and the `bank` of background phrases.

    `background` [d] is the mean of images of anything.
    """

    phrases: Mapping[str, Floats]
    bank: Floats
    background: Floats

    @classmethod
    def of(
        cls, encoder: KnownEncoder, phrases: Mapping[str, Sequence[str]], bank: Sequence[str]
    ) -> SubjectVectors:
        """Encoded once for all rasters."""
        vectors = {subject: encoder.encode_texts(own) for subject, own in phrases.items()}
        return cls(vectors, encoder.encode_texts(bank), encoder.background)

    def values(self, tiles: Floats, queries: Floats) -> Values:
        """`PARTS` [q, p] of queries [q, d] on tiles [n, d]."""
        best, phrases = BestScores(queries), BestScores(self.bank)
        best.add(tiles)
        phrases.add(tiles)
        background = Background.of(phrases, self.bank @ self.background)
        ground, nearest = background.ground, background.nearest_excess(queries @ self.bank.T)
        level, spread, size = (
            np.full(len(queries), part) for part in (ground.level, ground.spread, math.log(ground.tiles))
        )
        parts = (best.means(), queries @ self.background, level, spread, nearest, size)
        return np.column_stack(parts).astype(np.float64)


@dataclass(frozen=True)
class Cases:
    """Where each is from, whether the subject is there, and its `PARTS` [n, p]; all else [n]."""

    sources: NDArray[np.str_]
    kinds: NDArray[np.str_]
    present: Flags
    values: Values

    def part(self, keep: Flags) -> Cases:
        """Some of them."""
        return Cases(self.sources[keep], self.kinds[keep], self.present[keep], self.values[keep])

    def weights(self) -> Values:
        """[n]: every source counts alike, in it every kind of raster, with the subject and without."""
        weights = np.zeros(len(self.present))
        for source in np.unique(self.sources):
            for there in (True, False):
                own = (self.sources == source) & (self.present == there)
                _, kind, counts = np.unique(self.kinds[own], return_inverse=True, return_counts=True)
                weights[own] = 1 / (len(counts) * counts[kind])
        return weights


def joined(parts: Iterable[Cases]) -> Cases:
    """All of them."""
    cases = list(parts)
    return Cases(
        np.concatenate([case.sources for case in cases]),
        np.concatenate([case.kinds for case in cases]),
        np.concatenate([case.present for case in cases]),
        np.concatenate([case.values for case in cases]),
    )


def ground_cases(asked: SubjectVectors, ground: Ground, table: Mapping[str, Label]) -> Iterator[Cases]:
    """Every subject's phrases on a raster: on all tiles if it is there, and on those that cannot show it."""
    labels = known(ground.labels, table)
    seen = [label for i, label in enumerate(ground.labels) if ground.shown[:, i].any()]
    there = {labels[label].subject for label in seen}
    yield from _cases(asked, ground, np.ones(len(ground.vectors), bool), there & set(asked.phrases), True)
    absent: dict[bytes, list[str]] = {}
    for subject in asked.phrases:
        shows = [subject in labels[label].shows for label in ground.labels]
        absent.setdefault((~ground.shown[:, shows].any(axis=1)).tobytes(), []).append(subject)
    for keep, subjects in absent.items():
        yield from _cases(asked, ground, np.frombuffer(keep, bool), subjects, False)


def _cases(
    asked: SubjectVectors, ground: Ground, keep: Flags, subjects: Iterable[str], present: bool
) -> Iterator[Cases]:
    chosen = sorted(subjects)
    if chosen and keep.sum() >= _LEAST_TILES:
        queries = np.concatenate([asked.phrases[subject] for subject in chosen])
        values = asked.values(ground.vectors[keep], queries)
        names = [np.full(len(values), text) for text in (ground.source, ground.kind)]
        yield Cases(names[0], names[1], np.full(len(values), present), values)


def raster_cases(
    asked: SubjectVectors, encoder: KnownEncoder, source: str, vectors: Floats, there: Mapping[str, bool]
) -> Cases:
    """Phrases on a raster of which someone says whether they are there."""
    values = asked.values(vectors, encoder.encode_texts(list(there)))
    names = [np.full(len(values), text) for text in (source, "a raster")]
    return Cases(names[0], names[1], np.array(list(there.values())), values)


def match_scores(values: Values, constants: Constants | None, centred: bool = True) -> Values:
    """[n] as the product gives them, for `PARTS` [n, p]; None: by the rule of a model without constants."""
    scores = [
        BackgroundLevel(level, spread, round(math.exp(size)))
        .scale(own, constants, nearest, centred=centred)
        .match_score(height)
        for height, own, level, spread, nearest, size in values.tolist()
    ]
    return np.array(scores)


def auroc(values: Values, present: Flags, weights: Values | None = None) -> float:
    """The chance that a value of what is present is higher than one of what is not; equal ones count half."""
    weight = np.ones(len(values)) if weights is None else weights
    _, group = np.unique(values, return_inverse=True)
    there = np.bincount(group, weight * present)
    absent = np.bincount(group, weight * ~present)
    below = absent.cumsum() - absent / 2
    return float((there * below).sum() / (there.sum() * absent.sum()))


@dataclass(frozen=True)
class Separation:
    """How match scores tell present from absent: AUROC, and how often each verdict is given, in percent."""

    name: str
    auroc: float
    nothing_present: float
    good_present: float
    nothing_absent: float
    good_absent: float
    present: int
    absent: int


def judge(name: str, scores: Values, cases: Cases, weights: Values) -> Separation:
    """Of cases of which some are present and some are not."""
    there, sides = cases.present, {}
    for side, own in (("present", there), ("absent", ~there)):
        for verdict, given in (("nothing", scores < 0), ("good", scores >= GOOD)):
            sides[f"{verdict}_{side}"] = 100 * float(np.average(given[own], weights=weights[own]))
    return Separation(
        name,
        auroc(scores, there, weights),
        present=int(there.sum()),
        absent=int((~there).sum()),
        **sides,
    )


def judge_groups(scores: Values, cases: Cases, groups: NDArray[np.str_]) -> tuple[Separation, ...]:
    """Each group of cases [n] that has both, and all of them."""
    weights = cases.weights()
    found = []
    for name in dict.fromkeys(groups.tolist()):
        own = groups == name
        if cases.present[own].any() and not cases.present[own].all():
            found.append(judge(name, scores[own], cases.part(own), weights[own]))
    return (*found, judge("all, each source alike", scores, cases, weights))


def sizes(cases: Cases) -> NDArray[np.str_]:
    """[n]: how large each case's raster is, in words."""
    tiles = np.exp(cases.values[:, PARTS.index("ln tiles")])
    words = np.array([*(f"up to {size} tiles" for size in _SIZES), f"more than {_SIZES[-1]}"])
    return words[np.searchsorted(_SIZES, np.rint(tiles))]


@dataclass(frozen=True)
class VerdictEvaluation:
    """Judged by source and by the size of the raster, the last row of either all; each seed's AUROC alone."""

    sources: tuple[Separation, ...]
    sizes: tuple[Separation, ...]
    seeds: tuple[float, ...]

    @property
    def all(self) -> Separation:
        """Every source alike."""
        return self.sources[-1]


def evaluate_scores(seeds: Sequence[Cases], scores: Sequence[Values]) -> VerdictEvaluation:
    """The match scores [n] of the cases of each seed."""
    cases, every = joined(seeds), np.concatenate(scores)
    apart = cases.sources != TOGETHER
    alone = []
    for own, seed in zip(scores, seeds, strict=True):
        single = seed.sources != TOGETHER
        part = seed.part(single)
        alone.append(auroc(own[single], part.present, part.weights()))
    return VerdictEvaluation(
        judge_groups(every[apart], cases.part(apart), cases.sources[apart]),
        judge_groups(every, cases, sizes(cases)),
        tuple(alone),
    )


def evaluate_verdict(
    seeds: Sequence[Cases], constants: Constants | None, *, centred: bool = True
) -> VerdictEvaluation:
    """Cases of each seed by constants that are given (None: by the rule of a model without)."""
    return evaluate_scores(seeds, [match_scores(own.values, constants, centred) for own in seeds])
