"""The answer to a search as columns: ten thousand hits in one attachment, read without a copy of each."""

from __future__ import annotations

from dataclasses import dataclass

from msa_model.protocol.drawn_layer import Transform
from msa_model.protocol.messages import SearchTimings

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
    """Reply to `search.rank`: `count` hits of `tiles` ranked; the attachment holds `HIT_COLUMNS`.

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

    A hit's honest score is (score - `offset`) / `spread`; `standing` is that of the three best tiles. `level`
    follows from it: 'nothing' below 0, 'good' from 1 on, else 'doubtful'. `percentile` is the share (0 to 1)
    of the background phrases (in a search by example: of other tiles) whose own best tiles stand lower.
    `runner_up` is the background phrase that describes the best tiles best, with its standing there.
    `warnings` say what puts a raster outside what the model knows.
    """

    level: str
    standing: float
    percentile: float
    offset: float
    spread: float
    runner_up: str
    runner_up_standing: float
    phrases: tuple[str, ...]
    categories: tuple[str, ...]
    warnings: tuple[str, ...] = ()


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
