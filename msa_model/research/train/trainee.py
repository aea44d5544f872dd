"""The network in training: starts of images and numbers of texts in, embeddings out.

A finished dual encoder that a student learns from (soft targets; Hinton et al., arXiv 1503.02531).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from msa_model.adapt.distil import score_divergence
from msa_model.model.dual_encoder import DualEncoder
from msa_model.model.network import MsaNetwork
from msa_model.model.text import TextStates
from msa_model.model.transform import ImageTransform
from msa_model.protocol.errors import BadArgument
from msa_model.research.train.recipe import Distillation
from msa_model.research.train.stages import Cut, Precision, Start, cells_of, pool_stages, stitch
from msa_model.research.train.text_tower import TextBank, TextTower

CPU_CHUNK = 32  # images whose maps stay in the processor's cache; a multiple of a scene's
EPSILON = 1e-2  # of σ_k, in units of what is standardised


@dataclass(frozen=True)
class Pairs:
    """n images and texts: embeddings [n, d], pooled scales s_k [n, c_k] and the states of the texts."""

    images: Tensor
    texts: Tensor
    scales: Sequence[Tensor]
    states: TextStates


class Trainee(nn.Module):
    """Both towers from the frozen stages on."""

    def __init__(self, network: MsaNetwork, cut: Cut, words: TextTower, precision: Precision) -> None:
        super().__init__()
        self.network = network
        self.words = words
        self._cut, self._precision = cut, precision

    def forward(self, start: Start, texts: Tensor, side: int) -> Pairs:
        """Images' starts and text numbers [n], the images seen in scenes of `side` × `side`."""
        scales = self.scales(start, side)
        states = self.states(texts)
        return Pairs(self.network.image.embed(scales), self.network.text(states.sentences), scales, states)

    def scales(self, start: Start, side: int = 1) -> list[Tensor]:
        """The pooled scales s_k [n, c_k] in float32."""
        chunk = CPU_CHUNK if start.maps.device.type == "cpu" else len(start.maps)
        parts = [self._trained_scales(part, side) for part in torch.split(start.maps, chunk)]
        channels = list(self.network.image.backbone.channels[: self._cut.frozen])
        known = torch.split(start.pooled, channels, dim=1) if channels else ()
        return [*known, *(torch.cat(scale) for scale in zip(*parts, strict=True))]

    def _trained_scales(self, maps: Tensor, side: int) -> list[Tensor]:
        with self._precision():
            found = self._cut.after(stitch(maps, side))
        cells = [cells_of(stage.float(), side) for stage in found]
        return pool_stages(cells, self._cut.frozen, len(self.network.image.means))

    def states(self, texts: Tensor) -> TextStates:
        """Text numbers [n] to their states; a text that stands twice is read once."""
        distinct, place = torch.unique(texts, return_inverse=True)
        with self._precision():
            found = self.words(distinct)
        place = place.to(found.tokens.device)
        return TextStates(found.tokens[place], found.mask[place], found.sentences[place])

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.network.parameters()).device


def standardise(network: MsaNetwork, scales: Sequence[Tensor]) -> None:
    """Set the image tower's μ_k and σ_k to the statistics of the scales s_k [n, c_k] of some images."""
    for scale, mean, deviation in zip(scales, network.image.means, network.image.deviations, strict=True):
        mean.data.copy_(scale.mean(dim=0))
        deviation.data.copy_(scale.std(dim=0) + EPSILON)


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
        self._texts = torch.from_numpy(model.encode_texts(list(bank.number_of))).to(model.device)

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
