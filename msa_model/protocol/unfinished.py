"""Folders for files in the making, the room they need, and what killed processes left of them.

A lock on an open file that the operating system lets go of when its process dies.

Not by filelock, which the worker has: the plugin, with nothing but the standard library, locks alike.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

if sys.platform == "win32":
    import msvcrt

    def lock(descriptor: int) -> None:
        """Take the lock of a file, without waiting; OSError (`HELD` tells why) where that cannot be."""
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)  # behind the content, which others may read
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def lock(descriptor: int) -> None:
        """Take the lock of a file, without waiting; OSError (`HELD` tells why) where that cannot be."""
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


HELD = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)  # another process has it, as flock and msvcrt say it
_LOCKED_BYTE = 1024


_PREFIX = ".writing-"
_OWNER = "msa-search"
_CONTENT = b"msa-search: files in the making, named"
_LONGEST = 100_000
_ENOUGH_BYTES = 1_000_000


def is_full(folder: Path) -> bool:
    """Whether the disk of a folder has next to no room: not every writer tells that this is why it fails.

    False where the folder is not there.
    """
    with suppress(OSError):
        return shutil.disk_usage(folder).free < _ENOUGH_BYTES
    return False


@contextmanager
def folder_for(folder: Path, names: Sequence[str]) -> Iterator[Path]:
    """A folder in `folder` to make files of these names in; at the end it goes, with all that is in it.

    So does, first, what a process that was killed left of making the same files. A file in the folder proves
    that it is ours, and for which files; its lock tells that the process which made it lives.

    Raises:
        OSError: the folder cannot be made.
    """
    proof = b"\0".join((_CONTENT, *map(os.fsencode, names)))
    for left in folder.glob(f"{_PREFIX}*"):
        with suppress(OSError):  # somebody else's, or gone meanwhile
            _clear(left, names, proof)
    made = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=folder))
    try:
        with (made / _OWNER).open("xb") as owner:
            if _is_locked(owner):  # without, nothing would tell the living from the dead
                owner.write(proof)
                owner.flush()
            yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _is_locked(file: BinaryIO) -> bool:
    """Lock the file; False on disks that know no locks."""
    try:
        lock(file.fileno())
    except OSError:
        return False
    return True


def _clear(folder: Path, names: Sequence[str], proof: bytes) -> None:
    """Delete a folder that proves to be a dead process's, and holds nothing else.

    Raises:
        OSError: it does not, or it cannot be deleted.
    """
    if not stat.S_ISDIR(folder.lstat().st_mode) or not _is_regular(folder / _OWNER):
        return
    with (folder / _OWNER).open("rb+") as owner:
        if owner.read(_LONGEST) != proof:
            return
        lock(owner.fileno())
        parts = [file for file in folder.iterdir() if file.name != _OWNER]
        if not all(_is_regular(file) and file.name.startswith(tuple(names)) for file in parts):
            return  # a writer's own files, such as a journal, begin with the name
        for file in parts:
            file.unlink()
    (folder / _OWNER).unlink()
    folder.rmdir()


def _is_regular(file: Path) -> bool:
    return stat.S_ISREG(file.lstat().st_mode)
