"""Writing blocks of tiles: rows of `msa_blocks` added, made anew without some tiles, given checksums."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from msa_model.index.blocks import FLOAT, HALF, KEY, KEY_BYTES, LEAST_OF_EARLIER_VERSIONS
from msa_model.index.checks import BlockParts, Checks
from msa_model.index.digests import read_digests, write_digests
from msa_model.index.own_tables import Totals
from msa_model.protocol.errors import IndexUnreadable
from msa_model.raster.grid import Keys, packed

_SKIPPED = "SELECT block FROM msa_blocks WHERE skipped_keys != x'' AND coalesce(least_valid, 0.5) > ?"


def _no_keys() -> Keys:
    return np.empty((0, 3), np.int32)


@dataclass(frozen=True)
class EncodedTiles:
    """A batch to be stored: keys int32 [n, 3], vectors [n, d], valid [n], and skipped keys [m, 3].

    Tiles were skipped for less than `least_valid` of valid pixels; 0 is for good. JPEG `pictures` [n] where
    no raster has these pixels. `digests` [n + m] of the pixels of all, by which a change of the raster is
    found. `engine` is what encoded them.
    """

    keys: Keys
    vectors: NDArray[np.floating]
    valid: NDArray[np.float32]
    skipped: Keys = field(default_factory=_no_keys)
    pictures: Sequence[bytes] = ()
    least_valid: float = 0.0
    digests: NDArray[np.uint64] | None = None
    engine: str = ""

    def parts(self, dimension: int) -> BlockParts:
        """As the index stores them.

        Raises:
            ValueError: arrays that do not belong together, or vectors that are no numbers.
        """
        count = len(self.keys)
        if self.vectors.shape != (count, dimension) or self.valid.shape != (count,):
            shapes = f"vectors {self.vectors.shape} and valid {self.valid.shape}"
            raise ValueError(f"{count} keys, {shapes} do not match.")
        return BlockParts(
            count,
            self.keys.astype(KEY).tobytes(),
            _half(self.vectors),
            self.valid.astype(FLOAT).tobytes(),
            self.skipped.reshape(-1, 3).astype(KEY).tobytes(),
            float(self.least_valid),
        )


def insert_block(
    connection: sqlite3.Connection,
    checks: Checks,
    block: int,
    parts: BlockParts,
    digests: NDArray[np.uint64] | None = None,
) -> None:
    """Add a block, its checksums, and the digests [tiles + skipped] beside it, in one transaction."""
    row = asdict(parts) | {"block": block, "checks": checks.of_block(block, parts)}
    names, places = ", ".join(row), ", ".join(f":{name}" for name in row)
    connection.execute(f"INSERT INTO msa_blocks ({names}) VALUES ({places})", row)  # noqa: S608  # nosec B608
    if digests is not None:
        write_digests(connection, block, digests)


def _parts_of(connection: sqlite3.Connection, block: int) -> tuple[BlockParts, object]:
    """A block as it is stored, and its column `checks`."""
    tiles, keys, vectors, valid, skipped, least, checks = connection.execute(
        "SELECT tiles, keys, vectors, valid, skipped_keys, least_valid, checks FROM msa_blocks"
        " WHERE block = ?",
        (block,),
    ).fetchone()
    least = LEAST_OF_EARLIER_VERSIONS if least is None else least
    return BlockParts(tiles, keys, vectors, valid, skipped, least), checks


def forget_skipped(connection: sqlite3.Connection, checks: Checks, min_valid: float, path: Path) -> int:
    """Drop tiles skipped for more than `min_valid`, within the caller's transaction; how many there were.

    Raises:
        IndexUnreadable: a block is damaged, which new checksums would hide.
    """
    forgotten = 0
    for (block,) in connection.execute(_SKIPPED, (min_valid,)).fetchall():
        parts = _sound(connection, checks, block, path)
        forgotten += len(parts.skipped_keys) // KEY_BYTES
        _store(connection, checks, block, replace(parts, skipped_keys=b""))
    return forgotten


def check_all(connection: sqlite3.Connection, checks: Checks) -> None:
    """Store checksums of all blocks, within the caller's transaction."""
    for (block,) in connection.execute("SELECT block FROM msa_blocks").fetchall():
        _store(connection, checks, block, _parts_of(connection, block)[0])


def _store(connection: sqlite3.Connection, checks: Checks, block: int, parts: BlockParts) -> None:
    connection.execute(
        "UPDATE msa_blocks SET skipped_keys = ?, least_valid = ?, checks = ? WHERE block = ?",
        (parts.skipped_keys, parts.least_valid, checks.of_block(block, parts), block),
    )


def take_out(
    connection: sqlite3.Connection, checks: Checks, gone: NDArray[np.int64], totals: Totals, path: Path
) -> Totals:
    """Take tiles and skipped tiles of packed keys `gone` [n] out, in the caller's transaction; what is left.

    What stays of a block moves to a new one: readers know blocks by number, and never see one change.

    Raises:
        IndexUnreadable: a block is damaged, which new checksums would hide.
    """
    for block, keys, skipped in connection.execute(
        "SELECT block, keys, skipped_keys FROM msa_blocks ORDER BY block"
    ).fetchall():
        if not np.isin(packed(_keys(keys + skipped)), gone).any():
            continue
        parts, digests = _sound(connection, checks, block, path), read_digests(connection, block)
        for table in ("msa_blocks", "msa_pixels"):
            connection.execute(f"DELETE FROM {table} WHERE block = ?", (block,))  # noqa: S608  # nosec B608
        totals = totals.without_block(parts.tiles, len(parts.skipped_keys) // KEY_BYTES)
        keep, left = (~np.isin(packed(_keys(blob)), gone) for blob in (parts.keys, parts.skipped_keys))
        if keep.any() or left.any():
            stays = np.concatenate((keep, left))[: len(digests)]
            rest = _rest(parts, keep, left)
            insert_block(connection, checks, totals.last + 1, rest, digests[stays] if len(digests) else None)
            totals = totals.with_block(_keys(rest.keys), _keys(rest.skipped_keys))
    return totals


def _rest(parts: BlockParts, keep: NDArray[np.bool_], left: NDArray[np.bool_]) -> BlockParts:
    """The tiles of a block that stay."""
    return BlockParts(
        int(keep.sum()),
        _rows_of(parts.keys, keep),
        _rows_of(parts.vectors, keep),
        _rows_of(parts.valid, keep),
        _rows_of(parts.skipped_keys, left),
        parts.least_valid,
    )


def _rows_of(blob: bytes, keep: NDArray[np.bool_]) -> bytes:
    """Those of a column's parts that stay."""
    return np.frombuffer(blob, np.uint8).reshape(len(keep), -1)[keep].tobytes() if len(keep) else b""


def _keys(blob: bytes) -> Keys:
    return np.frombuffer(blob, KEY).reshape(-1, 3).astype(np.int32)


def _sound(connection: sqlite3.Connection, checks: Checks, block: int, path: Path) -> BlockParts:
    parts, told = _parts_of(connection, block)
    if told != checks.of_block(block, parts):
        raise IndexUnreadable(f"Block {block} of {path} is damaged.")
    return parts


def _half(numbers: NDArray[np.floating]) -> bytes:
    """Float16 as stored."""
    with np.errstate(over="ignore"):
        stored = numbers.astype(HALF)
    if not np.isfinite(stored).all():
        raise ValueError("The model gave vectors that are no numbers.")
    return stored.tobytes()
