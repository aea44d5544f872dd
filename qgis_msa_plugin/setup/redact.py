"""Reports and what programs print, without the secrets that command lines add and without the user's name."""

from __future__ import annotations

import os
import re
from pathlib import Path

from msa_model.protocol.redaction import redacted

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
