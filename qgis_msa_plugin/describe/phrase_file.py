"""Phrase banks on disk, in whatever encoding a spreadsheet left them; knows no Qt."""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass
from pathlib import Path

from msa_model.protocol.bounded_files import read_bytes
from msa_model.protocol.errors import PhrasesUnreadable
from qgis_msa_plugin.whole_file import write_whole

COLUMN, CATEGORY = "phrase", "category"
MOST_PHRASES = 20_000
MOST_BYTES = 16_000_000
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class PhraseRow:
    """A phrase and what kind of thing it names."""

    phrase: str
    category: str = ""


@dataclass(frozen=True)
class PhraseFile:
    """The phrases of a file, each once; `encoding` is that in which it was found.

    `whole` says that there is nothing else in it: no other column, no remark, nothing said twice otherwise.
    """

    rows: tuple[PhraseRow, ...]
    encoding: str = "utf-8"
    whole: bool = True


def read_phrases(path: Path) -> PhraseFile:
    """The phrases of a CSV file (commas, semicolons or tabs); without a `phrase` column, of its first one.

    Text that is no UTF-8 is taken for what Windows writes in western Europe.

    Raises:
        PhrasesUnreadable: no such file, no table, nothing in it.
    """
    try:
        data = read_bytes(path, MOST_BYTES)
    except (OSError, ValueError) as error:
        raise PhrasesUnreadable(
            f"{path} cannot be read: {getattr(error, 'strerror', None) or error}."
        ) from error
    encoding, text = _decoded(data, path)
    table = _table(text, path)
    rows = _rows(table)
    unique = {row.phrase: row for row in reversed(rows)}
    whole = _holds_nothing_else(table, rows) and all(unique[row.phrase] == row for row in rows)
    found = tuple(row for row in rows if unique.pop(row.phrase, None) is not None)
    if not 1 <= len(found) <= MOST_PHRASES:
        raise PhrasesUnreadable(f"{path} holds {len(found)} phrases, not 1 to {MOST_PHRASES}.")
    return PhraseFile(found, encoding, whole)


def write_phrases(path: Path, rows: tuple[PhraseRow, ...]) -> None:
    """Write the phrases as UTF-8, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([COLUMN, CATEGORY])
    writer.writerows([row.phrase, row.category] for row in rows)
    write_whole(path, text.getvalue().encode("utf-8"))


def is_replaceable(path: Path) -> bool:
    """Whether writing phrases to that place loses nothing: no file is there, or one of phrases alone."""
    if not path.exists():
        return not path.is_symlink()
    try:
        return read_phrases(path).whole
    except PhrasesUnreadable:
        return False


def _decoded(data: bytes, path: Path) -> tuple[str, str]:
    marked = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), "")
    for encoding in filter(None, (marked, "utf-8", "cp1252")):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return encoding, text
    raise PhrasesUnreadable(f"{path} is no text.")


def _table(text: str, path: Path) -> list[list[str]]:
    first = text.partition("\n")[0]
    reader = csv.reader(text.splitlines(), delimiter=max(",;\t", key=first.count), strict=True)
    try:
        return [[cell.strip() for cell in row] for row in reader if any(map(str.strip, row))]
    except csv.Error as error:
        raise PhrasesUnreadable(f"{path}, line {reader.line_num}: {error}.") from error


def _rows(table: list[list[str]]) -> list[PhraseRow]:
    header = _header(table)
    if COLUMN not in header:
        return [PhraseRow(row[0]) for row in table if row[0]]
    phrase, category = header.index(COLUMN), header.index(CATEGORY) if CATEGORY in header else len(header)
    cells = (row + [""] * (len(header) + 1 - len(row)) for row in table[1:])
    return [PhraseRow(row[phrase], row[category]) for row in cells if row[phrase]]


def _holds_nothing_else(table: list[list[str]], rows: list[PhraseRow]) -> bool:
    header = _header(table)
    if COLUMN not in header:
        return all(len(row) == 1 for row in table)
    known = {COLUMN, CATEGORY}.issuperset(header) and len(set(header)) == len(header)
    return known and len(rows) == len(table) - 1 and all(len(row) <= len(header) for row in table)


def _header(table: list[list[str]]) -> list[str]:
    return [cell.lower() for cell in table[0]] if table else []
