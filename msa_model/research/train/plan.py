"""Which images, views and texts each step shows: drawn from seed and step alone, so that a run can go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from msa_model.protocol.errors import DatasetUnreadable
from msa_model.research.train.recipe import Training
from msa_model.research.train.samples import Sample

SCENE = 2  # a mosaic has SCENE × SCENE images


@dataclass(frozen=True)
class Step:
    """One step of the optimiser, `number` from 0: image `rows` [n] in `views` [n], `texts` [n] by number.

    `same` bool [n, n]: text j is one of image i's own. `side` of the scenes the images are put into, 1 or 2.
    """

    number: int
    epoch: int
    rows: tuple[int, ...]
    views: tuple[int, ...]
    texts: Tensor
    same: Tensor
    side: int


@dataclass(frozen=True)
class TextNumbers:
    """Numbers of every sample's captions and phrases, and both padded by repetition [n, m]."""

    captions: tuple[tuple[int, ...], ...]
    phrases: tuple[tuple[int, ...], ...]
    own: Tensor

    @classmethod
    def of(cls, samples: Sequence[Sample], number_of: Mapping[str, int]) -> TextNumbers:
        """The texts of samples by `number_of` each.

        Raises:
            DatasetUnreadable: a sample has neither caption nor phrase.
        """
        captions = tuple(tuple(number_of[text] for text in sample.captions) for sample in samples)
        phrases = tuple(tuple(number_of[text] for text in sample.phrases) for sample in samples)
        for sample in samples:
            if not (sample.captions or sample.phrases):
                raise DatasetUnreadable(f"{sample.path.name} has neither a caption nor a label.")
        both = [sorted({*own, *short}) for own, short in zip(captions, phrases, strict=True)]
        most = max(map(len, both))
        return cls(captions, phrases, torch.from_numpy(np.stack([np.resize(own, most) for own in both])))


class Plan:
    """The steps of a run over `texts` of its samples; `views` is how many views each image has.

    A step shows every image at most once; an epoch shows each once, up to a rest smaller than a batch.
    """

    def __init__(self, training: Training, texts: TextNumbers, views: int, seed: int) -> None:
        self._training, self._texts, self._views, self._seed = training, texts, views, seed
        self.samples = len(texts.captions)
        self.batch = min(training.batch, self.samples)
        self.steps_per_epoch = self.samples // self.batch
        self.steps = training.steps or training.epochs * self.steps_per_epoch

    def step(self, number: int) -> Step:
        """The step of that number."""
        epoch, place = divmod(number, self.steps_per_epoch)
        order = np.random.default_rng((self._seed, epoch)).permutation(self.samples)
        rows = order[place * self.batch : (place + 1) * self.batch].tolist()
        draw = np.random.default_rng((self._seed, epoch, place))
        side = SCENE if draw.random() < self._training.mosaic and self.batch % SCENE**2 == 0 else 1
        views = draw.integers(max(1, self._views), size=len(rows)).tolist()
        texts = torch.tensor([self._draw_text(row, draw) for row in rows])
        same = (self._texts.own[rows][:, :, None] == texts[None, None, :]).any(dim=1)
        return Step(number, epoch, tuple(rows), tuple(views), texts, same, side)

    def _draw_text(self, row: int, draw: np.random.Generator) -> int:
        captions, phrases = self._texts.captions[row], self._texts.phrases[row]
        short = phrases and (not captions or draw.random() < self._training.phrase)
        return int(draw.choice(phrases if short else captions))


def evenly(count: int, wanted: int) -> NDArray[np.int64]:
    """At most `wanted` of the numbers below `count`, evenly spaced."""
    return np.unique(np.linspace(0, count - 1, min(count, wanted)).astype(np.int64))
