"""Writing a file whole or not at all; knows no Qt."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path


def write_whole(path: Path, content: bytes, flush: bool = True) -> None:
    """Put `content` in the place of the file; `flush` brings it through a power cut.

    Raises:
        OSError: it cannot be written; an older file is as it was.
    """
    with _beside(path, content, flush) as part:
        _keep_mode(path, part)
        os.replace(part, path)


def write_new(path: Path, content: bytes) -> None:
    """Write a file that is not there yet.

    Raises:
        FileExistsError: it is there, and stays as it is.
        OSError: it cannot be written.
    """
    with _beside(path, content, flush=True) as part:
        _keep_mode(path, part)
        try:
            os.link(part, path)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            if os.path.lexists(path):
                raise
            os.replace(part, path)


@contextlib.contextmanager
def _beside(path: Path, content: bytes, flush: bool) -> Iterator[Path]:
    """A file beside `path` with that content, gone afterwards."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own: no file that lies beside it can be hit.
    handle, part = tempfile.mkstemp(prefix=f".{path.name[:40]}-", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            if flush:
                stream.flush()
                os.fsync(stream.fileno())
        yield Path(part)
    finally:
        with contextlib.suppress(OSError):
            os.unlink(part)


def _keep_mode(path: Path, part: Path) -> None:
    """Who may read and write the file stays as it was; `mkstemp` lets its owner alone."""
    if path.exists():
        shutil.copymode(path, part)
    elif os.name != "nt":
        mask = os.umask(0)
        os.umask(mask)
        part.chmod(0o666 & ~mask)
