"""Tables that users bring, as spreadsheets leave them: any usual delimiter and encoding, header or none.

Reading files that somebody else wrote: only regular ones, and no more of them than is sensible.

A pipe would be waited for without end, and a device read without end.
"""

from __future__ import annotations

import codecs
import csv
import errno
import io
import json
import os
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any, Optional, Union

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)


def open_regular(path: Union[str, Path]) -> BufferedReader:
    """A regular file to be read.

    Raises:
        OSError: it is another kind of file, or the system does not open it; `strerror` says which.
    """
    descriptor = os.open(path, _FLAGS)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    raise OSError(errno.EINVAL, "It is no regular file", str(path))


def read_bytes(path: Union[str, Path], most: int) -> bytes:
    """All bytes of a regular file.

    Raises:
        OSError: as of `open_regular`, or it holds more than `most` bytes.
    """
    with open_regular(path) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, f"It is larger than {most / 1e6:g} MB", str(path))
    return data


def read_json(path: Union[str, Path], most: int) -> Any:  # noqa: ANN401  (anything JSON)
    """What a regular UTF-8 file of JSON holds.

    Raises:
        OSError: as of `read_bytes`.
        ValueError: it is no UTF-8 or no JSON, or nested too deep.
    """
    text = read_bytes(path, most).decode("utf-8")
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error


MOST_BYTES = 16 * 2**20
MOST_LINES, MOST_CELLS = 50_000, 500_000  # read in a second or so
LONGEST_CELL = 10_000  # characters
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS = (",", ";", "\t", "|")
_NONE = "\x1f"  # in no text: the whole line is one cell
_MARKS_UNSEEN = (  # not the joiners 200C and 200D, which words of Persian and India need
    *(0xAD, 0x61C, 0x180E, 0x200B, 0x200E, 0x200F, 0xFEFF),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    *range(0xFFF9, 0xFFFC),
)
_UNSEEN = {**dict.fromkeys(range(0x20), " "), 0x7F: " ", **dict.fromkeys(_MARKS_UNSEEN, "")}
_SPREADSHEETS_HINT = re.compile(r"\"?sep=(.)\"?\r?\n?")


class TableUnreadable(ValueError):
    """No such file, no text, no CSV, or not the column that is wanted; the text is a sentence."""


@dataclass(frozen=True)
class Row:
    """Cells without the space around them, and the line of the file that they end on."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class CsvTable:
    """Rows that are not empty; `columns` are lower-case, and those expected where there is no header."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    encoding: str
    has_header: bool

    def cell(self, row: Row, column: str) -> str:
        """What a row holds in a column; empty where it has no such column."""
        at = self.columns.index(column) if column in self.columns else len(row.cells)
        return row.cells[at] if at < len(row.cells) else ""


def read_table(path: Union[str, Path], columns: Sequence[str]) -> CsvTable:
    """The table in a file; see `parse_table`."""
    return parse_table(bytes_of(path), str(path), columns)


def parse_table(data: bytes, name: str, columns: Sequence[str]) -> CsvTable:
    """The table in `data`, which `name` calls in messages; the first of `columns` must be there.

    A first row with none of these names is no header: the columns are then in the order of `columns`.

    Raises:
        TableUnreadable: no text, no CSV, or a header without the first column.
    """
    encoding, text = decoded(data, name)
    rows = _rows(text.lstrip("\ufeff"), name, columns)
    first = tuple(cell.lower() for cell in rows[0].cells) if rows else ()
    table = CsvTable(tuple(columns), tuple(rows), encoding, False)
    if set(columns) & set(first):
        if columns[0] not in first:
            raise TableUnreadable(f"{name}, line {rows[0].line}: there is no column '{columns[0]}'.")
        table = CsvTable(first, tuple(rows[1:]), encoding, True)
    _check_lengths(table, name, columns)
    return table


def _check_lengths(table: CsvTable, name: str, columns: Sequence[str]) -> None:
    """What is read is bounded; what else a table has, outlines for one, may be long."""
    for row in table.rows:
        if max(len(table.cell(row, column)) for column in columns) > LONGEST_CELL:
            raise TableUnreadable(f"{name}, line {row.line}: a cell has more than {LONGEST_CELL} characters.")


