"""Where indexes lie, by the content of their rasters: a small database in the cache folder.

Only a help for finding: every entry is checked against the index file, and losing it loses nothing but that.
"""

from __future__ import annotations

import logging
import os
from contextlib import closing
from pathlib import Path

from msa_model.files.folders import user_cache_folder
from msa_model.index.database import connect_for_reading, connect_to_table, storing, transaction
from msa_model.protocol.errors import MsaError

_log = logging.getLogger(__name__)

NAME = "indexes.sqlite"
_TABLE = "indexes"
_COLUMNS = "(path TEXT PRIMARY KEY, raster TEXT NOT NULL, fingerprint TEXT NOT NULL, model TEXT NOT NULL)"
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
        try:
            connected = closing(connect_to_table(self._path, _TABLE, _COLUMNS, _WAIT_S))
            with connected as connection, transaction(connection, self._path):
                connection.execute("INSERT OR REPLACE INTO indexes VALUES (?, ?, ?, ?)", row)
        except (MsaError, OSError) as error:
            _log.info("The catalogue of indexes cannot be written: %s", error)

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
        if not self._path.is_file():
            return []
        try:
            with closing(connect_for_reading(self._path)) as connection, storing(self._path):
                return connection.execute(query, values).fetchall()
        except (MsaError, OSError) as error:
            _log.info("The catalogue of indexes cannot be read: %s", error)
            return []
