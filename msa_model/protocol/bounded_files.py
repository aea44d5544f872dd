"""Reading files that somebody else wrote: only regular ones, and no more of them than is sensible.

A pipe would be waited for without end, and a device read without end.
"""

from __future__ import annotations

import errno
import json
import os
import stat
from io import BufferedReader
from pathlib import Path
from typing import Any, Union

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)


def open_regular(path: Union[str, Path]) -> BufferedReader:
    """A regular file to be read.

    Raises:
        OSError: it is another kind of file, or the system does not open it; `strerror` says which.
    """
    descriptor = os.open(path, _FLAGS)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    raise OSError(errno.EINVAL, "It is no regular file", str(path))


def read_bytes(path: Union[str, Path], most: int) -> bytes:
    """All bytes of a regular file.

    Raises:
        OSError: as of `open_regular`, or it holds more than `most` bytes.
    """
    with open_regular(path) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, f"It is larger than {most / 1e6:g} MB", str(path))
    return data


def read_json(path: Union[str, Path], most: int) -> Any:  # noqa: ANN401  (anything JSON)
    """What a regular UTF-8 file of JSON holds.

    Raises:
        OSError: as of `read_bytes`.
        ValueError: it is no UTF-8 or no JSON, or nested too deep.
    """
    text = read_bytes(path, most).decode("utf-8")
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
