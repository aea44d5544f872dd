"""What a test knows to be there, though its type allows that it is missing."""

from __future__ import annotations

from typing import Optional, TypeVar

T = TypeVar("T")


def present(value: Optional[T]) -> T:  # noqa: UP045 - QGIS may run Python 3.9
    """The value; an assertion that it is there."""
    assert value is not None
    return value


def as_a(kind: type[T], value: object) -> T:
    """The value; an assertion that it is of this class."""
    assert isinstance(value, kind), value
    return value
