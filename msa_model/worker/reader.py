"""The reader thread: the only place where the worker waits for its parent."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable

from msa_model.protocol.errors import ProtocolError, WorkerBusy
from msa_model.protocol.rpc import (
    CANCEL,
    PARSE_ERROR,
    Failure,
    Incoming,
    Notification,
    Reply,
    Request,
    failure_of,
)
from msa_model.worker.channel import Channel
from msa_model.worker.inbox import Ending, Inbox

GRACE_SECONDS = 3.0
EXIT_STUCK = 70  # sysexits' EX_SOFTWARE

Settle = Callable[[Reply | Failure], None]  # answers to what the worker itself asked

_log = logging.getLogger(__name__)


def start_reader(channel: Channel, inbox: Inbox, settle: Settle) -> None:
    """Starts filling the inbox; call it when all heavy imports are done (see `wire`)."""
    threading.Thread(target=_read, args=(channel, inbox, settle), name="reader", daemon=True).start()


def _read(channel: Channel, inbox: Inbox, settle: Settle) -> None:
    ending = Ending.BROKEN
    try:
        ending = _read_to_the_end(channel, inbox, settle)
    finally:
        inbox.end(ending)
    threading.Event().wait(GRACE_SECONDS)
    _log.error("A job did not stop %.0f s after the stream ended; leaving without it.", GRACE_SECONDS)
    os._exit(EXIT_STUCK)


def _read_to_the_end(channel: Channel, inbox: Inbox, settle: Settle) -> Ending:
    try:
        while (message := channel.receive()) is not None:
            _deliver(message, channel, inbox, settle)
    except ProtocolError as error:
        report_broken_stream(channel, error)
        return Ending.BROKEN
    except OSError as error:
        _log.warning("The stream from QGIS failed: %s", error)
    except Exception as error:  # a worker that has stopped to listen must not live on
        _log.exception("Reading the stream from QGIS failed")
        report_broken_stream(channel, ProtocolError(f"A message cannot be read ({type(error).__name__})."))
        return Ending.BROKEN
    return Ending.CLOSED


def report_broken_stream(channel: Channel, error: ProtocolError) -> None:
    """Logs the fault and tells the peer, if it still listens."""
    _log.error("The stream from QGIS is broken: %s", error.sentence)
    try:
        channel.send(Failure(None, PARSE_ERROR, failure_of(None, error).error))
    except OSError:
        _log.warning("The peer does not listen any more.")


def _deliver(message: Incoming, channel: Channel, inbox: Inbox, settle: Settle) -> None:
    if isinstance(message, Request):
        try:
            inbox.put(message)
        except WorkerBusy as error:
            channel.send(failure_of(message.id, error))
    elif isinstance(message, Notification) and message.method == CANCEL:
        inbox.cancel(_cancelled_id(message))
    elif isinstance(message, Reply | Failure):
        settle(message)
    else:
        _log.warning("Ignored an unexpected message of the kind %s.", type(message).__name__)


def _cancelled_id(message: Notification) -> int:
    request_id = message.params.get("id")
    if type(request_id) is not int:
        raise ProtocolError(f"{CANCEL} does not name a request id.")
    return request_id
