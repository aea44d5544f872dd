"""A small client of the worker for tests: real pipes, real process, waits while anything moves."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import IO, Protocol

from msa_model.protocol.codec import from_wire, to_wire
from msa_model.protocol.errors import MsaError
from msa_model.protocol.frames import Frame, FrameDecoder, encode_frame
from msa_model.protocol.hit_table import HitTable, RankReply
from msa_model.protocol.messages import (
    PROTOCOL_VERSION,
    Hit,
    Initialize,
    Initialized,
    Progress,
    Ready,
    SearchRequest,
)
from msa_model.protocol.pixels import DrawReply, DrawRequest, Picture
from msa_model.protocol.rpc import (
    CANCEL,
    DRAW,
    FAILED,
    INITIALIZE,
    PROGRESS,
    RANK,
    READY,
    Failure,
    Incoming,
    Notification,
    Reply,
    Request,
    failure_of,
    from_frame,
    to_frame,
)
from tests.desktop.movement import Movement

ROOT = Path(__file__).resolve().parents[2]
_POLL_S, _LONG_S = 0.5, 180.0

Predicate = Callable[[Incoming], bool]
Drawing = Callable[[DrawRequest], "Picture | MsaError"]


class Process(Protocol):
    """What is needed of a `subprocess.Popen`."""

    @property
    def pid(self) -> int: ...
    @property
    def stdin(self) -> IO[bytes] | None: ...
    @property
    def stdout(self) -> IO[bytes] | None: ...
    @property
    def stderr(self) -> IO[bytes] | None: ...
    def kill(self) -> None: ...
    def wait(self, timeout: float | None = None) -> int: ...


def hits_of(table: HitTable) -> list[Hit]:
    """Every hit of a table."""
    return [table.hit(row) for row in range(len(table))]


@dataclass
class WorkerProcess:
    """A worker and what it said so far."""

    process: Process
    draw: Drawing | None = None

    def __post_init__(self) -> None:
        self._ids = count(1)
        self._arrivals: queue.Queue[Incoming | None] = queue.Queue()
        self.messages: list[Incoming] = []
        self.stderr = b""
        self._writing = threading.Lock()
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._read, self._drain)]
        for thread in self._threads:
            thread.start()

    def send_bytes(self, data: bytes) -> None:
        assert self.process.stdin is not None
        with self._writing:
            self.process.stdin.write(data)
            self.process.stdin.flush()

    def send(self, message: Incoming) -> None:
        self.send_bytes(encode_frame(to_frame(message)))

    def request(self, method: str, params: object = None, attachment: bytes = b"") -> int:
        body = {} if params is None else params if isinstance(params, dict) else to_wire(params)
        request = Request(next(self._ids), method, body, attachment)
        self.send(request)
        return request.id

    def answer(self, request: Request, drawn: Picture | MsaError) -> None:
        """Answer the worker's own request, which is one for a block of a layer."""
        assert request.method == DRAW
        if isinstance(drawn, MsaError):
            self.send(failure_of(request.id, drawn))
        else:
            self.send(Reply(request.id, to_wire(DrawReply(drawn.problem, drawn.asked)), drawn.rgba))

    def cancel(self, request_id: int) -> None:
        self.send(Notification(CANCEL, {"id": request_id}))

    def wait_for(self, wanted: Predicate, seconds: float = 30.0) -> Incoming:
        """The first message, old or new, that `wanted` accepts; `seconds` is how long nothing may move."""
        for message in self._all(seconds):
            if wanted(message):
                return message
        raise AssertionError(f"The worker ended the stream.\n{self.stderr.decode(errors='replace')}")

    def outcome(self, request_id: int, seconds: float = 30.0) -> Reply | Failure:
        found = self.wait_for(lambda m: isinstance(m, (Reply, Failure)) and m.id == request_id, seconds)
        assert isinstance(found, (Reply, Failure))
        return found

    def call(
        self, method: str, params: object = None, attachment: bytes = b"", seconds: float = 30.0
    ) -> Reply:
        outcome = self.outcome(self.request(method, params, attachment), seconds)
        assert isinstance(outcome, Reply), outcome
        return outcome

    def ranked(self, request: SearchRequest, seconds: float = 30.0) -> HitTable:
        """What `search.rank` finds."""
        reply = self.call(RANK, request, seconds=seconds)
        return HitTable.of(from_wire(RankReply, reply.result), reply.attachment)

    def refusal(
        self, method: str, params: object = None, attachment: bytes = b"", seconds: float = 30.0
    ) -> Failure:
        outcome = self.outcome(self.request(method, params, attachment), seconds)
        assert isinstance(outcome, Failure), outcome
        return outcome

    def initialize(self, **options: str | int | None) -> Initialized:
        reply = self.call(INITIALIZE, Initialize(PROTOCOL_VERSION, "tests", **options))  # type: ignore[arg-type]
        return from_wire(Initialized, reply.result)

    def ready(self, seconds: float = 60.0) -> Ready:
        found = self.wait_for(lambda m: isinstance(m, Notification) and m.method in (READY, FAILED), seconds)
        assert isinstance(found, Notification)
        assert found.method == READY, found
        return from_wire(Ready, found.params)

    def progress(self, request_id: int) -> list[Progress]:
        reports = [m for m in self.messages if isinstance(m, Notification) and m.method == PROGRESS]
        return [p for m in reports if (p := from_wire(Progress, m.params)).id == request_id]

    def wait_for_progress(self, request_id: int, done: int = 1, seconds: float = 60.0) -> Progress:
        found = self.wait_for(
            lambda m: (
                isinstance(m, Notification)
                and m.method == PROGRESS
                and m.params["id"] == request_id
                and m.params["done"] >= done
            ),
            seconds,
        )
        assert isinstance(found, Notification)
        return from_wire(Progress, found.params)

    def close_stdin(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    def exit_code(self) -> int:
        """The status once it has ended; only one that does not is waited for so long."""
        code = self.process.wait(_LONG_S)
        for thread in self._threads:
            thread.join(_LONG_S)
        return code

    def log(self) -> str:
        return self.stderr.decode(errors="replace")

    def _all(self, seconds: float) -> Iterator[Incoming]:
        seen, movement = 0, Movement(os.getpid(), seconds)
        while True:
            while seen < len(self.messages):
                yield self.messages[seen]
                seen += 1
            try:
                arrival = self._arrivals.get(timeout=_POLL_S)
            except queue.Empty:
                standstill = movement.is_over((seen, len(self.stderr)))
                assert not standstill, f"Nothing moved for {seconds} s.\n{self.log()}"
                continue
            if arrival is None:
                self._arrivals.put(None)
                return
            self.messages.append(arrival)

    def _read(self) -> None:
        assert self.process.stdout is not None
        decoder = FrameDecoder()
        while chunk := os.read(self.process.stdout.fileno(), 65536):
            for frame in decoder.feed(chunk):
                message = from_frame(frame)
                self._arrivals.put(message)
                if isinstance(message, Request) and self.draw is not None:
                    self.answer(message, self.draw(from_wire(DrawRequest, message.params)))
        self._arrivals.put(None)

    def _drain(self) -> None:
        assert self.process.stderr is not None
        while chunk := os.read(self.process.stderr.fileno(), 65536):
            self.stderr += chunk


@contextmanager
def started_worker(
    command: tuple[str, ...] = (sys.executable, "-m", "msa_model.worker"),
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Iterator[WorkerProcess]:
    """A running worker, in this folder where one is given, killed at the end if it still lives."""
    if folder is not None:
        environment = {**(environment or os.environ), "PYTHONPATH": str(ROOT)}
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, env=environment, cwd=folder, stdin=pipe, stdout=pipe, stderr=pipe)
    with served(process) as worker:
        yield worker


@contextmanager
def served(process: Process) -> Iterator[WorkerProcess]:
    """The worker that this process is, killed at the end if it still lives."""
    worker = WorkerProcess(process)
    try:
        yield worker
    finally:
        process.kill()
        worker.exit_code()
        for pipe in (process.stdin, process.stdout, process.stderr):
            assert pipe is not None
            with suppress(BrokenPipeError):
                pipe.close()


def frame_of(body: bytes, attachment: bytes = b"") -> bytes:
    return encode_frame(Frame(body, attachment))
