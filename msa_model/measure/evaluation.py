"""Measure an encoder on a captioned split.

Embeddings that outlive a run: an encoder that encodes nothing twice, with a SQLite file.

Tiles and texts are known by the digest of their content and of the model's sha256, so one file serves every
evaluation and every model, and several runs at once.
An encoder that takes the tiles of a picture out of passes, as a scan does by blocks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from msa_model.index.database import connect_to_table, storing, transaction
from msa_model.measure.dataset import DatasetImage, read_pixels
from msa_model.measure.metrics import BothWays, Intervals, Recall, intervals, rank
from msa_model.model.dual_encoder import DualEncoder
from msa_model.model.text import tidy
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.models import is_openvino
from msa_model.raster.grid import LATTICE, TILE, Keys
from msa_model.raster.passes import passes_of

BATCH = 64


class TileTextEncoder(Protocol):
    """What is measured: tiles and texts to unit vectors of one space."""

    dimension: int

    def encode_tiles(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """RGB tiles uint8 [n, h, w, 3] to [n, d]."""

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Texts to [n, d]."""


class KnownEncoder(TileTextEncoder, Protocol):
    """An encoder that knows which model it is, and the mean embedding of images of anything [d]."""

    sha256: str
    background: NDArray[np.float32]


@dataclass(frozen=True)
class MedianRank:
    """The median over queries of the expected rank of the first right answer, from 1."""

    i2t: float
    t2i: float


@dataclass(frozen=True)
class DistinctCaptions:
    """Recall where equal captions are one query and one item, right for every image that has it."""

    i2t: Recall
    t2i: Recall
    mr: float
    median_rank: MedianRank
    captions: int


@dataclass(frozen=True)
class Evaluation:
    """Recall both ways in percent; `mr` is the mean of all six."""

    i2t: Recall
    t2i: Recall
    mr: float
    images: int
    captions: int
    median_rank: MedianRank
    distinct_captions: DistinctCaptions
    interval: Intervals | None = None


def evaluate(
    encoder: TileTextEncoder, rows: Sequence[DatasetImage], draws: int = 0, seed: int = 0
) -> Evaluation:
    """Retrieval between all images of `rows` and all their captions; arguments as in `score`.

    Raises:
        DatasetUnreadable: an image cannot be decoded.
    """
    images = encode_images(encoder, [row.path for row in rows])
    texts, text_of, owner = caption_numbers(rows)
    return score(images, encoder.encode_texts(texts), text_of, owner, draws=draws, seed=seed)


def caption_numbers(
    rows: Sequence[DatasetImage],
) -> tuple[list[str], NDArray[np.int64], NDArray[np.int64]]:
    """The distinct texts, and for each of c captions the number of its text [c] and of its image [c]."""
    captions = [tidy(caption) for row in rows for caption in row.captions]
    owner = np.repeat(np.arange(len(rows)), [len(row.captions) for row in rows])
    distinct = sorted(set(captions))
    place = {text: i for i, text in enumerate(distinct)}
    return distinct, np.array([place[caption] for caption in captions]), owner


def score(
    images: NDArray[np.float32],
    texts: NDArray[np.float32],
    text_of: NDArray[np.int64],
    owner: NDArray[np.int64],
    *,
    draws: int = 0,
    seed: int = 0,
) -> Evaluation:
    """Recall both ways from vectors; arguments as in `rank`. With `draws`, bootstrap intervals as well."""
    ranks = rank(images, texts, text_of, owner)
    i2t, t2i = ranks.every.i2t.recall(), ranks.every.t2i.recall()
    return Evaluation(
        i2t=i2t,
        t2i=t2i,
        mr=(i2t.mean + t2i.mean) / 2,
        images=len(images),
        captions=len(owner),
        median_rank=_median_rank(ranks.every),
        distinct_captions=_distinct(ranks.distinct),
        interval=intervals(ranks.every, owner, draws, seed) if draws else None,
    )


