"""A finished dual encoder that a student learns from (soft targets; Hinton et al., arXiv 1503.02531)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor
from torch.nn.functional import normalize

from msa_model.adapt.distil import score_divergence
from msa_model.model.dual_encoder import DualEncoder
from msa_model.model.transform import ImageTransform
from msa_model.protocol.errors import BadArgument
from msa_model.research.train.recipe import Distillation
from msa_model.research.train.stages import Start
from msa_model.research.train.trained_network import Pairs, TextBank


@dataclass(frozen=True)
class TeacherVectors:
    """What a teacher makes of a step's n images, each by itself, and texts: unit vectors [n, d]."""

    images: Tensor
    texts: Tensor


class Teacher(Protocol):
    """Any model that tiles can be indexed with; the texts of a bank are encoded once."""

    sha256: str

    def targets(self, rows: Sequence[int], start: Start, texts: Tensor) -> TeacherVectors:
        """Of the images `rows` [n], which `start` is of, and of text numbers [n]."""


class SeeingTeacher:
    """Sees what the student sees; for a student that starts from the images themselves."""

    def __init__(self, model: DualEncoder, bank: TextBank, transform: ImageTransform) -> None:
        self.sha256 = model.sha256
        self._model = model
        self._shift, self._scale = (
            torch.tensor(values, device=model.device).view(1, 3, 1, 1)
            for values in (transform.mean, transform.std)
        )
        self._texts = _texts_of(model, bank)

    @torch.no_grad()
    def targets(self, rows: Sequence[int], start: Start, texts: Tensor) -> TeacherVectors:
        """See `Teacher`; `start.maps` are the student's input float32 [n, 3, s, s]."""
        pixels = start.maps * self._scale + self._shift
        return TeacherVectors(self._model.embed_pixels(pixels), self._texts[texts.to(self._texts.device)])


class StoredTeacher:
    """Has seen every image beforehand, in several views, and says of it the mean of what it said of them."""

    def __init__(self, model: DualEncoder, bank: TextBank, views: Tensor) -> None:
        """`views` [v, m, d] are the model's unit vectors of all m training images."""
        self.sha256 = model.sha256
        self._images = normalize(views.mean(dim=0), dim=1).to(model.device)
        self._texts = _texts_of(model, bank)

    def targets(self, rows: Sequence[int], start: Start, texts: Tensor) -> TeacherVectors:
        """See `Teacher`; the same for every view of an image."""
        return TeacherVectors(self._images[list(rows)], self._texts[texts.to(self._texts.device)])


def _texts_of(model: DualEncoder, bank: TextBank) -> Tensor:
    return torch.from_numpy(model.encode_texts(list(bank.number_of))).to(model.device)


def distillation_terms(
    pairs: Pairs, targets: TeacherVectors, weights: Distillation, temperature: float
) -> dict[str, Tensor]:
    """The weighted terms [n] of a student's `pairs`: both directions of the matching, and the images.

    KL(teacher ‖ student) of the softmax over all texts of an image, and over all images of a text.

    Raises:
        BadArgument: the images are compared, and the teacher's vectors are of another dimension.
    """
    terms = {}
    if weights.weight:
        own = pairs.images.float() @ pairs.texts.float().T / temperature
        theirs = targets.images.float() @ targets.texts.float().T / weights.temperature
        both = score_divergence(theirs, own) + score_divergence(theirs.T, own.T)
        terms["distillation"] = weights.weight * both / 2
    if weights.features:
        if targets.images.shape != pairs.images.shape:
            raise BadArgument(
                "'distillation.features' needs a teacher whose vectors have the same dimension."
            )
        terms["features"] = weights.features * (
            1 - (pairs.images.float() * targets.images.float()).sum(dim=1)
        )
    return terms
