"""A network ready to be trained: initialised, folded, cut behind its frozen stages."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from msa_model.model.network import MsaNetwork
from msa_model.model.transform import ImageTransform
from msa_model.research.train.depthwise import ease_depthwise
from msa_model.research.train.folding import Folding, fold
from msa_model.research.train.frozen import FrozenStages
from msa_model.research.train.initial import Initial, initialise
from msa_model.research.train.optimiser import freeze_untrained
from msa_model.research.train.precision import Precision
from msa_model.research.train.recipe import Recipe
from msa_model.research.train.stages import Cut, cut_backbone
from msa_model.research.train.text_tower import TextTower
from msa_model.research.train.trainee import Trainee


@dataclass(frozen=True)
class Model:
    """A trainee, where its backbone is cut, the stages before the cut, and how to undo the folding."""

    trainee: Trainee
    cut: Cut
    stages: FrozenStages
    folding: Folding


def build_model(recipe: Recipe, words: TextTower, initial: Initial | None, device: str) -> Model:
    """The model of a recipe on a device.

    Raises:
        checkpoint_of_other_architecture: the initial weights do not fit.
        BadArgument: the backbone cannot be cut.
    """
    training, config = recipe.training, recipe.model
    network = MsaNetwork(config).eval()
    if initial is not None:
        initialise(network, initial)
    folding = fold(network, network.image.backbone)
    network = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    cut = cut_backbone(
        network.image.backbone, training.frozen_stages, training.frozen_blocks, config.image.size
    )
    precision = Precision.choose(training.precision, device)
    stages = FrozenStages(network.image, cut, ImageTransform.of(config.image), precision)
    if device == "cpu":
        for block in cut.trained_blocks():
            ease_depthwise(block)
    trainee = Trainee(network, cut, words.to(device), precision)
    network.image.dropout.p = network.text.dropout.p = training.dropout
    freeze_untrained(trainee, cut, recipe)
    return Model(trainee, cut, stages, folding)
