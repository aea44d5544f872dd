"""The tile index of one raster under one model: vectors on disk, written batch by batch."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from msa_model.files.folders import make_folder
from msa_model.index.blocks import (
    BlockReader,
    EncodedTiles,
    IndexBlock,
    TileTable,
    forget_skipped,
    insert_block,
    take_out,
)
from msa_model.index.checksums import Checks, StoredTiles, complete_digests, read_held
from msa_model.index.database import (
    OpenedFile,
    connect_for_reading,
    settle,
    storing,
    transaction,
)
from msa_model.index.drawn import add_pictures, read_picture
from msa_model.index.geopackage import add_coverage
from msa_model.index.lock import WriterLock
from msa_model.index.manifest import UNCHECKED, Manifest
from msa_model.index.own_tables import (
    Totals,
    blocks_digest,
    read_identity,
    read_manifest,
    read_totals,
    told_totals,
    write_manifest,
    write_totals,
)
from msa_model.index.resuming import resumed
from msa_model.protocol.errors import IndexMissing, MsaError
from msa_model.raster.grid import Keys, packed

_OF_THE_DISK = ("disk_full", "storage_failed", "folder_read_only")  # kinds of errors


class TileIndex:
    """An open index file, for one writer at a time and any number of readers."""

    def __init__(
        self, path: Path, connection: sqlite3.Connection, manifest: Manifest, lock: WriterLock | None = None
    ) -> None:
        self.path = path
        self.manifest = manifest
        self._connection = connection
        self._lock = lock
        self._file = OpenedFile(path) if lock else None
        self._forgotten: NDArray[np.int64] = np.empty(0, np.int64)
        with storing(path):
            self._checks = Checks(manifest, read_identity(connection))
            self._reader = BlockReader(connection, manifest, self._checks, path)

    @classmethod
    def open_for_writing(cls, path: str | Path, manifest: Manifest, *, replace: bool = False) -> TileIndex:
        """Make the index, or go on with it; `replace` starts anew where it is stale or of another model.

        Raises:
            IndexStale, IndexOfOtherModel: it holds other tiles (without `replace`).
            FileNotOurs: it is another program's, or holds layers of another program (with `replace`).
            index_locked, folder_read_only, IndexUnreadable, DiskFull, storage_failed: it cannot be written.
        """
        path = Path(os.path.realpath(path))
        make_folder(path.parent)
        lock = WriterLock(path)
        try:
            return cls(path, *resumed(path, manifest, replace), lock)
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
            with storing(path):
                manifest = read_manifest(connection, path)
            if manifest is None:
                raise IndexMissing(f"There is no index at {path}: the file is empty.")
            return cls(path, connection, manifest)
        except BaseException:
            connection.close()
            raise

    def __enter__(self) -> TileIndex:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close(check=kind is None)

    def close(self) -> None:
        """Close the file; a writer lets go of its lock.

        Raises:
            index_gone: what was written is not where it should be.
        """
        self._close(check=True)

    def _close(self, check: bool) -> None:
        lock, self._lock = self._lock, None
        check = check and lock is not None
        try:
            if lock:
                settle(self._connection)
            self._connection.close()
            if self._file and check:
                self._check_written(self._file)
        finally:
            if lock:
                lock.release()

    def _check_written(self, file: OpenedFile) -> None:
        """Other programs may have removed, replaced or cut off the file while it was open.

        Raises:
            index_gone: one did.
            DiskFull, storage_failed, folder_read_only: the disk fails, so that nobody can say.
        """
        file.check()
        try:
            with TileIndex.open_for_reading(self.path) as index:
                index.counts()
        except MsaError as error:
            if error.kind in _OF_THE_DISK:
                raise
            raise MsaError.of(
                "index_gone", f"{self.path} was overwritten while it was being written."
            ) from error

    def done_keys(self, min_valid: float = 1.0) -> Keys:
        """int32 [n, 3]: the tiles that need no encoding any more, encoded or skipped.

        Those that were skipped for a greater least share of valid pixels than `min_valid` are not done.

        Raises:
            IndexUnreadable: a block is damaged.
        """
        with self.moment():
            read_totals(self._connection, self.manifest, self.path)
            return self._reader.done(min_valid)

    def forget_skipped(self, min_valid: float) -> None:
        """Let the tiles be scanned that were skipped for a greater least share of valid pixels.

        Raises:
            DiskFull, index_locked, folder_read_only: nothing was written.
        """
        with transaction(self._connection, self.path):
            totals = told_totals(self._connection, self.path)
            forgotten = forget_skipped(self._connection, self._checks, min_valid, self.path)
            write_totals(self._connection, replace(totals, skipped=totals.skipped - forgotten))

    def counts(self) -> Totals:
        """How much there is, without reading it.

        Raises:
            IndexUnreadable: it is not as much as was written.
        """
        with self.moment():
            return read_totals(self._connection, self.manifest, self.path)

    @contextmanager
    def moment(self) -> Iterator[None]:
        """What is read within is of one moment, whoever writes meanwhile."""
        if self._connection.in_transaction:
            yield
            return
        with storing(self.path):
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._connection.execute("ROLLBACK")

    def append(self, tiles: EncodedTiles) -> None:
        """Add a batch in one transaction.

        Raises:
            DiskFull, storage_failed, index_locked, folder_read_only: nothing of the batch was written.
            index_gone: the file was removed or replaced.
            ValueError: see `EncodedTiles.parts`.
        """
        parts = tiles.parts(self.manifest.dimension)
        keys, skipped = tiles.keys.reshape(-1, 3), tiles.skipped.reshape(-1, 3)
        manifest = self._with_engine(tiles.engine if len(keys) else "")
        with transaction(self._connection, self.path):
            if manifest != self.manifest:
                write_manifest(self._connection, manifest)
            totals = told_totals(self._connection, self.path)
            insert_block(self._connection, self._checks, totals.last + 1, parts, tiles.digests)
            write_totals(self._connection, totals.with_block(keys, skipped))
            self._cover(np.concatenate((keys, skipped)))
            if tiles.pictures:
                add_pictures(self._connection, self._checks, keys, tiles.pictures)
        self.manifest = manifest
        if self._file:
            self._file.check()

    def _with_engine(self, engine: str) -> Manifest:
        if not engine or engine in self.manifest.engines:
            return self.manifest
        return replace(self.manifest, engines=(*self.manifest.engines, engine))

    def _cover(self, keys: Keys) -> None:
        """Add tiles to the coverage, but for those that were taken out and lie there still."""
        new = keys[~np.isin(packed(keys), self._forgotten)]
        if len(new):
            add_coverage(self._connection, self.manifest, new)

    def held(self) -> StoredTiles:
        """All tiles and skipped tiles, with the digests of the pixels that they were made of.

        Raises:
            IndexUnreadable: a block is damaged.
        """
        self.done_keys()
        with storing(self.path):
            return read_held(self._connection)

    def know(self, keys: Keys, digests: NDArray[np.uint64]) -> None:
        """Keep the digests [n] of tiles [n, 3] whose blocks have none yet; errors as of `append`."""
        with transaction(self._connection, self.path):
            complete_digests(self._connection, keys, digests)

    def forget(self, keys: Keys) -> None:
        """Take tiles [n, 3] out, so that they are encoded anew; errors as of `append`."""
        gone = packed(keys)
        manifest = replace(self.manifest, revision=self.manifest.revision + 1)
        with transaction(self._connection, self.path):
            totals = told_totals(self._connection, self.path)
            write_totals(self._connection, take_out(self._connection, self._checks, gone, totals, self.path))
            write_manifest(self._connection, manifest)
        self.manifest = manifest
        self._forgotten = np.union1d(self._forgotten, gone)

    def settle(self, current: Manifest) -> None:
        """Keep that all tiles are of the raster as `current` describes it; errors as of `append`."""
        manifest = replace(
            self.manifest,
            fingerprint=current.fingerprint,
            fingerprint_version=current.fingerprint_version,
            stamp=current.stamp,
        )
        with transaction(self._connection, self.path):
            write_manifest(self._connection, manifest)
        self.manifest = manifest

    def picture(self, key: tuple[int, int, int]) -> bytes | None:
        """The JPEG picture of a tile (factor, row, col), if the index keeps one."""
        with storing(self.path):
            checks = None if self.manifest.version == UNCHECKED else self._checks
            return read_picture(self._connection, checks, key)

    def tiles_of(self, block: int) -> int:
        """How many tiles a block holds; 0 where there is none of that number."""
        row = self._connection.execute("SELECT tiles FROM msa_blocks WHERE block = ?", (block,)).fetchone()
        return int(row[0]) if row else 0

    def digest(self, last_block: int) -> str:
        """What tells the tiles up to a block from those of any other index, and from earlier ones of this.

        Blocks never change under their numbers but for skipped tiles, so a few of their checksums do.
        """
        with self.moment():
            return blocks_digest(self._connection, self.manifest, last_block)

    def load(self, after_block: int = 0) -> TileTable:
        """The tiles of all blocks after `after_block`, as of one moment.

        Raises:
            IndexUnreadable: a block is damaged.
        """
        with self.moment():
            read_totals(self._connection, self.manifest, self.path)
            return self._reader.table(after_block)

    def blocks(self) -> Iterator[IndexBlock]:
        """All blocks in their order, one after the other; within a `moment`.

        Raises:
            IndexUnreadable: a block is damaged.
        """
        return self._reader.blocks(0)
