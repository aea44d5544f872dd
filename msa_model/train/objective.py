"""From a step's images and texts to its loss, over all processes that train together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor, nn

from msa_model.train.frozen import Start
from msa_model.train.losses import Scored, loss_terms
from msa_model.train.plan import Step
from msa_model.train.ranks import Ranks
from msa_model.train.recipe import Recipe
from msa_model.train.trainee import Trainee


class SampleWeights(Protocol):
    """How much each pair of a batch counts."""

    def __call__(self, rows: Sequence[int], losses: Tensor) -> Tensor:
        """Weights [n] from the pairs' rows in the training set and their losses [n] in this step."""


class Objective(nn.Module):
    """The mean loss of a step; every process computes that of the whole batch."""

    def __init__(self, trainee: Trainee, recipe: Recipe, ranks: Ranks, weights: SampleWeights | None) -> None:
        super().__init__()
        self.trainee = trainee
        self._recipe, self._ranks, self._weights = recipe, ranks, weights

    def forward(self, step: Step, start: Start) -> dict[str, Tensor]:
        """The start of this process's share of the images to the terms of the loss [], by name."""
        own = self._ranks.share(len(step.rows), step.side**2)
        device = self.trainee.device
        pairs = self._ranks.gather(self.trainee(start.to(device), step.texts[own], step.side))
        weights, model = self._recipe.loss, self._recipe.model
        matches = self.trainee.network.match(pairs.scales, pairs.states) if weights.matching else None
        scored = Scored(pairs.images, pairs.texts, step.same.to(device), matches)
        terms = loss_terms(scored, weights, model.mode, self._recipe.training.temperature)
        return {name: (term * self._counts(step.rows, terms)).mean() for name, term in terms.items()}

    def _counts(self, rows: Sequence[int], terms: dict[str, Tensor]) -> Tensor:
        losses = torch.stack([term.detach() for term in terms.values()]).sum(dim=0)
        return torch.ones_like(losses) if self._weights is None else self._weights(rows, losses).to(losses)
