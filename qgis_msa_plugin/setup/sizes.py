"""How large the environment gets: told before anything is fetched, and the measure of its progress."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from msa_model.protocol.errors import MsaError

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
