"""Blocks of tiles: rows of `msa_blocks`, a batch each, read and compared with their checksums."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from msa_model.index.checks import Checks, told
from msa_model.index.halves import Floats, Halves, widened
from msa_model.index.manifest import UNCHECKED, Manifest
from msa_model.index.soundness import shares_fault, tiles_fault, vectors_fault
from msa_model.protocol.errors import IndexUnreadable
from msa_model.raster.grid import Keys

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
        return known or ("" if self._checked else vectors_fault(block.halves.astype(np.float32)))

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
