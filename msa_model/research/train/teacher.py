"""A finished dual encoder that a student learns from (soft targets; Hinton et al., arXiv 1503.02531)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from msa_model.adapt.distil import score_divergence
from msa_model.model.dual_encoder import DualEncoder
from msa_model.model.transform import ImageTransform
from msa_model.protocol.errors import BadArgument
from msa_model.research.train.recipe import Distillation
from msa_model.research.train.text_bank import TextBank
from msa_model.research.train.trainee import Pairs


@dataclass(frozen=True)
class TeacherVectors:
    """What a teacher makes of a step's n images, each by itself, and texts: unit vectors [n, d]."""

    images: Tensor
    texts: Tensor


class Teacher:
    """Any model that tiles can be indexed with; the texts of a bank are encoded once."""

    def __init__(self, model: DualEncoder, bank: TextBank, transform: ImageTransform) -> None:
        self.sha256 = model.sha256
        self._model = model
        self._shift, self._scale = (
            torch.tensor(values, device=model.device).view(1, 3, 1, 1)
            for values in (transform.mean, transform.std)
        )
        self._texts = torch.from_numpy(model.encode_texts(list(bank.place))).to(model.device)

    @torch.no_grad()
    def lesson(self, images: Tensor, texts: Tensor) -> TeacherVectors:
        """Of the student's input float32 [n, 3, s, s] and text numbers [n]."""
        pixels = images * self._scale + self._shift
        return TeacherVectors(self._model.embed_pixels(pixels), self._texts[texts.to(self._texts.device)])


def distillation_terms(
    pairs: Pairs, lesson: TeacherVectors, weights: Distillation, temperature: float
) -> dict[str, Tensor]:
    """The weighted terms [n] of a student's `pairs`: both directions of the matching, and the images.

    KL(teacher ‖ student) of the softmax over all texts of an image, and over all images of a text.

    Raises:
        BadArgument: the images are compared, and the teacher's vectors are of another dimension.
    """
    terms = {}
    if weights.weight:
        own = pairs.images.float() @ pairs.texts.float().T / temperature
        theirs = lesson.images.float() @ lesson.texts.float().T / weights.temperature
        both = score_divergence(theirs, own) + score_divergence(theirs.T, own.T)
        terms["distillation"] = weights.weight * both / 2
    if weights.features:
        if lesson.images.shape != pairs.images.shape:
            raise BadArgument(
                "'distillation.features' needs a teacher whose vectors have the same dimension."
            )
        terms["features"] = weights.features * (1 - (pairs.images.float() * lesson.images.float()).sum(dim=1))
    return terms