def bytes_of(path: Union[str, Path]) -> bytes:
    """What a file of sensible size holds.

    Raises:
        TableUnreadable: there is none, it is no regular file, or too large.
    """
    try:
        return read_bytes(path, MOST_BYTES)
    except (OSError, ValueError) as error:
        raise TableUnreadable(
            f"{path} cannot be read: {getattr(error, 'strerror', None) or error}."
        ) from error


def decoded(data: bytes, name: str) -> tuple[str, str]:
    """Encoding and text; what is no Unicode is taken for what Windows writes in western Europe.

    Raises:
        TableUnreadable: it is neither, or has too many lines.
    """
    marked = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), _unmarked_utf16(data))
    for encoding in filter(None, (marked, "utf-8", "cp1252")):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text.count("\n") + text.count("\r") - text.count("\r\n") > MOST_LINES:
            raise TableUnreadable(f"{name} has more than {MOST_LINES} lines.")
        if "\0" not in text:
            return encoding, text
    raise TableUnreadable(f"{name} is no text.")


def _unmarked_utf16(data: bytes) -> str:
    """UTF-16 without a byte order mark: mostly Latin text, so that every other byte is 0."""
    even, odd = data[::2].count(0), data[1::2].count(0)
    if len(data) % 2 or max(even, odd) * 4 < len(data) or min(even, odd):
        return ""
    return "utf-16-le" if odd else "utf-16-be"


def _rows(text: str, name: str, columns: Sequence[str]) -> list[Row]:
    """The rows that are not empty, cut where it makes the best table."""
    hint = _SPREADSHEETS_HINT.match(text)
    if hint is not None and hint.end() and text[hint.end() - 1 : hint.end()] in {"\n", "\r"}:
        return _cut(text[hint.end() :], name, hint[1], 1)
    cuts = {delimiter: _tried(text, name, delimiter) for delimiter in _DELIMITERS}
    tables = {delimiter: rows for delimiter, rows in cuts.items() if rows is not None}
    best = _best(tables, columns)
    return tables[best] if best in tables else _cut(text, name, best if tables else ",", 0)


def _best(tables: dict[str, list[Row]], columns: Sequence[str]) -> str:
    """The delimiter that the header speaks for, or that cuts every row alike, or that cuts none."""
    wide = {key: rows for key, rows in tables.items() if rows and len(rows[0].cells) > 1}
    named = [key for key, rows in wide.items() if set(columns) & {cell.lower() for cell in rows[0].cells}]
    alike = [key for key, rows in wide.items() if len({len(row.cells) for row in rows}) == 1]
    for keys in (named, alike):
        if keys:
            return max(keys, key=lambda key: len(wide[key][0].cells))
    uncut = (key for key, rows in tables.items() if all(sum(map(bool, row.cells)) == 1 for row in rows))
    return next(uncut, _NONE)


def _tried(text: str, name: str, delimiter: str) -> Optional[list[Row]]:
    try:
        return _cut(text, name, delimiter, 0)
    except TableUnreadable:
        return None


def _cut(text: str, name: str, delimiter: str, lines_before: int) -> list[Row]:
    if text.count(delimiter) > MOST_CELLS:
        raise TableUnreadable(f"{name} has more than {MOST_CELLS} cells.")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows = []
    try:
        for cells in reader:
            clean = tuple(map(_clean, cells))
            if any(clean):
                rows.append(Row(reader.line_num + lines_before, clean))
    except csv.Error as error:
        line = reader.line_num + lines_before
        raise TableUnreadable(f"{name}, line {line}: {error}.") from error
    return rows


def _clean(cell: str) -> str:
    """A cell's text on one line, without what cannot be seen."""
    if "\n" in cell or "\r" in cell:
        cell = re.sub(r"\s*[\r\n]\s*", " ", cell)
    return (cell if cell.isprintable() else cell.translate(_UNSEEN)).strip()
