"""From a step's images and texts to its loss, over all processes that train together."""

from __future__ import annotations

from torch import Tensor, nn

from msa_model.train.frozen import Start
from msa_model.train.losses import Scored, loss_terms
from msa_model.train.plan import Step
from msa_model.train.ranks import Ranks
from msa_model.train.recipe import Recipe
from msa_model.train.trainee import Trainee


class Objective(nn.Module):
    """The mean loss of a step; every process computes that of the whole batch."""

    def __init__(self, trainee: Trainee, recipe: Recipe, ranks: Ranks) -> None:
        super().__init__()
        self.trainee = trainee
        self._recipe, self._ranks = recipe, ranks

    def forward(self, step: Step, start: Start) -> dict[str, Tensor]:
        """The start of this process's share of the images to the terms of the loss [], by name."""
        own = self._ranks.share(len(step.rows), step.side**2)
        device = self.trainee.device
        pairs = self._ranks.gather(self.trainee(start.to(device), step.texts[own], step.side))
        weights, model = self._recipe.loss, self._recipe.model
        matches = self.trainee.network.match(pairs.scales, pairs.states) if weights.matching else None
        scored = Scored(pairs.images, pairs.texts, step.same.to(device), matches)
        terms = loss_terms(scored, weights, model.mode, self._recipe.training.temperature)
        return {name: term.mean() for name, term in terms.items()}
