"""The results of a batch: a GeoPackage that grows query by query and raster by raster.

QGIS sees the layer `hits` and the tables `summary` (a row per query and raster that is done) and `rasters`.
What is written for a query and a raster is written in one transaction: a killed batch has it whole or not
at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self, TypeVar, get_args, get_type_hints

import shapely

from msa_model.files.folders import check_writable
from msa_model.index.batch_edits import Columns, Edits, RowsOfKey, columns_in, columns_of, without_digest
from msa_model.index.database import OpenedFile, connect_for_writing, settle, storing, transaction
from msa_model.index.geopackage import (
    add_attributes,
    add_layer,
    create_core,
    create_tables,
    geometry_blob,
    geometry_of,
    touch,
)
from msa_model.index.locations import is_local
from msa_model.index.lock import WriterLock
from msa_model.protocol.errors import BadArgument, FileNotOurs, IndexUnreadable
from msa_model.protocol.hit_filter import HIT_FIELDS, INTEGER, REAL, TEXT

_SQL_TYPES = {INTEGER: "INTEGER", REAL: "DOUBLE", TEXT: "TEXT"}
_LATER = {
    "category": "TEXT",
    "place": "INTEGER",
    "match": "TEXT",
}  # columns of `hits` that earlier files lack


def layer_table(table: str, hit_fields: Mapping[str, str]) -> str:
    """The statement that makes a layer of hits."""
    columns = ", ".join(f'"{name}" {_SQL_TYPES[kind]}' for name, kind in hit_fields.items())
    return (
        f"CREATE TABLE {table} (\n"
        f"  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom POLYGON, name TEXT, {columns});"
    )


_SCHEMA = f"""
{layer_table("hits", HIT_FIELDS)}
CREATE INDEX hits_of ON hits (source, query);
CREATE TABLE summary (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, query TEXT, name TEXT, source TEXT, hits INTEGER,
  area_ha DOUBLE, verdict TEXT, best_score DOUBLE, runner_up TEXT, tiles INTEGER, signature TEXT,
  finished DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), UNIQUE (query, source));
CREATE TABLE rasters (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, source TEXT UNIQUE, "index" TEXT, tiles INTEGER,
  encoded INTEGER, reused INTEGER, error TEXT, sentence TEXT);
