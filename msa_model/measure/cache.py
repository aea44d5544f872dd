"""Embeddings that outlive a run: an encoder that encodes nothing twice, with a SQLite file.

Tiles and texts are known by the digest of their content and of the model's sha256, so one file serves every
evaluation and every model, and several runs at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from msa_model.index.database import connect_to_table, storing, transaction
from msa_model.measure.evaluation import KnownEncoder
from msa_model.model.dual_encoder import DualEncoder
from msa_model.protocol.engines import is_openvino

_TABLE, _COLUMNS = "embedding", "(digest BLOB PRIMARY KEY, vector BLOB)"
_WAIT_S = 60  # for another run that writes

Floats = NDArray[np.float32]


class CachedEncoder:
    """Another encoder's vectors of tiles and texts, from `file` where it has those of the same engine."""

    def __init__(self, encoder: KnownEncoder, file: Path, engine: str = "") -> None:
        """Open the file, or make it.

        Raises:
            FileNotOurs: it holds something else.
            folder_read_only, index_locked, DiskFull, storage_failed: it cannot be written; later calls too.
        """
        self._encoder = encoder
        self._made_by = (encoder.sha256 + engine).encode()
        self.dimension, self.background, self.sha256 = encoder.dimension, encoder.background, encoder.sha256
        self._file, self._store = file, connect_to_table(file, _TABLE, _COLUMNS, _WAIT_S)

    def close(self) -> None:
        """Let the file go; what was encoded is in it."""
        self._store.close()

    def encode_texts(self, texts: Sequence[str]) -> Floats:
        """Texts to unit vectors [n, d]; only those that are not yet kept cost time."""
        digests = [self._digest(b"text", text.encode()) for text in texts]
        return self._vectors(digests, lambda new: self._encoder.encode_texts([texts[i] for i in new]))

    def encode_tiles(self, pixels: NDArray[np.uint8]) -> Floats:
        """RGB tiles uint8 [n, h, w, 3] to unit vectors [n, d]; only those that are not yet kept cost time."""
        digests = [self._digest(str(tile.shape).encode(), tile.tobytes()) for tile in pixels]
        return self._vectors(digests, lambda new: self._encoder.encode_tiles(pixels[new]))

    def _vectors(self, digests: Sequence[bytes], encode: Callable[[list[int]], Floats]) -> Floats:
        kept = self._kept(digests)
        new = [place for place, digest in enumerate(digests) if digest not in kept]
        if new:
            fresh = {digests[i]: vector.tobytes() for i, vector in zip(new, encode(new), strict=True)}
            with transaction(self._store, self._file):
                self._store.executemany("INSERT OR IGNORE INTO embedding VALUES (?, ?)", fresh.items())
            kept |= fresh
        rows = b"".join(kept[digest] for digest in digests)
        return np.frombuffer(rows, np.float32).reshape(len(digests), self.dimension).copy()

    def _digest(self, kind: bytes, content: bytes) -> bytes:
        return hashlib.sha256(self._made_by + kind + content).digest()

    def _kept(self, digests: Sequence[bytes]) -> dict[bytes, bytes]:
        found: dict[bytes, bytes] = {}
        sql = "SELECT vector FROM embedding WHERE digest = ?"
        with storing(self._file):
            for digest in digests:
                if row := self._store.execute(sql, (digest,)).fetchone():
                    found[digest] = row[0]
        return found


def kept(encoder: KnownEncoder, file: Path | None) -> KnownEncoder:
    """The model itself; with a file, what it makes of tiles and texts is kept there."""
    if not file:
        return encoder
    engine = encoder.engine if isinstance(encoder, DualEncoder) and is_openvino(encoder.engine) else ""
    return CachedEncoder(encoder, file, engine)
