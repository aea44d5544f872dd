"""How good the network is during training: recall on captions, zero-shot accuracy on classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import normalize

from msa_model.measure.evaluation import Evaluation, score
from msa_model.research.train.plan import evenly
from msa_model.research.train.samples import LabelledSet
from msa_model.research.train.stages import Start
from msa_model.research.train.trained_network import TextBank, TrainedNetwork

CHUNK = 128
TEXTS = 512
BACKGROUND = 2048  # images whose mean embedding is the background

Vectors = NDArray[np.float32]


class Images(Protocol):
    """Images by row, in views of which 0 is upright and whole."""

    def __len__(self) -> int:
        """How many there are."""

    def start(self, rows: Sequence[int], views: Sequence[int]) -> Start:
        """What the trained layers start from."""


@dataclass(frozen=True)
class Captioned:
    """Images with captions, to measure recall on."""

    images: Images
    captions: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Labelled:
    """Images with classes: text numbers of each class, and the class [n] of each image."""

    name: str
    images: Images
    texts: tuple[tuple[int, ...], ...]
    classes: NDArray[np.int64]


@dataclass(frozen=True)
class Measured:
    """Recall on captions, if any are validated on, and top-1 accuracy in percent by labelled set."""

    recall: Evaluation | None
    top1: dict[str, float]

    @property
    def line(self) -> str:
        """For people."""
        mr = [f"mean recall {self.recall.mr:.2f}"] if self.recall else []
        return ", ".join([*mr, *(f"{name} top-1 {value:.1f} %" for name, value in self.top1.items())])


def labelled_set(part: LabelledSet, images: Images, bank: TextBank) -> Labelled:
    """A labelled set whose classes, also those without an image here, go by their phrases."""
    labels = sorted(part.classes)
    texts = tuple(tuple(bank.numbers(part.classes[label])) for label in labels)
    classes = np.array([labels.index(sample.label) for sample in part.samples])
    return Labelled(part.name, images, texts, classes)


def measure(trained: TrainedNetwork, captioned: Captioned | None, labelled: Sequence[Labelled]) -> Measured:
    """Both, in evaluation mode."""
    trained.eval()
    recall = _recall(trained, captioned) if captioned else None
    return Measured(recall, {part.name: _top1(trained, part) for part in labelled})


def background_of(trained: TrainedNetwork, images: Images) -> Vectors:
    """The mean embedding [d] of training images: of all, or of so many that it does not matter."""
    trained.eval()
    mean: Vectors = embed_images(trained, images, evenly(len(images), BACKGROUND)).mean(axis=0)
    return mean


@torch.inference_mode()
def embed_images(trained: TrainedNetwork, images: Images, rows: NDArray[np.int64]) -> Vectors:
    """Upright images to unit embeddings [n, d]."""
    parts = []
    for start in range(0, len(rows), CHUNK):
        own = rows[start : start + CHUNK].tolist()
        scales = trained.scales(images.start(own, [0] * len(own)).to(trained.device))
        parts.append(trained.network.image.embed(scales).float().cpu().numpy())
    return np.concatenate(parts)


@torch.inference_mode()
def embed_texts(trained: TrainedNetwork, numbers: Tensor) -> Tensor:
    """Text numbers [n] to unit embeddings [n, d] on the CPU."""
    parts = [trained.network.text(trained.states(part).sentences) for part in torch.split(numbers, TEXTS)]
    return torch.cat(parts).float().cpu()


def _recall(trained: TrainedNetwork, data: Captioned) -> Evaluation:
    owner = np.repeat(np.arange(len(data.captions)), [len(own) for own in data.captions])
    used, text_of = np.unique(np.concatenate([np.array(own) for own in data.captions]), return_inverse=True)
    images = embed_images(trained, data.images, np.arange(len(data.images)))
    return score(images, embed_texts(trained, torch.from_numpy(used)).numpy(), text_of, owner)


def _top1(trained: TrainedNetwork, data: Labelled) -> float:
    classes = [normalize(embed_texts(trained, torch.tensor(own)).mean(dim=0), dim=0) for own in data.texts]
    images = embed_images(trained, data.images, np.arange(len(data.images)))
    found = (images @ torch.stack(classes).numpy().T).argmax(axis=1)
    return 100 * float((found == data.classes).mean())
