"""What becomes of a failure that nobody has foreseen: a sentence on stderr, and the rest in a file."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Sequence
from contextlib import suppress

from msa_model.protocol.redaction import redacted
from msa_model.protocol.rpc import shortened
from msa_model.shipped import version


def explained(error: BaseException, argv: Sequence[str]) -> str:
    """Two lines for the user: what failed, and where the traceback is."""
    what = redacted(shortened(f"{type(error).__name__}: {error}".splitlines()[0]))
    return f"msa: This failed in a way that nobody has foreseen ({what}).\n     {_kept(error, argv)}"


def _kept(error: BaseException, argv: Sequence[str]) -> str:
    """Writes the traceback to a new file of the system's temporary folder, readable by the user alone."""
    head = f"msa {version()}, Python {platform.python_version()}, {platform.platform()}\n{list(argv)}\n\n"
    lines = traceback.format_exception(error)
    text = redacted(f"{head}{''.join(lines)}")
    try:
        with tempfile.NamedTemporaryFile(
            "w",
            prefix="msa-failure-",
            suffix=".txt",
            encoding="utf-8",
            errors="backslashreplace",
            delete=False,
        ) as file:
            file.write(f"{text}\n")
    except OSError as problem:
        return f"The details could not be written to a file ({problem.strerror}). Report this as a bug."
    return f"Report this as a bug, with the details in {file.name}."


def silence() -> None:
    """Lets what is still written to stdout and stderr go nowhere: nobody reads it any more."""
    null = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            os.dup2(null, stream.fileno())
    os.close(null)
