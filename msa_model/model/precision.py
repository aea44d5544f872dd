"""Numbers that the device computes with natively: bfloat16 (docs/adr/0007), and products of bytes."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray

from msa_model.protocol.errors import BadArgument

PRECISION_VARIABLE = (
    "MSA_SEARCH_PRECISION"  # float32 or bfloat16, emulated where need be; else the device's own
)
_BYTE_UNITS = ("avx512_vnni", "avx_vnni", "amx_int8")

Bytes = NDArray[np.int8]
ByteProduct = Callable[[Bytes, Bytes], NDArray[np.int32]]


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


@cache
def byte_product() -> ByteProduct | None:
    """The product of int8 [m, d] and [n, d], int32 [m, n]; None where the processor has no units for it.

    It takes a fifth of the time of float32. Units that saturate in between, as older ones do, are found out.
    """
    has = torch.cpu.get_capabilities()
    if not any(map(has.get, _BYTE_UNITS)) or not hasattr(torch, "_int_mm"):
        return None
    largest = np.full((32, 384), 127, np.int8)
    try:
        true = all((_product(side * largest, largest) == side * 127**2 * 384).all() for side in (1, -1))
    except RuntimeError:
        return None
    return _product if true else None


def _product(left: Bytes, right: Bytes) -> NDArray[np.int32]:
    product: NDArray[np.int32] = torch._int_mm(torch.from_numpy(left), torch.from_numpy(right).t()).numpy()
    return product
