"""What can go wrong while setting up, told from what the installers print.

Reports and what programs print, without the secrets that command lines add and without the user's name.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from msa_model.protocol.errors import MsaError
from msa_model.protocol.redaction import redacted

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


def failure_of(step: str, code: int, output: str) -> MsaError:
    """The error for a step that ended with `code` after printing `output`."""
    absent = _ABSENT.search(output)
    if _NO_ROOM.search(output):
        return MsaError.of("setup_no_room", f"There is no room left on the disk: {step}", output)
    if _OTHER_FILE.search(output):
        return MsaError.of("setup_other_file", f"A package is not the one that was tested: {step}", output)
    # An index out of reach ends in 'no matching distribution' too: the reason stands above it.
    if _UNREACHABLE.search(output):
        return MsaError.of("setup_unreachable", f"The packages cannot be fetched: {step}", output)
    if absent:
        return MsaError.of(
            "setup_unreachable",
            f"There is no {absent.group(1)} for this Python where it is looked for.",
            output,
        )
    return MsaError.of(
        "setup_failed", f"{step}: ended with code {code}. {_last_words(output)}".rstrip(), output
    )


def _last_words(output: str) -> str:
    """The last line that says what went wrong, else the last line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if re.match(r"(?:\w*error|\w*exception|fatal)\b.*:", line, re.I)]
    return (telling or lines or [""])[-1][:200]


_HIDDEN = "…"
# What a report holds besides addresses: variables with colons, users, QGIS's names of logins.
_NAMED = re.compile(
    r"(?P<name>[?&;\s\"'](?:[\w-]*(?:token|key|secret|password|passwd|pwd|signature|sig|auth|authcfg|user"
    r"|username|credential)[\w-]*)[\"']?\s*[=:]\s*[\"']?)(?P<value>[^&\s\"',;]+)",
    re.I,
)
_AT_HOST = re.compile(r"(?<![\w/*.])[\w.+-]+@(?=[\w-]+)")
_OPTION = re.compile(r"(?P<name>--?(?:password|token|identity|proxy-user|i)\s+)\S+", re.I)


def redact(text: str, home: str = "") -> str:
    """The text with secrets hidden, and the home folder written as '~'."""
    text = _AT_HOST.sub(f"{_HIDDEN}@", redacted(text))
    text = _NAMED.sub(lambda found: f"{found['name']}{_HIDDEN}", f" {text}")[1:]
    text = _OPTION.sub(lambda found: f"{found['name']}{_HIDDEN}", text)
    home = home or str(Path.home())
    if len(home) < len("/x"):
        return text
    for written in {home, home.replace(os.sep, "/"), home.replace("/", "\\")}:
        text = re.sub(rf"{re.escape(written)}(?![\w.-])", "~", text)
    return text
