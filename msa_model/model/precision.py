"""bfloat16 where the device computes it natively: about twice the speed (docs/adr/0007)."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext

import torch

from msa_model.protocol.errors import BadArgument

PRECISION_VARIABLE = (
    "MSA_SEARCH_PRECISION"  # float32 or bfloat16, emulated where need be; else the device's own
)


def has_bfloat16(device: str) -> bool:
    """Whether the device multiplies bfloat16 itself; emulated, it is slower than float32."""
    if device.startswith("cuda"):
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device == "cpu":
        has = torch.cpu.get_capabilities()
        return bool(has.get("avx512_bf16") or has.get("amx_bf16"))
    return False


def uses_bfloat16(device: str) -> bool:
    """Whether the device has bfloat16, or what the environment says instead.

    Raises:
        BadArgument: the environment names another precision.
    """
    wanted = os.environ.get(PRECISION_VARIABLE, "")
    if wanted not in ("", "float32", "bfloat16"):
        raise BadArgument(f"{PRECISION_VARIABLE} is 'float32' or 'bfloat16', not '{wanted}'.")
    return wanted == "bfloat16" if wanted else has_bfloat16(device)


def reduced_precision(device: str, reduce: bool | None = None) -> AbstractContextManager[object]:
    """Convolutions and products in bfloat16 where that is faster, or asked for (`reduce`)."""
    kind = device.partition(":")[0]
    reduce = uses_bfloat16(kind) if reduce is None else reduce
    return torch.autocast(kind, torch.bfloat16) if reduce else nullcontext()
