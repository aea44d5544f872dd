"""One writer per index: a lock that the operating system lets go of when its process dies."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from pathlib import Path

from msa_model.protocol.errors import IndexFolderReadOnly, IndexLocked

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


_HELD = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)  # as flock and msvcrt say it


class WriterLock:
    """Held from construction to `release`, through a file beside the index."""

    def __init__(self, index_path: Path) -> None:
        """Take the lock, without waiting.

        Raises:
            IndexLocked: another process, or this one, writes the index.
            IndexFolderReadOnly: no file can be made in the folder.
        """
        self._path = index_path.with_name(index_path.name + ".lock")
        while True:
            self._descriptor = self._open(index_path)
            if self._is_current():
                return
            os.close(self._descriptor)  # its last holder removed it between our opening and our locking

    def _open(self, index_path: Path) -> int:
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise IndexFolderReadOnly(
                f"{index_path.parent} cannot be written to: {error.strerror}."
            ) from error
        try:
            _lock(descriptor)
        except OSError as error:
            os.close(descriptor)
            if error.errno in _HELD:
                raise IndexLocked(f"{index_path} is being written by another scan.") from error
            raise IndexFolderReadOnly(
                f"No lock can be taken in {index_path.parent}: {error.strerror}."
            ) from error
        return descriptor

    def _is_current(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._descriptor), os.stat(self._path))
        except FileNotFoundError:
            return False

    def release(self) -> None:
        """Let go, and remove the file (not on Windows, where an open file stays)."""
        with suppress(OSError):
            self._path.unlink()
        os.close(self._descriptor)
