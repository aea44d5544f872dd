"""The first exchange: answered before anything heavy is imported.

Texts that no file, query or place can have, refused before a library stumbles over them.
"""

from __future__ import annotations

import logging
import os
import platform
from dataclasses import replace
from typing import Any

from msa_model.protocol.codec import from_wire, to_wire
from msa_model.protocol.errors import BadArgument, ProtocolError
from msa_model.protocol.messages import PROTOCOL_VERSION, Initialize, Initialized
from msa_model.protocol.rpc import INITIALIZE, INVALID_REQUEST, SHUTDOWN, Reply, Request, failure_of
from msa_model.shipped import version
from msa_model.worker.wire import Channel


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


_log = logging.getLogger(__name__)


def shake_hands(channel: Channel) -> Initialize | None:
    """Waits for a good `initialize` and answers it; None where the peer leaves without one.

    Raises:
        ProtocolError: the stream is malformed.
    """
    while (message := channel.receive()) is not None:
        if not isinstance(message, Request):
            _log.warning("Ignored a message before initialize, of the kind %s.", type(message).__name__)
        elif message.method == SHUTDOWN:
            channel.send(Reply(message.id, {}))
            return None
        elif (accepted := _answer(channel, message)) is not None:
            return accepted
    return None


def _answer(channel: Channel, request: Request) -> Initialize | None:
    try:
        initialize = _accept(request)
    except (BadArgument, ProtocolError) as error:
        _log.error("Refused %.80s: %s", request.method, error.sentence)
        failure = failure_of(request.id, error)
        channel.send(failure if request.method == INITIALIZE else replace(failure, code=INVALID_REQUEST))
        return None
    channel.send(Reply(request.id, to_wire(_greeting(initialize.probe))))
    return initialize


def _accept(request: Request) -> Initialize:
    if request.method != INITIALIZE:
        raise ProtocolError(f"The first request must be {INITIALIZE}, not '{request.method[:80]}'.")
    asked = request.params.get("protocol")
    if asked != PROTOCOL_VERSION:
        raise ProtocolError(f"The plugin speaks protocol {asked!r:.80}, this worker {PROTOCOL_VERSION}.")
    check_texts(request.params)
    return from_wire(Initialize, request.params)


def _greeting(probe: str | None) -> Initialized:
    shares = probe is None or os.path.isfile(probe)
    return Initialized(PROTOCOL_VERSION, version(), platform.python_version(), os.getpid(), shares)
