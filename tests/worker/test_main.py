"""How a worker begins and ends, before and without a model: each with a real child process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from msa_model.protocol.codec import to_wire
from msa_model.protocol.frames import MAX_BODY, encode_frame
from msa_model.protocol.messages import PROTOCOL_VERSION, Initialize
from msa_model.protocol.rpc import (
    INITIALIZE,
    INVALID_PARAMS,
    INVALID_REQUEST,
    PARSE_ERROR,
    RANK,
    SHUTDOWN,
    Failure,
    Request,
    to_frame,
)
from tests.worker.client import WorkerProcess, frame_of, started_worker

EXIT_PROTOCOL = 76


@pytest.fixture
def worker() -> Iterator[WorkerProcess]:
    with started_worker() as worker:
        yield worker


def test_initialize_is_answered_before_the_model_loads(worker: WorkerProcess) -> None:
    greeting = worker.initialize()
    assert greeting.protocol == PROTOCOL_VERSION
    assert greeting.pid == worker.process.pid
    assert greeting.version
    assert len(worker.messages) == 1


def test_the_greeting_needs_neither_torch_nor_rasterio() -> None:
    heavy = ("numpy", "torch", "rasterio", "transformers")
    code = (
        "import sys, msa_model.worker.main, msa_model.cli.main;"
        f"print([name for name in {heavy} if name in sys.modules], file=sys.stderr)"
    )
    with started_worker((sys.executable, "-c", code)) as worker:
        assert worker.exit_code() == 0
        assert worker.log().strip() == "[]"


def test_another_protocol_version_is_refused_by_name_and_a_second_try_succeeds(worker: WorkerProcess) -> None:
    failure = worker.refusal(INITIALIZE, Initialize(PROTOCOL_VERSION + 1, "tests"))
    assert failure.code == INVALID_PARAMS
    assert failure.error.kind == "protocol"
    assert str(PROTOCOL_VERSION + 1) in failure.error.sentence
    assert worker.initialize().protocol == PROTOCOL_VERSION


def test_a_request_before_initialize_is_refused(worker: WorkerProcess) -> None:
    failure = worker.refusal(RANK, {"query": "river", "indexes": []})
    assert failure.code == INVALID_REQUEST
    assert INITIALIZE in failure.error.sentence


def test_an_initialize_with_unknown_fields_is_refused(worker: WorkerProcess) -> None:
    failure = worker.refusal(INITIALIZE, {"protocol": PROTOCOL_VERSION, "client": "tests", "colour": "red"})
    assert "colour" in failure.error.sentence


def test_shutdown_before_initialize_ends_the_worker(worker: WorkerProcess) -> None:
    worker.call(SHUTDOWN)
    assert worker.exit_code() == 0


def test_a_peer_that_leaves_at_once_ends_the_worker_cleanly(worker: WorkerProcess) -> None:
    worker.close_stdin()
    assert worker.exit_code() == 0


@pytest.mark.parametrize(
    "garbage",
    [
        b"Loading model...\r\n\r\n",
        b"x" * 5000,
        b"Content-Length: -5\r\n\r\n",
        b"Content-Length: %d\r\n\r\n" % (MAX_BODY + 1),
        frame_of(b"{not json"),
        frame_of(b'{"jsonrpc": "1.0", "id": 1, "method": "initialize"}'),
        frame_of(b'{"jsonrpc": "2.0", "id": "one", "method": "initialize"}'),
    ],
)
def test_a_malformed_frame_ends_the_worker_with_a_code_a_log_and_a_last_word(
    worker: WorkerProcess, garbage: bytes
) -> None:
    worker.send_bytes(garbage)
    assert worker.exit_code() == EXIT_PROTOCOL
    assert "stream from QGIS is broken" in worker.log()
    last = worker.wait_for(lambda m: isinstance(m, Failure))
    assert isinstance(last, Failure)
    assert (last.id, last.code) == (None, PARSE_ERROR)


def test_a_stream_cut_inside_a_frame_is_an_error(worker: WorkerProcess) -> None:
    worker.send_bytes(b"Content-Length: 10\r\n\r\n{}")
    worker.close_stdin()
    assert worker.exit_code() == EXIT_PROTOCOL
    assert "ended inside a message" in worker.log()


def test_a_parent_that_does_not_listen_ends_the_worker() -> None:
    command, pipe = (sys.executable, "-m", "msa_model.worker"), subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.close()
        request = Request(1, INITIALIZE, to_wire(Initialize(PROTOCOL_VERSION, "tests")))
        process.stdin.write(encode_frame(to_frame(request)))
        process.stdin.flush()
        assert process.wait(10) == 0
