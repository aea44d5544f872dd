"""Writing a file whole or not at all; knows no Qt."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path


def write_whole(path: Path, content: bytes, flush: bool = True) -> None:
    """Put `content` in the place of the file; `flush` brings it through a power cut.

    Raises:
        OSError: it cannot be written; an older file is as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own: no file that lies beside it can be hit.
    handle, part = tempfile.mkstemp(prefix=f".{path.name[:40]}-", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            if flush:
                stream.flush()
                os.fsync(stream.fileno())
        _keep_mode(path, Path(part))
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part)
        raise


def _keep_mode(path: Path, part: Path) -> None:
    """Who may read and write the file stays as it was; `mkstemp` lets its owner alone."""
    if path.exists():
        shutil.copymode(path, part)
    elif os.name != "nt":
        mask = os.umask(0)
        os.umask(mask)
        part.chmod(0o666 & ~mask)
