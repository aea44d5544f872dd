"""Train MSA's heads, and the backbone's last stage if wanted, on cached features."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR

from msa_model.model.network import MsaNetwork
from msa_model.train.captions import CaptionTable
from msa_model.train.features import Features
from msa_model.train.losses import contrastive, same_pairs
from msa_model.train.recipe import Training

WARM_UP = 0.1  # share of the steps in which the learning rate rises
EPSILON = 1e-6


@dataclass(frozen=True)
class TrainingSet:
    """Training images in several views (same order in each), and their captions."""

    views: Sequence[Features]
    captions: CaptionTable

    def __len__(self) -> int:
        return len(self.captions.numbers)


@dataclass(frozen=True)
class Batch:
    """n drawn pairs: image features, sentence vectors [n, w] and which pairs are no negatives [n, n]."""

    scales: Tensor
    maps: Tensor | None
    sentences: Tensor
    same: Tensor


class CachedTower(nn.Module):
    """The image tower from the third stage on, reading cached features."""

    def __init__(self, network: MsaNetwork, *, tuned: bool) -> None:
        super().__init__()
        self.tower = network.image
        self.last_stage = network.image.backbone.last_stage() if tuned else None

    def forward(self, scales: Tensor, maps: Tensor | None) -> Tensor:
        """Pooled scales [n, Σ c_k] and third-stage maps [n, c_3, h, w] (if tuned) to embeddings [n, d]."""
        parts = list(torch.split(scales, list(self.tower.backbone.channels), dim=1))
        if self.last_stage is not None and maps is not None:
            parts[3] = self.last_stage(maps).mean(dim=(2, 3))
        return self.tower.embed(parts)


def standardise(network: MsaNetwork, scales: Tensor) -> None:
    """Set the tower's μ_k and σ_k to the statistics of `scales` [n, Σ c_k]."""
    tower = network.image
    parts = torch.split(scales, list(tower.backbone.channels), dim=1)
    for part, mean, deviation in zip(parts, tower.means, tower.deviations, strict=True):
        mean.data.copy_(part.mean(dim=0))
        deviation.data.copy_(part.std(dim=0) + EPSILON)


def train(
    network: MsaNetwork,
    data: TrainingSet,
    training: Training,
    seed: int,
    report: Callable[[int, float], None],
) -> None:
    """Train `network` in place; the same seed gives the same weights on the same machine.

    `report` is called after each epoch with its number (from 1) and its mean loss, the network in evaluation
    mode.
    """
    torch.manual_seed(seed)
    draw = torch.Generator().manual_seed(seed)
    tower = CachedTower(network, tuned=training.tune_rate > 0)
    optimiser = _optimiser(network, tower, training)
    steps = training.epochs * max(1, len(data) // training.batch)
    schedule = _schedule(optimiser, steps)
    for epoch in range(1, training.epochs + 1):
        _train_mode(network, training.dropout)
        losses = []
        for batch in _batches(data, training, draw, with_maps=tower.last_stage is not None):
            images, texts = tower(batch.scales, batch.maps), network.text(batch.sentences)
            loss = contrastive(images, texts, batch.same, training.temperature).mean()
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
            losses.append(float(loss.detach()))
        network.eval()
        report(epoch, float(np.mean(losses)))


def _batches(
    data: TrainingSet, training: Training, draw: torch.Generator, *, with_maps: bool
) -> Iterator[Batch]:
    size = min(training.batch, len(data))
    order = torch.randperm(len(data), generator=draw)
    for start in range(0, len(data) - size + 1, size):
        rows = order[start : start + size]
        views = torch.randint(len(data.views), (size,), generator=draw)
        numbers = data.captions.numbers[rows]  # [n, m]
        picks = torch.randint(numbers.shape[1], (size, 1), generator=draw)
        chosen = numbers.gather(1, picks).squeeze(1)  # [n]
        yield Batch(
            scales=_pick([view.scales for view in data.views], views, rows),
            maps=_pick([view.maps for view in data.views], views, rows) if with_maps else None,
            sentences=data.captions.vectors[chosen],
            same=same_pairs(numbers, chosen),
        )


def _pick(arrays: Sequence[NDArray[np.float16]], views: Tensor, rows: Tensor) -> Tensor:
    picked = [arrays[view][row] for view, row in zip(views.tolist(), rows.tolist(), strict=True)]
    return torch.from_numpy(np.stack(picked)).float()


def _optimiser(network: MsaNetwork, tower: CachedTower, training: Training) -> AdamW:
    stage = list(tower.last_stage.parameters()) if tower.last_stage is not None else []
    frozen = {id(parameter) for parameter in network.image.backbone.parameters()}
    heads = [p for p in network.parameters() if id(p) not in frozen and p.requires_grad]
    groups = [{"params": heads, "lr": training.learning_rate}]
    if stage:
        groups.append({"params": stage, "lr": training.tune_rate})
    return AdamW(groups, weight_decay=training.weight_decay)


def _schedule(optimiser: AdamW, steps: int) -> OneCycleLR:
    peaks = [group["lr"] for group in optimiser.param_groups]
    return OneCycleLR(optimiser, peaks, total_steps=steps, pct_start=WARM_UP)


def _train_mode(network: MsaNetwork, dropout: float) -> None:
    network.train()
    network.image.dropout.p = network.text.dropout.p = dropout
