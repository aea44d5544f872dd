"""Messages about two dates and many: what changed where.

What a layer over time is made of: each tile of a series once for each date that shows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Optional

from msa_model.protocol.describing import Phrase
from msa_model.protocol.hit_table import RankedIndex
from msa_model.protocol.messages import Aoi, Bounds, Hit, SearchTimings, Source
from msa_model.protocol.warning_table import EngineWarning


@dataclass(frozen=True)
class DatesRequest:
    """`change.dates`: when rasters were taken; `names` are read where a raster tells nothing."""

    rasters: tuple[str, ...]
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class DatesReply:
    """Reply to `change.dates`: for each raster '2010-06-29', '2010-06', '2010', or empty."""

    dates: tuple[str, ...]


@dataclass(frozen=True)
class PairRequest:
    """`change.pair`: two rasters, or drawn layers, of one place that are to be compared."""

    before: Source
    after: Source


@dataclass(frozen=True)
class PairReply:
    """Reply to `change.pair`: what to scan as `after`, so that its tiles are those of the before-raster.

    That is the raster itself where both have the same pixels; else a file that lays it over the other, whose
    `index` is named, or the layer drawn on the other's pixels.
    """

    after: Source
    index: str = ""


@dataclass(frozen=True)
class ChangeRequest:
    """`change.rank`: a question of the change grammar about two indexes of one lattice.

    `before` and `after` are index files; dates are ISO dates, empty for those that the rasters tell.
    `point` is where a change like those sought lies, in `point_crs` (empty: the before-raster's).
    `merge`: of overlapping tiles, only the best.
    """

    query: str
    before: str
    after: str
    k: int = 20
    aoi: Optional[Aoi] = None
    date_before: str = ""
    date_after: str = ""
    point: Optional[tuple[float, float]] = None
    point_crs: str = ""
    merge: bool = False
    language: str = ""


@dataclass(frozen=True)
class ChangeHit(Hit):
    """A tile whose ground changed that way: `score` is the change in deviations of unchanged ground.

    `change` (and `match_score`) is below 0 where unchanged ground reaches as high, from 1 on where it
    stands out.
    `score_before` and `score_after` are match scores of the words at each date, None where no words ask;
    `phrase_before` and `phrase_after` the phrases that fit the tile best. `source` and `index` are those of
    the before-raster.
    """

    date_before: str = ""
    date_after: str = ""
    score_before: Optional[float] = None
    score_after: Optional[float] = None
    change: float = 0.0
    phrase_before: str = ""
    phrase_after: str = ""
    source_after: str = ""
    index_after: str = ""


@dataclass(frozen=True)
class ChangeVerdict:
    """What the best tiles are worth: `level` 'nothing' below 0, 'good' from 1 on, else 'doubtful'.

    `sentence` says so; `best_score` is the mean change of the three best tiles; so many were `compared`.
    """

    level: str
    best_score: float
    sentence: str
    compared: int


@dataclass(frozen=True)
class ChangeReply:
    """Reply to `change.rank`: hits by falling change.

    `tiles` were compared; `only_before` and `only_after` lie where the other raster has no data.
    `indexes` are those of the two dates.
    """

    query: str
    results: tuple[ChangeHit, ...]
    tiles: int
    only_before: int
    only_after: int
    date_before: str
    date_after: str
    verdict: ChangeVerdict
    timings: SearchTimings
    warnings: tuple[EngineWarning, ...] = ()
    language: str = ""
    indexes: tuple[RankedIndex, ...] = ()


@dataclass(frozen=True)
class ChangeHereRequest:
    """`change.here`: what changed at a place, in phrases."""

    before: str
    after: str
    point: tuple[float, float]
    crs: str = ""
    k: int = 5
    language: str = ""


@dataclass(frozen=True)
class ChangeHereReply:
    """Reply to `change.here`: phrases that gained and lost there, most first, and a sentence made of them.

    The sentence says what the place `was` (empty where nothing stands out) and is `now`.
    A phrase's `score` is how much its fit grew or fell, in deviations of unchanged ground; `cosine` its
    cosine at the date where it fits better.
    """

    sentence: str
    gained: tuple[Phrase, ...]
    lost: tuple[Phrase, ...]
    changed: bool
    change: float
    bounds: Bounds
    crs: str
    date_before: str
    date_after: str
    was: str = ""
    now: str = ""


@dataclass(frozen=True)
class SeriesRequest:
    """`series.rank`: a query over indexes of one lattice, each with an ISO date (empty: the raster's own).

    `point` asks for places whose history is like that one's, by its tile of that `factor` (0: the finest);
    else the text does.
    """

    query: str
    indexes: tuple[str, ...]
    dates: tuple[str, ...] = ()
    k: int = 20
    threshold: float = 0.0
    aoi: Optional[Aoi] = None
    point: Optional[tuple[float, float]] = None
    point_crs: str = ""
    merge: bool = False
    language: str = ""
    factor: int = 0


@dataclass(frozen=True)
class SeriesHit(Hit):
    """A tile's history: a match score for each date of the reply, None where it has no data.

    `first` and `last` are the dates at which it stands above the threshold, empty where it never does;
    `dates_above` how many do; `trend` the change of the match score in ten years; `correlation` with the
    history sought, where one was.
    """

    scores: tuple[Optional[float], ...] = ()
    first: str = ""
    last: str = ""
    dates_above: int = 0
    trend: float = 0.0
    correlation: Optional[float] = None


@dataclass(frozen=True)
class SeriesPoint(SeriesHit):
    """A tile at one `date`, an ISO day, with its match score then: what a layer over time is made of."""

    date: str = ""
    date_score: float = 0.0


@dataclass(frozen=True)
class SeriesReply:
    """Reply to `series.rank`: hits by falling best score (or correlation); `dates` in their order.

    `sources` and `indexes` are those of the dates; a hit's `phrase` and `category` fit it at its best date.
    """

    query: str
    dates: tuple[str, ...]
    sources: tuple[str, ...]
    results: tuple[SeriesHit, ...]
    tiles: int
    timings: SearchTimings
    warnings: tuple[EngineWarning, ...] = ()
    language: str = ""
    indexes: tuple[RankedIndex, ...] = ()


def points_of(reply: SeriesReply) -> Iterator[SeriesPoint]:
    """The tiles in their order, each by rising date; gaps are left out."""
    for hit in reply.results:
        for date, score in zip(reply.dates, hit.scores):
            if score is not None:
                yield SeriesPoint(**vars(hit), date=day_of(date), date_score=score)


def day_of(date: str) -> str:
    """The day on which a date begins: '2010' is '2010-01-01'."""
    return f"{date}-01-01"[:10] if len(date) == len("2010") else f"{date}-01"[:10]
