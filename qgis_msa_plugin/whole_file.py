"""Writing a file whole or not at all; knows no Qt."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from msa_model.protocol.unfinished import folder_for


def write_whole(path: Path, content: bytes, flush: bool = True) -> None:
    """Put `content` in the place of the file, or of what a link leads to; `flush` outlasts a power cut.

    Raises:
        OSError: it cannot be written; an older file is as it was.
    """
    path = Path(os.path.realpath(path))
    with _made(path, content, flush) as part:
        if path.exists():
            shutil.copymode(path, part)  # who may read and write it stays as it was
        os.replace(part, path)


def write_new(path: Path, content: bytes) -> None:
    """Write a file that is not there yet.

    Raises:
        FileExistsError: it is there, and stays as it is.
        OSError: it cannot be written.
    """
    with _made(path, content, flush=True) as part:
        put_new(part, path)


def put_new(made: Path, path: Path) -> None:
    """Put a finished file where none is yet.

    Raises:
        FileExistsError: one is, and stays as it is.
        OSError: it cannot be put there.
    """
    try:
        os.link(made, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if os.path.lexists(path):
            raise
        os.replace(made, path)


@contextlib.contextmanager
def _made(path: Path, content: bytes, flush: bool) -> Iterator[Path]:
    """A file with that content in a folder of its own beside `path`, gone afterwards."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with folder_for(path.parent, [path.name]) as folder:
        part = folder / path.name
        with part.open("xb") as stream:
            stream.write(content)
            if flush:
                stream.flush()
                os.fsync(stream.fileno())
        yield part
