"""Watch-lists: what to look for, a query a line."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence

from msa_model.protocol.batch import WatchedQuery
from msa_model.protocol.bounded_files import read_bytes
from msa_model.protocol.errors import WatchListUnreadable

QUERY, NAME, LEAST = "query", "name", "min_score"
MOST_QUERIES = 1000
MAX_BYTES = 16 * 2**20
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def read_watch_list(path: str) -> tuple[WatchedQuery, ...]:
    """The queries of a file, each once.

    A CSV file (commas, semicolons or tabs) has a header with `query`, and perhaps `name` and `min_score`;
    a file that ends in .txt has a query a line. UTF-8, or UTF-16 as spreadsheets write it.

    Raises:
        WatchListUnreadable: the file, or a line of it; the sentence names it.
    """
    text = _text(path)
    rows = _lines(text) if path.lower().endswith(".txt") else _rows(text, path)
    queries = tuple(dict.fromkeys(rows))
    if not 1 <= len(queries) <= MOST_QUERIES:
        raise WatchListUnreadable(f"{path} holds {len(queries)} queries, not 1 to {MOST_QUERIES}.")
    return queries


def _text(path: str) -> str:
    try:
        data = read_bytes(path, MAX_BYTES)
    except OSError as error:
        raise WatchListUnreadable(f"{path} cannot be read: {error.strerror}.") from error
    encoding = "utf-16" if data.startswith(_UTF16) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise WatchListUnreadable(f"{path}, line {line}: the text is not UTF-8.") from error


def _lines(text: str) -> list[WatchedQuery]:
    return [WatchedQuery(line.strip()) for line in text.splitlines() if line.strip()]


def _rows(text: str, path: str) -> list[WatchedQuery]:
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(text.splitlines(), delimiter=delimiter, strict=True)
    try:
        header = [cell.strip().lower() for cell in next(reader, [])]
        if QUERY not in header:
            raise WatchListUnreadable(f"{path}, line 1: there is no column '{QUERY}'.")
        return [
            _query(row, header, f"{path}, line {reader.line_num}")
            for row in reader
            if any(map(str.strip, row))
        ]
    except csv.Error as error:
        raise WatchListUnreadable(f"{path}, line {reader.line_num}: {error}.") from error


def _query(row: Sequence[str], header: Sequence[str], place: str) -> WatchedQuery:
    cells = dict(zip(header, map(str.strip, row), strict=False))
    if not cells.get(QUERY):
        raise WatchListUnreadable(f"{place}: the row has no query.")
    return WatchedQuery(cells[QUERY], cells.get(NAME, ""), _least(cells.get(LEAST, ""), place))


def _least(text: str, place: str) -> float | None:
    if not text:
        return None
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise WatchListUnreadable(f"{place}: the least score '{text}' is no number.")
    return value
