"""Many queries over many rasters in one go.

Watch-lists: what to look for, a query a line.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from msa_model.protocol.errors import MsaError
from msa_model.protocol.messages import Aoi, MapStyle, ScanSettings, Source
from msa_model.protocol.tables import CsvTable, Row, TableUnreadable, bytes_of, decoded, read_table
from msa_model.protocol.warning_table import EngineWarning


@dataclass(frozen=True)
class WatchedQuery:
    """A line of a watch-list: hits below `min_score` (match score, change), if given, are left out.

    With `before` and `after`, paths of rasters of one place, a question about these two dates.
    """

    query: str
    name: str = ""
    min_score: Optional[float] = None
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class DatedPair:
    """Two rasters of one place that questions about two dates are asked of.

    Dates are ISO dates, empty for those that the rasters tell.
    """

    before: Source
    after: Source
    date_before: str = ""
    date_after: str = ""


@dataclass(frozen=True)
class BatchRequest:
    """`batch.run`: scan what is missing, then answer every query over every raster.

    Results go to the GeoPackage `out` as they come; the same request again goes on where the last one
    ended. `watch_list` is a CSV file with a `query` column, read besides `queries`.
    `min_score` is for queries without their own. With `sent`, `out` and `report` lie where the worker writes
    no files: their bytes come as the reply's attachment, one after the other.
    `styles`: how the map shows the rasters that the report has pictures of.
    Questions about two dates ('appeared: houses') are asked of `pairs`, all others of `rasters`.
    `here` are files and folders that lie on the client's machine: a worker that does not see one of them
    does nothing.
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
    styles: tuple[MapStyle, ...] = ()
    pairs: tuple[DatedPair, ...] = ()
    here: tuple[str, ...] = ()


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
    warnings: tuple[EngineWarning, ...] = ()
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


QUERY, NAME, LEAST = "query", "name", "min_score"
BEFORE, AFTER = "before", "after"
MOST_QUERIES = 1000


def read_watch_list(path: str) -> tuple[WatchedQuery, ...]:
    """The queries of a file, each once.

    A table has a column `query`, and perhaps `name` and `min_score`, or these in this order without a header;
    a file that ends in .txt has a query a line. With columns `before` and `after`, rasters of two dates as
    paths from the file's folder on, the query is a question about these.

    Raises:
        watch_list_unreadable: the file, or a line of it; the sentence names it.
    """
    try:
        rows = _lines(path) if path.lower().endswith(".txt") else _rows(path)
    except TableUnreadable as error:
        raise MsaError.of("watch_list_unreadable", str(error)) from error
    queries = tuple(dict.fromkeys(rows))
    if not 1 <= len(queries) <= MOST_QUERIES:
        raise MsaError.of(
            "watch_list_unreadable", f"{path} holds {len(queries)} queries, not 1 to {MOST_QUERIES}."
        )
    return queries


def _lines(path: str) -> list[WatchedQuery]:
    _, text = decoded(bytes_of(path), path)
    lines = (" ".join(line.split()) for line in io.StringIO(text.lstrip("\ufeff"), newline=None))
    return [WatchedQuery(line) for line in lines if line]


def _rows(path: str) -> list[WatchedQuery]:
    table = read_table(path, (QUERY, NAME, LEAST))
    return [_query(table, row, f"{path}, line {row.line}", Path(path).parent) for row in table.rows]


def _query(table: CsvTable, row: Row, where: str, folder: Path) -> WatchedQuery:
    query = table.cell(row, QUERY)
    if not query:
        raise MsaError.of("watch_list_unreadable", f"{where}: the row has no query.")
    before, after = (_raster(table.cell(row, name), folder) for name in (BEFORE, AFTER))
    if bool(before) is not bool(after):
        raise MsaError.of("watch_list_unreadable", f"{where}: the row names one of two dates.")
    return WatchedQuery(query, table.cell(row, NAME), _least(table.cell(row, LEAST), where), before, after)


def _raster(text: str, folder: Path) -> str:
    """A path as GDAL reads it; a relative one counts from the folder on."""
    return str(folder / text) if text and "://" not in text else text


def _least(text: str, where: str) -> float | None:
    if not text:
        return None
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise MsaError.of("watch_list_unreadable", f"{where}: the least score '{text}' is no number.")
    return value
