"""Messages about two dates and many: what changed where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from msa_model.protocol.messages import Aoi, Hit, SearchTimings


@dataclass(frozen=True)
class ChangeRequest:
    """`change.rank`: a question of the change grammar about two indexes of one lattice.

    `before` and `after` are index files; dates are ISO dates, empty for those that the rasters tell.
    `place` is where a change like those sought lies, in `place_crs` (empty: the before-raster's).
    `merge`: of overlapping tiles, only the best.
    """

    query: str
    before: str
    after: str
    k: int = 20
    aoi: Optional[Aoi] = None
    date_before: str = ""
    date_after: str = ""
    place: Optional[tuple[float, float]] = None
    place_crs: str = ""
    merge: bool = False
    language: str = ""


@dataclass(frozen=True)
class ChangeHit(Hit):
    """A tile whose ground changed that way: `score` is the change in deviations of unchanged ground.

    `change` (as `honest`) is below 0 where unchanged ground reaches as high, from 1 on where it stands out.
    `score_before` and `score_after` are honest scores of the words at each date, None where no words ask;
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

    `sentence` says so; `standing` is the mean change of the three best tiles; `compared` tiles were compared.
    """

    level: str
    standing: float
    sentence: str
    compared: int


@dataclass(frozen=True)
class ChangeReply:
    """Reply to `change.rank`: hits by falling change.

    `tiles` were compared; `only_before` and `only_after` lie where the other raster has no data.
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
    warnings: tuple[str, ...] = ()
    language: str = ""
