"""In which number format layers run during training."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass

import torch

from msa_model.model.precision import has_bfloat16


@dataclass(frozen=True)
class Precision:
    """Mixed precision of a device; weights, losses and optimiser stay in float32."""

    device: str
    bfloat16: bool

    @classmethod
    def choose(cls, wanted: str, device: str) -> Precision:
        """As wanted; "auto" is bfloat16 where the device computes with it."""
        kind = device.partition(":")[0]
        return cls(kind, has_bfloat16(device) if wanted == "auto" else wanted == "bfloat16")

    def __call__(self) -> AbstractContextManager[None]:
        """The context that layers run in."""
        context: AbstractContextManager[None] = torch.autocast(
            self.device, torch.bfloat16, enabled=self.bfloat16
        )
        return context
