"""Measure an encoder on a captioned split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from msa_model.measure.bootstrap import Intervals, intervals
from msa_model.measure.dataset import DatasetImage, read_pixels
from msa_model.measure.metrics import BothWays, Recall, rank
from msa_model.model.text import tidy

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
    """The distinct texts, and for each caption the number of its text and of its image."""
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
