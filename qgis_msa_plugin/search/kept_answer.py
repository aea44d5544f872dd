"""The hits of an answer as a project keeps them, checked: nothing is unpacked beyond what they may take."""

from __future__ import annotations

import base64
from typing import Any, Optional, Union

from msa_model.protocol.changing import ChangeHit, ChangeReply, SeriesHit, SeriesReply
from msa_model.protocol.codec import from_wire
from msa_model.protocol.errors import ProtocolError
from msa_model.protocol.hit_filter import DEPTH
from msa_model.protocol.hit_table import HitTable
from msa_model.protocol.messages import TileRef
from msa_model.protocol.ranking import HIT_COLUMNS, VERDICT_COLUMNS, RankedIndex, RankReply, VerdictReply
from qgis_msa_plugin.checked import check_numbers, check_range, inflated, line, listed, number, whole
from qgis_msa_plugin.search.kept_places import checked_crs

_BYTES = 4  # of a number in a column
_MOST_INDEXES, _MOST_PHRASES, _MOST_WARNINGS = 1000, 20_000, 1000
_MOST_SIDE = 1 << 20  # px
_MOST_METRES = 1e8
_MOST_SCORE = 1e6
_CODE = 2**31 - 1
_OF_FINE_STAGE = ("reranked", "fine_scores", "matches")
_LEVELS = ("nothing", "doubtful", "good")


def kept_table(head: dict[str, Any]) -> HitTable:
    """The hits, with their verdict if they have one.

    Raises:
        ProtocolError, or what is `UNREADABLE`: the text holds something else.
    """
    reply = _checked_reply(from_wire(RankReply, _without_fine_stage(head["reply"])))
    table = HitTable.of(reply, _columns(head["columns"], len(HIT_COLUMNS), reply.count))
    _check_hits(table)
    if head["verdict"] is None:
        return table
    verdict = _checked_verdict(from_wire(VerdictReply, head["verdict"]))
    columns = _columns(head["verdict_columns"], len(VERDICT_COLUMNS), reply.count)
    judged = table.with_verdict(verdict, columns)
    if judged.verdict is not None:
        check_range(judged.verdict.phrase_scores, -_MOST_SCORE, _MOST_SCORE)
    return judged


def kept_change(data: Optional[dict[str, Any]], table: HitTable) -> Optional[ChangeReply]:
    """What the hits of the table say of two dates; nothing where the answer is about one.

    Raises:
        ProtocolError, or what is `UNREADABLE`: the text says it of other hits, or something else.
    """
    if data is None:
        return None
    reply = from_wire(ChangeReply, data)
    check_numbers(reply)
    if [_tile_of(hit) for hit in reply.results] != [table.tile(row) for row in range(len(table))]:
        raise ProtocolError("What changed is told of other tiles than those of the answer.")
    for hit in reply.results:
        for text in (hit.index_after, hit.source_after, hit.phrase_before, hit.phrase_after):
            line(text)
    return reply


def kept_series(data: Optional[dict[str, Any]], table: HitTable) -> Optional[SeriesReply]:
    """What the hits of the table say of many dates; nothing where the answer is about no series.

    Raises:
        ProtocolError, or what is `UNREADABLE`: the text says it of other hits or dates, or something else.
    """
    if data is None:
        return None
    reply = from_wire(SeriesReply, data)
    check_numbers(reply)
    dates = len(listed(reply.dates, _MOST_INDEXES))
    if [_tile_of(hit) for hit in reply.results] != [table.tile(row) for row in range(len(table))]:
        raise ProtocolError("A history is told of other tiles than those of the answer.")
    if {dates} != {len(reply.indexes), len(reply.sources), *(len(hit.scores) for hit in reply.results)}:
        raise ProtocolError("A history has not a score for each date.")
    for hit in reply.results:
        for text in (hit.source, hit.first, hit.last, hit.phrase or "", hit.category or "", hit.match or ""):
            line(text)
    for text in (*reply.dates, *reply.sources, *reply.warnings):
        line(text)
    for index in reply.indexes:
        _check_index(index)
    return reply


def _tile_of(hit: Union[ChangeHit, SeriesHit]) -> TileRef:
    return TileRef(hit.index, hit.factor, hit.row, hit.col)


def _without_fine_stage(reply: dict[str, Any]) -> dict[str, Any]:
    """A reply without what versions that re-ranked told of it; its hits stay in the order that they had."""
    known = {name: value for name, value in reply.items() if name not in _OF_FINE_STAGE}
    timings = {name: value for name, value in reply["timings"].items() if name != "rerank_ms"}
    return {**known, "timings": timings}


def _columns(text: object, columns: int, count: int) -> bytes:
    size = columns * count * _BYTES
    packed = base64.b64decode(line(text, 2 * size + 1000), validate=True)
    return inflated(packed, size)


def _checked_reply(reply: RankReply) -> RankReply:
    whole(reply.count, 0, DEPTH)
    whole(reply.tiles, 0, 2**53)
    for index in listed(reply.indexes, _MOST_INDEXES):
        _check_index(index)
    if not reply.indexes:
        raise ProtocolError("An answer names no index.")
    check_numbers(reply)
    return reply


def _check_index(index: RankedIndex) -> None:
    line(index.index)
    line(index.source)
    checked_crs(index.crs)
    check_range(index.transform, -1e12, 1e12)
    a, b, _, d, e, _ = index.transform
    if a * e == b * d:
        raise ProtocolError("The pixels of an index have no size.")
    number(index.gsd_m, 1e-9, _MOST_METRES)
    whole(index.tile, 1, _MOST_SIDE)
    whole(index.lattice, 1, _MOST_SIDE)


def _check_hits(table: HitTable) -> None:
    check_range(table.scores, -_MOST_SCORE, _MOST_SCORE)
    check_range(table.valid, 0, 1 + 1e-6)
    check_range(table.places, 0, max(len(table) - 1, 0))
    check_range(table.factors, 1, _MOST_SIDE)
    for column in (table.rows, table.cols):
        check_range(column, -_CODE, _CODE)


def _checked_verdict(verdict: VerdictReply) -> VerdictReply:
    check_numbers(verdict)
    number(verdict.spread, 1e-9, _MOST_SCORE)
    number(verdict.percentile, 0, 1)
    line(verdict.runner_up)
    for texts, most in (
        (verdict.warnings, _MOST_WARNINGS),
        (verdict.phrases, _MOST_PHRASES),
        (verdict.categories, _MOST_PHRASES),
    ):
        for text in listed(texts, most):
            line(text)
    if verdict.level not in _LEVELS:
        raise ProtocolError("A verdict says what no verdict says.")
    return verdict
