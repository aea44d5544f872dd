"""Writing a file whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msa_model.index.places import is_writable
from msa_model.protocol.errors import DiskFull, IndexFolderReadOnly

_ENOUGH_BYTES = 1_000_000


@contextmanager
def replacing(path: Path, failure: type[Exception]) -> Iterator[Path]:
    """A path to write to, in the folder of `path`; takes its place when the block ends well.

    `failure` is what the block's writer raises when it cannot write.

    Raises:
        IndexFolderReadOnly: no such folder, or it cannot be written to.
        DiskFull: there was no room.
    """
    if not path.parent.is_dir():
        raise IndexFolderReadOnly(f"There is no folder {path.parent} to write {path.name} to.")
    if path.is_dir() or not is_writable(path.parent):
        raise IndexFolderReadOnly(f"{path} cannot be written.")
    with tempfile.TemporaryDirectory(prefix=".writing-", dir=path.parent) as folder:
        part = Path(folder) / path.name
        try:
            yield part
            os.replace(part, path)
        except (OSError, failure) as error:
            if shutil.disk_usage(path.parent).free < _ENOUGH_BYTES:
                raise DiskFull(f"There is no room left on the disk for {path}.") from error
            raise IndexFolderReadOnly(f"{path} cannot be written: {error}.") from error
