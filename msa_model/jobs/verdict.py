"""Match scores: what the best tiles of a query are worth beside those of background phrases.

The verdict on a search by example: how like the examples the best tiles are, beside any other tile's best.

A tile is always most like itself and the tiles that overlap it, so these are left out on both sides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from msa_model.index.background import (
    BEST,
    Background,
    BestScores,
    Floats,
    Scale,
    example_scale,
    mean_of_best,
)
from msa_model.index.rank import Halves, cosines, widened
from msa_model.jobs.describe import Naming
from msa_model.jobs.limits import Flags, tiles_meeting
from msa_model.jobs.open_files import OpenIndex
from msa_model.jobs.phrases import PhraseBank, PhraseBanks
from msa_model.jobs.questions import Questions, QuestionVector, nearest_tile
from msa_model.jobs.ranked import Ranking
from msa_model.jobs.search import RankedSearch, find
from msa_model.jobs.warnings import index_warnings
from msa_model.model.device import byte_product
from msa_model.protocol.errors import BadArgument, PhrasesUnreadable
from msa_model.protocol.hit_table import VerdictReply
from msa_model.protocol.match import LIKELY_FROM, WEAK_FROM, level_of
from msa_model.protocol.messages import Aoi, Example, SearchRequest
from msa_model.protocol.warning_table import EngineWarning
from msa_model.raster.grid import Keys
from msa_model.raster.tiles import tile_boxes

_SAMPLE = 64  # tiles that stand in for the examples, one after the other
_MOST_LEFT_OUT = 200  # examples whose surroundings are left out
_CHUNK = 8192


@dataclass(frozen=True)
class ExampleScores:
    """`height`: the mean of the best scores away from the examples; `other_means` [m]: other tiles'."""

    height: float
    other_means: Floats

    @property
    def scale(self) -> Scale:
        """For the scores of the search."""
        return example_scale(self.other_means)

    @property
    def percentile(self) -> float:
        """Share of the other tiles whose best tiles are less like them."""
        return float((self.other_means < self.height).mean())


def example_scores(
    questions: Questions, request: SearchRequest, asked: QuestionVector, indexes: Sequence[OpenIndex]
) -> ExampleScores | None:
    """None where no tile is away from the examples, or too few tiles are there to compare with."""
    searched = [_searched(index, request) for index in indexes]
    sought = [example for example in request.examples if example.weight > 0][:_MOST_LEFT_OUT]
    scores = [
        cosines(vectors, asked.vector)[~_beside(index, keys, sought)]
        for index, (keys, vectors) in zip(indexes, searched, strict=True)
    ]
    best = np.sort(np.concatenate(scores))[-BEST:]
    other_means = [
        value for keys, vectors in searched for value in _other_means(questions, asked, keys, vectors)
    ]
    if len(best) < BEST or not other_means:
        return None
    return ExampleScores(float(best.mean()), np.array(other_means, np.float32))


def _searched(index: OpenIndex, request: SearchRequest) -> tuple[Keys, Halves]:
    if request.aoi is None:
        return index.table.keys, index.table.vectors
    keep = tiles_meeting(index, request.aoi)
    return index.table.keys[keep], index.table.vectors[keep]


def _beside(index: OpenIndex, keys: Keys, examples: Sequence[Example]) -> NDArray[np.bool_]:
    """Which tiles overlap an example's."""
    beside = np.zeros(len(keys), bool)
    for key in _example_keys(index, examples):
        beside |= _overlaps(keys, np.array([key], np.int32))[0]
    return beside


def _example_keys(index: OpenIndex, examples: Sequence[Example]) -> Iterator[Sequence[int]]:
    for example in examples:
        if example.tile is None:
            row = nearest_tile(index, example)
            if row is not None:
                yield index.table.keys[row].tolist()
        elif Path(example.tile.index).absolute() == index.path:
            yield example.tile.factor, example.tile.row, example.tile.col


def _other_means(questions: Questions, asked: QuestionVector, keys: Keys, vectors: Halves) -> Iterator[float]:
    """The mean best score of some tiles, each taken for the example, among those that do not overlap it."""
    chosen = np.unique(np.linspace(0, len(keys) - 1, min(_SAMPLE, len(keys))).round().astype(np.int64))
    one = np.ones(1, np.float32)
    queries = np.stack([questions.mix(asked.terms, widened(vectors[[row]]), one) for row in chosen])
    best = np.full((len(chosen), BEST), -np.inf, np.float32)
    for start in range(0, len(keys), _CHUNK):
        part = slice(start, start + _CHUNK)
        scores = np.where(_overlaps(keys[part], keys[chosen]), -np.inf, queries @ widened(vectors[part]).T)
        both = np.concatenate([best, scores], axis=1)
        best = np.partition(both, -BEST, axis=1)[:, -BEST:]
    means = best.mean(axis=1)
    yield from means[np.isfinite(means)].tolist()


