"""Measure an encoder on a captioned split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from msa_model.eval.dataset import DatasetImage, read_pixels
from msa_model.eval.metrics import Recall, image_to_text_recall, text_to_image_recall
from msa_model.model.encoder import Encoder
from msa_model.model.text import tidy

BATCH = 64


@dataclass(frozen=True)
class Evaluation:
    """Recall both ways in percent; `mr` is the mean of all six."""

    i2t: Recall
    t2i: Recall
    mr: float
    images: int
    captions: int


def evaluate(encoder: Encoder, rows: Sequence[DatasetImage]) -> Evaluation:
    """Retrieval between all images of `rows` and all their captions.

    Raises:
        DatasetUnreadable: an image cannot be decoded.
    """
    images = encode_images(encoder, [row.path for row in rows])
    captions = [tidy(caption) for row in rows for caption in row.captions]
    owner = np.repeat(np.arange(len(rows)), [len(row.captions) for row in rows])
    distinct = sorted(set(captions))
    place = {text: i for i, text in enumerate(distinct)}
    text_of = np.array([place[caption] for caption in captions])
    return score(images, encoder.encode_texts(distinct), text_of, owner)


def score(
    images: NDArray[np.float32],
    texts: NDArray[np.float32],
    text_of: NDArray[np.int64],
    owner: NDArray[np.int64],
) -> Evaluation:
    """Recall both ways from vectors; arguments as in `text_to_image_recall`."""
    i2t = image_to_text_recall(images, texts, text_of, owner)
    t2i = text_to_image_recall(images, texts, text_of, owner)
    return Evaluation(i2t, t2i, (i2t.mean + t2i.mean) / 2, len(images), len(owner))


def encode_images(encoder: Encoder, paths: Sequence[Path]) -> NDArray[np.float32]:
    """Image files of any sizes to unit vectors [n, d]."""
    vectors = np.empty((len(paths), encoder.dimension), np.float32)
    with tqdm(total=len(paths), desc="images", unit="img", leave=False) as progress:
        for start in range(0, len(paths), BATCH):
            pictures = [read_pixels(path) for path in paths[start : start + BATCH]]
            for shape in sorted({picture.shape for picture in pictures}):
                same = [i for i, picture in enumerate(pictures) if picture.shape == shape]
                stack = np.stack([pictures[i] for i in same])
                vectors[[start + i for i in same]] = encoder.encode_tiles(stack)
            progress.update(len(pictures))
    return vectors
