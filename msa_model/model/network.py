"""MSA's image tower and text head (TGRS 2024, arXiv 2405.18959, and the authors' released `model.py`).

Shapes: n images or texts, c_k channels of stage k, w = config.width, d = config.dimension.

z is what is indexed. The matching heads (MSCMAT) read the same pooled scales s_k: a training loss, and what
the head of a list can be ordered anew with.

Tiles pooled out of the feature maps of a larger picture, which the backbone has seen once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import (
    adaptive_avg_pool2d,
    adaptive_max_pool2d,
    avg_pool2d,
    gelu,
    max_pool2d,
    normalize,
)

from msa_model.model.backbone import FeatureStages
from msa_model.model.config import ImageConfig, ModelConfig
from msa_model.model.mscmat import Mscmat
from msa_model.model.text import TextStates
from msa_model.protocol.errors import MsaError


class ImageTower(nn.Module):
    """Pixels to the image embedding z.

    s_k = pool_k(stage k), pools max, max, max, average          k = 1..4
    v   = Σ_k W_k (s_k - μ_k) / σ_k                              (released code: v = Σ_k W_k s_k)
    h   = A v
    z   = B (h ⊙ σ(C h))                                          (released code: `feature_map`)

    μ_k and σ_k are fixed statistics of the training images: an affine map that W_k could absorb, kept apart
    because it puts all scales on one footing for the optimiser.
    """

    def __init__(self, config: ImageConfig, width: int, dimension: int) -> None:
        super().__init__()
        self.backbone = FeatureStages(config)
        channels = self.backbone.channels
        self.scales = nn.ModuleList(nn.Linear(c, width) for c in channels)  # W_k
        self.feature_map = nn.Linear(width, width)  # A
        self.gate = nn.Linear(width, width)  # C
        self.output = nn.Linear(width, dimension)  # B
        self.dropout = nn.Dropout(0.0)  # on s_k, in training only
        self.means = nn.ParameterList(_constant(torch.zeros(c)) for c in channels)  # μ_k
        self.deviations = nn.ParameterList(_constant(torch.ones(c)) for c in channels)  # σ_k

    def forward(self, images: Tensor) -> Tensor:
        """Images [n, 3, s, s] to unit embeddings [n, d]."""
        return self.embed(self.pool(self.backbone(images)))

    def pool(self, stages: Sequence[Tensor]) -> list[Tensor]:
        """Stages [n, c_k, h_k, w_k] to scales s_k [n, c_k]: max, max, max, average."""
        *fine, coarse = stages
        pooled = [adaptive_max_pool2d(stage, 1) for stage in fine] + [adaptive_avg_pool2d(coarse, 1)]
        return [scale.flatten(1) for scale in pooled]

    def embed(self, scales: Sequence[Tensor]) -> Tensor:
        """Scales s_k [n, c_k] to unit embeddings z [n, d]."""
        v = torch.stack(self.project(scales)).sum(dim=0)  # [n, w]
        h = self.feature_map(v)  # [n, w]
        z = self.output(h * torch.sigmoid(self.gate(h)))  # [n, d]
        return normalize(cast(Tensor, z), dim=-1)

    def project(self, scales: Sequence[Tensor]) -> list[Tensor]:
        """Scales s_k [n, c_k] to the terms of v, W_k (s_k - μ_k) / σ_k [n, w]."""
        return [
            project(self.dropout((scale - mean) / deviation))
            for project, scale, mean, deviation in zip(
                self.scales, scales, self.means, self.deviations, strict=True
            )
        ]


class TextHead(nn.Module):
    """A sentence vector to the text embedding: t' = W_2 gelu(W_1 t) + W_0 t, scaled to unit length."""

    def __init__(self, text_width: int, width: int, dimension: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(text_width, width)  # W_1
        self.output = nn.Linear(width, dimension)  # W_2
        self.skip = nn.Linear(text_width, dimension, bias=False)  # W_0
        self.dropout = nn.Dropout(0.0)  # in training only

    def forward(self, sentences: Tensor) -> Tensor:
        """Sentence vectors [n, text width] to unit embeddings [n, d]."""
        sentences = self.dropout(sentences)
        hidden = self.dropout(gelu(self.hidden(sentences)))  # [n, w]
        return normalize(self.output(hidden) + self.skip(sentences), dim=-1)


class PlainText(nn.Module):
    """The sentence vector itself, scaled to unit length (the paper's text embedding)."""

    def __init__(self) -> None:
        super().__init__()
        self.dropout = nn.Dropout(0.0)  # in training only

    def forward(self, sentences: Tensor) -> Tensor:
        """Sentence vectors [n, d] to unit embeddings [n, d]."""
        return normalize(self.dropout(sentences), dim=-1)


class MsaNetwork(nn.Module):
    """The dual encoder that is searched with: the score of a pair is the dot product of both outputs.

    `fine` holds the matching heads, if the config has any. Corrected, they read the terms W_k s_k of v, so
    that their loss reaches what is searched with (docs/adr/0009); released, s_k itself.

    Raises:
        checkpoint_of_other_architecture: without a text head, the sentence vectors are not of the dimension.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.image = ImageTower(config.image, config.width, config.dimension)
        self.text = text_head(config)
        self._shares_projections = config.mode == "corrected"
        channels = self.image.backbone.channels
        inputs = [config.width] * len(channels) if self._shares_projections else channels
        self.fine = Mscmat(inputs, config.text.width, config.fine, config.mode) if config.fine else None

    def match(self, scales: Sequence[Tensor], text: TextStates) -> Tensor:
        """Pooled scales s_k [n, c_k] and the states of m texts to matching scores m_k [K, n, m].

        Logits if corrected, in 0..1 if released.

        Raises:
            checkpoint_of_other_architecture: the config has no matching heads.
        """
        if self.fine is None:
            raise MsaError.of(
                "checkpoint_of_other_architecture", "This model has no matching heads to match with."
            )
        result: Tensor = self.fine(self.image.project(scales) if self._shares_projections else scales, text)
        return result


def text_head(config: ModelConfig) -> TextHead | PlainText:
    """What the config makes of sentence vectors.

    Raises:
        checkpoint_of_other_architecture: nothing, though they are not of the dimension.
    """
    if config.text_head == "mlp":
        return TextHead(config.text.width, config.width, config.dimension)
    if config.text.width != config.dimension:
        raise MsaError.of(
            "checkpoint_of_other_architecture",
            f"Without a text head the dimension is that of the sentence vectors, {config.text.width}, "
            f"not {config.dimension}.",
        )
    return PlainText()


def _constant(values: Tensor) -> nn.Parameter:
    return nn.Parameter(values, requires_grad=False)


Box = tuple[int, int, int, int]  # x0, y0, x1, y1


def pool_regions(
    tower: ImageTower, stages: Sequence[Tensor], boxes: Sequence[Box], picture: tuple[int, int]
) -> list[Tensor]:
    """Scales s_k [m n, c_k] of m boxes in each of n pictures, box by box.

    `stages` [n, c_k, h_k, w_k] are the backbone's of pictures of (height, width) px; `boxes` are in the
    pictures' pixels, on the lattice of the coarsest stage's cells.

    Raises:
        ValueError: a box does not lie on whole cells of every stage, or reaches beyond the picture.
    """
    pooled = [tower.pool([_cut(stage, box, picture) for stage in stages]) for box in boxes]
    return [torch.cat(scale) for scale in zip(*pooled, strict=True)]


def pool_lattice(stages: Sequence[Tensor], strides: Sequence[int], tile: int) -> list[Tensor]:
    """Scales s_k [n, c_k, R, C] of every tile that lies in a picture, on the lattice of the coarsest cells.

    `stages` [n, c_k, h_k, w_k] are fine to coarse, of `strides` px; as `ImageTower.pool` for each tile:
    maxima, of the last stage means. Maxima of cells first, of cells in a tile then: far fewer comparisons.
    """
    steps, coarsest = tile // strides[-1], strides[-1]
    *fine, coarse = stages
    cells = [max_pool2d(stage, coarsest // s, coarsest // s) for stage, s in zip(fine, strides, strict=False)]
    maxima = [max_pool2d(cell.float(), steps, 1) for cell in cells]
    return [*maxima, avg_pool2d(coarse.float(), steps, 1)]


def _cut(stage: Tensor, box: Box, picture: tuple[int, int]) -> Tensor:
    height, width = picture
    rows, columns = stage.shape[2:]
    x0, y0, x1, y1 = box
    limits = (x0 * columns, width), (x1 * columns, width), (y0 * rows, height), (y1 * rows, height)
    if any(position % size for position, size in limits) or not (x0 < x1 <= width and y0 < y1 <= height):
        raise ValueError(f"The box {box} does not lie on the {columns} × {rows} cells of the picture.")
    left, right, top, bottom = (position // size for position, size in limits)
    return stage[:, :, top:bottom, left:right]
