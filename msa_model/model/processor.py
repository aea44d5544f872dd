"""What the processor is called and how much of it may be used. Imports no torch."""

from __future__ import annotations

import os
import platform
from pathlib import Path

_CPUINFO = Path("/proc/cpuinfo")
_UNITS = (
    "avx2",
    "avx512f",
    "avx512_vnni",
    "avx_vnni",
    "avx512_bf16",
    "amx_bf16",
    "amx_int8",
    "asimd",
    "i8mm",
)


def processor_name() -> str:
    """The model name, as the system tells it."""
    return _told("model name") or platform.processor() or platform.machine()


def vector_units() -> tuple[str, ...]:
    """Those of the instruction sets that matter here which Linux tells of; empty elsewhere."""
    flags = set((_told("flags") or _told("Features")).split())
    return tuple(unit for unit in _UNITS if unit in flags)


def usable_cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _told(field: str) -> str:
    if not _CPUINFO.is_file():
        return ""
    for line in _CPUINFO.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith(field):
            return line.partition(":")[2].strip()
    return ""
