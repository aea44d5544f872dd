"""Yielding to QGIS: the worker computes when nobody else wants the processor."""

from __future__ import annotations

import os
import sys

_NICENESS = 10
_BELOW_NORMAL_PRIORITY_CLASS = 0x4000


def lower_priority() -> None:
    """Lowers this process and the threads it will start (on Linux a niceness belongs to a thread)."""
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415  (only there)

        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), _BELOW_NORMAL_PRIORITY_CLASS)
    else:
        os.nice(_NICENESS)
