"""What describing places says: a window, a polygon, or many of them in one go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from msa_model.protocol.match import SHOWN, Match
from msa_model.protocol.messages import Bounds, Source


@dataclass(frozen=True)
class DescribeRequest:
    """`tile.describe`: a window of a raster centred on `point`, or its `bounds`, or a polygon, in `crs`.

    `polygon` is WKT. `every_scale` asks for the scales of a scan as well, each told apart. Phrases are told
    in `language` ('de'), those without a shipped translation as they are.
    """

    raster: Source
    crs: str
    point: Optional[tuple[float, float]] = None
    bounds: Optional[Bounds] = None
    scale_m: Optional[float] = None
    phrases: Optional[str] = None
    k: int = 10
    polygon: Optional[str] = None
    every_scale: bool = False
    language: str = ""


@dataclass(frozen=True)
class Phrase:
    """A phrase and its score: the cosine less the phrase's mean cosine over background images.

    `match_score` says what that is worth at this place, and `match` puts it into words.
    """

    phrase: str
    score: float
    cosine: float
    match_score: float = 0.0
    match: Match = "none"


@dataclass(frozen=True)
class Keyword:
    """A word of the phrases that match, and the weight (0 to 1) of those that hold it."""

    word: str
    weight: float


@dataclass(frozen=True)
class ScaleDescription:
    """What a place shows at one scale: the mean over `windows` windows of `scale_m` metres."""

    scale_m: float
    phrases: tuple[Phrase, ...]
    keywords: tuple[Keyword, ...]
    valid: float
    windows: int = 1


@dataclass(frozen=True)
class DescribeReply:
    """Reply to `tile.describe`: phrases by falling match score, one of each category, and what was seen.

    `scales`, finest first, where every scale was asked for: each of a scan that is no larger than the place,
    other than that of the description itself. What is mostly without data (`valid`) matches nothing, whatever
    the match scores. Without constants of the model's own (not `calibrated`) no
    phrase matches better than weakly.
    """

    phrases: tuple[Phrase, ...]
    bounds: Bounds
    crs: str
    scale_m: float
    valid: float
    keywords: tuple[Keyword, ...] = ()
    scales: tuple[ScaleDescription, ...] = ()
    calibrated: bool = True


def shown(phrases: tuple[Phrase, ...]) -> tuple[Phrase, ...]:
    """Those that match well enough to be shown unasked."""
    return tuple(phrase for phrase in phrases if phrase.match in SHOWN)


@dataclass(frozen=True)
class DescribeManyRequest:
    """`tile.describe_many`, a long job: `areas` are WKT polygons or points in `crs` (empty: the raster's).

    Windows of `scale_m` metres are spread over each area, at most `windows` of them; without a scale each
    area has one that suits its size. `k` phrases and keywords are told for each.
    """

    raster: Source
    areas: tuple[str, ...]
    crs: str = ""
    scale_m: Optional[float] = None
    phrases: Optional[str] = None
    k: int = 3
    windows: int = 9
    language: str = ""


@dataclass(frozen=True)
class AreaDescription:
    """What an area shows, the mean over `windows` of `scale_m`; `problem` says why there is nothing."""

    phrases: tuple[Phrase, ...] = ()
    keywords: tuple[Keyword, ...] = ()
    scale_m: float = 0.0
    windows: int = 0
    problem: str = ""


@dataclass(frozen=True)
class DescribeManyReply:
    """Reply to `tile.describe_many`: one description for each area, in their order; see `DescribeReply`."""

    descriptions: tuple[AreaDescription, ...]
    calibrated: bool = True
