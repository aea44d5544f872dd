"""Train with batch norms folded into their convolutions, and write what the unfolded network would hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from msa_model.model.backbone import FeatureStages
from msa_model.model.fusion import foldable_norms


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
    place = next(name for name, module in network.named_modules() if module is backbone.net)
    norms = {
        f"{place}.{prefix}{norm_name}": (f"{place}.{prefix}{conv_name}", norm.eps)
        for prefix, conv_name, norm_name, norm in foldable_norms(backbone.net)
    }
    unfolded = backbone.net
    backbone.fuse_norms()
    return Folding(norms if backbone.net is not unfolded else {}, before)
