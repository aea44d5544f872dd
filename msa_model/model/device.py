"""Which device the model runs on, what it is called, and how precisely it computes there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from msa_model.model.engines.record import processor_name, usable_cores
from msa_model.protocol.errors import BadArgument, MsaError


@dataclass(frozen=True)
class Device:
    """A torch device, its model name, and whether a GPU of this machine is left unused."""

    id: str
    name: str
    gpu_unused: bool


def choose_device(wanted: str = "auto") -> Device:
    """`auto` takes CUDA, then MPS, then the CPU; 'cpu', 'cuda', 'cuda:n' and 'mps' are taken at their word.

    Raises:
        device_unavailable: this machine or this torch has no such device.
    """
    available = [*(f"cuda:{i}" for i in range(torch.cuda.device_count())), *_mps(), "cpu"]
    chosen = available[0] if wanted == "auto" else "cuda:0" if wanted == "cuda" else wanted
    if chosen not in available:
        raise MsaError.of(
            "device_unavailable", f"There is no device '{wanted}' here; there are: {', '.join(available)}."
        )
    unused = chosen == "cpu" and (len(available) > 1 or _has_nvidia_gpu())
    return Device(chosen, _name(chosen), unused)


def set_threads(threads: int | None) -> int:
    """Fix torch's CPU threads: as asked, else no more than the cores this process may use.

    Raises:
        BadArgument: fewer than one.
    """
    if threads is not None and threads < 1:
        raise BadArgument(f"The model needs at least one processor thread, not {threads}.")
    torch.set_num_threads(threads or min(torch.get_num_threads(), usable_cores()))
    return torch.get_num_threads()


def _mps() -> list[str]:
    return ["mps"] if torch.backends.mps.is_available() else []


def _has_nvidia_gpu() -> bool:
    return Path("/proc/driver/nvidia/gpus").is_dir() or shutil.which("nvidia-smi") is not None


def _name(device: str) -> str:
    if device.startswith("cuda"):
        return torch.cuda.get_device_name(device)
    if device == "mps":
        return "Apple GPU"
    return processor_name()


PRECISION_VARIABLE = (
    "MSA_SEARCH_PRECISION"  # float32 or bfloat16, emulated where need be; else the device's own
)
_BYTE_UNITS = ("avx512_vnni", "avx_vnni", "amx_int8")

Bytes = NDArray[np.int8]
Products = NDArray[np.int32]
ByteProduct = Callable[[Bytes, Bytes, Products], object]


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
    """What writes the product of int8 [m, d] and [n, d] into int32 [m, n]; None without units for it.

    It takes a fifth of the time of float32. Units that saturate in between, as older ones do, are found out.
    """
    has = torch.cpu.get_capabilities()
    if not any(map(has.get, _BYTE_UNITS)) or not hasattr(torch, "_int_mm"):
        return None
    largest, out = np.full((32, 384), 127, np.int8), np.empty((32, 32), np.int32)
    try:
        for side in (1, -1):
            _product(side * largest, largest, out)
            if (out != side * 127**2 * 384).any():
                return None
    except RuntimeError:
        return None
    return _product


def _product(left: Bytes, right: Bytes, out: Products) -> None:
    torch._int_mm(torch.from_numpy(left), torch.from_numpy(right).t(), out=torch.from_numpy(out))
