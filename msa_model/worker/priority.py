"""Yielding to QGIS: the worker computes when nobody else wants the processor."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_NICENESS = 10
_THREADS = Path("/proc/self/task")
_BELOW_NORMAL_PRIORITY_CLASS = 0x4000


def lower_priority() -> None:
    """Lowers this process; on Linux, where a niceness belongs to a thread, every thread that it has."""
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415  (only there)

        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), _BELOW_NORMAL_PRIORITY_CLASS)
    elif _THREADS.is_dir():
        for thread in _THREADS.iterdir():
            os.setpriority(os.PRIO_PROCESS, int(thread.name), _NICENESS)
    else:
        os.setpriority(os.PRIO_PROCESS, 0, _NICENESS)
