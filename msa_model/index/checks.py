"""Checksums of an index: a part that is damaged, or stands in another's place, is known when it is read.

CRC-32 finds damage, not forgery. Each checksum begins with that of the manifest, the part's kind and its
block, so that parts of two indexes, or of two blocks, cannot be exchanged.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from msa_model.index.manifest import Manifest

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
