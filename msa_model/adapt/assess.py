"""How well each pair of a data set fits, told by heads that were not trained on it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
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
