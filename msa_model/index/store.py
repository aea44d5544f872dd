"""The tile index of one raster under one model: vectors on disk, written batch by batch."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from msa_model.index.blocks import Columns, TileTable, insert_block, load_blocks, take_out
from msa_model.index.database import (
    connect_for_reading,
    connect_for_writing,
    prepare_writing,
    settle,
    storing,
    transaction,
)
from msa_model.index.digests import HeldTiles, complete_digests, read_held
from msa_model.index.drawn import add_pictures, read_picture
from msa_model.index.geopackage import add_coverage, add_missing_columns, create_schema, has_least_valid
from msa_model.index.lock import WriterLock
from msa_model.index.manifest import Manifest, check_same, manifest_from_rows, manifest_rows
from msa_model.index.places import default_index_path, make_folder
from msa_model.protocol.errors import IndexMissing, IndexOfOtherModel, IndexStale, IndexUnreadable
from msa_model.raster.grid import Keys, packed

__all__ = ["TileIndex", "TileTable", "default_index_path"]

# Version 0.1 did not tell for which least share of valid pixels it skipped tiles: 0.5 by default.
_DONE = "SELECT keys, CASE WHEN coalesce(least_valid, 0.5) > ? THEN x'' ELSE skipped_keys END FROM msa_blocks"
_DONE_UNTOLD = "SELECT keys, CASE WHEN 0.5 > ? THEN x'' ELSE skipped_keys END FROM msa_blocks"
_FORGET = (
    "UPDATE msa_blocks SET skipped_keys = x'' WHERE skipped_keys != x'' AND coalesce(least_valid, 0.5) > ?"
)
_KEY, _HALF, _FLOAT = np.dtype("<i4"), np.dtype("<f2"), np.dtype("<f4")


@dataclass(frozen=True)
class IndexCounts:
    """Tiles with a vector, tiles without enough pixels, and the decimation factors of both."""

    tiles: int
    skipped: int
    factors: tuple[int, ...]


class TileIndex:
    """An open index file, for one writer at a time and any number of readers."""

    def __init__(
        self, path: Path, connection: sqlite3.Connection, manifest: Manifest, lock: WriterLock | None = None
    ) -> None:
        self.path = path
        self.manifest = manifest
        self._connection = connection
        self._lock = lock
        self._forgotten: NDArray[np.int64] = np.empty(0, np.int64)

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
            return cls(path, *_resumed(path, manifest, replace), lock)
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

    def done_keys(self, min_valid: float = 1.0) -> Keys:
        """int32 [n, 3]: the tiles that need no encoding any more, encoded or skipped.

        Those that were skipped for a greater least share of valid pixels than `min_valid` are not done.
        """
        with storing(self.path):
            query = _DONE if has_least_valid(self._connection) else _DONE_UNTOLD
            rows = self._connection.execute(query, (min_valid,)).fetchall()
        joined = b"".join(part for row in rows for part in row)
        return _array(joined, _KEY, self.path).reshape(-1, 3).astype(np.int32)

    def forget_skipped(self, min_valid: float) -> None:
        """Let the tiles be scanned that were skipped for a greater least share of valid pixels.

        Raises:
            DiskFull, IndexLocked, IndexFolderReadOnly: nothing was written.
        """
        with transaction(self._connection, self.path):
            self._connection.execute(_FORGET, (min_valid,))

    def counts(self) -> IndexCounts:
        """How much there is, without reading it."""
        with storing(self.path):
            tiles, skipped = self._connection.execute(
                "SELECT coalesce(sum(tiles), 0), coalesce(sum(length(skipped_keys)), 0) FROM msa_blocks"
            ).fetchone()
            factors = self._connection.execute(
                "SELECT DISTINCT factor FROM coverage ORDER BY factor"
            ).fetchall()
        return IndexCounts(tiles, skipped // (3 * _KEY.itemsize), tuple(factor for (factor,) in factors))

    def append(  # noqa: PLR0917  (the columns of a batch)
        self,
        keys: Keys,
        vectors: NDArray[np.float32],
        valid: NDArray[np.float32],
        skipped_keys: Keys | None = None,
        scales: NDArray[np.float16] | None = None,
        pictures: Sequence[bytes] = (),
        least_valid: float = 0.0,
        digests: NDArray[np.uint64] | None = None,
    ) -> None:
        """Add a batch in one transaction: keys [n, 3], vectors [n, d], valid [n], skipped_keys [m, 3].

        Tiles were skipped for less than `least_valid` of valid pixels; 0 is for good.
        `scales` [n, manifest.scales] where the index holds them; JPEG `pictures` [n] where no raster does;
        `digests` [n + m] of the pixels of all, by which a change of the raster is found.

        Raises:
            DiskFull, IndexLocked, IndexFolderReadOnly: nothing of the batch was written.
            ValueError: arrays that do not belong together.
        """
        skipped = np.empty((0, 3), np.int32) if skipped_keys is None else skipped_keys.reshape(-1, 3)
        if vectors.shape != (len(keys), self.manifest.dimension) or valid.shape != (len(keys),):
            raise ValueError(
                f"{len(keys)} keys, vectors {vectors.shape} and valid {valid.shape} do not match."
            )
        row: Columns = {
            "tiles": len(keys),
            "keys": keys.astype(_KEY).tobytes(),
            "vectors": vectors.astype(_HALF).tobytes(),
            "valid": valid.astype(_FLOAT).tobytes(),
            "skipped_keys": skipped.astype(_KEY).tobytes(),
            "least_valid": least_valid,
            **self._scales_of(len(keys), scales),
        }
        with transaction(self._connection, self.path):
            insert_block(self._connection, row, digests)
            self._cover(np.concatenate((keys.reshape(-1, 3), skipped)))
            if pictures:
                add_pictures(self._connection, keys, pictures)

    def _cover(self, keys: Keys) -> None:
        """Add tiles to the coverage, but for those that were taken out and lie there still."""
        new = keys[~np.isin(packed(keys), self._forgotten)]
        if len(new):
            add_coverage(self._connection, self.manifest, new)

    def held(self) -> HeldTiles:
        """All tiles and skipped tiles, with the digests of the pixels that they were made of."""
        with storing(self.path):
            return read_held(self._connection)

    def know(self, keys: Keys, digests: NDArray[np.uint64]) -> None:
        """Keep the digests [n] of tiles [n, 3] whose blocks have none yet; errors as of `append`."""
        with transaction(self._connection, self.path):
            complete_digests(self._connection, keys, digests)

    def forget(self, keys: Keys) -> None:
        """Take tiles [n, 3] out, so that they are encoded anew; errors as of `append`."""
        gone = packed(keys)
        with transaction(self._connection, self.path):
            take_out(self._connection, gone)
            self._write_manifest(replace(self.manifest, revision=self.manifest.revision + 1))
        self._forgotten = np.union1d(self._forgotten, gone)

    def settle(self, current: Manifest) -> None:
        """Keep that all tiles are of the raster as `current` describes it; errors as of `append`."""
        with transaction(self._connection, self.path):
            self._write_manifest(
                replace(
                    self.manifest,
                    fingerprint=current.fingerprint,
                    fingerprint_version=current.fingerprint_version,
                    stamp=current.stamp,
                )
            )

    def _write_manifest(self, manifest: Manifest) -> None:
        self._connection.executemany(
            "INSERT INTO msa_manifest (name, value) VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            manifest_rows(manifest),
        )
        self.manifest = manifest

    def picture(self, key: tuple[int, int, int]) -> bytes | None:
        """The JPEG picture of a tile (factor, row, col), if the index keeps one."""
        with storing(self.path):
            return read_picture(self._connection, key)

    def _scales_of(self, tiles: int, scales: NDArray[np.float16] | None) -> dict[str, bytes]:
        """The column to write; tables of version 0.1 do not have it."""
        width = self.manifest.scales
        given = scales is not None and scales.shape == (tiles, width)
        if width and not given:
            raise ValueError(f"{tiles} tiles do not come with {width} scales each.")
        return {"scales": scales.astype(_HALF).tobytes()} if width and scales is not None else {}

    def read_scales(self, blocks: NDArray[np.int32], places: NDArray[np.int64]) -> NDArray[np.float16]:
        """The pooled scales of single tiles, float16 [n, manifest.scales]; nothing else is read.

        `blocks` [n] as `TileTable` tells them, `places` [n] of the tiles within their blocks.

        Raises:
            IndexUnreadable: no such tile.
        """
        size = self.manifest.scales * _HALF.itemsize
        out = np.empty((len(blocks), self.manifest.scales), np.float16)
        for row, (block, place) in enumerate(zip(blocks.tolist(), places.tolist(), strict=True)):
            with (
                storing(self.path),
                self._connection.blobopen("msa_blocks", "scales", block, readonly=True) as blob,
            ):
                blob.seek(place * size)
                found = blob.read(size)
            if len(found) != size:
                raise IndexUnreadable(f"Block {block} of {self.path} is damaged.")
            out[row] = np.frombuffer(found, _HALF)
        return out

    def load(self, after_block: int = 0) -> TileTable:
        """The tiles of all blocks after `after_block`, as of one moment.

        Raises:
            IndexUnreadable: a block is damaged.
        """
        with storing(self.path):
            self._connection.execute("BEGIN")
            try:
                return load_blocks(self._connection, self.path, self.manifest.dimension, after_block)
            finally:
                self._connection.execute("ROLLBACK")


def _resumed(path: Path, manifest: Manifest, anew: bool) -> tuple[sqlite3.Connection, Manifest]:
    """A writing connection to an index that `manifest` describes; it goes on with or without scales."""
    connection = connect_for_writing(path)
    try:
        old = _read_manifest(connection, path)
        if old is not None:
            check_same(old, manifest, str(path))
            manifest = replace(manifest, scales=old.scales, revision=old.revision)
        with storing(path):
            prepare_writing(connection)
        with transaction(connection, path):
            if old is None:
                create_schema(connection, manifest)
            else:
                add_missing_columns(connection)
                connection.execute(
                    "UPDATE msa_manifest SET value = json_quote(?) WHERE name = 'raster'", (manifest.raster,)
                )
        return connection, manifest
    except (IndexStale, IndexOfOtherModel):
        connection.close()
        if not anew:
            raise
        _remove(path)
        return _resumed(path, manifest, anew=False)
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
