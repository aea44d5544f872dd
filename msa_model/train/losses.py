"""The contrastive loss of the dual encoder."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy


def masked_contrastive_loss(images: Tensor, texts: Tensor, same: Tensor, temperature: float) -> Tensor:
    """Symmetric InfoNCE: mean over both directions of -log softmax_j(⟨z_i, t_j⟩ / τ) at j = i.

    `images` and `texts` are unit vectors [n, d]; pair i is positive. Pairs marked in `same` [n, n] are no
    negatives: another image with the same caption, or another caption of the same image.
    """
    scores = images @ texts.T / temperature  # [n, n]
    negatives_off = same & ~torch.eye(len(same), dtype=torch.bool)
    scores = scores.masked_fill(negatives_off, float("-inf"))
    target = torch.arange(len(scores))
    return (cross_entropy(scores, target) + cross_entropy(scores.T, target)) / 2


def same_pairs(captions: Tensor, chosen: Tensor) -> Tensor:
    """Which pairs of image i and chosen caption j are no negatives.

    `captions` [n, m] are text numbers of every caption of each image (padded by repetition), `chosen` [n] the
    one drawn for each: (i, j) is marked where caption j reads like any caption of image i.
    """
    return (captions[:, :, None] == chosen[None, None, :]).any(dim=1)  # [n, n]
