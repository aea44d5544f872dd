"""Phrases as users bring them: what the editor shows and what the worker encodes are the same."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Union

from msa_model.protocol.errors import PhrasesUnreadable
from msa_model.protocol.tables import CsvTable, Row, TableUnreadable, bytes_of, parse_table

COLUMN, CATEGORY = "phrase", "category"
MOST_PHRASES = 20_000
LONGEST_PHRASE = 1000  # characters


@dataclass(frozen=True)
class PhraseRow:
    """A phrase and what kind of thing it names."""

    phrase: str
    category: str = ""


@dataclass(frozen=True)
class PhraseFile:
    """The phrases of a file, each once with its first category; `encoding` is that in which it was found.

    `whole` says that there is nothing else in it: no other column, no remark, nothing said twice otherwise.
    """

    rows: tuple[PhraseRow, ...]
    encoding: str = "utf-8"
    whole: bool = True


def read_phrases(path: Union[str, Path]) -> PhraseFile:
    """The phrases of a table's column `phrase`, or of its first one where it has no header.

    Rows without a phrase are passed over.

    Raises:
        PhrasesUnreadable: no such file, no table, no or too many phrases, or one that is too long.
    """
    return parse_phrases(phrase_bytes(path), str(path))


def phrase_bytes(path: Union[str, Path]) -> bytes:
    """What `parse_phrases` reads; PhrasesUnreadable where there is no such file."""
    try:
        return bytes_of(path)
    except TableUnreadable as error:
        raise PhrasesUnreadable(str(error)) from error


def parse_phrases(data: bytes, name: str) -> PhraseFile:
    """The phrases in the bytes of a file that `name` calls in messages; errors as of `read_phrases`."""
    try:
        table = parse_table(data, name, (COLUMN, CATEGORY))
    except TableUnreadable as error:
        raise PhrasesUnreadable(str(error)) from error
    rows = [_phrase_row(table, row, name) for row in table.rows if _words(table.cell(row, COLUMN))]
    unique = {row.phrase: row for row in reversed(rows)}
    same = all(cell == _words(cell) for row in table.rows for cell in row.cells)
    whole = same and _holds_nothing_else(table, rows) and all(unique[row.phrase] == row for row in rows)
    found = tuple(row for row in rows if unique.pop(row.phrase, None) is not None)
    if not 1 <= len(found) <= MOST_PHRASES:
        raise PhrasesUnreadable(f"{name} holds {len(found)} phrases, not 1 to {MOST_PHRASES}.")
    return PhraseFile(found, table.encoding, whole)


def _phrase_row(table: CsvTable, row: Row, name: str) -> PhraseRow:
    phrase = _words(table.cell(row, COLUMN))
    if len(phrase) > LONGEST_PHRASE:
        raise PhrasesUnreadable(
            f"{name}, line {row.line}: no phrase has more than {LONGEST_PHRASE} characters."
        )
    return PhraseRow(phrase, _words(table.cell(row, CATEGORY)) if table.has_header else "")


def _words(cell: str) -> str:
    """A text without a list's marks before it, nor those that make it a spreadsheet's formula."""
    return cell.lstrip("=+-@ ")


def _holds_nothing_else(table: CsvTable, rows: list[PhraseRow]) -> bool:
    if not table.has_header:
        return all(len(row.cells) == 1 for row in table.rows)
    known = {COLUMN, CATEGORY}.issuperset(table.columns) and len(set(table.columns)) == len(table.columns)
    return (
        known
        and len(rows) == len(table.rows)
        and all(len(row.cells) <= len(table.columns) for row in table.rows)
    )
