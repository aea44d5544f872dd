"""How far a set-up is: by its steps, and within the long one by what the disk has lost since.

How large the environment gets: told before anything is fetched, and the measure of its progress.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from msa_model.protocol.errors import MsaError
from qgis_msa_plugin.setup.commands import SetupStep

MB = 10**6
SPARE = 500 * MB  # for the profile and everything else


@dataclass(frozen=True)
class Sizes:
    """About how much is fetched, and how much the disk holds afterwards (bytes)."""

    download: int
    disk: int

    @property
    def peak(self) -> int:
        """While it is built the downloads lie beside what was unpacked of them."""
        return self.download + self.disk


# The first measured on 64-bit Linux with Python 3.11, the second reckoned from the sizes of CUDA's libraries.
CPU = Sizes(568 * MB, 1_906 * MB)
CUDA = Sizes(3_323 * MB, 7_571 * MB)


def free_bytes(folder: Path) -> int:
    """Room on the disk of the folder, which need not exist yet."""
    place = next(parent for parent in (folder, *folder.parents) if parent.exists())
    return shutil.disk_usage(place).free


def check_room(folder: Path, sizes: Sizes) -> None:
    """Refuse to begin what cannot end well.

    Raises:
        setup_no_room: the disk has too little room.
    """
    free, wanted = free_bytes(folder), sizes.peak + SPARE
    if free < wanted:
        raise MsaError.of(
            "setup_no_room",
            f"The set-up needs {wanted / 1e9:.1f} GB on the disk of {folder}; {free / 1e9:.1f} GB are free.",
        )


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
