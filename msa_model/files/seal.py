"""A mark in text files: who wrote them, and a checksum that tells an edited file from an untouched one."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

_DIGEST = re.compile(rb"sha256:([0-9a-f]{64})")
_LONGEST_HEAD = 300
_NONE = "0" * 64


def mark(what: str) -> str:
    """Words to put into a text, once, near its beginning: `sealed` fills in the checksum."""
    return f"msa-search {what} sha256:{_NONE}"


def sealed(text: str, what: str) -> bytes:
    """The text as UTF-8, the checksum of all other bytes in its mark."""
    content = text.encode("utf-8")
    return content.replace(mark(what).encode(), _with(what, _digest(content)), 1)


def is_sealed(path: Path, what: str) -> bool:
    """Whether `sealed` made the file, and no byte of it changed since."""
    with path.open("rb") as file:
        head = file.read(_LONGEST_HEAD)
        found = _DIGEST.search(head)
        if found is None or _with(what, found[1].decode()) not in head:
            return False
        return _digest((head + file.read()).replace(found[1], _NONE.encode(), 1)) == found[1].decode()


def _with(what: str, digest: str) -> bytes:
    return mark(what).replace(_NONE, digest).encode()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
