"""Ranked tiles as columns: of a `RankReply` and its attachment, without an object for each hit.

The answer to a search as columns: ten thousand hits in one attachment, read without a copy of each.
"""

from __future__ import annotations

import hashlib
import sys
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Optional, Union

from msa_model.protocol.errors import ProtocolError
from msa_model.protocol.layers import Transform
from msa_model.protocol.match import Match, match_of
from msa_model.protocol.messages import Hit, Ring, SearchTimings, TileRef
from msa_model.protocol.warning_table import EngineWarning

# Columns of the attachment, one after the other, `count` little-endian numbers of 4 bytes each, best first.
# `place` numbers the place that a hit belongs to: overlapping hits of one place share the number, and the
# first of them stands for it. `index` is a position in `RankReply.indexes`.
HIT_COLUMNS = (
    ("score", "f"),
    ("valid", "f"),
    ("place", "i"),
    ("index", "i"),
    ("factor", "i"),
    ("row", "i"),
    ("col", "i"),
)


@dataclass(frozen=True)
class RankedIndex:
    """What turns the tiles of an index into places: grid, CRS, and the raster behind it.

    `stored` is how many tiles the index held, in the area of interest or not.
    """

    index: str
    source: str
    crs: str
    transform: Transform
    gsd_m: float
    tile: int
    lattice: int
    stored: int = 0


@dataclass(frozen=True)
class RankReply:
    """Reply to `search.rank`: `count` hits of `tiles` searched, of whatever class; `HIT_COLUMNS` attached.

    `language`: 'other' where a term was read by the multilingual encoder (the shares of words need English),
    'missing' where one looks like another language and that encoder is not installed.
    """

    query: str
    count: int
    tiles: int
    indexes: tuple[RankedIndex, ...]
    timings: SearchTimings
    language: str = ""

    @property
    def ranked(self) -> tuple[int, ...]:
        """What was ranked, as a request for the verdict names it: the tiles stored in each index."""
        return tuple(index.stored for index in self.indexes)


# Columns of the attachment of `search.verdict`, laid out as `HIT_COLUMNS`, for the hits of the same request:
# positions in `VerdictReply.phrases` and `.categories`, and the phrase's own score on the tile.
VERDICT_COLUMNS = (("phrase", "i"), ("category", "i"), ("phrase_score", "f"))


@dataclass(frozen=True)
class VerdictReply:
    """Reply to `search.verdict`: how far the best tiles stand out from those of background phrases.

    A hit's match score is (score - `offset`) / `spread`; `best_score` is that of the three best.
    `level` follows from it: 'nothing' below 0, 'good' from 1 on, else 'doubtful'. `percentile` is the share
    (0 to 1) of the background phrases (in a search by example: of other tiles) whose own best tiles stand
    lower. `runner_up` is the background phrase that describes the best tiles best, with its match score
    there. `warnings` say what puts a raster outside what the model knows.
    """

    level: str
    best_score: float
    percentile: float
    offset: float
    spread: float
    runner_up: str
    runner_up_score: float
    phrases: tuple[str, ...]
    categories: tuple[str, ...]
    warnings: tuple[EngineWarning, ...] = ()


HEAT_MAP_TAG = "MSA_SEARCH"  # of the GeoTIFF's metadata


def heat_map_mark(transform: Sequence[float], pixels: bytes) -> str:
    """What proves a heat map to be ours as it was made: of Affine's a … f, and its float32 rows."""
    place = ",".join(f"{number:.9g}" for number in transform)
    return f"heat map sha256:{hashlib.sha256(place.encode() + pixels).hexdigest()}"


@dataclass(frozen=True)
class HeatmapReply:
    """Reply to `search.heatmap` of one index; the attachment is a float32 GeoTIFF, nodata where unscanned.

    `crs_apart` is the text of the '.aux.xml' that tells its CRS where GeoTIFF cannot; else empty.
    """

    query: str
    width: int
    height: int
    low: float
    high: float
    crs_apart: str = ""


_ITEM = 4  # bytes of every number
_COLUMNS = ("scores", "valid", "places", "indexes", "factors", "rows", "cols")  # as `HIT_COLUMNS` has them

Column = Any  # array.array of floats or ints; the class cannot be subscripted before Python 3.12


@dataclass(frozen=True)
class VerdictColumns:
    """What the verdict says of each hit: positions in its reply's `phrases` and `categories`, a score."""

    reply: VerdictReply
    phrases: Column
    categories: Column
    phrase_scores: Column


