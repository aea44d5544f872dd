"""What can go wrong while setting up, told from what the installers print."""

from __future__ import annotations

import re
from typing import ClassVar

from msa_model.protocol.errors import MsaError

_NO_ROOM = re.compile(r"no space left|disk quota exceeded|not enough space|os error 28\b|errno 28\b", re.I)
# Whole phrases of pip and uv: a lone number or word may as well be part of a path or a package's name.
_UNREACHABLE = re.compile(
    r"proxy ?error|cannot connect to proxy|proxy authentication|proxy url|tunnel connection failed"
    r"|tunnel error|socks (support|proxy)|pysocks"
    r"|certificate[ _]verify|self[- ]signed certificate|invalid (peer )?certificate|unknownissuer"
    r"|\bssl ?error\b|\btls error\b|\[ssl[:\]]|ssl module .{0,20}not available"
    r"|name or service not known|getaddrinfo|failed to resolve|(name|address) resolution|dns error"
    r"|connection (refused|reset|aborted|timed out|broken)|connecttimeout|timed out|max retries"
    r"|newconnectionerror|error sending request|network is unreachable"
    r"|\b(http error|status code|server error|client error)[ :(]*(40[137]|50[0234])\b"
    r"|\b(40[137] (client error|unauthorized|forbidden)|50[0234] (server error|error responses))",
    re.I,
)
_OTHER_FILE = re.compile(r"do not match the hashes|hash mismatch", re.I)
_ABSENT = re.compile(r"no matching distribution found for (\S+)", re.I)


class SetupFailed(MsaError):
    """A step of the set-up ended badly; `tail` is what it printed last."""

    kind: ClassVar[str] = "setup_failed"
    remedy = "Read the details, then choose Set up again: what is done is kept."

    def __init__(self, sentence: str, tail: str = "") -> None:
        super().__init__(sentence)
        self.tail = tail


class SetupUnreachable(SetupFailed):
    """Packages cannot be fetched from where they are looked for."""

    kind: ClassVar[str] = "setup_unreachable"
    remedy = "Check the proxy in QGIS's options, or give an index address or a folder of wheels."


class SetupNoRoom(SetupFailed):
    """The disk of the profile has too little room."""

    kind: ClassVar[str] = "setup_no_room"
    remedy = "Free some space and choose Set up again: what is done is kept."


class SetupOtherFile(SetupFailed):
    """A package is not the file that its pin names."""

    kind: ClassVar[str] = "setup_other_file"
    remedy = (
        "Use an index or wheels with the files as published; if they are, somebody changes them on the way."
    )


class SetupBusy(MsaError):
    """Another QGIS builds or removes this profile's environment."""

    kind: ClassVar[str] = "setup_busy"
    remedy = "Wait until the other QGIS is done."


class PythonMissing(MsaError):
    """No interpreter that the worker could use."""

    kind: ClassVar[str] = "python_missing"
    remedy = "Install Python 3.11 or newer, or name one."


def failure_of(step: str, code: int, output: str) -> SetupFailed:
    """The error for a step that ended with `code` after printing `output`."""
    absent = _ABSENT.search(output)
    if _NO_ROOM.search(output):
        return SetupNoRoom(f"There is no room left on the disk: {step}", output)
    if _OTHER_FILE.search(output):
        return SetupOtherFile(f"A package is not the one that was tested: {step}", output)
    # An index out of reach ends in 'no matching distribution' too: the reason stands above it.
    if _UNREACHABLE.search(output):
        return SetupUnreachable(f"The packages cannot be fetched: {step}", output)
    if absent:
        return SetupUnreachable(
            f"There is no {absent.group(1)} for this Python where it is looked for.", output
        )
    return SetupFailed(f"{step}: ended with code {code}. {_last_words(output)}".rstrip(), output)


def _last_words(output: str) -> str:
    """The last line that says what went wrong, else the last line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if re.match(r"(?:\w*error|\w*exception|fatal)\b.*:", line, re.I)]
    return (telling or lines or [""])[-1][:200]
