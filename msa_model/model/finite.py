"""Weights that are no numbers would index a raster with vectors that are none."""

from __future__ import annotations

import torch
from torch import nn


@torch.no_grad()
def odd_weight(network: nn.Module) -> str | None:
    """The first weight of a network that is not finite."""
    for name, tensor in network.state_dict().items():
        if tensor.is_floating_point() and tensor.numel() and not _is_finite(tensor):
            return str(name)
    return None


def _is_finite(tensor: torch.Tensor) -> bool:
    """In one pass, without a copy."""
    return all(bool(torch.isfinite(end)) for end in torch.aminmax(tensor))
