"""The compute thread: one request after the other, and a long job's next step whenever none waits.

Exceptions of a job become named errors once, here.
A long job as the server sees it: steps to take, and reports to pass on.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Any, Protocol

from msa_model.jobs.failures import known
from msa_model.protocol.codec import to_wire
from msa_model.protocol.errors import Cancelled, MsaError, ProtocolError
from msa_model.protocol.messages import Progress
from msa_model.protocol.pixels import Draw
from msa_model.protocol.rpc import (
    INITIALIZE,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    PROGRESS,
    SHUTDOWN,
    Notification,
    Reply,
    Request,
    failure_of,
    shortened,
)
from msa_model.worker.drawings import Drawings
from msa_model.worker.handshake import check_texts
from msa_model.worker.inbox import Inbox
from msa_model.worker.wire import Channel

_log = logging.getLogger(__name__)


def named(error: BaseException, job: str) -> MsaError:
    """The error to report for `job`; what is no named error yet is logged with its traceback."""
    if isinstance(error, MsaError):
        _log.info("%s: %s: %s", job, error.kind, shortened(error.sentence))
        return error
    _log.error("%s failed", job, exc_info=error)
    return known(error, job) or MsaError(f"{job} failed unexpectedly ({type(error).__name__}: {error}).")


Steps = Generator[Progress, None, tuple[Any, bytes]]  # a reply message and its attachment

_REPORT_SECONDS = 0.2


@dataclass(frozen=True)
class LongJob:
    """One request that takes many steps; closing them keeps what is written."""

    id: int
    method: str
    steps: Steps


class ProgressReports:
    """Passes on a job's first and last report, and at most five a second in between."""

    def __init__(self, send: Callable[[Progress], None], clock: Callable[[], float]) -> None:
        self._send = send
        self._clock = clock
        self._held: Progress | None = None
        self._reported: int | None = None
        self._sent_at = float("-inf")

    def report(self, job: LongJob, progress: Progress) -> None:
        """Sends the report, or holds it until a later one or the end replaces it."""
        is_first, self._reported = job.id != self._reported, job.id
        self._held = replace(progress, id=job.id)
        if is_first or self._clock() - self._sent_at >= _REPORT_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Sends the held report."""
        if self._held is not None:
            self._send(self._held)
            self._held, self._sent_at = None, self._clock()


class Methods(Protocol):
    """What the worker can do; see `handlers`."""

    def knows(self, method: str) -> bool:
        """Whether there is such a method."""

    def answer(self, request: Request) -> tuple[Any, bytes]:
        """A reply message and its attachment."""

    def is_long(self, method: str) -> bool:
        """Whether the method takes steps, between which other requests are answered."""

    def is_brief(self, method: str) -> bool:
        """Whether a method that takes steps goes on beside other long jobs: they queue otherwise."""

    def steps(self, request: Request, draw: Draw) -> Steps:
        """The steps of a long job, which may ask for blocks to be drawn; their value as that of `answer`."""


class Server:
    """Answers every request exactly once: with a reply, a named failure or `cancelled`."""

    def __init__(self, channel: Channel, inbox: Inbox, drawings: Drawings, methods: Methods) -> None:
        self._channel = channel
        self._drawings = drawings
        self._inbox = inbox
        self._methods = methods
        self._jobs: deque[LongJob] = deque()
        self._reports = ProgressReports(self._send_progress, time.monotonic)

    def serve(self) -> int:
        """Runs until `shutdown` or the end of the stream; returns the exit code."""
        try:
            return self._serve()
        finally:
            for job in self._jobs:
                self._drawings.end(job.id)
                job.steps.close()

    def _serve(self) -> int:
        while self._inbox.ending is None:
            request = self._inbox.take(wait=not self._jobs)
            if request is None:
                self._work()
            elif request.method == SHUTDOWN:
                self._say_goodbye(request)
                return 0
            else:
                self._handle(request)
        return self._inbox.ending.exit_code

    def _work(self) -> None:
        for job in tuple(self._jobs):
            if self._inbox.is_cancelled(job.id):
                self._abandon(job)
        brief = [job for job in self._jobs if self._methods.is_brief(job.method)]
        first_other = [job for job in self._jobs if job not in brief][:1]
        for job in (*brief, *first_other):
            self._step(job)

    def _handle(self, request: Request) -> None:
        try:
            if self._inbox.is_cancelled(request.id):
                raise Cancelled(f"{request.method} was cancelled before it began.")
            if not self._methods.knows(request.method):
                self._refuse_method(request)
                return
            check_texts(request.params)
            if self._methods.is_long(request.method):
                self._begin(request)
            else:
                self._answer(request.id, request.method, *self._methods.answer(request))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # of any library: Rust's panics are no Exception
            self._fail(request.id, error, request.method)

    def _begin(self, request: Request) -> None:
        draw = self._drawings.of(request.id)
        try:
            self._jobs.append(LongJob(request.id, request.method, self._methods.steps(request, draw)))
        except BaseException:
            self._drawings.end(request.id)
            raise

    def _step(self, job: LongJob) -> None:
        try:
            self._reports.report(job, next(job.steps))
        except StopIteration as end:
            self._jobs.remove(job)
            self._drawings.end(job.id)
            self._reports.flush()
            self._answer(job.id, job.method, *end.value)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            self._drop(job, error)

    def _abandon(self, job: LongJob) -> None:
        self._drop(job, Cancelled("The job was cancelled; what it finished is kept."))

    def _drop(self, job: LongJob, error: BaseException) -> None:
        self._jobs.remove(job)
        self._drawings.end(job.id)  # first: a reader that waits for a block holds up the end
        try:
            job.steps.close()
        except Exception as closing:
            error = closing if isinstance(error, Cancelled) else error
        self._reports.flush()
        self._fail(job.id, error, job.method)

    def _say_goodbye(self, request: Request) -> None:
        for job in tuple(self._jobs):
            self._abandon(job)
        while (waiting := self._inbox.take(wait=False)) is not None:
            self._fail(waiting.id, Cancelled("The worker is shutting down."), waiting.method)
        self._answer(request.id, request.method, None)

    def _refuse_method(self, request: Request) -> None:
        if request.method == INITIALIZE:
            code, sentence = INVALID_REQUEST, "The worker is initialised already."
        else:
            code, sentence = METHOD_NOT_FOUND, f"There is no method '{request.method[:80]}'."
        self._channel.send(replace(failure_of(request.id, ProtocolError(sentence)), code=code))
        self._inbox.answered(request.id)

    def _answer(self, request_id: int, job: str, result: Any, attachment: bytes = b"") -> None:  # noqa: ANN401  (any message)
        """Sends a reply; where it cannot be sent, the reason."""
        try:
            self._channel.send(Reply(request_id, {} if result is None else to_wire(result), attachment))
        except ProtocolError as error:
            self._fail(
                request_id,
                MsaError.of("reply_too_large", f"The answer to {job} is too large: {error.sentence}"),
                job,
            )
        except (TypeError, ValueError) as error:
            self._fail(request_id, error, job)
        else:
            self._inbox.answered(request_id)

    def _fail(self, request_id: int, error: BaseException, job: str) -> None:
        self._channel.send(failure_of(request_id, named(error, job)))
        self._inbox.answered(request_id)

    def _send_progress(self, progress: Progress) -> None:
        self._channel.send(Notification(PROGRESS, to_wire(progress)))
