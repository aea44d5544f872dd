"""The hits of an answer as a project keeps them, checked: nothing is unpacked beyond what they may take.

What a project says of places, checked: areas, CRSs, and its own layers as what a question is about.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import fields, is_dataclass
from typing import Any, Optional, Union

from qgis.core import QgsGeometry, QgsProject, QgsRasterLayer, QgsWkbTypes

from msa_model.protocol.changing import ChangeHit, ChangeReply, SeriesHit, SeriesReply
from msa_model.protocol.codec import from_wire
from msa_model.protocol.errors import MsaError, ProtocolError
from msa_model.protocol.hit_filter import DEPTH
from msa_model.protocol.hit_table import (
    HIT_COLUMNS,
    VERDICT_COLUMNS,
    HitTable,
    RankedIndex,
    RankReply,
    VerdictReply,
)
from msa_model.protocol.messages import Aoi, TileRef
from msa_model.protocol.query import parse_change
from qgis_msa_plugin.checked import (
    MOST_NAME,
    check_numbers,
    check_range,
    inflated,
    line,
    listed,
    number,
    whole,
)
from qgis_msa_plugin.gis.geometry import crs_of
from qgis_msa_plugin.gis.raster_source import raster_ref
from qgis_msa_plugin.search.target import Reading, Target, target_of

MOST_WKT = 1_000_000
# No more: QGIS reads collections within collections by recursion, until its stack ends.
_POLYGON = re.compile(r"\s*(multi)?polygon\s*(z|m|zm)?\s*\([-+0-9.eE,\s()]*\)\s*", re.IGNORECASE)
_DEEPEST = 3
_MOST_CRSS = 64
_LOOKED_UP: ContextVar[Optional[dict[str, bool]]] = ContextVar("looked_up", default=None)
_AUTHORITY_ID = re.compile(r"[A-Za-z][\w]*:[\w.]{1,40}")


@contextmanager
def few_crss() -> Iterator[None]:
    """What is read back within looks up no more CRSs than a project has: each takes milliseconds."""
    token = _LOOKED_UP.set({})
    try:
        yield
    finally:
        _LOOKED_UP.reset(token)


def checked_crs(text: object) -> str:
    """A CRS as an authority's id or WKT, which names no file and no server.

    Raises:
        ProtocolError: it is none that QGIS knows, or one too many.
    """
    crs, known = line(text, 2 * MOST_NAME), _LOOKED_UP.get()
    known = {} if known is None else known
    if crs not in known:
        if len(known) >= _MOST_CRSS:
            raise ProtocolError("The project names too many CRSs.")
        named = _AUTHORITY_ID.fullmatch(crs) and not crs.upper().startswith(("PROJ:", "HTTP", "FILE"))
        known[crs] = bool(named or "[" in crs) and crs_of(crs).isValid()
    if not known[crs]:
        raise ProtocolError("A CRS kept in the project is none.")
    return crs


def checked_aoi(aoi: Optional[Aoi]) -> Optional[Aoi]:
    """The area of a question.

    Raises:
        ProtocolError: it is no polygon in a CRS.
    """
    if aoi is None:
        return None
    wkt = line(aoi.wkt, MOST_WKT)
    if not _POLYGON.fullmatch(wkt) or _depth(wkt) > _DEEPEST:
        raise ProtocolError("An area kept in the project is no polygon.")
    geometry = QgsGeometry.fromWkt(wkt)
    polygonal = geometry.type() == QgsWkbTypes.GeometryType.PolygonGeometry
    if geometry.isEmpty() or not polygonal or not math.isfinite(geometry.area()):
        raise ProtocolError("An area kept in the project is no polygon.")
    return Aoi(wkt, checked_crs(aoi.crs), aoi.centres)


def target_in(project: QgsProject, layer_id: str, aoi: Optional[Aoi], reading: Reading) -> Optional[Target]:
    """The project's layer of that id as a target; nothing where it has gone or cannot be searched."""
    layer = project.mapLayer(layer_id)
    if not isinstance(layer, QgsRasterLayer):
        return None
    try:
        return target_of(layer, lambda: aoi, reading)
    except MsaError:
        return None


def paths_of(project: QgsProject) -> frozenset[str]:
    """The raster files that the project's layers show."""
    found = set()
    for layer in project.mapLayers().values():
        if isinstance(layer, QgsRasterLayer):
            with suppress(MsaError):
                found.add(raster_ref(layer).path)
    return frozenset(found)


def _depth(wkt: str) -> int:
    deepest = depth = 0
    for sign in wkt:
        depth += (sign == "(") - (sign == ")")
        deepest = max(deepest, depth)
    return deepest


_BYTES = 4  # of a number in a column
_MOST_INDEXES, _MOST_PHRASES, _MOST_WARNINGS = 1000, 20_000, 1000
_MOST_SIDE = 1 << 20  # px
_MOST_METRES = 1e8
_MOST_SCORE = 1e6
_MOST_NUMBER = 1e15  # counts, coordinates and scores
_TWO = 2  # dates, at least, of what tells of several
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?", re.ASCII)
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
    _check_same(reply, table)
    parse_change(reply.query)
    if len(reply.indexes) != _TWO:
        raise ProtocolError("What changed is told of other than two dates.")
    for hit in reply.results:
        if hit.index_after != reply.indexes[1].index:
            raise ProtocolError("What changed lies in an index that the answer does not name.")
    return reply


def kept_series(data: Optional[dict[str, Any]], table: HitTable) -> Optional[SeriesReply]:
    """What the hits of the table say of many dates; nothing where the answer is about no series.

    Raises:
        ProtocolError, or what is `UNREADABLE`: the text says it of other hits or dates, or something else.
    """
    if data is None:
        return None
    reply = from_wire(SeriesReply, data)
    _check_same(reply, table)
    dates = len(reply.dates)
    if dates < _TWO or not all(map(_DATE.fullmatch, reply.dates)):
        raise ProtocolError("A history is not of dates.")
    if {dates} != {len(reply.indexes), len(reply.sources), *(len(hit.scores) for hit in reply.results)}:
        raise ProtocolError("A history has not a score for each date.")
    if any(set(hit.scores) == {None} for hit in reply.results):
        raise ProtocolError("A history has no score at any date.")
    return reply


def _check_same(reply: Union[ChangeReply, SeriesReply], table: HitTable) -> None:
    """See that dates tell of the question, tiles and index files of the answer, which are checked."""
    _check_size(reply)
    if (reply.query, reply.indexes) != (table.reply.query, table.reply.indexes):
        raise ProtocolError("Dates are told of another question or other indexes than those of the answer.")
    if [_tile_of(hit) for hit in reply.results] != [table.tile(row) for row in range(len(table))]:
        raise ProtocolError("Dates are told of other tiles than those of the answer.")


def _check_size(value: object) -> None:
    """See that texts, numbers and lists within a message are as long and large as answers have them."""
    if isinstance(value, str):
        line(value)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        number(value, -_MOST_NUMBER, _MOST_NUMBER)
    elif isinstance(value, tuple):
        for item in listed(value, DEPTH):
            _check_size(item)
    elif is_dataclass(value):
        for field in fields(value):
            _check_size(getattr(value, field.name))


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
