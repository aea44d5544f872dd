"""Yielding to QGIS: the worker computes when nobody else wants the processor."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

_NICENESS, _NICEST = 10, 19
_BELOW_NORMAL_PRIORITY_CLASS = 0x4000


def lower_priority() -> None:
    """Lowers this process; on Linux, where a niceness belongs to a thread, every thread that it has."""
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415  (only there)

        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), _BELOW_NORMAL_PRIORITY_CLASS)
    else:
        niceness = min(_NICEST, os.getpriority(os.PRIO_PROCESS, 0) + _NICENESS)
        for thread in _threads():
            with suppress(ProcessLookupError):  # it has just ended
                os.setpriority(os.PRIO_PROCESS, thread, niceness)


def _threads() -> list[int]:
    """Ids of this process's threads; 0, the process, where the system does not list them."""
    tasks = Path("/proc/self/task")
    return [int(task.name) for task in tasks.iterdir()] if tasks.is_dir() else [0]
