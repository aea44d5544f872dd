"""bfloat16 where the device computes it natively: about twice the speed (docs/adr/0007)."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch


def has_bfloat16(device: str) -> bool:
    """Whether the device multiplies bfloat16 itself; emulated, it is slower than float32."""
    if device.startswith("cuda"):
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device == "cpu":
        return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
    return False


def reduced_precision(device: str) -> AbstractContextManager[object]:
    """Convolutions and products in bfloat16 where that is faster."""
    kind = device.partition(":")[0]
    return torch.autocast(kind, torch.bfloat16) if has_bfloat16(device) else nullcontext()
