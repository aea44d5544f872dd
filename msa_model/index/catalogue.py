"""Where indexes lie, by the content of their rasters: a small database in the cache folder.

Only a help for finding: every entry is checked against the index file, and losing it loses nothing but that.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from msa_model.files.folders import user_cache_folder

_log = logging.getLogger(__name__)

NAME = "indexes.sqlite"
_TABLE = (
    "CREATE TABLE IF NOT EXISTS indexes (path TEXT PRIMARY KEY, raster TEXT NOT NULL, "
    "fingerprint TEXT NOT NULL, model TEXT NOT NULL)"
)
_WAIT_S = 2.0


class Catalogue:
    """The one of a cache folder (the user's own when None); what cannot be read or written is as if empty."""

    def __init__(self, cache_folder: str | None) -> None:
        self._path = Path(cache_folder or user_cache_folder()) / NAME

    def keep(self, path: Path, raster: str, fingerprint: str, model_sha256: str) -> None:
        """Note that the index at `path` belongs to the raster of that content, which lies at `raster` now."""
        row = (os.path.abspath(path), raster, fingerprint, model_sha256)
        if row in self._rows("SELECT * FROM indexes WHERE path = ?", row[0]):
            return
        with self._connected(make=True) as connection:
            if connection is not None:
                with connection:
                    connection.execute("INSERT OR REPLACE INTO indexes VALUES (?, ?, ?, ?)", row)

    def at(self, raster: str, model_sha256: str) -> tuple[Path, ...]:
        """The indexes noted for the raster at that place."""
        rows = self._rows("SELECT path FROM indexes WHERE raster = ? AND model = ?", raster, model_sha256)
        return tuple(Path(path) for (path,) in rows)

    def of(self, fingerprint: str, model_sha256: str) -> tuple[Path, ...]:
        """The indexes noted for rasters of that content."""
        rows = self._rows(
            "SELECT path FROM indexes WHERE fingerprint = ? AND model = ?", fingerprint, model_sha256
        )
        return tuple(Path(path) for (path,) in rows)

    def _rows(self, query: str, *values: str) -> list[tuple[str, ...]]:
        with self._connected(make=False) as connection:
            return [] if connection is None else connection.execute(query, values).fetchall()

    @contextmanager
    def _connected(self, *, make: bool) -> Iterator[sqlite3.Connection | None]:
        """A connection to the table; None where there is none, or where it cannot be used."""
        connection = self._opened(make)
        if connection is None:
            yield None
            return
        with closing(connection):
            yield connection

    def _opened(self, make: bool) -> sqlite3.Connection | None:
        if not make and not self._path.is_file():
            return None
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self._path, timeout=_WAIT_S)
        except (OSError, sqlite3.Error) as error:
            _log.info("The catalogue of indexes cannot be opened: %s", error)
            return None
        try:
            connection.execute(_TABLE)
            connection.execute("SELECT path, raster, fingerprint, model FROM indexes LIMIT 0")
        except sqlite3.Error as error:
            connection.close()
            _log.info("The catalogue of indexes cannot be used: %s", error)
            return None
        return connection
