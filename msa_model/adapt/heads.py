"""Training of the heads alone, on cached features: what adapting a checkpoint to a user's pairs changes.

The contrastive loss: each image against the texts of its batch, and each text against the images.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import kl_div
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR

from msa_model.model.network import ImageTower, MsaNetwork

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


WARM_UP = 0.1  # share of the steps in which the learning rate rises
CHUNK = 512


@dataclass(frozen=True)
class PairTable:
    """p pairs of n images and u distinct texts.

    `scales` [v, n, Σ c_k] are the pooled stages of every image in v views, the upright one first;
    `sentences` [u, w] sentence vectors; `image_of` and `text_of` int64 [p] say what makes a pair, `weights`
    [p] how much it counts in training.
    """

    scales: Tensor
    sentences: Tensor
    image_of: Tensor
    text_of: Tensor
    weights: Tensor

    def __len__(self) -> int:
        return len(self.image_of)

    @property
    def images(self) -> int:
        """How many images there are."""
        return self.scales.shape[1]

    def codes(self, images: Tensor, texts: Tensor) -> Tensor:
        """One number for each combination of image and text."""
        return images * len(self.sentences) + texts


@dataclass(frozen=True)
class HeadTraining:
    """Hyper-parameters of one run; dropout is on s_k and on the text head."""

    epochs: int
    batch: int
    learning_rate: float
    weight_decay: float = 0.01
    dropout: float = 0.1
    temperature: float = 0.05
    seed: int = 0


@dataclass(frozen=True)
class _Batch:
    """n drawn pairs; `same` [n, n] marks the combinations that are pairs as well."""

    scales: Tensor
    sentences: Tensor
    same: Tensor
    weights: Tensor


class Heads:
    """The layers of a network behind its pooled scales, but for those that matching heads read as well."""

    def __init__(self, network: MsaNetwork) -> None:
        self.tower: ImageTower = network.image
        self.text: nn.Module = network.text
        own = {
            f"image.{name}": parameter
            for name, parameter in network.image.named_parameters()
            if name.startswith(("feature_map.", "gate.", "output."))
            or (name.startswith("scales.") and network.fine is None)
        }
        self.parameters = own | {f"text.{name}": p for name, p in network.text.named_parameters()}
        for parameter in self.parameters.values():
            parameter.requires_grad = True

    def snapshot(self) -> dict[str, Tensor]:
        """A copy of the parameters."""
        return {name: parameter.detach().clone() for name, parameter in self.parameters.items()}

    @torch.no_grad()
    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Take the parameters of a snapshot."""
        for name, parameter in self.parameters.items():
            parameter.copy_(state[name])

    def embed_scales(self, scales: Tensor) -> Tensor:
        """Pooled scales [n, Σ c_k] to unit embeddings [n, d]."""
        parts = torch.split(scales.float(), list(self.tower.backbone.channels), dim=1)
        return self.tower.embed(parts)

    @torch.inference_mode()
    def embed(self, pairs: PairTable) -> tuple[Tensor, Tensor]:
        """Unit embeddings of all upright images [n, d] and of all texts [u, d]."""
        images = torch.cat([self.embed_scales(part) for part in torch.split(pairs.scales[0], CHUNK)])
        texts = torch.cat([self.text(part) for part in torch.split(pairs.sentences, CHUNK)])
        return images, texts

    def training_mode(self, dropout: float) -> None:
        """Dropout on."""
        self.tower.dropout.train().p = dropout
        self.text.train()
        self.text.dropout.p = dropout  # type: ignore[union-attr]

    def evaluation_mode(self) -> None:
        """Dropout off."""
        self.tower.dropout.eval()
        self.text.eval()


def train_heads(
    heads: Heads,
    pairs: PairTable,
    training: HeadTraining,
    after_epoch: Callable[[int], None] = lambda epoch: None,
) -> None:
    """Train in place on the pairs with a weight above 0; ends in evaluation mode.

    `after_epoch` is called with the number of each epoch, from 1, in evaluation mode. The same seed gives
    the same weights on the same machine.
    """
    torch.manual_seed(training.seed)
    draw = torch.Generator().manual_seed(training.seed)
    chosen = torch.nonzero(pairs.weights > 0).squeeze(1)
    optimiser = AdamW(
        heads.parameters.values(), lr=training.learning_rate, weight_decay=training.weight_decay
    )
    steps = training.epochs * _steps(len(chosen), training.batch)
    schedule = OneCycleLR(optimiser, training.learning_rate, total_steps=steps, pct_start=WARM_UP)
    for epoch in range(1, training.epochs + 1):
        heads.training_mode(training.dropout)
        for batch in _batches(pairs, chosen, training.batch, draw):
            optimiser.zero_grad()
            _loss(heads, batch, training.temperature).backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
        heads.evaluation_mode()
        after_epoch(epoch)


def _loss(heads: Heads, batch: _Batch, temperature: float) -> Tensor:
    images, texts = heads.embed_scales(batch.scales), heads.text(batch.sentences)  # [n, d]
    losses = contrastive(images, texts, batch.same, temperature)  # [n]
    return (batch.weights * losses).sum() / batch.weights.sum()


def _steps(pairs: int, batch: int) -> int:
    return max(1, pairs // batch)


def _batches(pairs: PairTable, chosen: Tensor, batch: int, draw: torch.Generator) -> Iterator[_Batch]:
    """The chosen pairs in random order and views, in equal parts of at least `batch`."""
    known = pairs.codes(pairs.image_of[chosen], pairs.text_of[chosen])
    order = chosen[torch.randperm(len(chosen), generator=draw)]
    for rows in order.tensor_split(_steps(len(order), batch)):
        images, texts = pairs.image_of[rows], pairs.text_of[rows]
        views = torch.randint(len(pairs.scales), (len(rows),), generator=draw)
        yield _Batch(
            scales=pairs.scales[views, images],
            sentences=pairs.sentences[texts],
            same=torch.isin(pairs.codes(images[:, None], texts[None, :]), known),
            weights=pairs.weights[rows],
        )
