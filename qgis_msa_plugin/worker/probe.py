"""Whether a worker sees this machine's files: it is asked for one that was made a moment ago; knows no Qt."""

from __future__ import annotations

import contextlib
import uuid
from pathlib import Path
from typing import Optional

# Programs that run a command elsewhere, or in a file system of its own.
_ELSEWHERE = frozenset(("ssh", "plink", "mosh", "docker", "podman", "kubectl", "srun", "wsl"))


class Probe:
    """A file under a name that nobody else can have; `path` is empty where none can be made."""

    def __init__(self, folder: Path) -> None:
        self._file: Optional[Path] = folder / f"probe-{uuid.uuid4().hex}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file.touch(exist_ok=False)
        except OSError:
            self._file = None

    @property
    def path(self) -> Optional[str]:
        """What to ask the worker for."""
        return str(self._file.absolute()) if self._file is not None else None

    def remove(self) -> None:
        """Take the file away again."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.unlink()
        self._file = None


def looks_remote(program: str) -> bool:
    """A guess by the program's name, until the worker has said where it runs."""
    return Path(program).stem.lower() in _ELSEWHERE
