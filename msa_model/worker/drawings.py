"""Blocks that jobs need of layers which only QGIS can draw: asked of the peer, waited for by readers."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from itertools import count

from msa_model.protocol.codec import from_wire, to_wire
from msa_model.protocol.errors import Cancelled, MsaError
from msa_model.protocol.layers import DrawnLayer
from msa_model.protocol.pixels import Draw, DrawReply, DrawRequest, Picture, PixelBlock
from msa_model.protocol.rpc import DRAW, Failure, Incoming, Reply, Request

_log = logging.getLogger(__name__)


class Drawings:
    """Asks from any thread; the reader thread brings the answers. What nobody waits for is dropped."""

    def __init__(self, send: Callable[[Incoming], None]) -> None:
        self._send = send
        self._lock = threading.Lock()
        self._ids = count(1)
        self._jobs: set[int] = set()
        self._waiting: dict[int, tuple[int, Future[Picture]]] = {}

    def of(self, job: int) -> Draw:
        """How a job asks; until it ends."""
        with self._lock:
            self._jobs.add(job)
        return partial(self._ask, job)

    def settle(self, answer: Reply | Failure) -> None:
        """Hands an answer of the peer to the thread that waits for it."""
        with self._lock:
            _, waiting = self._waiting.pop(answer.id or 0, (0, None))
        if waiting is None:
            _log.warning("Ignored an answer to the request %s, for which nobody waits.", answer.id)
            return
        try:
            waiting.set_result(_picture(answer))
        except MsaError as error:
            waiting.set_exception(error)

    def end(self, job: int) -> None:
        """Lets go of the threads that wait on behalf of a job."""
        with self._lock:
            self._jobs.discard(job)
            ended = [number for number, (own, _) in self._waiting.items() if own == job]
            waiting = [self._waiting.pop(number)[1] for number in ended]
        for future in waiting:
            future.set_exception(Cancelled("Nobody waits for this block any more."))

    def _ask(self, job: int, layer: DrawnLayer, block: PixelBlock) -> Future[Picture]:
        """Raises `Cancelled` where the job has ended."""
        future: Future[Picture] = Future()
        with self._lock:
            if job not in self._jobs:
                raise Cancelled("The job has ended.")
            number = next(self._ids)
            self._waiting[number] = job, future
        self._send(Request(number, DRAW, to_wire(DrawRequest(job, layer, block))))
        return future


def _picture(answer: Reply | Failure) -> Picture:
    """Raises the error with which the peer refuses, or `ProtocolError`."""
    if isinstance(answer, Failure):
        raise MsaError.of(answer.error.kind, answer.error.sentence)
    told = from_wire(DrawReply, answer.result)
    return Picture(answer.attachment, told.problem, told.asked)
