"""What a batch finds of two dates, in its results file beside the hits of single rasters.

QGIS sees the layer `changes` and the tables `change_summary` (a row per question and pair that is done) and
`pairs`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from msa_model.index.batch_edits import Columns, RowsOfKey, columns_in, columns_of
from msa_model.index.batch_file import (
    BatchFile,
    BatchHit,
    PairSummary,
    RasterRow,
    layer_table,
)
from msa_model.index.database import storing, transaction
from msa_model.index.geopackage import add_attributes, add_layer, create_tables
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.hit_filter import CHANGE_FIELDS

_SCHEMA = f"""
{layer_table("changes", CHANGE_FIELDS)}
CREATE INDEX changes_of ON changes (source, source_after, query);
CREATE TABLE change_summary (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, query TEXT, name TEXT, source TEXT, source_after TEXT,
  hits INTEGER, area_ha DOUBLE, verdict TEXT, best_score DOUBLE, runner_up TEXT, tiles INTEGER,
  signature TEXT,
  finished DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), UNIQUE (query, source, source_after));
CREATE TABLE pairs (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, source TEXT, source_after TEXT, "index" TEXT,
  index_after TEXT, tiles INTEGER, encoded INTEGER, reused INTEGER, error TEXT, sentence TEXT,
  UNIQUE (source, source_after));
"""
_TABLES = columns_of(_SCHEMA)
_OF_PAIR = "source = ? AND source_after = ?"


@dataclass(frozen=True)
class BatchChange(BatchHit):
    """A row of `changes`: `CHANGE_FIELDS`, the question's name, and the polygon in the file's CRS."""

    date_before: str
    date_after: str
    score_before: float | None
    score_after: float | None
    change: float
    phrase_before: str
    phrase_after: str
    source_after: str
    index_after: str


@dataclass(frozen=True)
class ChangeSummary(PairSummary):
    """A row of `change_summary`; `source` is the raster before, `best_score` the change of the best."""

    source_after: str


@dataclass(frozen=True)
class PairRow(RasterRow):
    """A row of `pairs`; tiles that are compared, and those of both dates that were encoded or known."""

    source_after: str = ""
    index_after: str = ""


class ChangesFile(BatchFile):
    """A results file that holds changes, too: their tables are made with the first pair."""

    _own: ClassVar[Columns] = {**BatchFile._own, **_TABLES}

    def change_done(self, query: str, source: str, source_after: str) -> ChangeSummary | None:
        """What was written for a question and a pair of rasters."""
        key = (query, source, source_after)
        rows = self._found(ChangeSummary, "change_summary", f"query = ? AND {_OF_PAIR}", key)
        return self._summary(ChangeSummary, rows[0]) if rows else None

    def pair(self, source: str, source_after: str) -> PairRow | None:
        """What was written about a pair."""
        rows = self._found(PairRow, "pairs", _OF_PAIR, (source, source_after))
        return self._typed(PairRow, rows[0]) if rows else None

    def changes(self, query: str, source: str, source_after: str) -> tuple[BatchChange, ...]:
        """The changes that a question found in a pair, best first."""
        key = (query, source, source_after)
        rows = self._found(BatchChange, "changes", f"query = ? AND {_OF_PAIR} ORDER BY rank", key)
        return tuple(self._typed(BatchChange, (self._polygon(row[0]), *row[1:])) for row in rows)

    def check_changes(self, query: str, source: str, source_after: str) -> None:
        """As `check_pair`, for a question and a pair of rasters."""
        key = {"query": query, "source": source, "source_after": source_after}
        if self._has_changes():
            with storing(self.path):
                self._edits.check(RowsOfKey(("changes", "change_summary"), key))

    def write_changes(self, summary: ChangeSummary, hits: Sequence[BatchChange]) -> None:
        """Put changes and summary of a question on a pair in place of earlier ones, as `write_pair` does."""
        key = {"query": summary.query, "source": summary.source, "source_after": summary.source_after}
        self._replace(key, {"changes": hits, "change_summary": [summary]})

    def write_dates(self, row: PairRow) -> None:
        """Put what became of a pair in place of what was known.

        Raises:
            BadArgument: the file has other tables of these names.
        """
        if not self._has_changes():
            with transaction(self._connection, self.path):
                create_tables(self._connection, _SCHEMA)
                add_layer(self._connection, "changes", "POLYGON", self._reference()[1], None)
                add_attributes(self._connection, ["change_summary", "pairs"])
        self._put({"source": row.source, "source_after": row.source_after}, "pairs", row)

    def _found(self, kind: type, table: str, where: str, key: tuple[str, ...]) -> Sequence[Sequence[object]]:
        return self._rows(kind, table, where, key) if self._has_changes() else ()

    def _has_changes(self) -> bool:
        """Whether the tables are there; BadArgument where others have their names."""
        with storing(self.path):
            found = {table: columns_in(self._connection, table) for table in _TABLES}
        if any(_TABLES[table] - columns for table, columns in found.items() if columns):
            raise BadArgument(f"{self.path} has a table of changes that no batch made.")
        return all(found.values())
