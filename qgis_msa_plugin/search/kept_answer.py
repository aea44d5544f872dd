"""What a project keeps of questions and answers, as its text spells it, and how large each value may be."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Optional

from qgis.core import QgsGeometry, QgsWkbTypes

from msa_model.protocol.changing import ChangeReply, SeriesReply
from msa_model.protocol.codec import OpenRecord
from msa_model.protocol.errors import ProtocolError
from msa_model.protocol.hit_filter import DEPTH, Filters
from msa_model.protocol.hit_table import (
    RankedIndex,
    RankReply,
    VerdictReply,
)
from msa_model.protocol.layers import DrawnLayer
from msa_model.protocol.messages import Aoi, Example, RasterRef, TileRef
from qgis_msa_plugin.checked import (
    MOST_NAME,
    MOST_TEXT,
    FileLimits,
    at_most,
    check_range,
    line,
    listed,
    within,
)
from qgis_msa_plugin.gis.geometry import crs_of
from qgis_msa_plugin.search.judged import ChangeFields, JudgedPlace
from qgis_msa_plugin.search.question import Dates, Judgement, TileLimits

MOST_WKT = 1_000_000
# No more: QGIS reads collections within collections by recursion, until its stack ends.
_POLYGON = re.compile(r"\s*(multi)?polygon\s*(z|m|zm)?\s*\([-+0-9.eE,\s()]*\)\s*", re.IGNORECASE)
_DEEPEST = 3
_MOST_CRSS = 64
_LOOKED_UP: ContextVar[Optional[dict[str, bool]]] = ContextVar("looked_up", default=None)
_AUTHORITY_ID = re.compile(r"[A-Za-z][\w]*:[\w.]{1,40}")


@dataclass(frozen=True)
class LayerRecord(OpenRecord):
    """A layer of a question."""

    id: str
    aoi: Optional[Aoi]
    gsd_m: Optional[float]


@dataclass(frozen=True)
class QuestionRecord(OpenRecord):
    """A question."""

    text: str
    examples: tuple[Example, ...]
    layers: tuple[LayerRecord, ...]
    feedback: tuple[Example, ...]
    dates: Optional[Dates] = None


@dataclass(frozen=True)
class SearchRecord(OpenRecord):
    """A question and its filters, by name."""

    name: str
    text: str
    examples: tuple[Example, ...]
    filters: Filters


@dataclass(frozen=True)
class AnswerRecord(OpenRecord):
    """An answer; columns are packed, judgements are tiles (index, factor, row, column) and what was said.

    `limits` are those that its tiles met, `sides` and `kinds` what there is without them.
    """

    version: int
    question: QuestionRecord
    reply: RankReply
    tiles: int
    titles: dict[str, str]
    verdict: Optional[VerdictReply]
    filters: Filters
    judgements: tuple[tuple[str, int, int, int, Judgement], ...]
    columns: str
    verdict_columns: str = ""
    asked: str = ""
    change: Optional[ChangeReply] = None
    series: Optional[SeriesReply] = None
    limits: TileLimits = field(default_factory=TileLimits)
    sides: tuple[float, ...] = ()
    kinds: tuple[str, ...] = ()


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


def _check_polygon(wkt: str) -> None:
    if not _POLYGON.fullmatch(line(wkt, MOST_WKT)) or _depth(wkt) > _DEEPEST:
        raise ProtocolError("An area kept in the project is no polygon.")
    geometry = QgsGeometry.fromWkt(wkt)
    polygonal = geometry.type() == QgsWkbTypes.GeometryType.PolygonGeometry
    if geometry.isEmpty() or not polygonal or not math.isfinite(geometry.area()):
        raise ProtocolError("An area kept in the project is no polygon.")


def _depth(wkt: str) -> int:
    deepest = depth = 0
    for sign in wkt:
        depth += (sign == "(") - (sign == ")")
        deepest = max(deepest, depth)
    return deepest


_MOST_INDEXES, _MOST_PHRASES, _MOST_WARNINGS = 1000, 20_000, 1000
MOST_SIDE = 1 << 20  # px
_MOST_METRES = 1e8
MOST_SCORE = 1e6
_MOST_NUMBER = 1e15  # counts, coordinates and scores
MOST_CODE = 2**31 - 1
_LEVELS = ("nothing", "doubtful", "good")
_MOST_ITEMS = 1000  # examples, layers, values of a filter
_MOST_DATE = 40
_MOST_WEIGHT = 1e6
_MOST_COORDINATE = 1e12
_CORNERS = 4  # of a place


def _check_known_crs(crs: str) -> None:
    if crs:
        checked_crs(crs)


def _check_indexes(indexes: Sequence[RankedIndex]) -> None:
    listed(indexes, _MOST_INDEXES)
    if not indexes:
        raise ProtocolError("An answer names no index.")


def _check_pixels(transform: Sequence[float]) -> None:
    check_range(transform, -_MOST_COORDINATE, _MOST_COORDINATE)
    a, b, _, d, e, _ = transform
    if a * e == b * d:
        raise ProtocolError("The pixels of an index have no size.")


def _check_scales(scales_m: Collection[float]) -> None:
    check_range(listed(tuple(scales_m), _MOST_ITEMS), 0, _MOST_METRES)


def _check_dates(dates: Sequence[str]) -> None:
    for date in listed(dates, _MOST_ITEMS):
        line(date, _MOST_DATE)


def _check_corners(ring: Sequence[Sequence[float]]) -> None:
    if len(ring) != _CORNERS:
        raise ProtocolError("A place has four corners.")
    for corner in ring:
        check_range(corner, -_MOST_COORDINATE, _MOST_COORDINATE)


def _check_level(level: str) -> None:
    if level not in _LEVELS:
        raise ProtocolError("A verdict says what no verdict says.")


_TILE_LIMITS = {
    "scales_m": _check_scales,
    "categories": at_most(_MOST_ITEMS),
    "min_valid": within(0, 1),
}

# Of what a project keeps; whatever has no bound of its own here is as long and large as answers have it.
LIMITS = FileLimits(
    {
        Aoi: {"wkt": _check_polygon, "crs": checked_crs},
        TileRef: {
            "factor": within(1, MOST_CODE),
            "row": within(-MOST_CODE, MOST_CODE),
            "col": within(-MOST_CODE, MOST_CODE),
        },
        Example: {
            "weight": within(-_MOST_WEIGHT, _MOST_WEIGHT),
            "scale_m": within(1e-6, _MOST_METRES),
            "crs": _check_known_crs,
        },
        DrawnLayer: {"crs": checked_crs},
        RasterRef: {"bands": at_most(_MOST_ITEMS)},
        Dates: {
            "before": at_most(_MOST_DATE),
            "after": at_most(_MOST_DATE),
            "many": _check_dates,
            "point_crs": _check_known_crs,
        },
        RankReply: {"count": within(0, DEPTH), "tiles": within(0, 2**53), "indexes": _check_indexes},
        RankedIndex: {
            "crs": checked_crs,
            "transform": _check_pixels,
            "gsd_m": within(1e-9, _MOST_METRES),
            "tile": within(1, MOST_SIDE),
            "lattice": within(1, MOST_SIDE),
        },
        VerdictReply: {
            "spread": within(1e-9, MOST_SCORE),
            "percentile": within(0, 1),
            "warnings": at_most(_MOST_WARNINGS),
            "phrases": at_most(_MOST_PHRASES),
            "categories": at_most(_MOST_PHRASES),
            "level": _check_level,
        },
        AnswerRecord: {
            "tiles": within(0, 2**53),
            "titles": at_most(_MOST_ITEMS),
            "asked": at_most(_MOST_DATE),
            "columns": at_most(MOST_TEXT),
            "verdict_columns": at_most(MOST_TEXT),
            "sides": _check_scales,
            "kinds": at_most(_MOST_PHRASES),
        },
        SearchRecord: {"examples": at_most(_MOST_ITEMS)},
        LayerRecord: {"gsd_m": within(1e-6, _MOST_METRES)},
        QuestionRecord: {
            "examples": at_most(_MOST_ITEMS),
            "feedback": at_most(_MOST_ITEMS),
            "layers": at_most(_MOST_ITEMS),
        },
        JudgedPlace: {
            "crs": checked_crs,
            "ring": _check_corners,
            "score": within(-MOST_SCORE, MOST_SCORE),
            "match_score": within(-MOST_SCORE, MOST_SCORE),
            "scale_m": within(0, _MOST_METRES),
        },
        ChangeFields: dict.fromkeys(
            ("score_before", "score_after", "change"), within(-MOST_SCORE, MOST_SCORE)
        ),
        Filters: {**_TILE_LIMITS, "limit": within(1, DEPTH)},
        TileLimits: _TILE_LIMITS,
    },
    text=MOST_NAME,
    number=_MOST_NUMBER,
    items=DEPTH,
)