def _overlaps(keys: Keys, others: Keys) -> NDArray[np.bool_]:
    """Which tiles int32 [n, 3] overlap which others [m, 3], bool [m, n]."""
    x0, y0, x1, y1 = tile_boxes(keys).T
    left, top, right, bottom = (edge[:, None] for edge in tile_boxes(others).T)
    overlap: NDArray[np.bool_] = (x0 < right) & (x1 > left) & (y0 < bottom) & (y1 > top)
    return overlap


_ROWS = 1024  # hits whose fit with all phrases is held at once


@dataclass(frozen=True)
class _Named:
    """What a phrase bank calls each hit: positions [n] in `phrases` (or -1) and `categories`, scores [n]."""

    phrases: tuple[str, ...]
    categories: tuple[str, ...]
    columns: bytes


@dataclass(frozen=True)
class _BestTiles:
    """`height`: the mean score of the best tiles; `scale` makes match scores of them."""

    height: float
    scale: Scale
    percentile: float


class Verdicts:
    """Verdicts on searches, with the phrases' best scores kept for each open index.

    Match scores are always measured against the shipped phrases: a user's own may be few, or of one kind.
    """

    def __init__(self, questions: Questions, banks: PhraseBanks) -> None:
        self._questions = questions
        self._banks = banks
        self._best: WeakKeyDictionary[OpenIndex, BestScores] = WeakKeyDictionary()

    def verdict(
        self, request: SearchRequest, known: RankedSearch | None = None
    ) -> tuple[VerdictReply, bytes]:
        """The verdict on a search, and `VERDICT_COLUMNS` for its hits in their order.

        `known` is what the request finds, where it has been looked for already.

        Raises:
            BadArgument: there is no tile to judge.
            And what `find` raises.
        """
        naming, faults = self._naming(request)
        found = self._found(request, known)
        ranking = found.ranking
        if not len(ranking):
            raise BadArgument("There is no indexed tile to judge.")
        bank = self._banks.bank(None)
        background = self._background(bank, ranking.indexes, request.aoi)
        best = self._best_of_all(request, found)
        judged = self._best_tiles(request, found, background, best)
        runner_up, runner_up_score = self._runner_up(bank, background, best, found.asked.query)
        named = _named(naming, ranking.head(request.k))
        best_score = judged.scale.match_score(judged.height)
        reply = VerdictReply(
            level=level_of(best_score),
            best_score=best_score,
            percentile=judged.percentile,
            offset=judged.scale.offset,
            spread=judged.scale.spread,
            runner_up=self._banks.bank(None, request.language).phrases[runner_up],
            runner_up_score=runner_up_score,
            phrases=named.phrases,
            categories=named.categories,
            warnings=(*faults, *self._warnings(found)),
        )
        return reply, named.columns

    def _warnings(self, found: RankedSearch) -> Iterator[EngineWarning]:
        """Of words that are not read, and of rasters outside what the model knows."""
        yield from self._questions.warnings(found.asked.terms)
        for index in found.ranking.indexes:
            yield from index_warnings(index)

    def scale(self, index: OpenIndex, vector: Floats) -> Scale:
        """What makes cosines of an index's tiles with a text's vector [d] match scores."""
        return self._scale(self._background(self._banks.bank(None), (index,), None), vector)

    def match_score(self, index: OpenIndex, vector: Floats, scores: Floats) -> Floats:
        """Such cosines [n] as match scores."""
        scale = self.scale(index, vector)
        match_score: Floats = ((scores - scale.offset) / scale.spread).astype(np.float32)
        return match_score

    def _scale(self, background: Background, vector: Floats) -> Scale:
        """For the vector [d] of a text, or of several as one question."""
        encoder = self._questions.encoder
        nearest = float(background.nearest_excess(self._banks.bank(None).vectors @ vector))
        return background.scale(float(vector @ encoder.background), encoder.calibration, nearest)

    def shows(self, words: Sequence[str], index: OpenIndex, keep: Flags | None = None) -> Flags:
        """Which tiles of an index, of those kept, say no to none of the words by themselves, bool [n]."""
        rows = np.arange(len(index.table.keys)) if keep is None else np.flatnonzero(keep)
        for vector in self._questions.texts(list(words)):
            scale = self.scale(index, vector)
            least = scale.offset + WEAK_FROM * scale.spread
            rows = rows[cosines(index.table.vectors, vector, rows) >= least]
        shown = np.zeros(len(index.table.keys), bool)
        shown[rows] = True
        return shown

    def kinds(self, request: SearchRequest, ranking: Ranking) -> NDArray[np.str_]:
        """The category of each tile of a list, as a verdict with these phrases calls it, [n]."""
        naming, _ = self._naming(request)
        return np.array(naming.bank.categories)[_best_phrases(naming, ranking.vectors)[0]]

    def _found(self, request: SearchRequest, known: RankedSearch | None) -> RankedSearch:
        wanted = max(request.k, BEST)
        enough = known is not None and len(known.ranking) >= min(wanted, known.ranking.tiles)
        if known is not None and (enough or request.classes):  # the hits of a class are named, however few
            return known
        return find(self._questions, replace(request, k=wanted), self.shows)

    def _best_of_all(self, request: SearchRequest, found: RankedSearch) -> Ranking:
        """The best tiles of any side, share of pixels and class: a verdict is on the raster."""
        if request.scales_m or request.min_valid > 0 or request.classes:
            whole = replace(request, scales_m=(), min_valid=0.0, k=BEST)
            return find(self._questions, whole, self.shows).ranking
        ranking = found.ranking
        return ranking.ordered(np.argsort(-ranking.scores, kind="stable")[:BEST])

    def _naming(self, request: SearchRequest) -> tuple[Naming, tuple[EngineWarning, ...]]:
        """By the user's phrases; by the shipped ones, and why, where those cannot be read."""
        encoder, language = self._questions.encoder, request.language
        try:
            return Naming.of(encoder, self._banks, request.phrases, language), ()
        except PhrasesUnreadable as error:
            why = EngineWarning("phrases_not_read", texts=(error.sentence,))
            return Naming.of(encoder, self._banks, None, language), (why,)

    def _best_tiles(
        self, request: SearchRequest, found: RankedSearch, background: Background, best: Ranking
    ) -> _BestTiles:
        """Beside other tiles where there are examples to find, else beside the background phrases."""
        if any(example.weight > 0 for example in request.examples):
            like = example_scores(self._questions, request, found.asked, best.indexes)
            if like is not None:
                return _BestTiles(like.height, like.scale, like.percentile)
        mean = float(found.asked.vector @ self._questions.encoder.background)
        height = float(mean_of_best(best.scores))
        scale = self._scale(background, found.asked.vector)
        return _BestTiles(height, scale, background.percentile(height - mean))

    def _background(self, bank: PhraseBank, indexes: Sequence[OpenIndex], aoi: Aoi | None) -> Background:
        """Over the tiles that are searched; those of whole indexes are looked at once."""
        joined = self._new(bank)
        for index in indexes:
            if aoi is None:
                joined.join(self._whole(bank, index))
            else:
                joined.add_rows(index.table, np.flatnonzero(tiles_meeting(index, aoi)))
        return Background.of(joined, bank.background)

    def _whole(self, bank: PhraseBank, index: OpenIndex) -> BestScores:
        """Of all tiles of an index: those that came since the last time are looked at."""
        best = self._best.setdefault(index, self._new(bank))
        best.add_rows(index.table, np.arange(best.tiles, len(index.table.keys)))
        return best

    def _new(self, bank: PhraseBank) -> BestScores:
        """Before any tile is looked at."""
        return BestScores(bank.vectors, byte_product())

    def _runner_up(
        self, bank: PhraseBank, background: Background, best: Ranking, query: str
    ) -> tuple[int, float]:
        """Which phrase, other than the query itself, fits the best tiles best, and how it stands there."""
        fits = bank.fits(best.vectors).mean(axis=0)
        fits[[phrase.casefold() == query.casefold() for phrase in bank.phrases]] = -np.inf
        first = int(fits.argmax())
        scale = self._scale(background, bank.vectors[first])
        return first, scale.match_score(float(fits[first] + bank.background[first]))


