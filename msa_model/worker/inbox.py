"""What the peer wants, handed from the reader thread to the compute thread."""

from __future__ import annotations

import enum
import threading
from collections import deque

from msa_model.protocol.errors import ProtocolError, WorkerBusy
from msa_model.protocol.rpc import SHUTDOWN, Request

MOST_REQUESTS = 1000
MOST_WEIGHT = 256 * 2**20
_WEIGHT_OF_JSON = 8  # what a byte of it takes in memory once it is read


class Ending(enum.Enum):
    """How the stream of requests ended."""

    CLOSED = "closed"
    BROKEN = "broken"

    @property
    def exit_code(self) -> int:
        """The process's exit code; a broken stream is sysexits' EX_PROTOCOL."""
        return 0 if self is Ending.CLOSED else 76


class Inbox:
    """Requests in order of arrival (a shutdown first), and which of them were called off.

    A request counts from its arrival to its answer, so that queued jobs count as well.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._requests: deque[Request] = deque()
        self._unanswered: dict[int, int] = {}  # by id, what each weighs
        self._cancelled: set[int] = set()
        self._ending: Ending | None = None

    @property
    def ending(self) -> Ending | None:
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

    def end(self, ending: Ending) -> None:
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
