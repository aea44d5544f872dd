"""What the peer wants, handed from the reader thread to the compute thread."""

from __future__ import annotations

import enum
import threading
from collections import deque

from msa_model.protocol.errors import ProtocolError
from msa_model.protocol.rpc import SHUTDOWN, Request


class Ending(enum.Enum):
    """How the stream of requests ended."""

    CLOSED = "closed"
    BROKEN = "broken"

    @property
    def exit_code(self) -> int:
        """The process's exit code; a broken stream is sysexits' EX_PROTOCOL."""
        return 0 if self is Ending.CLOSED else 76


class Inbox:
    """Requests in order of arrival (a shutdown first), and which of them were called off."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._requests: deque[Request] = deque()
        self._unanswered: set[int] = set()
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
        """
        with self._changed:
            if request.id in self._unanswered:
                raise ProtocolError(f"Request id {request.id} is already in use.")
            self._unanswered.add(request.id)
            add = self._requests.appendleft if request.method == SHUTDOWN else self._requests.append
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
            self._unanswered.discard(request_id)
            self._cancelled.discard(request_id)
