"""AdamW with a learning rate for each part of the network, its schedule, and the average of the weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import AdamW

from msa_model.research.train.recipe import Recipe, Training
from msa_model.research.train.stages import Cut
from msa_model.research.train.trained_network import TrainedNetwork

FLOOR = 1e-3  # of the peak rate


def freeze_untrained(trained: TrainedNetwork, cut: Cut, recipe: Recipe) -> None:
    """Ask for gradients where a rate above 0 says so; the frozen stages, and what no loss reads, get none."""
    training, backbone = recipe.training, trained.network.image.backbone
    own = {id(p) for block in cut.trained_blocks() for p in block.parameters() if p.requires_grad}
    for parameter in backbone.parameters():
        parameter.requires_grad_(id(parameter) in own and training.backbone_rate > 0)
    if training.text_rate == 0:
        trained.words.requires_grad_(requires_grad=False)
    fine = trained.network.fine
    if fine is not None and not (recipe.loss.matching and training.fine_rate > 0):
        fine.requires_grad_(requires_grad=False)
    if training.head_rate == 0:
        for parameter in heads(trained):
            parameter.requires_grad_(False)


def heads(trained: TrainedNetwork) -> list[nn.Parameter]:
    """What makes embeddings of the pooled scales and of the sentence vectors."""
    backbone = {id(p) for p in trained.network.image.backbone.parameters()}
    both = (*trained.network.image.parameters(), *trained.network.text.parameters())
    return [p for p in both if id(p) not in backbone]


def make_optimiser(trained: TrainedNetwork, cut: Cut, training: Training) -> AdamW:
    """One parameter group for each rate and for each of matrices and vectors, which do not decay.

    A group's `peak` is its highest learning rate, `part` its name in the log.
    """
    groups: dict[tuple[str, float, float], list[nn.Parameter]] = {}
    rates = _rates(trained, cut, training)
    for parameter in trainable(trained).values():
        part, rate = rates.get(id(parameter), ("heads", training.head_rate))
        decay = training.weight_decay if parameter.ndim > 1 else 0.0
        groups.setdefault((part, rate, decay), []).append(parameter)
    return AdamW(
        [
            {"params": parameters, "lr": rate, "peak": rate, "part": part, "weight_decay": decay}
            for (part, rate, decay), parameters in groups.items()
        ]
    )


def trainable(module: nn.Module) -> dict[str, nn.Parameter]:
    """The parameters that want gradients, by name."""
    return {name: p for name, p in module.named_parameters() if p.requires_grad}


def set_rates(optimiser: AdamW, training: Training, step: int, steps: int) -> None:
    """Linear warm-up, then half a cosine down to a thousandth of the peak."""
    factor = rate_factor(step, steps, training.warm_up)
    for group in optimiser.param_groups:
        group["lr"] = group["peak"] * factor


def rate_factor(step: int, steps: int, warm_up: float) -> float:
    """The learning rate at `step` of `steps`, as a share of the peak at the end of the warm-up."""
    rising = steps * warm_up
    if step < rising:
        return max(FLOOR, min(1.0, (step + 1) / rising))
    return max(FLOOR, (1 + math.cos(math.pi * (step - rising) / max(1, steps - rising))) / 2)


class MovingAverage:
    """Exponential moving average of parameters; in the first steps it forgets faster."""

    def __init__(self, parameters: Mapping[str, nn.Parameter], decay: float) -> None:
        self.values = {name: p.detach().clone() for name, p in parameters.items()}
        self._parameters, self._decay = parameters, decay

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Take in the parameters after `step` (from 0)."""
        keep = min(self._decay, (step + 2) / (step + 11))
        torch._foreach_lerp_(list(self.values.values()), list(self._parameters.values()), 1 - keep)

    @torch.no_grad()
    def swap(self) -> None:
        """Exchange the average and the parameters; a second call takes it back."""
        for name, parameter in self._parameters.items():
            held = parameter.detach().clone()
            parameter.copy_(self.values[name])
            self.values[name].copy_(held)


def moments(optimiser: AdamW, parameters: Mapping[str, nn.Parameter]) -> dict[str, Tensor]:
    """AdamW's state as tensors: "exp_avg:name" and "exp_avg_sq:name"."""
    return {
        f"{kind}:{name}": optimiser.state[parameter][kind]
        for name, parameter in parameters.items()
        if parameter in optimiser.state
        for kind in ("exp_avg", "exp_avg_sq")
    }


def restore_moments(
    optimiser: AdamW, parameters: Mapping[str, nn.Parameter], found: Mapping[str, Tensor], step: int
) -> None:
    """The reverse of `moments`, after `step` steps."""
    for name, parameter in parameters.items():
        if f"exp_avg:{name}" in found:
            state: dict[str, Any] = {"step": torch.tensor(float(step))}
            for kind in ("exp_avg", "exp_avg_sq"):
                state[kind] = found[f"{kind}:{name}"].to(parameter.device).clone()
            optimiser.state[parameter] = state


def _rates(trained: TrainedNetwork, cut: Cut, training: Training) -> dict[int, tuple[str, float]]:
    blocks = cut.trained_blocks()
    rates = {
        id(p): ("backbone", training.backbone_rate * training.backbone_decay ** (len(blocks) - 1 - i))
        for i, block in enumerate(blocks)
        for p in block.parameters()
    }
    fine = trained.network.fine
    matching = {id(p): ("fine", training.fine_rate) for p in fine.parameters()} if fine is not None else {}
    return rates | matching | {id(p): ("text", training.text_rate) for p in trained.words.parameters()}
