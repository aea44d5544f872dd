"""The tile index of one raster under one model: vectors on disk, written batch by batch."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from msa_model.index.database import (
    connect_for_reading,
    connect_for_writing,
    prepare_writing,
    settle,
    storing,
    transaction,
)
from msa_model.index.geopackage import add_coverage, create_schema
from msa_model.index.lock import WriterLock
from msa_model.index.manifest import Manifest, check_same, manifest_from_rows
from msa_model.index.places import default_index_path, make_folder
from msa_model.protocol.errors import IndexMissing, IndexOfOtherModel, IndexStale, IndexUnreadable
from msa_model.raster.grid import Keys

__all__ = ["TileIndex", "TileTable", "default_index_path"]

_KEY, _HALF, _FLOAT = np.dtype("<i4"), np.dtype("<f2"), np.dtype("<f4")


@dataclass(frozen=True)
class TileTable:
    """Tiles of an index in memory: `keys` int32 [n, 3], `vectors` float32 [n, d], `valid` float32 [n].

    `last_block` is where the next `load(after_block=…)` goes on.
    """

    keys: Keys
    vectors: NDArray[np.float32]
    valid: NDArray[np.float32]
    last_block: int


class TileIndex:
    """An open index file, for one writer at a time and any number of readers."""

    def __init__(
        self, path: Path, connection: sqlite3.Connection, manifest: Manifest, lock: WriterLock | None = None
    ) -> None:
        self.path = path
        self.manifest = manifest
        self._connection = connection
        self._lock = lock

    @classmethod
    def open_for_writing(cls, path: str | Path, manifest: Manifest, *, replace: bool = False) -> TileIndex:
        """Make the index, or go on with it; `replace` starts anew where it is stale or of another model.

        Raises:
            IndexStale, IndexOfOtherModel: it holds other tiles (without `replace`).
            IndexLocked, IndexFolderReadOnly, IndexUnreadable, DiskFull: it cannot be written.
        """
        path = Path(path)
        make_folder(path.parent)
        lock = WriterLock(path)
        try:
            return cls(path, _resumed(path, manifest, replace), manifest, lock)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def open_for_reading(cls, path: str | Path) -> TileIndex:
        """Open an index that is complete or being written.

        Raises:
            IndexMissing: there is none, or an empty file, as a scan killed at its start leaves it.
            IndexUnreadable: the file is something else, or damaged.
        """
        path = Path(path)
        connection = connect_for_reading(path)
        try:
            manifest = _read_manifest(connection, path)
        except BaseException:
            connection.close()
            raise
        if manifest is None:
            connection.close()
            raise IndexMissing(f"There is no index at {path}: the file is empty.")
        return cls(path, connection, manifest)

    def __enter__(self) -> TileIndex:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; a writer lets go of its lock."""
        lock, self._lock = self._lock, None
        try:
            if lock:
                settle(self._connection)
            self._connection.close()
        finally:
            if lock:
                lock.release()

    def done_keys(self) -> Keys:
        """int32 [n, 3]: the tiles that need no encoding any more, encoded or skipped."""
        with storing(self.path):
            rows = self._connection.execute("SELECT keys, skipped_keys FROM msa_blocks").fetchall()
        joined = b"".join(part for row in rows for part in row)
        return _array(joined, _KEY, self.path).reshape(-1, 3).astype(np.int32)

    def append(
        self,
        keys: Keys,
        vectors: NDArray[np.float32],
        valid: NDArray[np.float32],
        skipped_keys: Keys | None = None,
    ) -> None:
        """Add a batch in one transaction: keys [n, 3], vectors [n, d], valid [n], skipped_keys [m, 3].

        Raises:
            DiskFull, IndexLocked, IndexFolderReadOnly: nothing of the batch was written.
            ValueError: arrays that do not belong together.
        """
        skipped = np.empty((0, 3), np.int32) if skipped_keys is None else skipped_keys.reshape(-1, 3)
        if vectors.shape != (len(keys), self.manifest.dimension) or valid.shape != (len(keys),):
            raise ValueError(
                f"{len(keys)} keys, vectors {vectors.shape} and valid {valid.shape} do not match."
            )
        row = (
            len(keys),
            keys.astype(_KEY).tobytes(),
            vectors.astype(_HALF).tobytes(),
            valid.astype(_FLOAT).tobytes(),
            skipped.astype(_KEY).tobytes(),
        )
        with transaction(self._connection, self.path):
            self._connection.execute(
                "INSERT INTO msa_blocks (tiles, keys, vectors, valid, skipped_keys) VALUES (?, ?, ?, ?, ?)",
                row,
            )
            add_coverage(self._connection, self.manifest, np.concatenate((keys.reshape(-1, 3), skipped)))

    def load(self, after_block: int = 0) -> TileTable:
        """The tiles of all blocks after `after_block`, as of one moment.

        Raises:
            IndexUnreadable: a block is damaged.
        """
        with storing(self.path):
            self._connection.execute("BEGIN")
            try:
                return self._load(after_block)
            finally:
                self._connection.execute("ROLLBACK")

    def _load(self, after_block: int) -> TileTable:
        count = self._connection.execute(
            "SELECT coalesce(sum(tiles), 0) FROM msa_blocks WHERE block > ?", (after_block,)
        ).fetchone()[0]
        dimension, start, last = self.manifest.dimension, 0, after_block
        keys, valid = np.empty((count, 3), np.int32), np.empty(count, np.float32)
        vectors = np.empty((count, dimension), np.float32)
        for block, tiles, *blobs in self._connection.execute(
            "SELECT block, tiles, keys, vectors, valid FROM msa_blocks WHERE block > ? ORDER BY block",
            (after_block,),
        ):
            part = slice(start, start + tiles)
            try:
                keys[part] = np.frombuffer(blobs[0], _KEY).reshape(tiles, 3)
                vectors[part] = np.frombuffer(blobs[1], _HALF).reshape(tiles, dimension)
                valid[part] = np.frombuffer(blobs[2], _FLOAT).reshape(tiles)
            except ValueError as error:
                raise IndexUnreadable(f"Block {block} of {self.path} is damaged.") from error
            start, last = start + tiles, block
        return TileTable(keys, vectors, valid, last)


