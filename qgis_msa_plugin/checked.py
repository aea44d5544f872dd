"""Values that come back from a file: of the right type, finite, in range, of bounded size. Knows no Qt."""

from __future__ import annotations

import dataclasses
import json
import math
import zlib
from collections.abc import Iterable, Sequence
from typing import Any

from msa_model.protocol.errors import ProtocolError

MOST_TEXT = 8_000_000  # characters of one value: ten thousand judged hits take three
MOST_NAME = 10_000

# What reading a file of any content may raise, besides an `MsaError`.
UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError, zlib.error)


def parsed(text: str, most: int = MOST_TEXT) -> Any:  # noqa: ANN401  (any JSON value)
    """The JSON value that the text spells; its numbers may be infinite or none.

    Raises:
        ValueError, RecursionError: it is none, very long or very deep.
    """
    if len(text) > most:
        raise ValueError(f"a text of {len(text)} characters")
    return json.loads(text)


def number(value: object, least: float = -math.inf, most: float = math.inf) -> float:
    """The value as a finite number within bounds, both included.

    Raises:
        ProtocolError: it is none.
    """
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not least <= value <= most:
        raise ProtocolError(f"A number from {least} to {most} was expected.")
    if not math.isfinite(value):
        raise ProtocolError("A finite number was expected.")
    return float(value)


def whole(value: object, least: int, most: int) -> int:
    """The value as a whole number within bounds, both included.

    Raises:
        ProtocolError: it is none.
    """
    if type(value) is not int or not least <= value <= most:
        raise ProtocolError(f"A whole number from {least} to {most} was expected.")
    return value


def line(value: object, most: int = MOST_NAME) -> str:
    """The value as a text that is not too long and can be written anywhere.

    Raises:
        ProtocolError: it is none.
        ValueError: it holds half a character.
    """
    if not isinstance(value, str) or len(value) > most or "\0" in value:
        raise ProtocolError(f"A text of at most {most} characters was expected.")
    value.encode()
    return value


def listed(value: object, most: int) -> Sequence[Any]:
    """The value as a list that is not too long.

    Raises:
        ProtocolError: it is none.
    """
    if not isinstance(value, (list, tuple)) or len(value) > most:
        raise ProtocolError(f"A list of at most {most} items was expected.")
    return value


def truth(value: object) -> bool:
    """The value as true or false.

    Raises:
        ProtocolError: it is neither.
    """
    if not isinstance(value, bool):
        raise ProtocolError("True or false was expected.")
    return value


def check_numbers(value: object) -> None:
    """See that every number within a message, however deep, is finite, and every text can be written.

    Raises:
        ProtocolError, ValueError: one is not.
    """
    if isinstance(value, str):
        line(value, MOST_TEXT)
    elif isinstance(value, float):
        number(value)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            check_numbers(getattr(value, field.name))
    elif isinstance(value, (list, tuple)):
        for item in value:
            check_numbers(item)


def check_range(column: Iterable[float], least: float, most: float) -> None:
    """See that every number of a column lies within bounds, both included.

    Raises:
        ProtocolError: one does not.
    """
    if not all(least <= value <= most for value in column):
        raise ProtocolError(f"A column holds what is no number from {least} to {most}.")


def inflated(packed: bytes, size: int) -> bytes:
    """Exactly `size` bytes out of zlib's compression; more are never made.

    Raises:
        ProtocolError: it holds fewer or more.
        zlib.error: it is damaged.
    """
    unpacker = zlib.decompressobj()
    content = unpacker.decompress(packed, size + 1)
    if len(content) != size or not unpacker.eof or unpacker.unused_data:
        raise ProtocolError(f"{size} bytes were expected.")
    return content
