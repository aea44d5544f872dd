"""Writing files whole or not at all, and never over what somebody else made.

A mark in text files: who wrote them, and a checksum that tells an edited file from an untouched one.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from msa_model.files.folders import check_writable, storage_error
from msa_model.protocol.errors import DiskFull, FileNotOurs, MsaError
from msa_model.protocol.unfinished import folder_for, is_full

Proof = Callable[[Path], bool]
"""Whether a file holds what proves that this program wrote it, and that nobody changed it since."""

_Stamp = tuple[int, int, int, int] | None


@contextmanager
def replacing(path: Path, ours: Proof, failure: type[Exception] = OSError) -> Iterator[Path]:
    """A path to write to, in the folder of `path`; takes its place when the block ends well.

    `ours` tells whether a file that is there already may go; `failure` is what the block's writer raises
    when it cannot write.

    Raises:
        FileNotOurs: the file that is there is somebody else's, or was changed meanwhile.
        folder_read_only: no such folder, or it cannot be written to.
        DiskFull, storage_failed: there was no room, or the disk failed.
    """
    with _replacing_together({path: ours}, failure) as (part,):
        yield part


@contextmanager
def replacing_together(
    paths: Mapping[Path, Proof], failure: type[Exception] = OSError
) -> Iterator[tuple[Path, ...]]:
    """As `replacing`, for files of one folder: all are whole before the first takes its place."""
    with _replacing_together(paths, failure) as parts:
        yield parts


@contextmanager
def _replacing_together(paths: Mapping[Path, Proof], failure: type[Exception]) -> Iterator[tuple[Path, ...]]:
    targets = [Path(os.path.realpath(path)) for path in paths]  # a link stays, what it leads to is replaced
    stamps = [_proven(path, ours) for path, ours in zip(targets, paths.values(), strict=True)]
    try:
        with folder_for(targets[0].parent, [target.name for target in targets]) as folder:
            parts = tuple(folder / target.name for target in targets)
            yield parts
            for part in parts:
                _flush(part)
            for part, target, stamp in zip(parts, targets, stamps, strict=True):
                _unchanged(target, stamp)
                os.replace(part, target)
    except (OSError, failure) as error:
        raise _named(error, targets[0]) from error


def check_replaceable(path: Path, ours: Proof) -> None:
    """Whether `path` may be written, before any work is done for it; errors as of `replacing`."""
    _proven(Path(os.path.realpath(path)), ours)


def _proven(path: Path, ours: Proof) -> _Stamp:
    if not path.parent.is_dir():
        raise MsaError.of("folder_read_only", f"There is no folder {path.parent} to write {path.name} to.")
    if path.is_dir():
        raise MsaError.of("folder_read_only", f"{path} cannot be written: it is a folder.")
    check_writable(path)
    stamp = _stamp(path)
    if stamp is not None and not (stat.S_ISREG(stamp[0]) and ours(path)):
        raise FileNotOurs(f"{path} was not made by MSA Search, or was changed since: it is not replaced.")
    return stamp


def _unchanged(path: Path, stamp: _Stamp) -> None:
    if _stamp(path) != stamp:
        raise FileNotOurs(f"{path} was changed by another program meanwhile: it is not replaced.")


def _stamp(path: Path) -> _Stamp:
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise storage_error(path, error) from error
    return status.st_mode, status.st_ino, status.st_size, status.st_mtime_ns


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _named(error: Exception, path: Path) -> Exception:
    """A writer that hides what the system said leaves only the room on the disk to look at."""
    if isinstance(error, OSError) and error.errno is not None:
        return storage_error(path, error)
    if is_full(path.parent):
        return DiskFull(f"There is no room left on the disk for {path}.")
    return MsaError.of("storage_failed", f"{path} cannot be written: {error}.")


_DIGEST = re.compile(rb"sha256:([0-9a-f]{64})")
_NEAR = 300  # bytes from an end
_NONE = "0" * 64


def mark(what: str) -> str:
    """Words to put into a text, once, near its beginning or end: `sealed` fills in the checksum."""
    return f"msa-search {what} sha256:{_NONE}"


def sealed(text: str, what: str) -> bytes:
    """The text as UTF-8, the checksum of all other bytes in its mark."""
    content = text.encode("utf-8")
    return content.replace(mark(what).encode(), _with(what, _digest(content)), 1)


def is_sealed(path: Path, what: str) -> bool:
    """Whether `sealed` made the file, and no byte of it changed since."""
    with path.open("rb") as file:
        found = _mark_in(file.read(_NEAR), what)
        if not found:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _NEAR))
            found = _mark_in(file.read(), what)
        file.seek(0)
        return bool(found) and _digest(file.read().replace(found, _NONE.encode(), 1)) == found.decode()


def _mark_in(part: bytes, what: str) -> bytes:
    """The checksum that a mark in a part of a file holds; empty where there is no mark."""
    found = _DIGEST.search(part)
    return found[1] if found is not None and _with(what, found[1].decode()) in part else b""


def _with(what: str, digest: str) -> bytes:
    return mark(what).replace(_NONE, digest).encode()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
