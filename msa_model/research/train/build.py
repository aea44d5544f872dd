"""A network ready to be trained: initialised, folded, cut behind its frozen stages.

What the weights of a run start from.
Train with batch norms folded into their convolutions, and write what the unfolded network would hold.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from msa_model.model.backbone import FeatureStages, foldable_norms
from msa_model.model.checkpoint import Tensors, checkpoint_identity, read_checkpoint, read_tensors
from msa_model.model.network import MsaNetwork
from msa_model.model.transform import ImageTransform
from msa_model.protocol.errors import MsaError
from msa_model.research.train.optimiser import freeze_untrained
from msa_model.research.train.recipe import Recipe
from msa_model.research.train.stages import Cut, FrozenStages, Precision, cut_backbone, ease_depthwise
from msa_model.research.train.trained_network import TextTower, TrainedNetwork

FINE = "fine."


@dataclass(frozen=True)
class InitialWeights:
    """Weights by their names in the backbone or, with `whole`, in the network; deltas of the text encoder."""

    name: str
    sha256: str
    tensors: Tensors
    whole: bool
    deltas: Tensors | None = None


def read_initial(path: Path) -> InitialWeights:
    """A checkpoint folder, or a safetensors file with a classifier's weights.

    Raises:
        checkpoint_missing, checkpoint_corrupt, checkpoint_of_other_architecture: it cannot be read.
    """
    if path.is_dir():
        found = read_checkpoint(path)
        sha256 = checkpoint_identity(path)[1]
        return InitialWeights(path.name, sha256, found.tensors, whole=True, deltas=found.deltas or None)
    tensors = read_tensors(path)
    return InitialWeights(path.name, hashlib.sha256(path.read_bytes()).hexdigest(), tensors, whole=False)


def initialise(network: MsaNetwork, initial: InitialWeights) -> None:
    """Load the weights; a classifier's layers after the fourth stage are left out.

    Matching heads that a checkpoint does not have start at random.

    Raises:
        checkpoint_of_other_architecture: a layer is missing, or of another shape.
    """
    target = network if initial.whole else network.image.backbone.net
    wanted = target.state_dict()
    found = {
        name: torch.from_numpy(tensor).to(wanted[name].dtype)
        for name, tensor in initial.tensors.items()
        if name in wanted
    }
    if not any(name.startswith(FINE) for name in found):
        found |= {name: tensor for name, tensor in wanted.items() if name.startswith(FINE)}
    try:
        target.load_state_dict(found)
    except RuntimeError as error:
        raise MsaError.of(
            "checkpoint_of_other_architecture", f"{initial.name} does not fit the network: {error}"
        ) from error


@dataclass(frozen=True)
class Folding:
    """Which norm of a network was folded into which convolution, its ε, and the network's state before."""

    norms: Mapping[str, tuple[str, float]]
    before: Mapping[str, Tensor]

    def unfold(self, folded: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The state of the network as built that computes what `folded` does.

        A folded norm becomes x ↦ x + b, b the convolution's bias.
        """
        state = {name: folded.get(name, tensor) for name, tensor in self.before.items()}
        for norm, (conv, epsilon) in self.norms.items():
            bias = folded[f"{conv}.bias"]
            state[f"{norm}.weight"] = torch.full_like(bias, 1 + epsilon).sqrt()
            state[f"{norm}.bias"] = bias
            state[f"{norm}.running_mean"] = torch.zeros_like(bias)
            state[f"{norm}.running_var"] = torch.ones_like(bias)
            if f"{conv}.bias" in state:
                state[f"{conv}.bias"] = torch.zeros_like(bias)
        return state


def fold(network: nn.Module, backbone: FeatureStages) -> Folding:
    """Fold, in place, those norms of a network's backbone that stand right after a convolution.

    The network is in evaluation mode.
    """
    before = {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}
    backbone_name = next(name for name, module in network.named_modules() if module is backbone.net)
    norms = {
        f"{backbone_name}.{prefix}{norm_name}": (f"{backbone_name}.{prefix}{conv_name}", norm.eps)
        for prefix, conv_name, norm_name, norm in foldable_norms(backbone.net)
    }
    unfolded = backbone.net
    backbone.fuse_norms()
    return Folding(norms if backbone.net is not unfolded else {}, before)


@dataclass(frozen=True)
class ModelParts:
    """A network in training, where its backbone is cut, the stages before, and how to undo the folding."""

    trained: TrainedNetwork
    cut: Cut
    stages: FrozenStages
    folding: Folding


def build_model(recipe: Recipe, words: TextTower, initial: InitialWeights | None, device: str) -> ModelParts:
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
    trained = TrainedNetwork(network, cut, words.to(device), precision)
    network.image.dropout.p = network.text.dropout.p = training.dropout
    freeze_untrained(trained, cut, recipe)
    return ModelParts(trained, cut, stages, folding)
