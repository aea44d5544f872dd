"""Folders to write to, the one for what can be made again, and failures of the disk under a named error."""

from __future__ import annotations

import errno
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from msa_model.protocol.errors import DiskFull, MsaError

_ANY_WRITE_BIT = 0o222


def is_writable(folder: Path) -> bool:
    """Whether a file can be made in an existing folder; tried, since permissions do not tell all."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def check_writable(place: Path) -> None:
    """Whether a file can be made in the folder of `place`; tried.

    Raises:
        DiskFull, storage_failed, folder_read_only: why not.
    """
    with writing(place), tempfile.TemporaryFile(dir=place.parent):
        pass


def is_open_to_us(folder: Path) -> bool:
    """Whether files that nobody named a place for may go there.

    A folder that nobody has leave to write to is left alone even by root, who could; but not a copy in the
    folder for temporary files, whose write bits are those of what it was copied from.
    """
    closed = os.name == "posix" and folder.is_dir() and not folder.stat().st_mode & _ANY_WRITE_BIT
    return is_writable(folder) and (not closed or _is_temporary(folder))


def _is_temporary(folder: Path) -> bool:
    return folder.resolve().is_relative_to(Path(tempfile.gettempdir()).resolve())


def make_folder(folder: Path) -> None:
    """Make the folder and those above it.

    Raises:
        folder_read_only: they cannot be made, or not written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if error.errno in NO_ROOM:
            raise storage_error(folder, error) from error
        raise MsaError.of(
            "folder_read_only", f"The folder {folder} cannot be made: {error.strerror}."
        ) from error
    if not is_writable(folder):
        raise MsaError.of("folder_read_only", f"The folder {folder} cannot be written to.")


def user_cache_folder() -> Path:
    """This user's folder for files that can be made again."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", str(Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = str(Path.home() / "Library" / "Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))
    return Path(base) / "msa-search"


def mark_used(copy: Path) -> None:
    """Note that a copy in the cache folder was used: those used last are kept longest."""
    with suppress(OSError):
        os.utime(copy)


def forget_older(
    copy: Path, names: re.Pattern[str], most_bytes: int, remove: Callable[[Path], object]
) -> None:
    """Remove copies beside `copy` of earlier states of the same, and those unused for longest of too many.

    Copies have such `names`, up to the '-' the same for the same; all may take `most_bytes`. `remove` deletes
    one that is ours; one that it cannot, as another process has it open, stays.
    """
    same, taken = copy.name.partition("-")[0], 0
    for other, status in _by_last_use(copy.parent, names):
        taken += status.st_size
        if other != copy and (other.name.partition("-")[0] == same or taken > most_bytes):
            with suppress(OSError, MsaError):
                remove(other)


def _by_last_use(folder: Path, names: re.Pattern[str]) -> list[tuple[Path, os.stat_result]]:
    """Files of such names, the last used first; none where another process removes one meanwhile."""
    with suppress(OSError):
        found = [(file, file.stat()) for file in folder.iterdir() if names.fullmatch(file.name)]
        return sorted(found, key=lambda one: one[1].st_mtime, reverse=True)
    return []


NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_BROKEN = (errno.EIO, errno.ENXIO, errno.ENODEV, errno.ESTALE, errno.ETIMEDOUT)


def storage_error(path: Path, error: OSError) -> MsaError:
    """What the system said about writing to `path`, as a named error."""
    if error.errno in NO_ROOM:
        return DiskFull(f"There is no room left on the disk for {path}.")
    if error.errno in _BROKEN:
        return MsaError.of("storage_failed", f"{path} cannot be written: {error.strerror}.")
    return MsaError.of("folder_read_only", f"{path} cannot be written: {error.strerror or error}.")


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Translate what the system says about reading `path`.

    Raises:
        storage_failed: it cannot be read.
    """
    try:
        yield
    except OSError as error:
        raise MsaError.of("storage_failed", f"{path} cannot be read: {error.strerror or error}.") from error


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Translate what the system says about writing to `path`.

    Raises:
        DiskFull: there is no room.
        storage_failed: the disk fails.
        folder_read_only: it cannot be written for another reason.
    """
    try:
        yield
    except OSError as error:
        raise storage_error(path, error) from error
