"""Texts that no file, query or place can have, refused before a library stumbles over them."""

from __future__ import annotations

from typing import Any

from msa_model.protocol.errors import BadArgument


def check_texts(params: dict[str, Any]) -> None:
    """Looks at every text of a request.

    Half characters that stand for single bytes of a file name (PEP 383) are let through.

    Raises:
        BadArgument: one holds NUL, or half a character.
    """
    waiting: list[tuple[str, Any]] = [("", params)]
    while waiting:
        where, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(f"{where}.{key:.80}" if where else key[:80], inner) for key, inner in value.items()]
        elif isinstance(value, list):
            waiting += [(where, inner) for inner in value]
        elif isinstance(value, str):
            _check(where, value)


def _check(where: str, text: str) -> None:
    if "\0" in text:
        raise BadArgument(f"'{where}' holds the character NUL: {ascii(text)[:120]}.")
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise BadArgument(f"'{where}' holds half a character: {ascii(text)[:120]}.") from error
