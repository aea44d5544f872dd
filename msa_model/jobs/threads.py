"""How torch's threads wait for each other."""

from __future__ import annotations

import os


def wait_passively() -> None:
    """Lets OpenMP's idle threads sleep instead of spin; only effective before torch is imported.

    Where another program wants a processor (QGIS drawing), a spinning thread keeps the one it waits for from
    running: on two busy cores a query took 510 ms spinning and 30 ms sleeping.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
