"""What somebody has changed of a batch's results since: a checksum beside their signature tells."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from msa_model.index.geopackage import create_tables
from msa_model.protocol.errors import FileNotOurs

_BETWEEN = " "  # signature and checksum
_NOT_COMPARED = frozenset(("fid", "finished", "signature"))

Columns = Mapping[str, Collection[tuple[str, str]]]
"""Names and types of the columns that a batch makes, by table."""


def columns_of(schema: str) -> dict[str, set[tuple[str, str]]]:
    """Name and type of every column of the tables that statements make."""
    with closing(sqlite3.connect(":memory:")) as connection:
        create_tables(connection, schema)
        tables = [n for (n,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return {table: columns_in(connection, table) for table in tables if not table.startswith("sqlite_")}


def columns_in(connection: sqlite3.Connection, table: str) -> set[tuple[str, str]]:
    """Name and type of every column of a table; nothing where there is none of that name."""
    return set(connection.execute("SELECT name, type FROM pragma_table_info(?)", (table,)))


@dataclass(frozen=True)
class RowsOfKey:
    """The rows of some tables whose columns have these values."""

    tables: Collection[str]
    key: Mapping[str, str]

    @property
    def where(self) -> str:
        """For a statement whose last parameters are `values`."""
        return " AND ".join(f"{name} = ?" for name in self.key)

    @property
    def values(self) -> tuple[str, ...]:
        """What the columns hold."""
        return tuple(self.key.values())

    @property
    def summaries(self) -> tuple[str, ...]:
        """Those of the tables that have signatures."""
        return tuple(table for table in self.tables if table.endswith("summary"))


class Edits:
    """Of an open results file whose tables have these columns; SQLite's failures are its caller's."""

    def __init__(self, connection: sqlite3.Connection, path: Path, own: Columns) -> None:
        self._connection, self._path, self._own = connection, path, own

    def check(self, rows: RowsOfKey) -> None:
        """Whether the rows are as a batch wrote them, with nothing in columns of somebody's own beside them.

        Raises:
            FileNotOurs: they are not. Files of earlier versions have no checksums: only columns tell.
        """
        if self._is_changed(rows) or any(self._holds_more(table, rows) for table in rows.tables):
            raise FileNotOurs(
                f"{self._path} has results that were changed since, and that stay as they are: "
                f"{' · '.join(rows.values)}."
            )

    def _is_changed(self, rows: RowsOfKey) -> bool:
        kept = self._kept(rows)
        if not kept:  # nothing was written, or somebody took the summary away
            return self._holds_any(rows)
        told = kept.partition(_BETWEEN)[2]
        return bool(told) and told != self._digest(rows)

    def seal(self, rows: RowsOfKey) -> None:
        """Have the summary of rows that have just been written tell them from changed ones."""
        for table in rows.summaries:
            kept = f"{self._kept(rows)}{_BETWEEN}{self._digest(rows)}"
            sql = f"UPDATE {table} SET signature = ? WHERE {rows.where}"  # noqa: S608  # nosec B608
            self._connection.execute(sql, (kept, *rows.values))

    def _kept(self, rows: RowsOfKey) -> str:
        """The signature as it is stored; empty where there is none."""
        for table in rows.summaries:
            sql = f"SELECT signature FROM {table} WHERE {rows.where}"  # noqa: S608  # nosec B608
            if found := self._connection.execute(sql, rows.values).fetchone():
                return str(found[0])
        return ""

    def _digest(self, rows: RowsOfKey) -> str:
        """Of what a batch writes into the rows, in whatever order they lie."""
        digest = hashlib.sha256()
        for table in sorted(rows.tables):
            names = sorted(name for name, _ in self._own[table] if name not in _NOT_COMPARED)
            columns = ", ".join(map(_quoted, names))
            sql = f"SELECT {columns} FROM {table} WHERE {rows.where}"  # noqa: S608  # nosec B608
            for line in sorted(map(repr, self._connection.execute(sql, rows.values))):
                digest.update(f"{table} {line}\n".encode(errors="surrogatepass"))
        return digest.hexdigest()[:16]

    def _holds_any(self, rows: RowsOfKey) -> bool:
        """Whether there are such rows: they and their summary are written together."""
        found = (f"SELECT 1 FROM {table} WHERE {rows.where} LIMIT 1" for table in rows.tables)  # noqa: S608  # nosec B608
        return any(self._connection.execute(sql, rows.values).fetchone() for sql in found)

    def _holds_more(self, table: str, rows: RowsOfKey) -> bool:
        """Whether a column that is not ours holds anything there."""
        ours = {name for name, _ in self._own[table]}
        names = self._connection.execute("SELECT name FROM pragma_table_info(?)", (table,)).fetchall()
        theirs = [f"{_quoted(name)} IS NOT NULL" for (name,) in names if name not in ours]
        if not theirs:
            return False
        where = f"{rows.where} AND ({' OR '.join(theirs)})"
        sql = f"SELECT 1 FROM {table} WHERE {where} LIMIT 1"  # noqa: S608  # nosec B608
        return self._connection.execute(sql, rows.values).fetchone() is not None


def without_digest(kept: str) -> str:
    """The signature alone."""
    return kept.partition(_BETWEEN)[0]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
