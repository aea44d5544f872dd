"""The files that a message to the worker names: whether they are here, and the message without them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Callable, TypeVar, cast

from msa_model.protocol.batch import BatchRequest
from msa_model.protocol.errors import MsaError, RasterMissing
from msa_model.protocol.messages import RasterRef, Source

Message = TypeVar("Message")


def is_unseen(error: MsaError, message: object) -> bool:
    """Whether the worker refused `message` for a file that lies on this machine, but not where it runs."""
    paths = tuple(paths_in(message)) if isinstance(error, RasterMissing) else ()
    return bool(paths) and all(map(os.path.exists, paths))


def paths_in(message: object) -> Iterator[str]:
    """The rasters that a message names by their paths, at any depth, and what a batch says is here."""
    if isinstance(message, RasterRef):
        yield message.path
    elif isinstance(message, BatchRequest):
        yield from message.here
    elif isinstance(message, tuple):
        for part in message:
            yield from paths_in(part)
    elif is_dataclass(message) and not isinstance(message, type):
        for field in fields(message):
            yield from paths_in(getattr(message, field.name))


def with_sources(message: Message, change: Callable[[RasterRef], Source]) -> Message:
    """The message with what `change` makes of each raster that it names, at any depth."""
    return cast("Message", _changed(message, change))


def _changed(part: object, change: Callable[[RasterRef], Source]) -> object:
    if isinstance(part, RasterRef):
        return change(part)
    if isinstance(part, tuple):
        return tuple(_changed(each, change) for each in part)
    if not is_dataclass(part) or isinstance(part, type):
        return part
    parts = {field.name: _changed(getattr(part, field.name), change) for field in fields(part)}
    return replace(part, **parts)
