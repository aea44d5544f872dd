"""Searching what changed between two dates: tiles of the same ground, by how far they went a way."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from msa_model.index.dates import (
    ANY_THRESHOLD,
    BEST,
    COARSE_THRESHOLD,
    WAY_THRESHOLD,
    ChangeThreshold,
    Floats,
    direction,
)
from msa_model.jobs.change_hits import DateScores, Rows, best_rows, best_tiles, change_here, change_hits
from msa_model.jobs.change_pair import DatePair, date_of_index, pair_warnings
from msa_model.jobs.heatmap import heatmap_of
from msa_model.jobs.limits import tiles_meeting
from msa_model.jobs.open_files import OpenIndex
from msa_model.jobs.phrases import PhraseBanks
from msa_model.jobs.questions import Questions
from msa_model.jobs.search import check_count, described
from msa_model.jobs.verdict import Verdicts
from msa_model.jobs.words import QueryWords
from msa_model.protocol.change_forms import APPEARED, CHANGED, LIKE, VANISHED
from msa_model.protocol.changing import (
    ChangeHereReply,
    ChangeHereRequest,
    ChangeHit,
    ChangeReply,
    ChangeRequest,
    ChangeVerdict,
)
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.hit_filter import DEPTH
from msa_model.protocol.hit_table import HeatmapReply
from msa_model.protocol.match import level_of
from msa_model.protocol.messages import SearchTimings
from msa_model.protocol.query import WITH_WORDS, ChangeQuery, Term, parse_change
from msa_model.raster.dates import checked_date

_SAYS = {
    "good": "Stands out: the best places changed further that way than unchanged ground does.",
    "doubtful": "Doubtful: unchanged ground may seem to change as far.",
    "nothing": "Nothing changed that way: unchanged ground seems to change as far.",
}


@dataclass(frozen=True)
class ChangeTerms:
    """A question, its terms, and the unit vectors [d] of its words before and after; None without words."""

    query: ChangeQuery
    terms: tuple[Term, ...] = ()
    before: Floats | None = None
    after: Floats | None = None


class Changes:
    """Answers questions about two dates; keeps how the indexes of the last questions differ."""

    def __init__(self, questions: Questions, banks: PhraseBanks, verdicts: Verdicts) -> None:
        self._questions, self._banks, self._verdicts = questions, banks, verdicts
        self._pairs: WeakKeyDictionary[OpenIndex, DatePair] = WeakKeyDictionary()

    def search(
        self, request: ChangeRequest, words: bool = False, classes: frozenset[str] = frozenset()
    ) -> ChangeReply:
        """The `k` tiles, or places, that changed most in the way that is asked.

        With the `words` that mattered, at the date that shows what is sought; of tiles that have one of
        `classes` at the later date alone, where any are named.

        Raises:
            QueryEmpty, QueryNotUnderstood: the question.
            date_unclear, not_comparable: dates, or indexes that cannot be compared.
            BadArgument: the number of results, or no place.
            IndexMissing, IndexUnreadable, IndexOfOtherModel, IndexStale: one of the indexes.
            AoiInvalid, AoiOutsideRaster, PointOutsideRaster: the area or the place.
        """
        query, times = _checked(request), [time.perf_counter()]
        self._banks.check_classes(classes)
        pair = self.pair(request.before, request.after)
        times.append(time.perf_counter())
        sought = self.sought(query)
        times.append(time.perf_counter())
        changes = self.changes(pair, sought, request)
        if classes:
            changes = self._of_classes(pair, changes, classes)
        best = best_tiles(changes, pair.differences.keys, request.k, merge=request.merge)
        dates, seen = dates_of(pair, request), pair.vectors(best)
        sides = self._sides(pair, seen, sought, dates, request.language)
        hits = change_hits(pair, best, changes[best], sides)
        if words:
            hits = self._with_words(seen, hits, query)
        times.append(time.perf_counter())
        return ChangeReply(
            query=request.query.strip(),
            results=hits,
            tiles=int(_in_area(pair, request).sum()),
            only_before=pair.stored[0] - pair.tiles,
            only_after=pair.stored[1] - pair.tiles,
            date_before=dates[0],
            date_after=dates[1],
            verdict=_verdict(changes),
            timings=SearchTimings(*(float(lap) * 1000 for lap in np.diff(times))),
            warnings=(*self._questions.warnings(sought.terms), *pair_warnings(pair, dates)),
            language=self._questions.encoder.language_of([term.text for term in sought.terms]),
            indexes=tuple(map(described, (pair.before, pair.after), pair.stored)),
        )

    def heatmap(self, request: ChangeRequest) -> tuple[HeatmapReply, bytes]:
        """How far each place went that way, beside the median; `k` does not count, errors as of `search`."""
        query = _checked(request)
        pair = self.pair(request.before, request.after)
        deviations, keys = self._deviations(pair, self.sought(query), request), pair.differences.keys
        keep = _in_area(pair, request)
        return heatmap_of(request.query, pair.before.manifest, keys[keep], deviations[keep], diverging=True)

    def here(self, request: ChangeHereRequest) -> ChangeHereReply:
        """See `jobs.change_hits.change_here`; errors as there and of `search`."""
        pair = self.pair(request.before, request.after)
        dates = (date_of_index(pair.before), date_of_index(pair.after))
        return change_here(pair, self._banks.bank(None, request.language), request, dates)

    def pair(self, before: str, after: str) -> DatePair:
        """Two indexes compared, again where one of them has grown; errors as of `search`."""
        first, second = self._questions.indexes.get(before), self._questions.indexes.get(after)
        known = self._pairs.get(first)
        if known is None or not known.is_of(first, second):
            known = self._pairs[first] = DatePair.of(first, second)
        return known

    def sought(self, query: ChangeQuery) -> ChangeTerms:
        """The words of a question encoded: of 'appeared' and 'vanished' the same at both dates."""
        if query.kind not in WITH_WORDS:
            return ChangeTerms(query)
        terms = [
            self._questions.terms(text) for text in (query.before or query.after, query.after or query.before)
        ]
        before, after = map(self._questions.mix, terms)
        return ChangeTerms(query, tuple(dict.fromkeys((*terms[0], *terms[1]))), before, after)

    def changes(self, pair: DatePair, sought: ChangeTerms, request: ChangeRequest) -> Floats:
        """The change of each tile of a pair [n], -inf outside the area of interest; errors as of `search`."""
        threshold = _threshold(pair, sought.query.kind)
        changes = threshold.changes(self._deviations(pair, sought, request), pair.tiles)
        changes[~_in_area(pair, request)] = -np.inf
        for must, index, rows in self._required(pair, sought.query):
            keep = np.zeros(len(index.table.keys), bool)
            keep[rows[np.isfinite(changes)]] = True
            changes[~self._verdicts.shows(must, index, keep)[rows]] = -np.inf
        return changes

    def _required(
        self, pair: DatePair, query: ChangeQuery
    ) -> Iterator[tuple[tuple[str, ...], OpenIndex, Rows]]:
        """Words that must be there: what came at the later date, what went at the earlier one."""
        sides = ((query.before, pair.before, pair.rows), (query.after, pair.after, pair.rows_after))
        for text, index, rows in sides:
            terms = self._questions.terms(text) if text else ()
            if must := tuple(word for term in terms for word in term.must):
                yield must, index, rows

    def _deviations(self, pair: DatePair, sought: ChangeTerms, request: ChangeRequest) -> Floats:
        kind = sought.query.kind
        if kind == CHANGED:
            return pair.differences.anyhow()
        if kind == LIKE and request.point is not None:
            return pair.differences.like(pair.row_at(request.point, request.point_crs))
        phrases = self._banks.bank(None).vectors
        came = None if sought.after is None or kind == VANISHED else direction(sought.after, phrases)
        went = None if sought.before is None or kind == APPEARED else direction(sought.before, phrases)
        return pair.gone(came, went)

    def _of_classes(self, pair: DatePair, changes: Floats, classes: frozenset[str]) -> Floats:
        """Changes [n] of the tiles that changed most, -inf where the later date shows another class."""
        best, bank = best_rows(changes, DEPTH), self._banks.bank(None)
        wanted = np.isin(bank.categories, list(classes))[bank.nearest(pair.vectors(best)[1])]
        kept = np.full_like(changes, -np.inf)
        kept[best[wanted]] = changes[best[wanted]]
        return kept

    def _with_words(
        self, seen: tuple[Floats, Floats], hits: tuple[ChangeHit, ...], query: ChangeQuery
    ) -> tuple[ChangeHit, ...]:
        """What each word adds at the later date, or, where words went, at the earlier one."""
        text = query.after or query.before
        words = QueryWords.of(self._questions, self._questions.terms(text) if text else ())
        vectors = seen[1 if query.after else 0]
        return tuple(replace(hit, words=words.for_tile(own)) for hit, own in zip(hits, vectors, strict=True))

    def _sides(
        self,
        pair: DatePair,
        seen: tuple[Floats, Floats],
        sought: ChangeTerms,
        dates: tuple[str, str],
        language: str,
    ) -> tuple[DateScores, DateScores]:
        bank = self._banks.bank(None, language)
        return (
            DateScores.of(dates[0], pair.before, seen[0], sought.before, bank, self._verdicts),
            DateScores.of(dates[1], pair.after, seen[1], sought.after, bank, self._verdicts),
        )


def dates_of(pair: DatePair, request: ChangeRequest) -> tuple[str, str]:
    """Those that were given, or else what the rasters tell."""
    before, after = _given_dates(request)
    return before or date_of_index(pair.before), after or date_of_index(pair.after)


def _given_dates(request: ChangeRequest) -> tuple[str, str]:
    return (
        checked_date(request.date_before, "The date before"),
        checked_date(request.date_after, "The date after"),
    )


def _checked(request: ChangeRequest) -> ChangeQuery:
    """What is wrong with a request shows before anything is read."""
    query = parse_change(request.query)
    _given_dates(request)
    check_count(request.k)
    if query.kind == LIKE and request.point is None:
        raise BadArgument("'like this change' needs a place where such a change lies.")
    return query


def _in_area(pair: DatePair, request: ChangeRequest) -> NDArray[np.bool_]:
    """Which tiles of a pair [n] the area of interest meets; all of them where there is none."""
    if request.aoi is None:
        return np.ones(pair.tiles, bool)
    return tiles_meeting(pair.before, request.aoi)[pair.rows]


def _threshold(pair: DatePair, kind: str) -> ChangeThreshold:
    """What changes of a kind are measured by."""
    if kind == CHANGED:
        return ANY_THRESHOLD
    return COARSE_THRESHOLD if pair.coarse else WAY_THRESHOLD


def _verdict(changes: Floats) -> ChangeVerdict:
    compared = changes[np.isfinite(changes)]
    height = float(np.sort(compared)[-BEST:].mean()) if len(compared) else -1.0
    level = level_of(height)
    return ChangeVerdict(level, height, _SAYS[level], len(compared))
