"""Watch-lists: what to look for, a query a line."""

from __future__ import annotations

import math
from pathlib import Path

from msa_model.protocol.batch import WatchedQuery
from msa_model.protocol.errors import MsaError
from msa_model.protocol.tables import CsvTable, Row, TableUnreadable, bytes_of, decoded, read_table

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
    return [WatchedQuery(line.strip()) for line in text.splitlines() if line.strip()]


def _rows(path: str) -> list[WatchedQuery]:
    table = read_table(path, (QUERY, NAME, LEAST))
    return [_query(table, row, f"{path}, line {row.line}", Path(path).parent) for row in table.rows]


def _query(table: CsvTable, row: Row, place: str, folder: Path) -> WatchedQuery:
    query = table.cell(row, QUERY)
    if not query:
        raise MsaError.of("watch_list_unreadable", f"{place}: the row has no query.")
    before, after = (_raster(table.cell(row, name), folder) for name in (BEFORE, AFTER))
    if bool(before) is not bool(after):
        raise MsaError.of("watch_list_unreadable", f"{place}: the row names one of two dates.")
    return WatchedQuery(query, table.cell(row, NAME), _least(table.cell(row, LEAST), place), before, after)


def _raster(text: str, folder: Path) -> str:
    """A path as GDAL reads it; a relative one counts from the folder on."""
    return str(folder / text) if text and "://" not in text else text


def _least(text: str, place: str) -> float | None:
    if not text:
        return None
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise MsaError.of("watch_list_unreadable", f"{place}: the least score '{text}' is no number.")
    return value
