"""Rows of an index: a block of tiles each, added, or made anew without some of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from msa_model.index.digests import write_digests
from msa_model.protocol.errors import IndexUnreadable
from msa_model.raster.grid import Keys, packed

_KEY, _HALF, _FLOAT, _DIGEST = (np.dtype(name) for name in ("<i4", "<f2", "<f4", "<u8"))
_BLOCK = (
    "SELECT b.*, p.digests FROM msa_blocks b LEFT JOIN msa_pixels p ON p.block = b.block WHERE b.block = ?"
)
_OF_TILES = ("keys", "vectors", "valid", "scales")  # columns with a part for each tile

Columns = Mapping[str, bytes | int | float | None]


@dataclass(frozen=True)
class TileTable:
    """Tiles of an index in memory: `keys` int32 [n, 3], `vectors` float32 [n, d], `valid` float32 [n].

    `blocks` int32 [n] says which block holds a tile, rising; `last_block` is where the next
    `load(after_block=…)` goes on.
    """

    keys: Keys
    vectors: NDArray[np.float32]
    valid: NDArray[np.float32]
    blocks: NDArray[np.int32]
    last_block: int


def insert_block(connection: sqlite3.Connection, row: Columns, digests: NDArray[np.uint64] | None) -> None:
    """Add a row of `msa_blocks`, and the digests [tiles + skipped] beside it, in the caller's transaction."""
    names, places = ", ".join(row), ", ".join(f":{name}" for name in row)
    block = connection.execute(f"INSERT INTO msa_blocks ({names}) VALUES ({places})", dict(row)).lastrowid  # noqa: S608  # nosec B608
    if digests is not None and block is not None:
        write_digests(connection, block, digests)


def take_out(connection: sqlite3.Connection, gone: NDArray[np.int64]) -> None:
    """Take tiles and skipped tiles of packed keys `gone` [n] out, in the caller's transaction.

    What stays of a block moves to a new one: readers know blocks by number, and never see one change.
    """
    places = connection.execute("SELECT block, keys, skipped_keys FROM msa_blocks").fetchall()
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    for block, keys, skipped in places:
        if np.isin(packed(_keys(keys + skipped)), gone).any():
            row = cursor.execute(_BLOCK, (block,)).fetchone()
            for table in ("msa_blocks", "msa_pixels"):
                connection.execute(f"DELETE FROM {table} WHERE block = ?", (block,))  # noqa: S608  # nosec B608
            _insert_rest(connection, row, gone)


def load_blocks(connection: sqlite3.Connection, path: Path, dimension: int, after_block: int) -> TileTable:
    """The tiles of all blocks after `after_block`.

    Raises:
        IndexUnreadable: a block is damaged.
    """
    count = connection.execute(
        "SELECT coalesce(sum(tiles), 0) FROM msa_blocks WHERE block > ?", (after_block,)
    ).fetchone()[0]
    start, last = 0, after_block
    keys, valid = np.empty((count, 3), np.int32), np.empty(count, np.float32)
    vectors, of_block = np.empty((count, dimension), np.float32), np.empty(count, np.int32)
    for block, tiles, *blobs in connection.execute(
        "SELECT block, tiles, keys, vectors, valid FROM msa_blocks WHERE block > ? ORDER BY block",
        (after_block,),
    ):
        part = slice(start, start + tiles)
        try:
            keys[part] = np.frombuffer(blobs[0], _KEY).reshape(tiles, 3)
            vectors[part] = np.frombuffer(blobs[1], _HALF).reshape(tiles, dimension)
            valid[part] = np.frombuffer(blobs[2], _FLOAT).reshape(tiles)
        except ValueError as error:
            raise IndexUnreadable(f"Block {block} of {path} is damaged.") from error
        of_block[part] = block
        start, last = start + tiles, block
    return TileTable(keys, vectors, valid, of_block, last)


def _insert_rest(connection: sqlite3.Connection, row: sqlite3.Row, gone: NDArray[np.int64]) -> None:
    keep, left = (~np.isin(packed(_keys(row[name])), gone) for name in ("keys", "skipped_keys"))
    if not (keep.any() or left.any()):
        return
    rest = {name: _rows_of(row[name], keep) for name in _OF_TILES if row[name] is not None}
    others = {
        "skipped_keys": _rows_of(row["skipped_keys"], left),
        "tiles": int(keep.sum()),
        "least_valid": row["least_valid"],
    }
    digests = np.frombuffer(row["digests"] or b"", _DIGEST).astype(np.uint64)
    stays = np.concatenate((keep, left))[: len(digests)]
    insert_block(connection, rest | others, digests[stays] if len(digests) else None)


def _keys(blob: bytes) -> Keys:
    return np.frombuffer(blob, _KEY).reshape(-1, 3).astype(np.int32)


def _rows_of(blob: bytes, keep: NDArray[np.bool_]) -> bytes:
    """Those of a column's parts that stay."""
    if not len(keep):
        return b""
    return np.frombuffer(blob, np.uint8).reshape(len(keep), -1)[keep].tobytes()
