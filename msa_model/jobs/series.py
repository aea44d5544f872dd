"""A query over many dates: for every tile its score at each, when it stands high, and how it goes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from msa_model.index.dates import (
    LEAST_SHARED,
    Floats,
    Histories,
    Neighbours,
    calibrated,
    correlations,
    united,
)
from msa_model.index.rank import cosines, widened
from msa_model.jobs.change_hits import Rows, best_tiles, tile_hits
from msa_model.jobs.change_pair import check_pair, colour_warnings, date_of_index, nearest_rows
from msa_model.jobs.limits import tiles_meeting
from msa_model.jobs.open_files import OpenIndex
from msa_model.jobs.pairing import check_different
from msa_model.jobs.phrases import PhraseBank, PhraseBanks
from msa_model.jobs.questions import Questions, QuestionVector
from msa_model.jobs.search import check_count, described
from msa_model.jobs.verdict import Verdicts
from msa_model.protocol.changing import SeriesHit, SeriesReply, SeriesRequest
from msa_model.protocol.errors import BadArgument, MsaError
from msa_model.protocol.match import match_of
from msa_model.protocol.messages import Hit, SearchRequest, SearchTimings
from msa_model.protocol.warning_table import EngineWarning
from msa_model.raster.dates import checked_date, year_of
from msa_model.raster.grid import Keys

_LEAST_DATES = 2
_DIGITS = 5  # of correlations


@dataclass(frozen=True)
class ScoresByDate:
    """Indexes of one lattice by rising date; `scores` [dates, n] of all tiles `keys` [n, 3], NaN for gaps.

    `rows` [dates, n] are where the tiles stand in each index, -1 for gaps.
    """

    indexes: tuple[OpenIndex, ...]
    dates: tuple[str, ...]
    keys: Keys
    rows: Rows
    valid: Floats
    scores: Floats

    def vectors(self, tiles: Rows) -> Floats:
        """Unit vectors [m, d] of tiles [m], each at the date where it scores best."""
        best = np.nan_to_num(self.scores[:, tiles], nan=-np.inf).argmax(axis=0)
        vectors = np.empty((len(tiles), self.indexes[0].manifest.dimension), np.float32)
        for date, index in enumerate(self.indexes):
            own = best == date
            vectors[own] = widened(index.table.vectors[self.rows[date, tiles[own]]])
        return vectors


class SeriesSearch:
    """Answers questions about many dates."""

    def __init__(self, questions: Questions, banks: PhraseBanks, verdicts: Verdicts) -> None:
        self._questions, self._banks, self._verdicts = questions, banks, verdicts

    def search(self, request: SeriesRequest) -> SeriesReply:
        """The `k` tiles that score best at any date, or whose history is most like that of a place.

        Scores are match scores, calibrated to each other on most tiles, and smoothed over neighbours.

        Raises:
            QueryEmpty, QueryNotUnderstood: the question.
            date_unclear, not_comparable: dates, or indexes that do not belong together.
            BadArgument: the number of results.
            IndexMissing, IndexUnreadable, IndexOfOtherModel, IndexStale: one of the indexes.
            AoiInvalid, AoiOutsideRaster, PointOutsideRaster: the area or the place.
        """
        _check(request)
        times = [time.perf_counter()]
        dated = self._dated(request)
        times.append(time.perf_counter())
        asked = self._questions.ask(SearchRequest(request.query, request.indexes))
        times.append(time.perf_counter())
        stack = self._stack(dated, asked)
        hits = _hits(stack, request, self._banks.bank(None, request.language))
        times.append(time.perf_counter())
        return SeriesReply(
            query=asked.query,
            dates=stack.dates,
            sources=tuple(index.raster.path for index in stack.indexes),
            results=hits,
            tiles=len(stack.keys),
            timings=SearchTimings(*(float(lap) * 1000 for lap in np.diff(times))),
            warnings=(
                *self._questions.warnings(asked.terms),
                *colour_warnings(stack.indexes),
                *_gaps(stack),
                *_too_short(stack, request),
            ),
            language=asked.language,
            indexes=tuple(described(index, len(index.table.keys)) for index in stack.indexes),
        )

    def _dated(self, request: SeriesRequest) -> dict[str, OpenIndex]:
        """The indexes by date, in its order.

        Raises:
            date_unclear: a date that is unknown or stands twice.
            not_comparable: indexes of other pixels, or of one raster.
        """
        given = checked_dates(request.dates, len(request.indexes))
        dated: dict[str, OpenIndex] = {}
        for path, date in zip(request.indexes, given, strict=True):
            index = self._questions.indexes.get(path)
            told = date or date_of_index(index)
            if not told:
                raise MsaError.of("date_unclear", f"Nothing tells the date of {index.manifest.name}.")
            if told in dated:
                names = f"{dated[told].manifest.name} and {index.manifest.name}"
                raise MsaError.of("date_unclear", f"{names} both have the date {told}.")
            dated[told] = index
        first, *others = dated.values()
        check_different([index.raster.path for index in dated.values()])
        for other in others:
            check_pair(first, other)
        return dict(sorted(dated.items()))

    def _stack(self, dated: dict[str, OpenIndex], asked: QuestionVector) -> ScoresByDate:
        indexes = tuple(dated.values())
        keys, rows = united([index.table.keys for index in indexes])
        scores = np.full((len(indexes), len(keys)), np.nan, np.float32)
        valid = np.zeros(len(keys), np.float32)
        for at, (index, own) in enumerate(zip(indexes, rows, strict=True)):
            there = own >= 0
            found = cosines(index.table.vectors, asked.vector)
            match_score = self._verdicts.match_score(index, asked.vector, found)
            scores[at, there] = smoothed(index.table.keys, match_score)[own[there]]
            valid[there] = np.maximum(valid[there], index.table.valid[own[there]])
        return ScoresByDate(indexes, tuple(dated), keys, np.stack(rows), valid, calibrated(scores))


def smoothed(keys: Keys, scores: Floats) -> Floats:
    """Scores [n] of tiles int32 [n, 3] as the means of neighbours, level by level."""
    out = np.empty_like(scores)
    for factor in np.unique(keys[:, 0]).tolist():
        level = Neighbours.of(keys, factor)
        out[level.rows] = level.smoothed(scores[level.rows])
    return out


def checked_dates(dates: Sequence[str], rasters: int) -> tuple[str, ...]:
    """The dates that a user gave for so many rasters, empty ones where none was given.

    Raises:
        date_unclear: too few or many, or one that reads like none.
    """
    if dates and len(dates) != rasters:
        raise MsaError.of("date_unclear", f"{len(dates)} dates do not fit {rasters} rasters.")
    return tuple(checked_date(date, "A date") for date in dates or ("",) * rasters)


def _check(request: SeriesRequest) -> None:
    """What is wrong with a request shows before anything is read."""
    if len(request.indexes) < _LEAST_DATES:
        raise BadArgument("A series needs at least two rasters.")
    checked_dates(request.dates, len(request.indexes))
    check_count(request.k)


def _hits(stack: ScoresByDate, request: SeriesRequest, bank: PhraseBank) -> tuple[SeriesHit, ...]:
    first = stack.indexes[0]
    years = np.array([year_of(date) for date in stack.dates])
    told = Histories.of(stack.scores, years, request.threshold)
    alike, own = None, -1
    if request.point is not None:
        own = _tile_at(stack, request.point, request)
        alike = correlations(stack.scores, own).round(_DIGITS)  # of a tile with itself it is 1
    ranked = told.best.copy() if alike is None else alike.copy()
    if request.aoi is not None:
        ranked[~tiles_meeting(first, request.aoi, stack.keys)] = -np.inf
    head = best_tiles(ranked, stack.keys, request.k, merge=request.merge, first=own)
    hits = tile_hits(first, stack.keys[head], ranked[head], stack.valid[head])
    named = (
        replace(hit, phrase=bank.phrases[at], category=bank.categories[at])
        for hit, at in zip(hits, bank.nearest(stack.vectors(head)).tolist(), strict=True)
    )
    return tuple(
        _hit(hit, stack, told, row, None if alike is None else float(alike[row]))
        for hit, row in zip(named, head.tolist(), strict=True)
    )


def _tile_at(stack: ScoresByDate, point: tuple[float, float], request: SeriesRequest) -> int:
    """The tile whose history others are to go like.

    Raises:
        PointOutsideRaster: none covers the place.
    """
    first = stack.indexes[0].manifest
    rows = nearest_rows(first, stack.keys, point, request.point_crs)
    return next((row for row in rows if stack.keys[row, 0] == request.factor), rows[0])


def _hit(hit: Hit, stack: ScoresByDate, told: Histories, row: int, correlation: float | None) -> SeriesHit:
    scores = [None if np.isnan(score) else float(score) for score in stack.scores[:, row]]
    first, last = (stack.dates[at] if at >= 0 else "" for at in (told.first[row], told.last[row]))
    best = float(told.best[row])
    return SeriesHit(
        **vars(hit) | {"match_score": best, "match": match_of(best)},
        scores=tuple(scores),
        first=first,
        last=last,
        dates_above=int(told.above[row]),
        trend=float(told.trend[row]),
        correlation=correlation,
    )


def _too_short(stack: ScoresByDate, request: SeriesRequest) -> Sequence[EngineWarning]:
    few = request.point is not None and len(stack.dates) < LEAST_SHARED
    return (EngineWarning("history_too_short", (LEAST_SHARED,)),) if few else ()


def _gaps(stack: ScoresByDate) -> Sequence[EngineWarning]:
    missing = int(np.isnan(stack.scores).any(axis=0).sum())
    return (EngineWarning("history_gaps", (missing,)),) if missing else ()
