"""The loop: steps of the optimiser, resumable and logged.

From a step's images and texts to its loss, over all processes that train together.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from tqdm import tqdm

from msa_model.protocol.errors import MsaError
from msa_model.research.train.losses import Scored, loss_terms, noisy
from msa_model.research.train.optimiser import (
    MovingAverage,
    make_optimiser,
    moments,
    restore_moments,
    set_rates,
    trainable,
)
from msa_model.research.train.plan import Plan, Step
from msa_model.research.train.ranks import ProcessRank
from msa_model.research.train.recipe import Recipe
from msa_model.research.train.stages import Cut, Start
from msa_model.research.train.state import StepRecord
from msa_model.research.train.teacher import Teacher, distillation_terms
from msa_model.research.train.trained_network import Pairs, TrainedNetwork


class Objective(nn.Module):
    """The mean loss of a step; every process computes that of the whole batch."""

    def __init__(
        self, trained: TrainedNetwork, recipe: Recipe, ranks: ProcessRank, teacher: Teacher | None
    ) -> None:
        super().__init__()
        self.trained = trained
        self._recipe, self._ranks, self._teacher = recipe, ranks, teacher

    def forward(self, step: Step, start: Start) -> dict[str, Tensor]:
        """The start of this process's share of the images to the terms of the loss [], by name."""
        own = self._ranks.share(len(step.rows), step.side**2)
        device = self.trained.device
        start = start.to(device)
        shown = self.trained(start, step.texts[own], step.side)
        pairs = self._ranks.gather(self._noisy(shown))
        weights, model = self._recipe.loss, self._recipe.model
        matches = self.trained.network.match(pairs.scales, pairs.states) if weights.matching else None
        scored = Scored(pairs.images, pairs.texts, step.same.to(device), matches)
        temperature = self._recipe.training.temperature
        terms = loss_terms(scored, weights, model.mode, temperature)
        if self._teacher is not None:
            targets = self._teacher.targets(step.rows[own], start, step.texts[own])
            terms |= distillation_terms(shown, targets, self._recipe.distillation, temperature)
        return {name: term.mean() for name, term in terms.items()}

    def _noisy(self, shown: Pairs) -> Pairs:
        length = self._recipe.noise
        if not length:
            return shown
        return replace(shown, images=noisy(shown.images, (length, length), torch.default_generator))


class TrainingImages(Protocol):
    """The training images, prepared step by step."""

    def starts(self, plan: Plan, first: int, ranks: ProcessRank) -> Iterator[tuple[Step, Start]]:
        """The steps from number `first` on, each with the start of this process's share of its images."""


@dataclass(frozen=True)
class Hooks:
    """What happens beside the steps; `after_epoch` and `save` are told how many steps are done."""

    after_step: Callable[[StepRecord], None]
    after_epoch: Callable[[int], None]
    save: Callable[[int], None]
    seconds_between_saves: float = 60.0


class Trainer:
    """A network in training: its weights, their average and the optimiser's moments."""

    def __init__(
        self,
        trained: TrainedNetwork,
        cut: Cut,
        recipe: Recipe,
        ranks: ProcessRank,
        *,
        seed: int,
        teacher: Teacher | None = None,
    ) -> None:
        self.trained = trained
        self._training, self._ranks, self._seed = recipe.training, ranks, seed
        self._parameters = trainable(trained)
        self._objective = _shared(Objective(trained, recipe, ranks, teacher), recipe, ranks)
        self.average = MovingAverage(self._parameters, self._training.ema_decay)
        self._optimiser = make_optimiser(trained, cut, self._training)

    def tensors(self) -> dict[str, Tensor]:
        """All that a resumed run needs."""
        own = {f"weight:{name}": p for name, p in self._parameters.items()}
        average = {f"average:{name}": t for name, t in self.average.values.items()}
        return own | average | moments(self._optimiser, self._parameters) | self._statistics()

    @torch.no_grad()
    def restore(self, tensors: dict[str, Tensor], steps: int) -> None:
        """Go back to what `tensors` gave after `steps` steps."""
        for name, parameter in self._parameters.items():
            parameter.copy_(tensors[f"weight:{name}"])
            self.average.values[name].copy_(tensors[f"average:{name}"])
        for name, tensor in self._statistics().items():
            tensor.copy_(tensors[name])
        restore_moments(self._optimiser, self._parameters, tensors, steps)

    def train(
        self, plan: Plan, images: TrainingImages, first: int, hooks: Hooks, names: Sequence[str]
    ) -> None:
        """Run the steps of `plan` from number `first` on; `names` are those of the images' files.

        Raises:
            training_diverged: the loss is no number; the weights are those before the step.
        """
        saved = time.monotonic()
        hidden = not self._ranks.leads
        bar = tqdm(total=plan.steps, initial=first, desc="training", unit="step", disable=hidden)
        for step, start in images.starts(plan, first, self._ranks):
            record = self._step(step, start, plan.steps, names)
            hooks.after_step(record)
            bar.set_postfix(loss=f"{record.loss:.3f}", refresh=False)
            bar.update()
            if record.step % plan.steps_per_epoch == 0 or record.step == plan.steps:
                hooks.after_epoch(record.step)
            if time.monotonic() - saved > hooks.seconds_between_saves:
                hooks.save(record.step)
                saved = time.monotonic()
        bar.close()

    def _step(self, step: Step, start: Start, steps: int, names: Sequence[str]) -> StepRecord:
        began = time.perf_counter()
        seeds = np.random.SeedSequence((self._seed % 2**64, step.number, self._ranks.own))
        torch.manual_seed(int(seeds.generate_state(1, np.uint64)[0]))
        self.trained.train()
        set_rates(self._optimiser, self._training, step.number, steps)
        terms: dict[str, Tensor] = self._objective(step, start)
        loss = torch.stack(list(terms.values())).sum()
        value = float(loss.detach())
        if not math.isfinite(value):
            files = ", ".join(names[row] for row in step.rows)
            raise MsaError.of(
                "training_diverged", f"The loss of step {step.number + 1} is {value}. Its images: {files}."
            )
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        norm = float(nn.utils.clip_grad_norm_(self._parameters.values(), self._training.clip_norm))
        self._optimiser.step()
        self.average.update(step.number)
        rates = {group["part"]: group["lr"] for group in self._optimiser.param_groups}
        shares = {name: float(term.detach()) for name, term in terms.items()}
        seconds = time.perf_counter() - began
        return StepRecord(step.number + 1, step.epoch + 1, value, shares, norm, rates, seconds)

    def _statistics(self) -> dict[str, Tensor]:
        image = self.trained.network.image
        return {
            f"{kind}:{k}": values.data
            for kind, found in (("mean", image.means), ("deviation", image.deviations))
            for k, values in enumerate(found)
        }


def _shared(objective: Objective, recipe: Recipe, ranks: ProcessRank) -> nn.Module:
    """Gradients averaged over all processes."""
    if ranks.count == 1:
        return objective
    embeds = recipe.loss.contrastive > 0 or recipe.loss.triplet > 0
    return DistributedDataParallel(objective, broadcast_buffers=False, find_unused_parameters=not embeds)
