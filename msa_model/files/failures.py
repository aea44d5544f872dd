"""Failures of the disk under a named error."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msa_model.protocol.errors import DiskFull, MsaError

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_BROKEN = (errno.EIO, errno.ENXIO, errno.ENODEV, errno.ESTALE, errno.ETIMEDOUT)


def storage_error(place: Path, error: OSError) -> MsaError:
    """What the system said about writing to `place`, as a named error."""
    if error.errno in NO_ROOM:
        return DiskFull(f"There is no room left on the disk for {place}.")
    if error.errno in _BROKEN:
        return MsaError.of("storage_failed", f"{place} cannot be written: {error.strerror}.")
    return MsaError.of("folder_read_only", f"{place} cannot be written: {error.strerror or error}.")


@contextmanager
def reading(place: Path) -> Iterator[None]:
    """Translate what the system says about reading `place`.

    Raises:
        storage_failed: it cannot be read.
    """
    try:
        yield
    except OSError as error:
        raise MsaError.of("storage_failed", f"{place} cannot be read: {error.strerror or error}.") from error


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Translate what the system says about writing to `place`.

    Raises:
        DiskFull: there is no room.
        storage_failed: the disk fails.
        folder_read_only: it cannot be written for another reason.
    """
    try:
        yield
    except OSError as error:
        raise storage_error(place, error) from error
