"""What the system and libraries raise, by name: failures that can come from anywhere."""

from __future__ import annotations

import errno
import re

from msa_model.protocol.errors import BadArgument, DiskFull, MsaError, WorkerMissing

_NAMELESS = re.compile("has an empty name")  # pathlib of '/' and '.'
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_SHOWN = 200  # characters of a name or text that is wrong


def known(error: BaseException, job: str) -> MsaError | None:
    """The named error for a failure of `job`; None for one that nobody has foreseen."""
    if isinstance(error, MsaError):
        return error
    if isinstance(error, MemoryError):
        return MsaError.of("out_of_memory", f"There was not enough memory for {job}.")
    if isinstance(error, ImportError):
        return WorkerMissing(f"The worker's environment is incomplete: {error}.")
    if isinstance(error, UnicodeEncodeError):
        return BadArgument(f"A text holds what is no character: {ascii(error.object)[:_SHOWN]}.")
    if isinstance(error, OverflowError):
        return BadArgument(f"A number is too large for {job}: {error}.")
    return _of_a_file(error, job)


def _of_a_file(error: BaseException, job: str) -> MsaError | None:
    if isinstance(error, ValueError) and _NAMELESS.search(str(error)):
        return MsaError.of("file_unusable", f"A folder cannot be used as a file: {_shown(str(error))}.")
    if not isinstance(error, OSError):
        return None
    if error.errno in _NO_ROOM:
        return DiskFull(f"There is no room left on the disk for {job}.")
    if error.errno is None:
        return None
    name = "" if error.filename is None else f" {_shown(str(error.filename))}:"
    return MsaError.of("file_unusable", f"A file cannot be used:{name} {error.strerror}.")


def _shown(text: str) -> str:
    shown = text if text.isprintable() else ascii(text)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
