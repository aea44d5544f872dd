"""An engine runs the backbone; what is made of its stages is float32 arithmetic of torch for all of them."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor

from msa_model.model.backbone import FeatureStages
from msa_model.model.precision import reduced_precision, uses_bfloat16
from msa_model.protocol.engines import TORCH_BFLOAT16, TORCH_FLOAT32


class EngineUnusable(Exception):
    """An engine does not run here, in a sentence; nobody but the one who then takes another sees it."""


class Stages(Protocol):
    """An engine that holds a backbone."""

    @property
    def name(self) -> str:
        """Which engine it is."""

    def __call__(self, images: Tensor) -> list[Tensor]:
        """Normalised images [n, 3, h, w] to the stages [n, c_k, h_k, w_k], fine to coarse.

        They may be overwritten by the next call.

        Raises:
            RuntimeError: it failed.
        """


class TorchStages:
    """torch on any of its devices; None takes the precision that is the device's own."""

    def __init__(self, backbone: FeatureStages, device: str, bfloat16: bool | None = None) -> None:
        self._backbone = backbone
        self._device = device
        self._bfloat16 = bfloat16

    @property
    def name(self) -> str:
        """`torch-float32` or `torch-bfloat16`."""
        return TORCH_BFLOAT16 if self._reduces else TORCH_FLOAT32

    @property
    def _reduces(self) -> bool:
        return uses_bfloat16(self._device.partition(":")[0]) if self._bfloat16 is None else self._bfloat16

    def __call__(self, images: Tensor) -> list[Tensor]:
        """The stages; in bfloat16 where that is the precision."""
        with reduced_precision(self._device, self._reduces):
            stages: list[Tensor] = self._backbone(images)
        return stages