def _resumed(path: Path, manifest: Manifest, replace: bool) -> sqlite3.Connection:
    """A writing connection to an index that `manifest` describes."""
    connection = connect_for_writing(path)
    try:
        old = _read_manifest(connection, path)
        if old is not None:
            check_same(old, manifest, str(path))
        with storing(path):
            prepare_writing(connection)
        with transaction(connection, path):
            if old is None:
                create_schema(connection, manifest)
            else:
                connection.execute(
                    "UPDATE msa_manifest SET value = json_quote(?) WHERE name = 'raster'", (manifest.raster,)
                )
        return connection
    except (IndexStale, IndexOfOtherModel):
        connection.close()
        if not replace:
            raise
        _remove(path)
        return _resumed(path, manifest, replace=False)
    except BaseException:
        connection.close()
        raise


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _read_manifest(connection: sqlite3.Connection, path: Path) -> Manifest | None:
    """The manifest; None for a file without any table, as a scan killed at its start leaves it.

    Raises:
        IndexUnreadable: a database of something else.
    """
    with storing(path):
        if connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0:
            return None
        rows = dict(connection.execute("SELECT name, value FROM msa_manifest"))
    return manifest_from_rows(rows, str(path))


def _array(blob: bytes, dtype: np.dtype[np.int32], path: Path) -> NDArray[np.int32]:
    try:
        return np.frombuffer(blob, dtype)
    except ValueError as error:
        raise IndexUnreadable(f"The keys of {path} are damaged.") from error
