"""What the weights of a run start from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import torch

from msa_model.model.checkpoint import Tensors, checkpoint_identity, read_checkpoint, read_tensors
from msa_model.model.network import MsaNetwork
from msa_model.protocol.errors import MsaError

FINE = "fine."


@dataclass(frozen=True)
class Initial:
    """Weights by their names in the backbone or, with `whole`, in the network; deltas of the text encoder."""

    name: str
    sha256: str
    tensors: Tensors
    whole: bool
    deltas: Tensors | None = None


def read_initial(place: Path) -> Initial:
    """A checkpoint folder, or a safetensors file with a classifier's weights.

    Raises:
        checkpoint_missing, checkpoint_corrupt, checkpoint_of_other_architecture: it cannot be read.
    """
    if place.is_dir():
        found = read_checkpoint(place)
        sha256 = checkpoint_identity(place)[1]
        return Initial(place.name, sha256, found.tensors, whole=True, deltas=found.deltas or None)
    tensors = read_tensors(place)
    return Initial(place.name, hashlib.sha256(place.read_bytes()).hexdigest(), tensors, whole=False)


def initialise(network: MsaNetwork, initial: Initial) -> None:
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
