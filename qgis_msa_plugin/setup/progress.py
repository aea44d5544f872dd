"""How far a set-up is: by its steps, and within the long one by what the disk has lost since."""

from __future__ import annotations

from pathlib import Path

from qgis_msa_plugin.setup.recipe import SetupStep
from qgis_msa_plugin.setup.sizes import Sizes, free_bytes

# Where each step begins and ends, in thousandths of the whole.
_SPANS = {
    SetupStep.PYTHON: (0, 20),
    SetupStep.ENVIRONMENT: (20, 60),
    SetupStep.PACKAGES: (60, 840),
    SetupStep.TEXT_ENCODER: (840, 900),
    SetupStep.ENGINE: (900, 930),
    SetupStep.VERIFY: (930, 1000),
}


class SetupProgress:
    """Never runs backwards; installers tell no bytes where no terminal listens, so free room is looked at."""

    def __init__(self, folder: Path, sizes: Sizes) -> None:
        self._folder, self._sizes = folder, sizes
        self._step = SetupStep.PYTHON
        self._free = free_bytes(folder)
        self._best = 0

    def enter(self, step: SetupStep) -> None:
        """This step begins."""
        self._step = step

    def thousandths(self) -> int:
        """The part that is done."""
        first, last = _SPANS[self._step]
        share = 0.0
        if self._step is SetupStep.PACKAGES and self._sizes.disk:
            share = (self._free - free_bytes(self._folder)) / self._sizes.disk
        self._best = max(self._best, round(first + (last - first) * min(0.98, max(0.0, share))))
        return self._best
