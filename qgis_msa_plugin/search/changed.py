"""Questions about two dates and many: what is asked of the worker, and its answer as hits like any."""

from __future__ import annotations

import dataclasses
import math
from array import array
from collections.abc import Sequence
from typing import Optional, Union

from msa_model.protocol.changing import (
    ChangeHit,
    ChangeReply,
    ChangeRequest,
    SeriesHit,
    SeriesReply,
    SeriesRequest,
)
from msa_model.protocol.hit_table import HitTable, RankReply, VerdictColumns, VerdictReply, pack_columns
from msa_model.protocol.match import level_of
from msa_model.protocol.messages import TileRef
from msa_model.protocol.query import WordsRequest, parse_change
from qgis_msa_plugin.search.planner import Planned
from qgis_msa_plugin.search.question import Dates, Question, Results
from qgis_msa_plugin.translate import interface_language

MOST = 100  # places: each is a message of its own, read in the GUI thread
NOTHING = -1.0  # the best score where no tile is found
_BEST = 3  # places by which an answer about many dates is judged


def change_request(question: Question, indexes: Sequence[str]) -> ChangeRequest:
    """The question as the worker reads it, of the indexes before and after."""
    dates = question.dates or Dates()
    before, after = indexes
    return ChangeRequest(
        query=question.text,
        before=before,
        after=after,
        k=MOST,
        aoi=question.aoi,
        date_before=dates.before,
        date_after=dates.after,
        point=dates.point,
        point_crs=dates.point_crs,
        merge=True,
        language=interface_language(),
    )


def series_request(question: Question, indexes: Sequence[str]) -> SeriesRequest:
    """The question as the worker reads it, of the index of each date."""
    dates = question.dates or Dates()
    return SeriesRequest(
        query=question.text,
        indexes=tuple(indexes),
        dates=dates.many,
        k=MOST,
        threshold=dates.threshold,
        aoi=question.aoi,
        point=dates.point,
        point_crs=dates.point_crs,
        merge=True,
        language=interface_language(),
        factor=dates.factor,
    )


def check_both(question: Question, planned: Sequence[Planned]) -> None:
    """Of several dates, none is left out.

    Raises:
        MsaError: why one of them cannot be scanned.
    """
    refusal = next((answer.error for answer in planned if answer.error is not None), None)
    if question.dates is not None and refusal is not None:
        raise refusal


def words_request(results: Results, row: int) -> Optional[WordsRequest]:
    """Which words mattered for a hit: of two dates, those sought at the date that shows them."""
    changed, history = results.changed(row), results.history(row)
    if results.series is not None and history is not None:
        return WordsRequest(results.query, tile_at(results.series, history, best_date(history)))
    if changed is None:
        return WordsRequest(results.query, results.table.tile(row)) if results.query else None
    sought = parse_change(results.query)
    tile = tile_after(changed) if sought.after else results.table.tile(row)
    words = sought.after or sought.before
    return WordsRequest(words, tile) if words else None


def tile_after(hit: ChangeHit) -> TileRef:
    """The tile of the later date."""
    return TileRef(hit.index_after, hit.factor, hit.row, hit.col)


def tile_at(reply: SeriesReply, hit: SeriesHit, date: int) -> TileRef:
    """The tile of the date in that position."""
    return TileRef(reply.indexes[date].index, hit.factor, hit.row, hit.col)


def best_date(hit: SeriesHit) -> int:
    """The position of the date at which the tile scores best."""
    scores = [-math.inf if score is None else score for score in hit.scores]
    return scores.index(max(scores))


def series_results(question: Question, reply: SeriesReply, asked: str) -> Results:
    """The answer; places that went like one are ranked by correlation, of which no verdict tells.

    Raises:
        ProtocolError: the answer does not name its indexes.
    """
    by_point = question.dates is not None and question.dates.point is not None
    verdict = None if by_point else _of_series(reply)
    return dataclasses.replace(_results(question, reply, verdict, asked), series=reply)


def changed_results(question: Question, reply: ChangeReply, asked: str) -> Results:
    """The answer: a hit's change counts as its match score.

    Raises:
        ProtocolError: the answer does not name its indexes.
    """
    verdict = _verdict(reply, reply.verdict.level, reply.verdict.best_score)
    return dataclasses.replace(_results(question, reply, verdict, asked), change=reply)


def _results(
    question: Question, reply: Union[ChangeReply, SeriesReply], verdict: Optional[VerdictReply], asked: str
) -> Results:
    table = _table(reply)
    if verdict is not None:
        table = dataclasses.replace(table, verdict=_columns(reply, verdict))
    return Results(question, table, reply.tiles, verdict, question.titles, asked)


def _table(reply: Union[ChangeReply, SeriesReply]) -> HitTable:
    hits, count = reply.results, len(reply.results)
    columns = [
        array("f", [hit.score for hit in hits]),
        array("f", [hit.valid for hit in hits]),
        array("i", [hit.place for hit in hits]),
        array("i", [0] * count),
        *(array("i", [getattr(hit, name) for hit in hits]) for name in ("factor", "row", "col")),
    ]
    rank = RankReply(reply.query, count, reply.tiles, reply.indexes, reply.timings, reply.language)
    return HitTable.of(rank, pack_columns(columns))


def _of_series(reply: SeriesReply) -> VerdictReply:
    """By the best places, as any verdict."""
    best = [hit.score for hit in reply.results[:_BEST]]
    best_score = sum(best) / len(best) if best else NOTHING
    return _verdict(reply, level_of(best_score), best_score)


def _verdict(reply: Union[ChangeReply, SeriesReply], level: str, best_score: float) -> VerdictReply:
    return VerdictReply(
        level=level,
        best_score=best_score,
        percentile=0.0,
        offset=0.0,
        spread=1.0,
        runner_up="",
        runner_up_score=0.0,
        phrases=tuple(dict.fromkeys(hit.phrase or "" for hit in reply.results)),
        categories=tuple(dict.fromkeys(hit.category or "" for hit in reply.results)),
        warnings=reply.warnings,
    )


def _columns(reply: Union[ChangeReply, SeriesReply], verdict: VerdictReply) -> VerdictColumns:
    phrases = {phrase: at for at, phrase in enumerate(verdict.phrases)}
    categories = {category: at for at, category in enumerate(verdict.categories)}
    return VerdictColumns(
        verdict,
        array("i", [phrases[hit.phrase or ""] for hit in reply.results]),
        array("i", [categories[hit.category or ""] for hit in reply.results]),
        array("f", [0.0] * len(reply.results)),
    )
