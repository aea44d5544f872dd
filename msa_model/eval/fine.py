"""What re-ranking by the fine stage brings: recall by how many are ordered anew, and by its weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from msa_model.eval.dataset import DatasetImage, read_pixels
from msa_model.eval.evaluation import caption_numbers
from msa_model.eval.metrics import Doubles, Indices, Recall, ranks_of
from msa_model.model.dual_encoder import TileCodes

ABOVE_ALL = 1e3  # added to fused scores: the head stays before the rest
COUNTS = (10, 50, 100, 200)
WEIGHTS = (0.0, 0.005, 0.01, 0.02, 0.04, 0.08)


class FineEncoder(Protocol):
    """What is measured: cosines, and matching scores beside them."""

    def encode_tiles_fine(self, pixels: NDArray[np.uint8]) -> TileCodes:
        """RGB tiles uint8 [n, h, w, 3] to vectors and scales."""

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Texts to [n, d]."""

    def match(self, scales: NDArray[np.float16], text: str) -> NDArray[np.float32]:
        """Scales [n, Σ c_k] and a text to m_k [n, K]."""


@dataclass(frozen=True)
class Scores:
    """Of n images and u distinct texts: `cosines` and Σ_k m_k (`matches`) [n, u].

    Caption j has the text `text_of[j]` and belongs to image `owner[j]`.
    """

    cosines: Doubles
    matches: Doubles
    text_of: Indices
    owner: Indices


@dataclass(frozen=True)
class Gain:
    """Recall with the first `count` of each list ordered by cosine + `weight` · Σ_k m_k; 0 reorders none."""

    count: int
    weight: float
    i2t: Recall
    t2i: Recall
    mr: float


@dataclass(frozen=True)
class Reranking:
    """Recall for each count and weight, first of all without re-ranking."""

    gains: tuple[Gain, ...]

    @property
    def best(self) -> Gain:
        """The one with the highest mean recall."""
        return max(self.gains, key=lambda part: part.mr)


def measure_reranking(
    encoder: FineEncoder,
    rows: Sequence[DatasetImage],
    counts: Sequence[int] = COUNTS,
    weights: Sequence[float] = WEIGHTS,
) -> Reranking:
    """Recall without re-ranking, then for each count and weight.

    Raises:
        DatasetUnreadable: an image cannot be decoded.
        CheckpointOfOtherArchitecture: the model has no fine stage.
    """
    scores = score_pairs(encoder, rows)
    pairs = [(0, 0.0), *((count, weight) for count in counts for weight in weights if weight)]
    return Reranking(tuple(gain(scores, count, weight) for count, weight in pairs))


def score_pairs(encoder: FineEncoder, rows: Sequence[DatasetImage]) -> Scores:
    """Every image against every distinct caption; errors as in `measure_reranking`."""
    codes = [
        encoder.encode_tiles_fine(read_pixels(row.path)[None]) for row in tqdm(rows, "images", leave=False)
    ]
    scales = np.concatenate([code.scales for code in codes])
    texts, text_of, owner = caption_numbers(rows)
    matches = [encoder.match(scales, text).sum(axis=1) for text in tqdm(texts, "captions", leave=False)]
    vectors = np.concatenate([code.vectors for code in codes]).astype(np.float64)
    cosines = vectors @ encoder.encode_texts(texts).T.astype(np.float64)
    return Scores(cosines, np.stack(matches, axis=1).astype(np.float64), text_of, owner)


def gain(scores: Scores, count: int, weight: float) -> Gain:
    """Recall with the first `count` of each list ordered anew."""
    fused = scores.cosines + weight * scores.matches
    own = np.arange(len(fused))[:, None] == scores.owner  # [n, c]
    images = reordered(scores.cosines, fused, count)[:, scores.text_of]
    texts = reordered(scores.cosines.T, fused.T, count)[scores.text_of]
    i2t, t2i = ranks_of(images, own).recall(), ranks_of(texts, own.T).recall()
    return Gain(count, weight, i2t, t2i, (i2t.mean + t2i.mean) / 2)


def reordered(coarse: Doubles, fused: Doubles, count: int) -> Doubles:
    """Scores [q, m]: the first `count` of each row by `coarse`, and their ties, are ordered by `fused`."""
    if count == 0:
        return coarse
    kth = min(count, coarse.shape[1])
    head = coarse >= np.partition(coarse, -kth, axis=1)[:, -kth, None]
    return np.where(head, ABOVE_ALL + fused, coarse)
