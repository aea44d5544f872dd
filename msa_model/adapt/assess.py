"""How well each pair of a data set fits, told by heads that were not trained on it, and which are wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from msa_model.adapt.heads import Heads, HeadTraining, PairTable, train_heads

FOLDS = 3
CHUNK = 256


@dataclass(frozen=True)
class Assessment:
    """Of p pairs: loss, the loss of the same image with a text of another pair, and what would fit better.

    `better_text` and `better_image` int64 [p] are the nearest text to the image, and the nearest image to
    the text, of those that are no pair with it.
    """

    losses: Tensor
    mismatched: Tensor
    better_text: Tensor
    better_image: Tensor


def assess_pairs(heads: Heads, pairs: PairTable, training: HeadTraining) -> Assessment:
    """Cross-fitting: each third of the images is judged by heads trained on the other two.

    `heads` end up as they were.
    """
    start = heads.snapshot()
    draw = torch.Generator().manual_seed(training.seed)
    fold_of = torch.randperm(pairs.images, generator=draw) % FOLDS  # [n]
    parts = []
    for fold in range(FOLDS):
        rows = fold_of[pairs.image_of] == fold  # [p]
        heads.restore(start)
        train_heads(heads, replace(pairs, weights=pairs.weights * ~rows), training)
        parts.append((torch.nonzero(rows).squeeze(1), judge(heads, pairs, rows, training)))
    heads.restore(start)
    order = torch.cat([rows for rows, _ in parts]).argsort()
    names = ("losses", "mismatched", "better_text", "better_image")
    return Assessment(*(torch.cat([getattr(part, name) for _, part in parts])[order] for name in names))


@torch.inference_mode()
def judge(heads: Heads, pairs: PairTable, rows: Tensor, training: HeadTraining) -> Assessment:
    """Judge the pairs that `rows` bool [p] marks, among all images and texts."""
    images, texts = heads.embed(pairs)
    table = _ScoreTable(images / training.temperature, texts, pairs)
    own_images, own_texts = pairs.image_of[rows], pairs.text_of[rows]
    others = _other_texts(pairs, rows, training.seed)
    return Assessment(
        losses=table.losses(own_images, own_texts),
        mismatched=table.losses(own_images, others),
        better_text=table.best_text[own_images],
        better_image=table.best_image[own_texts],
    )


class _ScoreTable:
    """What is needed of all scores between n images and u texts, a chunk of images at a time.

    `over_texts` [n] and `over_images` [u] are log-sum-exps; `best_text` [n] and `best_image` [u] the nearest
    that are no pair.
    """

    def __init__(self, images: Tensor, texts: Tensor, pairs: PairTable) -> None:
        self._images, self._texts = images, texts
        self.over_texts = torch.empty(len(images))
        self.over_images = torch.full((len(texts),), float("-inf"))
        self.best_text = torch.zeros(len(images), dtype=torch.int64)
        self.best_image = torch.zeros(len(texts), dtype=torch.int64)
        self._nearest = torch.full((len(texts),), float("-inf"))
        for start in range(0, len(images), CHUNK):
            self._add(start, images[start : start + CHUNK] @ texts.T, pairs)

    def losses(self, images: Tensor, texts: Tensor) -> Tensor:
        """Symmetric InfoNCE of pairs [q] with all images and texts for negatives."""
        scores = (self._images[images] * self._texts[texts]).sum(dim=1)
        return (self.over_texts[images] + self.over_images[texts]) / 2 - scores

    def _add(self, start: int, scores: Tensor, pairs: PairTable) -> None:
        stop = start + len(scores)
        self.over_texts[start:stop] = scores.logsumexp(dim=1)
        self.over_images = torch.logaddexp(self.over_images, scores.logsumexp(dim=0))
        inside = (pairs.image_of >= start) & (pairs.image_of < stop)
        scores[pairs.image_of[inside] - start, pairs.text_of[inside]] = float("-inf")
        self.best_text[start:stop] = scores.argmax(dim=1)
        values, places = scores.max(dim=0)
        self.best_image = torch.where(values > self._nearest, places + start, self.best_image)
        self._nearest = torch.maximum(values, self._nearest)


def _other_texts(pairs: PairTable, rows: Tensor, seed: int) -> Tensor:
    """For each marked pair a text of another one that is no pair with its image, where chance finds one."""
    draw = torch.Generator().manual_seed(seed)
    images, texts = pairs.image_of[rows], pairs.text_of[rows]
    known = pairs.codes(pairs.image_of, pairs.text_of)
    found = texts[torch.randperm(len(texts), generator=draw)]
    for _ in range(10):
        clash = torch.isin(pairs.codes(images, found), known)
        again = torch.randint(len(texts), (int(clash.sum()),), generator=draw)
        found[clash] = texts[again]
    return found


Floats = NDArray[np.float64]

DOUBTFUL, WRONG = 0.3, 0.7  # probability of a mismatch above which a pair is no longer clean, and is wrong
BINS = 40
_TAIL = 0.5  # quantile of the mismatched losses above which hardly any right pair lies
_SMOOTHING = 2.0  # bins


class PairClass(StrEnum):
    """What a pair is taken for."""

    CLEAN = "clean"
    DOUBTFUL = "doubtful"
    WRONG = "wrong"


@dataclass(frozen=True)
class NoiseSplit:
    """Of p pairs: probability of a mismatch, class and training weight; `share` of mismatches in all."""

    mismatch: Floats
    classes: NDArray[np.str_]
    weights: Floats
    share: float


def split_by_loss(losses: Floats, mismatched: Floats) -> NoiseSplit:
    """Sort pairs by their losses [p], given the losses [q] of pairs mismatched on purpose.

    f(l) = π f_0(l) + (1 - π) f_1(l): f is the density of `losses`, f_0 that of `mismatched`. A pair's
    probability of a mismatch is π f_0 / f, made to rise with the loss. π is what of f lies above the median
    of f_0, over one half.
    """
    beyond = float(np.mean(losses > np.quantile(mismatched, _TAIL)))
    share = min(1.0, beyond / (1 - _TAIL))
    mismatch = _mismatch_probability(losses, mismatched, share)
    return NoiseSplit(mismatch, _classes(mismatch), _weights(mismatch), share)


def _mismatch_probability(losses: Floats, mismatched: Floats, share: float) -> Floats:
    edges = np.linspace(*_span(losses, mismatched), BINS + 1)
    f, f0 = _density(losses, edges), _density(mismatched, edges)
    ratio = np.clip(share * f0 / np.maximum(f, 1e-12), 0, 1)
    middles = (edges[1:] + edges[:-1]) / 2
    rising = np.maximum.accumulate(np.where(f0 > 0, ratio, 0.0))
    found: Floats = np.interp(losses, middles, rising)
    return found


def _span(losses: Floats, mismatched: Floats) -> tuple[float, float]:
    both = np.concatenate((losses, mismatched))
    return float(both.min()), float(both.max()) + 1e-9


def _density(losses: Floats, edges: Floats) -> Floats:
    counts, _ = np.histogram(losses, edges)
    reach = np.arange(-3 * int(_SMOOTHING), 3 * int(_SMOOTHING) + 1)
    kernel = np.exp(-0.5 * (reach / _SMOOTHING) ** 2)
    smooth: Floats = np.convolve(counts, kernel / kernel.sum(), mode="same") / len(losses)
    return smooth


def _classes(mismatch: Floats) -> NDArray[np.str_]:
    wrong = np.where(mismatch > WRONG, PairClass.WRONG.value, PairClass.DOUBTFUL.value)
    return np.where(mismatch <= DOUBTFUL, PairClass.CLEAN.value, wrong)


def _weights(mismatch: Floats) -> Floats:
    """1 for clean pairs, 0 for wrong ones, a quarter of a cosine in between."""
    u = np.clip((mismatch - DOUBTFUL) / (WRONG - DOUBTFUL), 0, 1)
    return np.where(u >= 1, 0.0, np.cos(np.pi * u / 2))