def _named(naming: Naming, ranking: Ranking) -> _Named:
    """Only the phrases and categories that occur: a bank may hold thousands.

    Each hit has the category of the phrase that fits it best; the phrase is -1 where it is not believed.
    """
    bank = naming.bank
    places, scores, believed = _best_phrases(naming, ranking.vectors)
    met, numbers = np.unique(places, return_inverse=True)
    categories = [bank.categories[place] for place in met.tolist()]
    kinds = tuple(dict.fromkeys(categories))
    kind = np.array([kinds.index(category) for category in categories], "<i4")[numbers]
    used, numbers = np.unique(places[believed], return_inverse=True)
    named = np.full(len(places), -1, "<i4")
    named[believed] = numbers
    phrases = tuple(bank.phrases[place] for place in used.tolist())
    return _Named(
        phrases, kinds, b"".join(column.tobytes() for column in (named, kind, scores.astype("<f4")))
    )


def _best_phrases(naming: Naming, vectors: Floats) -> tuple[NDArray[np.int64], Floats, NDArray[np.bool_]]:
    """For each tile the position of the phrase that fits best, its score, and whether it is believed.

    A model without constants of its own for phrases cannot tell: there each counts as believed.
    """
    places, scores = np.empty(len(vectors), np.int64), np.empty(len(vectors), np.float32)
    believed = np.ones(len(vectors), bool)
    for start in range(0, len(vectors), _ROWS):
        part = slice(start, start + _ROWS)
        fits = naming.bank.fits(vectors[part])
        heights = naming.each(vectors[part]) if naming.calibrated else fits
        best = heights.argmax(axis=1)
        rows = np.arange(len(best))
        places[part], scores[part] = best, fits[rows, best]
        if naming.calibrated:
            believed[part] = heights[rows, best] >= LIKELY_FROM
    return places, scores, believed
