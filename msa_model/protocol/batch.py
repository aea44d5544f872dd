"""Many queries over many rasters in one go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from msa_model.protocol.messages import Aoi, MapLook, ScanSettings, Source


@dataclass(frozen=True)
class WatchedQuery:
    """A line of a watch-list: hits below `min_score` (honest score, change), if given, are left out.

    With `before` and `after`, paths of rasters of one place, a question about these two dates.
    """

    query: str
    name: str = ""
    min_score: Optional[float] = None
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class DatedPair:
    """Two rasters of one place that questions about two dates are asked of."""

    before: Source
    after: Source


@dataclass(frozen=True)
class BatchRequest:
    """`batch.run`: scan what is missing, then answer every query over every raster.

    Results go to the GeoPackage `out` as they come; the same request again goes on where the last one
    ended. `watch_list` is a CSV file with a `query` column, read besides `queries`.
    `min_score` is for queries without their own. With `sent`, `out` and `report` lie where the worker writes
    no files: their bytes come as the reply's attachment, one after the other.
    `looks`: how the map shows the rasters that the report has pictures of.
    Questions about two dates ('appeared: houses') are asked of `pairs`, all others of `rasters`.
    """

    rasters: tuple[Source, ...]
    out: str
    queries: tuple[WatchedQuery, ...] = ()
    watch_list: Optional[str] = None
    report: Optional[str] = None
    aoi: Optional[Aoi] = None
    settings: ScanSettings = ScanSettings()  # noqa: RUF009  (frozen)
    k: int = 100
    merge: bool = True
    min_score: Optional[float] = None
    sent: bool = False
    looks: tuple[MapLook, ...] = ()
    pairs: tuple[DatedPair, ...] = ()


@dataclass(frozen=True)
class BatchCost:
    """What one raster of a batch would take; `error` and `sentence` where it cannot be scanned.

    Of a pair, both dates together, with the `path_after` of the later one.
    """

    path: str
    tiles: int
    missing: int
    seconds: float
    bytes: int
    warnings: tuple[str, ...] = ()
    error: str = ""
    sentence: str = ""
    path_after: str = ""


@dataclass(frozen=True)
class BatchPlan:
    """Reply to `batch.plan`: what the batch would cost at most, raster by raster and together.

    `missing` tiles are still to be encoded, the others are indexed; nothing has been written.
    """

    rasters: tuple[BatchCost, ...]
    queries: int
    tiles: int
    missing: int
    seconds: float
    bytes: int


@dataclass(frozen=True)
class BatchRaster:
    """What became of one raster; `error` and `sentence` where it failed, which stops no other.

    Of a pair, `tiles` are those compared, `encoded` and `reused` those of both; `path_after`: the later one.
    """

    path: str
    index: str
    tiles: int
    encoded: int
    reused: int
    hits: int
    error: str = ""
    sentence: str = ""
    path_after: str = ""


@dataclass(frozen=True)
class BatchSummary:
    """Reply to `batch.run`; its attachment: `results_bytes` of the results file, then the report."""

    out: str
    report: str
    rasters: tuple[BatchRaster, ...]
    queries: int
    hits: int
    seconds: float
    results_bytes: int = 0
