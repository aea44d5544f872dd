"""What comes back from a file as frozen dataclasses: of the right types, finite, in range, of bounded size.

Knows no Qt.
"""

from __future__ import annotations

import dataclasses
import json
import math
import zlib
from collections.abc import Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass
from functools import cache
from typing import Any, Callable, Optional, TypeVar

from msa_model.protocol.codec import from_wire
from msa_model.protocol.errors import ProtocolError

Made = TypeVar("Made")
Bound = Callable[[Any], object]  # raises where a value is out of bounds

MOST_TEXT = 8_000_000  # characters of one value: ten thousand judged hits take three
MOST_NAME = 10_000

# What reading a file of any content may raise, besides an `MsaError`.
UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError, zlib.error)


@dataclass(frozen=True)
class FileLimits:
    """How large values may be: what a field says of its own by class and name, and all others.

    A bound of a list, or of an object, holds besides those of what is within.
    """

    fields: Mapping[type, Mapping[str, Bound]] = dataclasses.field(default_factory=dict)
    text: int = MOST_TEXT
    number: float = math.inf  # either way; finite in any case
    items: float = math.inf  # of a list


def made(cls: type[Made], data: object, limits: FileLimits) -> Made:
    """The frozen dataclass that a dictionary out of a file spells, every value of it within its limits.

    Raises:
        ProtocolError, or what is `UNREADABLE`: the dictionary spells something else.
    """
    found = from_wire(cls, data)
    check(found, limits)
    return found


def check(value: object, limits: FileLimits, bound: Optional[Bound] = None) -> None:
    """See that everything within a value, however deep, is within its limits; `bound` is that of its field.

    Raises:
        ProtocolError, ValueError: something is not.
    """
    if value is None or isinstance(value, bool):
        return
    if bound is not None:
        bound(value)
    elif isinstance(value, str):
        line(value, limits.text)
    elif isinstance(value, (int, float)):
        number(value, -limits.number, limits.number)
    elif isinstance(value, (tuple, frozenset, dict)):
        _few(value, limits.items)
    if not isinstance(value, (str, int, float)):
        _check_inner(value, limits)


def _check_inner(value: object, limits: FileLimits) -> None:
    if dataclasses.is_dataclass(value):
        kind: Any = type(value)
        own = limits.fields.get(kind, {})
        for name in _fields(kind):
            check(getattr(value, name), limits, own.get(name))
    elif isinstance(value, dict):
        _check_inner((*value, *value.values()), limits)
    elif isinstance(value, (tuple, frozenset)):
        for item in value:
            check(item, limits)


@cache
def _fields(cls: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(cls))


def within(least: float, most: float) -> Bound:
    """A number lies within, both included."""
    return lambda value: number(value, least, most)


def at_most(most: int) -> Bound:
    """A text has so many characters, a list so many items."""
    return lambda value: line(value, most) if isinstance(value, str) else _few(value, most)


def _few(values: Sized, most: float) -> None:
    if len(values) > most:
        raise ProtocolError(f"At most {most} items were expected.")


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
