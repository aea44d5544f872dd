"""The training losses of MSA (TGRS 2024), of the authors' code ("released") and repaired ("corrected").

Batches of n pairs: `images` and `texts` are unit vectors [n, d], pair i is positive; `matches` [K, n, n] are
MSCMAT's scores m_k(image i, text j); `same` [n, n] marks pairs that are no negatives (another image with the
same caption, another caption of the same image). Each term returns the contribution of every sample [n].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import normalize

from msa_model.adapt.heads import OFF, contrastive, diagonal, divergence, not_negative, own_entropy

MARGIN = 0.5  # of the triplets
SOFTENING = 2.0  # temperature of CSMMC

Mode = Literal["corrected", "released"]


@dataclass(frozen=True)
class LossWeights:
    """What each term counts; one with weight 0 is not computed. The paper's: 0, 1, 15 and 10."""

    contrastive: float = 1.0
    triplet: float = 0.0
    mscma: float = 0.0
    csmmc: float = 0.0

    @property
    def matching(self) -> bool:
        """Whether MSCMAT's scores are needed."""
        return self.mscma > 0 or self.csmmc > 0


@dataclass(frozen=True)
class Scored:
    """What the network makes of a batch; `matches` may be missing where no weight asks for it."""

    images: Tensor
    texts: Tensor
    same: Tensor
    matches: Tensor | None = None


def total_loss(scored: Scored, weights: LossWeights, mode: Mode, temperature: float) -> Tensor:
    """The mean over pairs of the weighted sum of all terms.

    Raises:
        ValueError: a weight asks for matching scores, and there are none.
    """
    return torch.stack(list(loss_terms(scored, weights, mode, temperature).values())).sum(dim=0).mean()


def loss_terms(scored: Scored, weights: LossWeights, mode: Mode, temperature: float) -> dict[str, Tensor]:
    """What every pair [n] adds to each weighted term, by name; the loss is the mean of their sum.

    Triplets are summed over the batch, as the authors do; the other terms are means.

    Raises:
        ValueError: a weight asks for matching scores, and there are none.
    """
    same, images, texts = scored.same, scored.images.float(), scored.texts.float()
    terms = {}
    if weights.contrastive:
        terms["contrastive"] = weights.contrastive * contrastive(images, texts, same, temperature)
    if weights.triplet:
        terms["triplet"] = weights.triplet * len(images) * triplet(images, texts, same, mode)
    if weights.matching:
        terms |= _matching_terms(scored, weights, mode)
    return terms


def _matching_terms(scored: Scored, weights: LossWeights, mode: Mode) -> dict[str, Tensor]:
    if scored.matches is None:
        raise ValueError("the losses mscma and csmmc need matching scores")
    matches, terms = scored.matches.float(), {}
    if weights.mscma:
        terms["mscma"] = weights.mscma * mscma(matches, scored.same, mode)
    if weights.csmmc:
        terms["csmmc"] = weights.csmmc * csmmc(matches, scored.same, mode)
    return terms


def noisy(vectors: Tensor, lengths: tuple[float, float], draw: torch.Generator) -> Tensor:
    """Unit vectors [n, d] with noise whose length is drawn evenly between `lengths`, scaled to one again."""
    low, high = lengths
    length = low + (high - low) * torch.rand(len(vectors), 1, generator=draw)
    direction = torch.randn(vectors.shape, generator=draw) / vectors.shape[1] ** 0.5
    return normalize(vectors + (length * direction).to(vectors.device), dim=1)


def triplet(images: Tensor, texts: Tensor, same: Tensor, mode: Mode) -> Tensor:
    """[0.5 - ⟨z_i, t_i⟩ + ⟨z_i, t_hard⟩]_+ and the same for text i, negatives the hardest of the batch.

    Released: any other pair may be the hardest, pairs in `same` too, which it then prefers.
    """
    scores = images @ texts.T
    no_negative = diagonal(same) if mode == "released" else same | diagonal(same)
    negatives = scores.masked_fill(no_negative, OFF)
    own = scores.diagonal()
    hard_texts, hard_images = negatives.max(dim=1).values, negatives.max(dim=0).values
    return torch.relu(MARGIN - own + hard_texts) + torch.relu(MARGIN - own + hard_images)


def mscma(matches: Tensor, same: Tensor, mode: Mode) -> Tensor:
    """Σ_k cross-entropy of image i's scores with all texts, the target its own.

    Released: on sigmoids, so that it cannot fall below K · ln(1 + (n - 1) / e). Corrected: on logits, without
    pairs in `same`, mean over both directions.
    """
    if mode == "released":
        return own_entropy(matches).sum(dim=0)
    scores = matches.masked_fill(not_negative(same), OFF)
    return ((own_entropy(scores) + own_entropy(scores.mT)) / 2).sum(dim=0)


def csmmc(matches: Tensor, same: Tensor, mode: Mode) -> Tensor:
    """Σ_{k<K} divergence of scale k's matching distribution from the largest scale's, at temperature 2.

    Released: KL(P_k ‖ P_K) / n over the images of each text: the student comes first and counts 1/n.
    Corrected: KL(P_K ‖ P_k), without pairs in `same`, mean over both directions. The teacher P_K is detached.
    """
    if mode == "released":
        logs = (matches / SOFTENING).log_softmax(dim=1)
        student, teacher = logs[:-1], logs[-1:].detach()
        return divergence(student, teacher, dim=1).sum(dim=0) / matches.shape[1]
    scores = matches.masked_fill(not_negative(same), OFF) / SOFTENING
    return (_divergences(scores, dim=1) + _divergences(scores, dim=2)) / 2


def same_pairs(captions: Tensor, chosen: Tensor) -> Tensor:
    """Which pairs of image i and chosen caption j are no negatives.

    `captions` [n, m] are text numbers of every caption of each image (padded by repetition), `chosen` [n] the
    one drawn for each: (i, j) is marked where caption j reads like any caption of image i.
    """
    return (captions[:, :, None] == chosen[None, None, :]).any(dim=1)  # [n, n]


def _divergences(scores: Tensor, dim: int) -> Tensor:
    logs = scores.log_softmax(dim=dim)
    return divergence(logs[-1:].detach(), logs[:-1], dim).sum(dim=0)