"""


Row = TypeVar("Row")


_OWN_TABLES = columns_of(_SCHEMA)


@dataclass(frozen=True)
class BatchHit:
    """A row of `hits`: `HIT_FIELDS`, the query's name, and the polygon in the file's CRS."""

    polygon: shapely.Polygon
    name: str
    rank: int
    score: float
    match_score: float | None
    match: str | None
    phrase: str | None
    category: str | None
    scale_m: float
    valid: float | None
    place: int | None
    query: str
    source: str
    index: str
    factor: int
    row: int
    col: int


@dataclass(frozen=True)
class PairSummary:
    """A row of `summary`; `signature` tells whether the same request was answered."""

    query: str
    name: str
    source: str
    hits: int
    area_ha: float
    verdict: str
    best_score: float | None
    runner_up: str
    tiles: int
    signature: str


@dataclass(frozen=True)
class RasterRow:
    """A row of `rasters`."""

    source: str
    index: str
    tiles: int
    encoded: int
    reused: int
    error: str = ""
    sentence: str = ""


_Record = BatchHit | PairSummary | RasterRow
Summary = TypeVar("Summary", bound=PairSummary)


class BatchFile:
    """An open results file, held by one batch at a time."""

    _own: ClassVar[Columns] = _OWN_TABLES

    def __init__(self, path: Path, crs: str) -> None:
        """Make the file, or go on with it in its own CRS.

        Raises:
            BadArgument: its name does not end in .gpkg.
            FileNotOurs: the file is something else.
            index_locked: another batch writes it.
            folder_read_only, DiskFull: it cannot be written.
        """
        self.path = path
        _check_target(path)
        self._lock = WriterLock(path)
        self._ours = False
        try:
            self._connection = connect_for_writing(path)
            self._edits = Edits(self._connection, path, self._own)
            self._prepare(crs)
            self._file = OpenedFile(path)
            self.crs, self._srs_id = self._reference()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if kind is None:
            self.check()

    def check(self) -> None:
        """Whether the file still lies where it was; index_gone where it does not."""
        self._file.check()

    def close(self) -> None:
        """Close the file and let go of it."""
        try:
            if hasattr(self, "_connection"):
                if self._ours:
                    settle(self._connection)
                self._connection.close()
        finally:
            self._lock.release()

    def done(self, query: str, source: str) -> PairSummary | None:
        """What was written for a query and a raster."""
        rows = self._rows(PairSummary, "summary", "query = ? AND source = ?", (query, source))
        return self._summary(PairSummary, rows[0]) if rows else None

    def raster(self, source: str) -> RasterRow | None:
        """What was written about a raster."""
        rows = self._rows(RasterRow, "rasters", "source = ?", (source,))
        return self._typed(RasterRow, rows[0]) if rows else None

    def hits(self, query: str, source: str) -> tuple[BatchHit, ...]:
        """The hits of a query on a raster, best first."""
        rows = self._rows(BatchHit, "hits", "query = ? AND source = ? ORDER BY rank", (query, source))
        return tuple(self._typed(BatchHit, (self._polygon(row[0]), *row[1:])) for row in rows)

    def check_pair(self, query: str, source: str) -> None:
        """Whether `write_pair` may replace what was written for a query and a raster; FileNotOurs if not."""
        with storing(self.path):
            self._edits.check(RowsOfKey(("hits", "summary"), {"query": query, "source": source}))

    def write_pair(self, summary: PairSummary, hits: Sequence[BatchHit]) -> None:
        """Put hits and summary of a query on a raster in place of earlier ones, whole or not at all.

        Raises:
            FileNotOurs: somebody has changed the earlier ones.
        """
        key = {"query": summary.query, "source": summary.source}
        self._replace(key, {"hits": hits, "summary": [summary]})

    def write_raster(self, row: RasterRow) -> None:
        """Put what became of a raster in place of what was known; columns of somebody's own stay."""
        self._put({"source": row.source}, "rasters", row)

    def _put(self, key: Mapping[str, str], table: str, row: RasterRow) -> None:
        names, values, there = _columns(type(row)), self._values(row), RowsOfKey((table,), key)
        sql = f"UPDATE {table} SET {', '.join(f'{name} = ?' for name in names)} WHERE {there.where}"  # noqa: S608  # nosec B608
        with transaction(self._connection, self.path):
            if not self._connection.execute(sql, (*values, *there.values)).rowcount:
                self._insert(table, [row])
            touch(self._connection, table)
        self.check()

    def _replace(self, key: Mapping[str, str], tables: Mapping[str, Sequence[_Record]]) -> None:
        """Put rows of tables in place of those with this key, whole or not at all."""
        there = RowsOfKey(tuple(tables), key)
        with transaction(self._connection, self.path):
            self._edits.check(there)
            for table, rows in tables.items():
                self._connection.execute(f"DELETE FROM {table} WHERE {there.where}", there.values)  # noqa: S608  # nosec B608
                if rows:
                    self._insert(table, rows)
                touch(self._connection, table)
            self._edits.seal(there)
        self.check()

    def _summary(self, kind: type[Summary], values: Sequence[object]) -> Summary:
        found = self._typed(kind, values)
        return replace(found, signature=without_digest(found.signature))

    def _insert(self, table: str, rows: Sequence[_Record]) -> None:
        names = _columns(type(rows[0]))
        self._connection.executemany(
            f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",  # noqa: S608  # nosec B608
            map(self._values, rows),
        )
        if hits := [row for row in rows if isinstance(row, BatchHit)]:
            self._grow(table, hits)

    def _values(self, row: _Record) -> tuple[object, ...]:
        """As they are stored."""
        if isinstance(row, BatchHit):
            return geometry_blob(row.polygon, self._srs_id), *astuple(row)[1:]
        return astuple(row)

    def _rows(self, kind: type, table: str, where: str, values: tuple[str, ...]) -> list[tuple]:  # type: ignore[type-arg]
        sql = f"SELECT {', '.join(_columns(kind))} FROM {table} WHERE {where}"  # noqa: S608  # nosec B608
        with storing(self.path):
            return self._connection.execute(sql, values).fetchall()

    def _typed(self, kind: type[Row], values: Sequence[object]) -> Row:
        """A row whose columns hold what a batch writes.

        Raises:
            BadArgument: they hold something else; SQLite takes text in a column of numbers.
        """
        for (name, hint), value in zip(get_type_hints(kind).items(), values, strict=True):
            number = type(value) is int and float in (hint, *get_args(hint))
            if not (isinstance(value, hint) and type(value) is not bool) and not number:
                raise BadArgument(f"{self.path} holds rows that no batch wrote: '{name}' is {value!r:.60}.")
        return kind(*values)

    def _polygon(self, blob: object) -> shapely.Geometry:
        try:
            return geometry_of(blob)  # type: ignore[arg-type]
        except (TypeError, ValueError, shapely.errors.GEOSException) as error:
            raise BadArgument(f"{self.path} holds rows that no batch wrote: a shape is none.") from error

    def _grow(self, table: str, hits: Sequence[BatchHit]) -> None:
        """Widen the layer's extent, which only ever grows."""
        x0, y0, x1, y1 = shapely.total_bounds([hit.polygon for hit in hits]).tolist()
        self._connection.execute(
            "UPDATE gpkg_contents SET min_x = min(coalesce(min_x, :x0), :x0),"
            " min_y = min(coalesce(min_y, :y0), :y0), max_x = max(coalesce(max_x, :x1), :x1),"
            " max_y = max(coalesce(max_y, :y1), :y1) WHERE table_name = :table",
            {"x0": x0, "y0": y0, "x1": x1, "y1": y1, "table": table},
        )

    def _prepare(self, crs: str) -> None:
        """Check that the file is ours, or empty; make its tables."""
        tables = self._tables()
        if tables and {tables.get(name) for name in _OWN_TABLES} != {True}:
            raise _taken(self.path)
        self._ours = True
        with storing(self.path):
            journal = "WAL" if is_local(self.path.parent) else "DELETE"
            self._connection.execute(f"PRAGMA journal_mode = {journal}")
        if not tables:
            with transaction(self._connection, self.path):
                srs_id = create_core(self._connection, crs)
                create_tables(self._connection, _SCHEMA)
                add_layer(self._connection, "hits", "POLYGON", srs_id, None)
                add_attributes(self._connection, ["summary", "rasters"])
        self._add_later_columns()

    def _add_later_columns(self) -> None:
        with storing(self.path):
            found = self._connection.execute("SELECT name FROM pragma_table_info('hits')").fetchall()
        missing = {name: kind for name, kind in _LATER.items() if (name,) not in found}
        if missing:
            with transaction(self._connection, self.path):
                for name, kind in missing.items():
                    self._connection.execute(f'ALTER TABLE hits ADD COLUMN "{name}" {kind}')  # nosec B608

    def _tables(self) -> dict[str, bool]:
        """Names of all tables and views, and which of them have our columns; others may have been added."""
        try:
            with storing(self.path):
                found = self._connection.execute("SELECT name, type FROM sqlite_schema").fetchall()
                return {name: kind == "table" and self._has_our_columns(name) for name, kind in found}
        except IndexUnreadable as error:
            raise _taken(self.path) from error

    def _has_our_columns(self, table: str) -> bool:
        found = columns_in(self._connection, table)
        return table in _OWN_TABLES and _OWN_TABLES[table] - set(_LATER.items()) <= found

    def _reference(self) -> tuple[str, int]:
        """The CRS of the hits."""
        with storing(self.path):
            srs_id, organization, definition = self._connection.execute(
                "SELECT srs_id, organization, definition FROM gpkg_spatial_ref_sys JOIN gpkg_geometry_columns"
                " USING (srs_id) WHERE table_name = 'hits'"
            ).fetchone()
        return (f"EPSG:{srs_id}" if organization == "EPSG" else definition), srs_id


def _columns(kind: type) -> list[str]:
    names = {"polygon": "geom", "index": '"index"', "row": '"row"', "match": '"match"'}
    return [names.get(field.name, field.name) for field in fields(kind)]


def _check_target(path: Path) -> None:
    if path.suffix.lower() != ".gpkg":
        raise BadArgument(f"{path} must end in .gpkg.")
    check_writable(path)
    if path.is_dir():
        raise _taken(path)


def _taken(path: Path) -> FileNotOurs:
    return FileNotOurs(f"{path} exists and is something else than the results of a batch.")
