"""Blocks of tiles: rows of `msa_blocks`, a batch each, read and compared with their checksums.

Writing blocks of tiles: rows of `msa_blocks` added, made anew without some tiles, given checksums.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from msa_model.index.checksums import BlockParts, Checks, read_digests, told, write_digests
from msa_model.index.manifest import UNCHECKED, Manifest
from msa_model.index.own_tables import Totals, numbers_fault, shares_fault, tiles_fault, vectors_fault
from msa_model.index.rank import Floats, Halves, widened
from msa_model.protocol.errors import IndexUnreadable
from msa_model.raster.grid import Keys, packed

KEY, HALF, FLOAT = np.dtype("<i4"), np.dtype("<f2"), np.dtype("<f4")
KEY_BYTES = 3 * KEY.itemsize
# Version 0.1 did not tell for which least share of valid pixels it skipped tiles: 0.5 by default.
LEAST_OF_EARLIER_VERSIONS = 0.5


@dataclass(frozen=True)
class TileTable:
    """Tiles of an index in memory: `keys` int32 [n, 3], stored `halves` float16 [n, d], `valid` float32 [n].

    `last_block` is where the next `load(after_block=…)` goes on.
    """

    keys: Keys
    halves: Halves
    valid: Floats
    last_block: int

    @property
    def vectors(self) -> Floats:
        """Unit vectors float32 [n, d]."""
        return widened(self.halves)


@dataclass(frozen=True)
class IndexBlock:
    """A block's tiles: keys int32 [n, 3], halves float16 [n, d], valid float32 [n]."""

    number: int
    keys: Keys
    halves: Halves
    valid: Floats


class BlockReader:
    """Reads the blocks of one open index, and refuses those that are damaged."""

    def __init__(
        self, connection: sqlite3.Connection, manifest: Manifest, checks: Checks, path: Path
    ) -> None:
        self._connection, self._manifest, self._path = connection, manifest, path
        self._checks = checks
        self._checked = manifest.version != UNCHECKED
        names = {name for _, name, *_ in connection.execute("PRAGMA table_info(msa_blocks)")}
        self._least = "least_valid" if "least_valid" in names else "NULL"
        self._stored_checks = "checks" if self._checked else "NULL"

    def blocks(self, after: int) -> Iterator[IndexBlock]:
        """Those after block number `after`, in order.

        Raises:
            IndexUnreadable: one is damaged.
        """
        rows = self._connection.execute(
            f"SELECT block, tiles, keys, vectors, valid, {self._stored_checks} FROM msa_blocks"  # noqa: S608  # nosec B608
            " WHERE block > ? ORDER BY block",
            (after,),
        )
        for number, tiles, keys, vectors, valid, checks in rows:
            try:
                self._compare(number, tiles, keys, vectors, valid, checks)
                block = IndexBlock(
                    number,
                    np.frombuffer(keys, KEY).reshape(tiles, 3).astype(np.int32),
                    np.frombuffer(vectors, HALF).reshape(tiles, self._manifest.dimension),
                    np.frombuffer(valid, FLOAT).reshape(tiles).astype(np.float32),
                )
                fault = self._fault(block)
            except (ValueError, TypeError, OverflowError):
                fault = "its parts do not belong together"
            if fault:
                raise self._damaged(number, fault)
            yield block

    def table(self, after: int) -> TileTable:
        """The tiles of all blocks after block number `after`.

        Raises:
            IndexUnreadable: a block is damaged.
        """
        count = self._connection.execute(
            "SELECT coalesce(sum(tiles), 0) FROM msa_blocks WHERE block > ?", (after,)
        ).fetchone()[0]
        dimension, start, last = self._manifest.dimension, 0, after
        keys, valid = np.empty((count, 3), np.int32), np.empty(count, np.float32)
        halves = np.empty((count, dimension), np.float16)
        for block in self.blocks(after):
            part = slice(start, start + len(block.keys))
            keys[part], halves[part], valid[part] = block.keys, block.halves, block.valid
            start, last = part.stop, block.number
        places = np.sort(packed(keys))
        if (places[1:] == places[:-1]).any():
            raise IndexUnreadable(f"{self._path} is damaged: it holds a tile twice.")
        return TileTable(keys, halves, valid, last)

    def done(self, min_valid: float) -> Keys:
        """int32 [n, 3]: tiles with a vector, and those skipped for at most `min_valid` of valid pixels.

        Raises:
            IndexUnreadable: a block is damaged.
        """
        rows = self._connection.execute(
            f"SELECT block, tiles, keys, skipped_keys, {self._least}, {self._stored_checks} FROM msa_blocks"  # noqa: S608  # nosec B608
        )
        parts = [part for row in rows for part in self._done_of(min_valid, *row)]
        keys = np.frombuffer(b"".join(parts), KEY).reshape(-1, 3).astype(np.int32)
        if fault := tiles_fault(self._manifest, keys):
            raise IndexUnreadable(f"{self._path} is damaged: {fault}.")
        return keys

    def _compare(  # noqa: PLR0917  (columns)
        self, number: int, tiles: int, keys: bytes, vectors: bytes, valid: bytes, checks: object
    ) -> None:
        if not self._checked:
            return
        of_keys, of_vectors, _ = told(checks)
        same = of_keys == self._checks.of_keys(number, tiles, keys)
        if not (same and of_vectors == self._checks.of_vectors(number, vectors, valid)):
            raise ValueError("other checksums")

    def _fault(self, block: IndexBlock) -> str:
        known = tiles_fault(self._manifest, block.keys) or shares_fault(block.valid)
        if self._checked:
            return known or numbers_fault(block.halves)
        return known or vectors_fault(block.halves.astype(np.float32))

    def _done_of(  # noqa: PLR0917  (columns)
        self,
        min_valid: float,
        number: int,
        tiles: int,
        keys: bytes,
        skipped: bytes,
        least: float,
        checks: object,
    ) -> tuple[bytes, bytes]:
        least = LEAST_OF_EARLIER_VERSIONS if least is None else least
        try:
            if self._checked:
                of_keys, _, of_skipped = told(checks)
                same = of_keys == self._checks.of_keys(number, tiles, keys)
                if not (same and of_skipped == self._checks.of_skipped(number, skipped, least)):
                    raise ValueError("other checksums")
            if len(keys) != tiles * KEY_BYTES or len(skipped) % KEY_BYTES:
                raise ValueError("cut off")
            return bytes(keys), b"" if least > min_valid else bytes(skipped)
        except (ValueError, TypeError) as error:
            raise self._damaged(number, "its parts do not belong together") from error

    def _damaged(self, number: object, fault: str) -> IndexUnreadable:
        return IndexUnreadable(f"Block {number!r:.20} of {self._path} is damaged: {fault}.")


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
