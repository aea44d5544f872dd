"""The first exchange: answered before anything heavy is imported."""

from __future__ import annotations

import logging
import os
import platform
from dataclasses import replace

from msa_model.protocol.codec import from_wire, to_wire
from msa_model.protocol.errors import BadArgument, ProtocolError
from msa_model.protocol.messages import PROTOCOL_VERSION, Initialize, Initialized
from msa_model.protocol.rpc import INITIALIZE, INVALID_REQUEST, SHUTDOWN, Reply, Request, failure_of
from msa_model.shipped import version
from msa_model.worker.channel import Channel
from msa_model.worker.texts import check_texts

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
