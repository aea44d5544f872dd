"""Which device the model runs on, and what it is called."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import torch

from msa_model.model.processor import processor_name, usable_cores
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
