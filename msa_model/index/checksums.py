"""Checksums of an index and of the pixels behind it: damage, and tiles whose raster changed, are known."""

from __future__ import annotations

import json
import sqlite3
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from msa_model.index.manifest import Manifest
from msa_model.raster.grid import Keys, packed

_OF_TILES = (
    "width",
    "height",
    "transform",
    "bands",
    "model_sha256",
    "dimension",
    "tile",
    "lattice",
)
_BLOCK = struct.Struct("<III")  # of keys, of vectors with valid shares, of skipped keys


@dataclass(frozen=True)
class BlockParts:
    """The columns of a block as they are stored."""

    tiles: int
    keys: bytes
    vectors: bytes
    valid: bytes
    skipped_keys: bytes
    least_valid: float


class Checks:
    """Makes and compares the checksums of one index."""

    def __init__(self, manifest: Manifest, identity: str) -> None:
        """`identity` is the file's own: another index of the same raster has another."""
        told = json.dumps([identity, *(getattr(manifest, name) for name in _OF_TILES)])
        self._seed = zlib.crc32(told.encode())

    def of_keys(self, block: int, tiles: int, keys: bytes) -> int:
        """Of the tiles' keys."""
        return self._sum(f"keys {block} {tiles}", keys)

    def of_vectors(self, block: int, vectors: bytes, valid: bytes) -> int:
        """Of vectors and valid shares."""
        return self._sum(f"vectors {block} {len(vectors)}", vectors, valid)

    def of_skipped(self, block: int, keys: bytes, least_valid: float) -> int:
        """Of the keys of skipped tiles, and the share for which they were."""
        return self._sum(f"skipped {block} {least_valid!r}", keys)

    def of_picture(self, key: tuple[int, int, int], jpeg: bytes) -> int:
        """Of a tile's picture."""
        return self._sum(f"picture {key}", jpeg)

    def of_block(self, block: int, parts: BlockParts) -> bytes:
        """What the column `checks` holds: the three checksums of the block."""
        return _BLOCK.pack(
            self.of_keys(block, parts.tiles, parts.keys),
            self.of_vectors(block, parts.vectors, parts.valid),
            self.of_skipped(block, parts.skipped_keys, parts.least_valid),
        )

    def _sum(self, what: str, *parts: bytes) -> int:
        total = zlib.crc32(what.encode(), self._seed)
        for part in parts:
            total = zlib.crc32(part, total)
        return total


def told(checks: object) -> tuple[int, int, int]:
    """The checksums of keys, vectors and skipped keys that a column `checks` holds.

    Raises:
        ValueError: it holds none.
    """
    if not isinstance(checks, bytes) or len(checks) != _BLOCK.size:
        raise ValueError("no checksums")
    return _BLOCK.unpack(checks)


def of_rows(rows: Mapping[str, str]) -> str:
    """The checksum of a manifest's rows (name → JSON), as JSON."""
    return json.dumps(f"{zlib.crc32(json.dumps(sorted(rows.items())).encode()):08x}")


_TABLE = "CREATE TABLE IF NOT EXISTS msa_pixels (block INTEGER PRIMARY KEY NOT NULL, digests BLOB NOT NULL)"
_KEY, _DIGEST = np.dtype("<i4"), np.dtype("<u8")


@dataclass(frozen=True)
class StoredTiles:
    """Tiles and skipped tiles of an index: `keys` int32 [n, 3], `digests` uint64 [n], `known` bool [n]."""

    keys: Keys
    digests: NDArray[np.uint64]
    known: NDArray[np.bool_]


def create_digests(connection: sqlite3.Connection) -> None:
    """Make the table where there is none, within the caller's transaction."""
    connection.execute(_TABLE)


def write_digests(connection: sqlite3.Connection, block: int, digests: NDArray[np.uint64]) -> None:
    """Keep the digests of a block, within the caller's transaction."""
    connection.execute(
        "INSERT OR REPLACE INTO msa_pixels (block, digests) VALUES (?, ?)",
        (block, digests.astype(_DIGEST).tobytes()),
    )


def read_digests(connection: sqlite3.Connection, block: int) -> NDArray[np.uint64]:
    """The digests of a block, none where they were never written."""
    row = connection.execute("SELECT digests FROM msa_pixels WHERE block = ?", (block,)).fetchone()
    return _numbers(row[0] if row else b"")


def read_held(connection: sqlite3.Connection) -> StoredTiles:
    """The tiles of all blocks; digests that were never written are not known."""
    parts = [_held(*row[1:]) for row in _rows(connection)]
    if not parts:
        return StoredTiles(np.empty((0, 3), np.int32), np.empty(0, np.uint64), np.empty(0, bool))
    return StoredTiles(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def complete_digests(connection: sqlite3.Connection, keys: Keys, digests: NDArray[np.uint64]) -> None:
    """Write the digests of whole blocks whose tiles are all among `keys`, within the caller's transaction."""
    order = np.argsort(packed(keys))
    sorted_keys, sorted_digests = packed(keys)[order], digests[order]
    for block, tiles, skipped, kept in _rows(connection):
        own, _, known = _held(tiles, skipped, kept)
        wanted = packed(own)
        places = np.minimum(np.searchsorted(sorted_keys, wanted), max(len(sorted_keys) - 1, 0))
        if not known.all() and len(sorted_keys) and (sorted_keys[places] == wanted).all():
            write_digests(connection, block, sorted_digests[places])


def _rows(connection: sqlite3.Connection) -> list[tuple[int, bytes, bytes, bytes | None]]:
    return connection.execute(
        "SELECT b.block, b.keys, b.skipped_keys, p.digests "
        "FROM msa_blocks b LEFT JOIN msa_pixels p ON p.block = b.block ORDER BY b.block"
    ).fetchall()


def _held(
    keys: bytes, skipped: bytes, digests: bytes | None
) -> tuple[Keys, NDArray[np.uint64], NDArray[np.bool_]]:
    """Of a block; where skipped tiles were forgotten since, the digests of its tiles are still the first."""
    own = np.frombuffer(keys + skipped, _KEY).reshape(-1, 3).astype(np.int32)
    kept = _numbers(digests)[: len(own)]
    known = np.arange(len(own)) < len(kept)
    return own, np.pad(kept, (0, len(own) - len(kept))), known


def _numbers(digests: object) -> NDArray[np.uint64]:
    """Damaged ones are none: their tiles are compared by nothing else."""
    if not isinstance(digests, bytes) or len(digests) % _DIGEST.itemsize:
        digests = b""
    return np.frombuffer(digests, _DIGEST).astype(np.uint64)
