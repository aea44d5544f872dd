"""Dataclasses to and from JSON objects (or TOML tables), strictly: messages, configs, records on disk."""

from __future__ import annotations

import dataclasses
import difflib
import math
import types
from collections.abc import Iterable
from enum import Enum
from functools import cache
from typing import Any, Callable, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from msa_model.protocol.errors import ProtocolError
from msa_model.protocol.messages import RasterRef

Message = TypeVar("Message")

WHOLE_NUMBERS = range(-(2**63), 2**63)
_SHOWN = 80  # characters of a name that is wrong
_UNIONS = (Union, getattr(types, "UnionType", Union))  # `X | None` is of the other kind


class OpenRecord:
    """Marks a dataclass of a file that other versions wrote with more keys: those are left out."""


def to_wire(message: Any) -> dict[str, Any]:  # noqa: ANN401  (any message dataclass)
    """The message as a JSON object."""
    return dataclasses.asdict(message, dict_factory=_plain)


def _plain(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of such keys and values; JSON knows no sets."""
    return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in fields}


def from_wire(cls: type[Message], data: object) -> Message:
    """The message that `data` spells.

    Raises:
        ProtocolError: as `decoded` says.
    """
    try:
        return decoded(cls, data, f"{cls.__name__}.")
    except ValueError as fault:
        raise ProtocolError(f"A message is wrong: {fault}.") from fault


def decoded(cls: type[Message], data: object, where: str = "") -> Message:
    """The dataclass `cls` from parsed JSON or TOML; `where` are the names before its keys, with their dots.

    Raises:
        ValueError: a key is missing, unknown (the nearest one is named; an `OpenRecord` leaves it out) or of
            another type, or a number is out of range.
    """
    if not isinstance(data, dict):
        raise ValueError(f"'{where or cls.__name__}' should be an object")
    hints, required = _shape(cls)  # type: ignore[arg-type]
    if issubclass(cls, OpenRecord):
        data = {name: data[name] for name in hints if name in data}
    for key in data:
        if key not in hints:
            raise ValueError(f"unknown key '{where}{str(key)[:_SHOWN]}'{_meant(key, hints)}")
    for name in required:
        if name not in data:
            raise ValueError(f"'{where}{name}' is missing")
    return cls(**{name: _value(hints[name], data[name], f"{where}{name}") for name in data})


@cache
def _shape(cls: type[Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Types by field, and the fields without a default; kept, as reading hints is slow (0.4 ms per hit)."""
    fields = dataclasses.fields(cls)
    hints = get_type_hints(cls)
    required = tuple(field.name for field in fields if field.default is dataclasses.MISSING)
    return {field.name: hints[field.name] for field in fields}, required


def _value(hint: Any, value: Any, where: str) -> Any:  # noqa: ANN401  (walks type hints)
    if type(value) in (int, float) and not _is_in_range(value):
        raise ValueError(f"{where} is a number out of range")
    if type(value) is hint:  # first, as most values are plain
        return value
    maker = _MAKERS.get(get_origin(hint))
    if maker is not None:
        return maker(get_args(hint), value, where)
    if hint is float and type(value) is int:
        return float(value)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return decoded(hint, value, f"{where}.")
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(_word(tuple(member.value for member in hint), value, where))
    raise ValueError(f"'{where}' should be {hint.__name__}, not {type(value).__name__}")


def _one_of(hints: tuple[Any, ...], value: Any, where: str) -> Any:  # noqa: ANN401
    """Of several messages the one that has all fields of the value; where none has, the first says why."""
    if value is None and type(None) in hints:
        return None
    kinds = [hint for hint in hints if hint is not type(None)]
    if len(kinds) > 1 and isinstance(value, dict):
        named = set(value)
        kinds = [kind for kind in kinds if named <= set(_shape(kind)[0])] or kinds
    return _value(kinds[0], value, where)


def _word(words: tuple[Any, ...], value: Any, where: str) -> Any:  # noqa: ANN401
    if not isinstance(value, str) or value not in words:
        said = f"'{where}' cannot be '{str(value)[:_SHOWN]}'{_meant(value, words)}"
        raise ValueError(f"{said}; {where} should be one of {', '.join(words)}")
    return value


def _is_in_range(number: float) -> bool:
    return number in WHOLE_NUMBERS if type(number) is int else math.isfinite(number)


def _tuple(args: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:  # noqa: ANN401
    if not isinstance(value, (list, tuple)):
        raise ValueError(f"'{where}' should be a list")
    hints = [args[0]] * len(value) if args[-1] is Ellipsis else list(args)
    if len(hints) != len(value):
        raise ValueError(f"'{where}' should have {len(hints)} items, not {len(value)}")
    return tuple(_value(hint, item, where) for hint, item in zip(hints, value))


def _set(args: tuple[Any, ...], value: Any, where: str) -> frozenset[Any]:  # noqa: ANN401
    items = _tuple((*args, ...), value, where)
    if len(set(items)) < len(items):
        raise ValueError(f"'{where}' names something twice")
    return frozenset(items)


def _dict(args: tuple[Any, ...], value: Any, where: str) -> dict[Any, Any]:  # noqa: ANN401
    if not isinstance(value, dict):
        raise ValueError(f"'{where}' should be an object")
    key, item = args
    return {_value(key, name, where): _value(item, inner, where) for name, inner in value.items()}


def _meant(word: object, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(str(word)[:_SHOWN], list(known), n=1, cutoff=0.0)
    return f" (did you mean '{near[0]}'?)" if near else ""


_MAKERS: dict[Any, Callable[[tuple[Any, ...], Any, str], Any]] = {
    **dict.fromkeys(_UNIONS, _one_of),
    Literal: _word,
    tuple: _tuple,
    frozenset: _set,
    dict: _dict,
}


def for_storage(message: Message) -> Message:
    """The message as a file may keep it: the address of each raster, without what signs it, for its path."""
    if isinstance(message, RasterRef):
        return dataclasses.replace(message, path=message.address)
    if isinstance(message, tuple):
        return type(message)(for_storage(item) for item in message)
    if dataclasses.is_dataclass(message) and not isinstance(message, type):
        kept = {f.name: for_storage(getattr(message, f.name)) for f in dataclasses.fields(message)}
        return dataclasses.replace(message, **kept)
    return message
