"""From a step's images and texts to its loss, over all processes that train together."""

from __future__ import annotations

from torch import Tensor, nn

from msa_model.research.train.frozen import Start
from msa_model.research.train.losses import Scored, loss_terms
from msa_model.research.train.plan import Step
from msa_model.research.train.ranks import ProcessRank
from msa_model.research.train.recipe import Recipe
from msa_model.research.train.teacher import Teacher, distillation_terms
from msa_model.research.train.trainee import Trainee


class Objective(nn.Module):
    """The mean loss of a step; every process computes that of the whole batch."""

    def __init__(self, trainee: Trainee, recipe: Recipe, ranks: ProcessRank, teacher: Teacher | None) -> None:
        super().__init__()
        self.trainee = trainee
        self._recipe, self._ranks, self._teacher = recipe, ranks, teacher

    def forward(self, step: Step, start: Start) -> dict[str, Tensor]:
        """The start of this process's share of the images to the terms of the loss [], by name."""
        own = self._ranks.share(len(step.rows), step.side**2)
        device = self.trainee.device
        start = start.to(device)
        shown = self.trainee(start, step.texts[own], step.side)
        pairs = self._ranks.gather(shown)
        weights, model = self._recipe.loss, self._recipe.model
        matches = self.trainee.network.match(pairs.scales, pairs.states) if weights.matching else None
        scored = Scored(pairs.images, pairs.texts, step.same.to(device), matches)
        temperature = self._recipe.training.temperature
        terms = loss_terms(scored, weights, model.mode, temperature)
        if self._teacher is not None:
            lesson = self._teacher.lesson(start.maps, step.texts[own])
            terms |= distillation_terms(shown, lesson, self._recipe.distillation, temperature)
        return {name: term.mean() for name, term in terms.items()}