@dataclass(frozen=True)
class HitTable:
    """Hits by falling score, row 0 the best; hits of one place share its number in `places`."""

    reply: RankReply
    scores: Column
    valid: Column
    places: Column
    indexes: Column
    factors: Column
    rows: Column
    cols: Column
    verdict: Optional[VerdictColumns] = None

    @classmethod
    def of(cls, reply: RankReply, attachment: bytes) -> HitTable:
        """The table of a reply.

        Raises:
            ProtocolError: the attachment has not the columns that the reply promises.
        """
        table = cls(reply, *_unpacked(attachment, HIT_COLUMNS, reply.count))
        if reply.count and not 0 <= min(table.indexes) <= max(table.indexes) < len(reply.indexes):
            raise ProtocolError("A hit belongs to an index that the answer does not name.")
        return table

    def __len__(self) -> int:
        return self.reply.count

    def index(self, row: int) -> RankedIndex:
        """The index that holds a hit."""
        position: int = self.indexes[row]
        return self.reply.indexes[position]

    def scale_m(self, row: int) -> float:
        """Side of a hit's tile on the ground, in metres."""
        index = self.index(row)
        return float(index.tile * self.factors[row] * index.gsd_m)

    def tile(self, row: int) -> TileRef:
        """The tile of a hit."""
        return TileRef(self.index(row).index, self.factors[row], self.rows[row], self.cols[row])

    def ring(self, row: int) -> Ring:
        """The corners of a hit's tile in its index's CRS, from the upper left clockwise."""
        index = self.index(row)
        a, b, c, d, e, f = index.transform
        unit = index.lattice * self.factors[row]
        x0, y0, side = self.cols[row] * unit, self.rows[row] * unit, index.tile * self.factors[row]
        corners = ((x0, y0), (x0 + side, y0), (x0 + side, y0 + side), (x0, y0 + side))
        return tuple((a * x + b * y + c, d * x + e * y + f) for x, y in corners)

    def hit(self, row: int) -> Hit:
        """A row as a hit of its own; `rank` is row + 1."""
        index, ring = self.index(row), self.ring(row)
        xs, ys = zip(*ring)
        return Hit(
            rank=row + 1,
            score=self.scores[row],
            bounds=(min(xs), min(ys), max(xs), max(ys)),
            ring=ring,
            crs=index.crs,
            scale_m=self.scale_m(row),
            source=index.source,
            index=index.index,
            factor=self.factors[row],
            row=self.rows[row],
            col=self.cols[row],
            place=self.places[row],
            valid=self.valid[row],
            match_score=self.match_score(row),
            phrase=self.phrase(row),
            category=self.category(row),
            match=self.match(row),
        )

    def head(self, count: int) -> HitTable:
        """The first `count` hits, before there is a verdict on them."""
        columns = {name: getattr(self, name)[:count] for name in _COLUMNS}
        return replace(self, reply=replace(self.reply, count=min(count, len(self))), **columns)

    def with_verdict(self, reply: VerdictReply, attachment: bytes) -> HitTable:
        """The same hits with what a verdict on them says.

        Raises:
            ProtocolError: the verdict is one on other hits.
        """
        columns = VerdictColumns(reply, *_unpacked(attachment, VERDICT_COLUMNS, len(self)))
        _check_range(columns.phrases, len(reply.phrases))
        _check_range(columns.categories, len(reply.categories))
        return replace(self, verdict=columns)

    def match_score(self, row: int) -> Optional[float]:
        """The score in spreads above the background; None before there is a verdict."""
        if self.verdict is None:
            return None
        reply = self.verdict.reply
        return float((self.scores[row] - reply.offset) / reply.spread)

    def match(self, row: int) -> Optional[Match]:
        """That score in words; None before there is a verdict."""
        match_score = self.match_score(row)
        return None if match_score is None else match_of(match_score)

    def phrase(self, row: int) -> Optional[str]:
        """The phrase that describes the tile best; None without a verdict, or where none is believed."""
        at = -1 if self.verdict is None else self.verdict.phrases[row]
        return None if self.verdict is None or at < 0 else self.verdict.reply.phrases[at]

    def category(self, row: int) -> Optional[str]:
        """The category of the phrase that fits best, believed or not; None without a verdict."""
        at = -1 if self.verdict is None else self.verdict.categories[row]
        return None if self.verdict is None or at < 0 else self.verdict.reply.categories[at]


def pack_columns(columns: Sequence[Union[Column, bytes]]) -> bytes:
    """Columns of 4-byte numbers as an attachment, little-endian whatever the machine; bytes are taken so."""
    return b"".join(part if isinstance(part, bytes) else _little_endian(part).tobytes() for part in columns)


def _unpacked(attachment: bytes, columns: Sequence[tuple[str, str]], count: int) -> list[Column]:
    size = count * _ITEM
    if count < 0 or len(attachment) != size * len(columns):
        raise ProtocolError(f"{len(attachment)} bytes do not hold {len(columns)} columns of {count} numbers.")
    parts = []
    for at, (_, code) in enumerate(columns):
        column = array(code)
        column.frombytes(attachment[at * size : (at + 1) * size])
        parts.append(_little_endian(column))
    return parts


def _little_endian(column: Column) -> Column:
    """Swapped on machines that are not; its own inverse."""
    if sys.byteorder == "little":
        return column
    swapped = array(column.typecode, column)
    swapped.byteswap()
    return swapped


def _check_range(column: Column, size: int) -> None:
    """Positions within a list, or -1 for none."""
    if len(column) and not -1 <= min(column) <= max(column) < size:
        raise ProtocolError("A verdict names a phrase that it does not list.")
