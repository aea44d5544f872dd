"""Checksums of files, and the one that stands for several."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from msa_model.protocol.bounded_files import open_regular


def file_sha256(path: Path) -> str:
    """The sha256 of a regular file, read in pieces.

    Raises:
        OSError: it cannot be read.
    """
    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def joint_sha256(digests: Mapping[str, str]) -> str:
    """The sha256 of the list that `sha256sum` would print, sorted by name."""
    lines = "".join(f"{digests[name]}  {name}\n" for name in sorted(digests))
    return hashlib.sha256(lines.encode()).hexdigest()
