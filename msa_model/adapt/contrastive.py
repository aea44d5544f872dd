"""The contrastive loss: each image against the texts of its batch, and each text against the images."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import kl_div

OFF = -1e30  # a score that no softmax sees, and no gradient turns into NaN


def contrastive(images: Tensor, texts: Tensor, same: Tensor, temperature: float) -> Tensor:
    """Symmetric InfoNCE: mean over both directions of -log softmax_j(⟨z_i, t_j⟩ / τ) at j = i."""
    scores = (images @ texts.T / temperature).masked_fill(not_negative(same), OFF)
    return (own_entropy(scores) + own_entropy(scores.T)) / 2


def own_entropy(scores: Tensor) -> Tensor:
    """-log softmax over the last dimension of scores [..., n, n] on the diagonal [..., n]."""
    return -scores.log_softmax(dim=-1).diagonal(dim1=-2, dim2=-1)


def divergence(p: Tensor, q: Tensor, dim: int = -1) -> Tensor:
    """KL(P ‖ Q) along `dim` of log probabilities."""
    return kl_div(q, p, reduction="none", log_target=True).sum(dim=dim)


def not_negative(same: Tensor) -> Tensor:
    """Other pairs [n, n] that are as right as a row's own."""
    return same & ~diagonal(same)


def diagonal(same: Tensor) -> Tensor:
    """The pairs [n, n] themselves."""
    return torch.eye(len(same), dtype=torch.bool, device=same.device)
