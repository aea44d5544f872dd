"""The loop: steps of the optimiser, resumable and logged."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor
from tqdm import tqdm

from msa_model.protocol.errors import TrainingDiverged
from msa_model.train.frozen import Start
from msa_model.train.log import StepRecord
from msa_model.train.losses import Scored, total_loss
from msa_model.train.optimiser import Average, make_optimiser, moments, restore_moments, set_rates, trainable
from msa_model.train.plan import Plan, Step
from msa_model.train.recipe import Recipe
from msa_model.train.stages import Cut
from msa_model.train.trainee import Trainee


class TrainingImages(Protocol):
    """The training images, prepared step by step."""

    def starts(self, steps: Iterator[Step]) -> Iterator[tuple[Step, Start]]:
        """Each step with what the trained layers start from."""


class SampleWeights(Protocol):
    """How much each pair of a batch counts, told from its rows in the training set."""

    def __call__(self, rows: Sequence[int]) -> Tensor:
        """Weights [n]."""


@dataclass(frozen=True)
class Hooks:
    """What happens beside the steps; `after_epoch` and `save` are told how many steps are done."""

    after_step: Callable[[StepRecord], None]
    after_epoch: Callable[[int], None]
    save: Callable[[int], None]
    seconds_between_saves: float = 60.0


class Trainer:
    """A network in training: its weights, their average and the optimiser's moments."""

    def __init__(self, trainee: Trainee, cut: Cut, recipe: Recipe, names: Sequence[str], seed: int) -> None:
        self.trainee = trainee
        self._names = names
        self.recipe, self._training, self._seed = recipe, recipe.training, seed
        self.parameters = trainable(trainee)
        self.average = Average(self.parameters, self._training.ema_decay)
        self.optimiser = make_optimiser(trainee, cut, self._training)
        self.weights: SampleWeights | None = None

    def tensors(self) -> dict[str, Tensor]:
        """All that a resumed run needs."""
        own = {f"weight:{name}": p for name, p in self.parameters.items()}
        average = {f"average:{name}": t for name, t in self.average.values.items()}
        return own | average | moments(self.optimiser, self.parameters.items()) | self._statistics()

    def restore(self, tensors: dict[str, Tensor], steps: int) -> None:
        """Go back to what `tensors` gave after `steps` steps."""
        with torch.no_grad():
            for name, parameter in self.parameters.items():
                parameter.copy_(tensors[f"weight:{name}"])
                self.average.values[name].copy_(tensors[f"average:{name}"])
            for name, tensor in self._statistics().items():
                tensor.copy_(tensors[name])
        restore_moments(self.optimiser, self.parameters.items(), tensors, steps)

    def train(self, plan: Plan, images: TrainingImages, first: int, hooks: Hooks) -> None:
        """Run the steps of `plan` from number `first` on.

        Raises:
            TrainingDiverged: the loss is no number; the weights are those before the step.
        """
        saved = time.monotonic()
        bar = tqdm(total=plan.steps, initial=first, desc="training", unit="step")
        for step, start in images.starts(plan.steps_from(first)):
            began = time.perf_counter()
            loss, norm = self._step(step, start, plan.steps)
            hooks.after_step(self._record(step, loss, norm, time.perf_counter() - began))
            bar.set_postfix(loss=f"{loss:.3f}", refresh=False)
            bar.update()
            done = step.number + 1
            if done % plan.steps_per_epoch == 0 or done == plan.steps:
                hooks.after_epoch(done)
            if time.monotonic() - saved > hooks.seconds_between_saves:
                hooks.save(done)
                saved = time.monotonic()
        bar.close()

    def _step(self, step: Step, start: Start, steps: int) -> tuple[float, float]:
        torch.manual_seed(hash((self._seed, step.number)))
        self.trainee.train()
        set_rates(self.optimiser, self._training, step.number, steps)
        loss = self._loss(step, start)
        value = float(loss.detach())
        if not math.isfinite(value):
            raise TrainingDiverged(_complaint(value, step, self._names))
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        norm = torch.nn.utils.clip_grad_norm_(self.parameters.values(), self._training.clip_norm)
        self.optimiser.step()
        self.average.update(step.number)
        return value, float(norm)

    def _loss(self, step: Step, start: Start) -> Tensor:
        device = self.trainee.device
        pairs = self.trainee(start.to(device), step.texts, step.side)
        weights = self.recipe.loss
        matches = self.trainee.network.match(pairs.scales, pairs.states) if weights.matching else None
        scored = Scored(pairs.images, pairs.texts, step.same.to(device), matches)
        samples = self.weights(step.rows).to(device) if self.weights else None
        mode = self.recipe.model.mode
        return total_loss(scored, weights, mode, self._training.temperature, samples)

    def _record(self, step: Step, loss: float, norm: float, seconds: float) -> StepRecord:
        rates = {group["part"]: group["lr"] for group in self.optimiser.param_groups}
        return StepRecord(step.number + 1, step.epoch + 1, loss, norm, rates, seconds)

    def _statistics(self) -> dict[str, Tensor]:
        image = self.trainee.network.image
        return {
            f"{kind}:{k}": values
            for kind, found in (("mean", image.means), ("deviation", image.deviations))
            for k, values in enumerate(found)
        }


def _complaint(loss: float, step: Step, names: Sequence[str]) -> str:
    files = ", ".join(names[row] for row in step.rows)
    return f"The loss of step {step.number + 1} is {loss}. Its images: {files}."
