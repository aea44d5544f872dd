"""One writer per index: a lock that the operating system lets go of when its process dies."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from msa_model.files.folders import writing
from msa_model.protocol.errors import FileNotOurs, MsaError
from msa_model.protocol.unfinished import HELD, folder_for, lock

SUFFIX = ".msa-lock"
_CONTENT = b"msa-search: an index or a batch is being written beside this file\n"
_FLAGS = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class WriterLock:
    """Held from construction to `release`, through a file beside the index.

    Its content tells that it is ours: a file of that name that somebody else made is left as it is (the
    library filelock locks any file of the name).
    """

    def __init__(self, index_path: Path) -> None:
        """Take the lock, without waiting.

        Raises:
            index_locked: another process, or this one, writes the index.
            FileNotOurs: the lock's name is taken by another program's file.
            folder_read_only: no file can be made in the folder.
        """
        self._index = index_path
        self._path = index_path.with_name(index_path.name + SUFFIX)
        while True:
            self._make()
            descriptor = self._open()
            if descriptor is not None:
                self._descriptor = descriptor
                if self._is_current():
                    return
                os.close(descriptor)  # its last holder removed it between our opening and our locking

    def _make(self) -> None:
        """Let the file be there, whole from its first moment on."""
        if os.path.lexists(self._path):
            return
        with writing(self._path), folder_for(self._path.parent, [self._path.name]) as folder:
            part = folder / self._path.name
            part.write_bytes(_CONTENT)
            part.chmod(0o644)
            with suppress(FileExistsError):
                _put(part, self._path)

    def _open(self) -> int | None:
        try:
            descriptor = os.open(self._path, _FLAGS)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._taken() from error
        try:
            self._check_ours(descriptor)
            lock(descriptor)
        except MsaError:
            os.close(descriptor)
            raise
        except OSError as error:
            os.close(descriptor)
            if error.errno in HELD:
                raise MsaError.of(
                    "index_locked", f"{self._index} is being written by another scan."
                ) from error
            raise MsaError.of(
                "folder_read_only", f"No lock can be taken in {self._index.parent}: {error.strerror}."
            ) from error
        return descriptor

    def _is_current(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._descriptor), os.lstat(self._path))
        except FileNotFoundError:
            return False

    def _check_ours(self, descriptor: int) -> None:
        regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
        if not regular or os.read(descriptor, len(_CONTENT) + 1) != _CONTENT:
            raise self._taken()

    def _taken(self) -> FileNotOurs:
        return FileNotOurs(
            f"{self._index} cannot be locked: {self._path.name} beside it belongs to another program."
        )

    def release(self) -> None:
        """Let go, and remove the file (not on Windows, where an open file stays)."""
        with suppress(OSError):
            if self._is_current():
                self._path.unlink()
        os.close(self._descriptor)


def _put(source: Path, target: Path) -> None:
    """Give a file a second name; on disks without such, a first one.

    Raises:
        FileExistsError: the name is taken.
    """
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:
        with target.open("xb") as file:
            file.write(_CONTENT)
