"""Messages as they may be kept in a file: a raster behind a signed URL is named, but not opened by that."""

from __future__ import annotations

import dataclasses
from typing import TypeVar

from msa_model.protocol.messages import RasterRef

Message = TypeVar("Message")


def for_storage(message: Message) -> Message:
    """The message with the address of each raster in it, however deep, in place of its path."""
    if isinstance(message, RasterRef):
        return dataclasses.replace(message, path=message.address)
    if isinstance(message, tuple):
        return type(message)(for_storage(item) for item in message)
    if dataclasses.is_dataclass(message) and not isinstance(message, type):
        kept = {f.name: for_storage(getattr(message, f.name)) for f in dataclasses.fields(message)}
        return dataclasses.replace(message, **kept)
    return message
