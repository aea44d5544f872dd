"""Failures of the disk under a named error."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msa_model.protocol.errors import DiskFull, IndexFolderReadOnly

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Translate what the system says about writing to `place`.

    Raises:
        DiskFull: there is no room.
        IndexFolderReadOnly: it cannot be written for another reason.
    """
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise DiskFull(f"There is no room left on the disk for {place}.") from error
        raise IndexFolderReadOnly(f"{place} cannot be written: {error.strerror or error}.") from error
