"""Text without what nobody else should read: passwords, tokens, the user's name in paths."""

from __future__ import annotations

import os
import re
from pathlib import Path

HIDDEN = "***"
_IN_ADDRESS = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)[^/\s@'\"]+@", re.I)
_IN_QUERY = re.compile(
    r"(?P<name>[?&;\s\"'](?:[\w-]*(?:token|key|secret|password|passwd|pwd|signature|sig|auth|authcfg|user"
    r"|username|credential)[\w-]*)[\"']?\s*[=:]\s*[\"']?)(?P<value>[^&\s\"',;]+)",
    re.I,
)
_AT_HOST = re.compile(r"(?<![\w/*.])[\w.+-]+@(?=[\w-]+)")
_BEARER = re.compile(r"\b(?P<name>bearer|basic)\s+[\w.~+/=-]{8,}", re.I)
_OPTION = re.compile(r"(?P<name>--?(?:password|token|identity|proxy-user|i)\s+)\S+", re.I)


def redact(text: str, home: str = "") -> str:
    """The text with secrets hidden, and the home folder written as '~'."""
    text = _IN_ADDRESS.sub(lambda found: f"{found['scheme']}{HIDDEN}@", text)
    text = _BEARER.sub(lambda found: f"{found['name']} {HIDDEN}", text)
    text = _AT_HOST.sub(f"{HIDDEN}@", text)
    text = _IN_QUERY.sub(lambda found: f"{found['name']}{HIDDEN}", f" {text}")[1:]
    text = _OPTION.sub(lambda found: f"{found['name']}{HIDDEN}", text)
    home = home or str(Path.home())
    if len(home) < len("/x"):
        return text
    for written in {home, home.replace(os.sep, "/"), home.replace("/", "\\")}:
        text = re.sub(rf"{re.escape(written)}(?![\w.-])", "~", text)
    return text