def encode_images(encoder: TileTextEncoder, paths: Sequence[Path]) -> NDArray[np.float32]:
    """Image files of any sizes to unit vectors [n, d]."""
    vectors = np.empty((len(paths), encoder.dimension), np.float32)
    with tqdm(total=len(paths), desc="images", unit="img", leave=False) as progress:
        for start in range(0, len(paths), BATCH):
            pictures = [read_pixels(path) for path in paths[start : start + BATCH]]
            vectors[start : start + BATCH] = encode_pictures(encoder, pictures)
            progress.update(len(pictures))
    return vectors


def encode_pictures(encoder: TileTextEncoder, pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
    """RGB images [h, w, 3] of any sizes to unit vectors [n, d]."""
    vectors = np.empty((len(pictures), encoder.dimension), np.float32)
    for shape in sorted({picture.shape for picture in pictures}):
        same = [i for i, picture in enumerate(pictures) if picture.shape == shape]
        vectors[same] = encoder.encode_tiles(np.stack([pictures[i] for i in same]))
    return vectors


def _median_rank(ranks: BothWays) -> MedianRank:
    return MedianRank(ranks.i2t.median_rank(), ranks.t2i.median_rank())


def _distinct(ranks: BothWays) -> DistinctCaptions:
    i2t, t2i = ranks.i2t.recall(), ranks.t2i.recall()
    mr = (i2t.mean + t2i.mean) / 2
    return DistinctCaptions(i2t, t2i, mr, _median_rank(ranks), len(ranks.t2i.better))


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


Pixels = NDArray[np.uint8]


class PassEncoder:
    """A model whose tiles of one picture share their arithmetic; images by themselves are as ever.

    Raises:
        BadArgument: the model's network does not allow it.
    """

    def __init__(self, encoder: DualEncoder) -> None:
        if not encoder.shares_passes:
            raise BadArgument(f"Tiles of the model '{encoder.name}' cannot be taken out of blocks.")
        self._encoder = encoder
        self.sha256, self.dimension, self.background = encoder.sha256, encoder.dimension, encoder.background

    def encode_tiles(self, pixels: Pixels) -> Floats:
        """RGB tiles uint8 [n, h, w, 3], each by itself, to unit vectors [n, d]."""
        return self._encoder.encode_tiles(pixels)

    def encode_texts(self, texts: Sequence[str]) -> Floats:
        """Texts to unit vectors [n, d]."""
        return self._encoder.encode_texts(texts)

    def encode_at(self, picture: Pixels, offsets: Keys) -> Floats:
        """Tiles of a picture uint8 [h, w, 3], whose sides are whole steps, at lattice steps int32 [n, 2]."""
        height, width = picture.shape[:2]
        keys = np.column_stack((np.ones(len(offsets), np.int32), offsets))
        numbers = {tuple(offset): number for number, offset in enumerate(offsets.tolist())}
        out = np.empty((len(offsets), self.dimension), np.float32)
        for block in passes_of(keys, width, height):
            y, x = block.row * LATTICE, block.col * LATTICE
            seen = picture[y : y + block.rows * LATTICE, x : x + block.cols * LATTICE]
            inside = block.keys[:, 1:] - (block.row, block.col)
            rows = [numbers[offset] for offset in map(tuple, block.keys[:, 1:].tolist())]
            out[rows] = self._encoder.encode_pass(np.ascontiguousarray(seen), inside.astype(np.int64))
        return out


def encode_at(encoder: TileTextEncoder, picture: Pixels, offsets: Keys) -> Floats:
    """Tiles of a picture at lattice steps int32 [n, 2]: by a `PassEncoder` out of passes, else each alone."""
    if isinstance(encoder, PassEncoder):
        return encoder.encode_at(picture, offsets)
    corners = (offsets * LATTICE).tolist()
    return encoder.encode_tiles(np.stack([picture[y : y + TILE, x : x + TILE] for y, x in corners]))
