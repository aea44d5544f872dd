"""What the peer wants, handed from the reader thread to the compute thread.

The reader thread: the only place where the worker waits for its parent.
"""

from __future__ import annotations

import enum
import logging
import os
import threading
from collections import deque
from collections.abc import Callable

from msa_model.protocol.errors import ProtocolError, WorkerBusy
from msa_model.protocol.rpc import (
    CANCEL,
    PARSE_ERROR,
    SHUTDOWN,
    Failure,
    Incoming,
    Notification,
    Reply,
    Request,
    failure_of,
)
from msa_model.worker.wire import Channel

MOST_REQUESTS = 1000
MOST_WEIGHT = 256 * 2**20
_WEIGHT_OF_JSON = 8  # what a byte of it takes in memory once it is read


class StreamEnd(enum.Enum):
    """How the stream of requests ended."""

    CLOSED = "closed"
    BROKEN = "broken"

    @property
    def exit_code(self) -> int:
        """The process's exit code; a broken stream is sysexits' EX_PROTOCOL."""
        return 0 if self is StreamEnd.CLOSED else 76


class Inbox:
    """Requests in order of arrival (a shutdown first), and which of them were called off.

    A request counts from its arrival to its answer, so that queued jobs count as well.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._requests: deque[Request] = deque()
        self._unanswered: dict[int, int] = {}  # by id, what each weighs
        self._cancelled: set[int] = set()
        self._ending: StreamEnd | None = None

    @property
    def ending(self) -> StreamEnd | None:
        """Set once the stream is over."""
        return self._ending

    def put(self, request: Request) -> None:
        """Queues a request.

        Raises:
            ProtocolError: another request with this id is unanswered.
            WorkerBusy: too many are unanswered, or too much of them; a shutdown and a lone one are taken.
        """
        weight = len(request.attachment) + _WEIGHT_OF_JSON * request.size
        with self._changed:
            if request.id in self._unanswered:
                raise ProtocolError(f"Request id {request.id} is already in use.")
            is_last = request.method == SHUTDOWN
            if not is_last:
                self._check_room(weight)
            self._unanswered[request.id] = weight
            add = self._requests.appendleft if is_last else self._requests.append
            add(request)
            self._changed.notify()

    def cancel(self, request_id: int) -> None:
        """Calls a request off; one that is unknown or answered is ignored."""
        with self._changed:
            if request_id in self._unanswered:
                self._cancelled.add(request_id)
                self._changed.notify()

    def end(self, ending: StreamEnd) -> None:
        """Wakes the compute thread for the last time."""
        with self._changed:
            self._ending = ending
            self._changed.notify()

    def take(self, wait: bool) -> Request | None:
        """The next request; without one None, at once or (`wait`) only at the end of the stream."""
        with self._changed:
            if wait:
                self._changed.wait_for(lambda: self._requests or self._ending)
            return self._requests.popleft() if self._requests else None

    def is_cancelled(self, request_id: int) -> bool:
        """Whether the request was called off, or nobody waits for it any more."""
        return self._ending is not None or request_id in self._cancelled

    def answered(self, request_id: int) -> None:
        """Forgets a request."""
        with self._changed:
            self._unanswered.pop(request_id, None)
            self._cancelled.discard(request_id)

    def _check_room(self, weight: int) -> None:
        waiting = len(self._unanswered)
        if waiting >= MOST_REQUESTS:
            raise WorkerBusy(f"{waiting} requests wait for the worker already.")
        if waiting and sum(self._unanswered.values()) + weight > MOST_WEIGHT:
            raise WorkerBusy(f"The {waiting} requests that wait for the worker fill its memory.")


GRACE_SECONDS = 3.0
EXIT_STUCK = 70  # sysexits' EX_SOFTWARE

Settle = Callable[[Reply | Failure], None]  # answers to what the worker itself asked

_log = logging.getLogger(__name__)


def start_reader(channel: Channel, inbox: Inbox, settle: Settle) -> None:
    """Starts filling the inbox; call it when all heavy imports are done (see `wire`)."""
    threading.Thread(target=_read, args=(channel, inbox, settle), name="reader", daemon=True).start()


def _read(channel: Channel, inbox: Inbox, settle: Settle) -> None:
    ending = StreamEnd.BROKEN
    try:
        ending = _read_to_the_end(channel, inbox, settle)
    finally:
        inbox.end(ending)
    threading.Event().wait(GRACE_SECONDS)
    _log.error("A job did not stop %.0f s after the stream ended; leaving without it.", GRACE_SECONDS)
    os._exit(EXIT_STUCK)


def _read_to_the_end(channel: Channel, inbox: Inbox, settle: Settle) -> StreamEnd:
    try:
        while (message := channel.receive()) is not None:
            _deliver(message, channel, inbox, settle)
    except ProtocolError as error:
        report_broken_stream(channel, error)
        return StreamEnd.BROKEN
    except OSError as error:
        _log.warning("The stream from QGIS failed: %s", error)
    except Exception as error:  # a worker that has stopped to listen must not live on
        _log.exception("Reading the stream from QGIS failed")
        report_broken_stream(channel, ProtocolError(f"A message cannot be read ({type(error).__name__})."))
        return StreamEnd.BROKEN
    return StreamEnd.CLOSED


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
