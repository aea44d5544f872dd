from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from msa_model.protocol import rpc
from msa_model.protocol.messages import (
    RasterRef,
    ScanRequest,
    ScanSummary,
    SearchReply,
    SearchRequest,
    ThumbnailReply,
    ThumbnailRequest,
)
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.worker.calls import PATIENCE_S
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.state import WorkerState
from tests.qgis.conftest import MakeClient
from tests.qgis.outcomes import Outcomes

READY_MS = 10_000


def search(client: WorkerClient, outcomes: Outcomes, query: str) -> int:
    request = SearchRequest(query, ("x.gpkg",))
    return client.call(rpc.SEARCH, request, SearchReply, outcomes.keep, outcomes.failed.append)


def build(client: WorkerClient, outcomes: Outcomes, index: str = "x.gpkg") -> int:
    request = ScanRequest(RasterRef("x.tif"), index=index)
    return client.call(
        rpc.BUILD, request, ScanSummary, outcomes.keep, outcomes.failed.append, outcomes.progress.append
    )


def finish(qtbot: QtBot, outcomes: Outcomes, count: int = 1) -> None:
    qtbot.waitUntil(lambda: outcomes.count >= count, timeout=READY_MS)


def process_is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def ready_client(
    qtbot: QtBot, client_of: MakeClient, mode: str = "good", patience: Mapping[str, float] = PATIENCE_S
) -> WorkerClient:
    client = client_of(mode, patience=patience)
    client.start()
    qtbot.waitUntil(lambda: client.state is WorkerState.READY, timeout=READY_MS)
    return client


def test_a_call_starts_the_worker_and_waits_for_its_model(
    qtbot: QtBot, client_of: MakeClient, outcomes: Outcomes
) -> None:
    client = client_of("slow")
    states = []
    client.state_changed.connect(states.append)
    assert client.state is WorkerState.STOPPED
    search(client, outcomes, "a river")
    assert client.state is WorkerState.STARTING
    finish(qtbot, outcomes)
    assert states == [WorkerState.STARTING, WorkerState.READY]
    assert outcomes.done[0][0].query == "a river"
    assert client.ready.device_name == "a processor"
    assert client.initialized.version == "9.9"


def test_calls_are_answered_in_order_whatever_the_pieces(
    qtbot: QtBot, client_of: MakeClient, outcomes: Outcomes
) -> None:
    client = ready_client(qtbot, client_of)
    queries = ["in pieces", "late", "plain", "bûche 桥"]
    for query in queries:
        search(client, outcomes, query)
    finish(qtbot, outcomes, 4)
    assert [value.query for value, _ in outcomes.done] == queries


def test_an_attachment_of_32_mib_comes_whole(qtbot: QtBot, client_of: MakeClient, outcomes: Outcomes) -> None:
    client = ready_client(qtbot, client_of)
    client.call(rpc.THUMBNAILS, ThumbnailRequest(()), ThumbnailReply, outcomes.keep, outcomes.failed.append)
    finish(qtbot, outcomes)
    assert outcomes.done[0][1] == bytes(range(256)) * (128 * 1024)


def test_progress_comes_before_the_answer(qtbot: QtBot, client_of: MakeClient, outcomes: Outcomes) -> None:
    client = ready_client(qtbot, client_of)
    build(client, outcomes)
    finish(qtbot, outcomes)
    assert [progress.done for progress in outcomes.progress] == list(range(0, 101, 10))
    assert outcomes.done[0][0].encoded == 100


def test_a_refusal_becomes_its_named_error(qtbot: QtBot, client_of: MakeClient, outcomes: Outcomes) -> None:
    client = ready_client(qtbot, client_of)
    search(client, outcomes, "refuse")
    finish(qtbot, outcomes)
    assert outcomes.failed[0].kind == "query_empty"
    assert outcomes.failed[0].sentence == "The query is blank."
    assert client.state is WorkerState.READY


def test_a_running_job_is_cancelled_by_the_worker(
    qtbot: QtBot, client_of: MakeClient, outcomes: Outcomes
) -> None:
    client = ready_client(qtbot, client_of)
    call_id = build(client, outcomes, "until cancelled")
    qtbot.waitUntil(lambda: bool(outcomes.progress), timeout=READY_MS)
    client.cancel(call_id)
    finish(qtbot, outcomes)
    assert outcomes.failed[0].kind == "cancelled"
    assert client.state is WorkerState.READY


def test_a_call_that_waits_for_the_model_is_cancelled_at_once(
    qtbot: QtBot, client_of: MakeClient, outcomes: Outcomes
) -> None:
    client = client_of("slow")
    client.cancel(search(client, outcomes, "a river"))
    assert outcomes.failed[0].kind == "cancelled"
    qtbot.waitUntil(lambda: client.state is WorkerState.READY, timeout=READY_MS)
    assert not outcomes.done


def test_a_crash_refuses_every_call_with_code_and_last_words_and_restarts_once(
    qtbot: QtBot, client_of: MakeClient, outcomes: Outcomes
) -> None:
    client = ready_client(qtbot, client_of)
    said = []
    client.restarted.connect(said.append)
    search(client, outcomes, "crash")
    search(client, outcomes, "behind it")
    finish(qtbot, outcomes, 2)
    assert [error.kind for error in outcomes.failed] == ["worker_died"] * 2
    assert outcomes.failed[0].exit_code == 3
    assert "boom: the last words" in outcomes.failed[0].tail
    assert "exit code 3" in said[0]
    qtbot.waitUntil(lambda: client.state is WorkerState.READY, timeout=READY_MS)
    search(client, outcomes, "again")
    finish(qtbot, outcomes, 3)
    assert outcomes.done[0][0].query == "again"

    search(client, outcomes, "crash")
    finish(qtbot, outcomes, 4)
    assert client.state is WorkerState.FAILED
    assert client.error.exit_code == 3
    assert len(said) == 1


def test_a_failed_worker_is_started_again_by_the_next_call(
    qtbot: QtBot, client_of: MakeClient, outcomes: Outcomes
) -> None:
    client = ready_client(qtbot, client_of)
    for _ in range(2):
        search(client, outcomes, "crash")
        finish(qtbot, outcomes, len(outcomes.failed) + 1)
        qtbot.waitUntil(lambda: client.state is not WorkerState.STARTING, timeout=READY_MS)
    assert client.state is WorkerState.FAILED
    search(client, outcomes, "again")
    finish(qtbot, outcomes, 3)
    assert outcomes.done[0][0].query == "again"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("die by signal", "code 9"),
        ("exit", "exit code 0"),
        ("print", "message header"),
        ("oversize", "99999999999"),
        ("not json", "not JSON"),
        ("stranger", "4711"),
        ("ask back", "open.port"),
        ("close", "does not answer"),
    ],
)
def test_every_way_of_dying_ends_the_call_and_the_child(
    qtbot: QtBot, client_of: MakeClient, outcomes: Outcomes, query: str, words: str
) -> None:
    client = ready_client(qtbot, client_of, patience={rpc.SEARCH: 2.0})
    pid = client.initialized.pid
    search(client, outcomes, query)
    finish(qtbot, outcomes)
    assert outcomes.failed[0].kind == "worker_died"
    assert words in outcomes.failed[0].sentence
    qtbot.waitUntil(lambda: process_is_gone(pid), timeout=READY_MS)
    qtbot.waitUntil(lambda: client.state is WorkerState.READY, timeout=READY_MS)


def test_a_hang_is_noticed_said_and_ended(qtbot: QtBot, client_of: MakeClient, outcomes: Outcomes) -> None:
    client = ready_client(qtbot, client_of, patience={rpc.SEARCH: 0.5})
    pid = client.initialized.pid
    said = []
    client.restarted.connect(said.append)
    search(client, outcomes, "hang")
    finish(qtbot, outcomes)
    assert "does not answer 'search.text'" in outcomes.failed[0].sentence
    assert "started again" in said[0]
    qtbot.waitUntil(lambda: process_is_gone(pid), timeout=READY_MS)


def test_a_scan_without_progress_is_a_hang_but_one_with_progress_is_not(
    qtbot: QtBot, client_of: MakeClient, outcomes: Outcomes
) -> None:
    client = ready_client(qtbot, client_of, patience={rpc.BUILD: 0.6})
    build(client, outcomes)  # takes 1.1 s, with progress
    finish(qtbot, outcomes)
    assert outcomes.done
    build(client, outcomes, "stall")
    finish(qtbot, outcomes, 2)
    assert "does not answer 'index.build'" in outcomes.failed[0].sentence


def test_an_answer_of_the_wrong_shape_fails_that_call_only(
    qtbot: QtBot, client_of: MakeClient, outcomes: Outcomes
) -> None:
    client = ready_client(qtbot, client_of)
    search(client, outcomes, "wrong fields")
    search(client, outcomes, "a river")
    finish(qtbot, outcomes, 2)
    assert outcomes.failed[0].kind == "protocol"
    assert outcomes.done[0][0].query == "a river"


def test_a_talkative_worker_is_drained_and_only_its_last_lines_kept(
    qtbot: QtBot, client_of: MakeClient, outcomes: Outcomes
) -> None:
    client = ready_client(qtbot, client_of)
    lines = []
    client.log_line.connect(lines.append)
    search(client, outcomes, "chatter")
    search(client, outcomes, "crash")
    finish(qtbot, outcomes, 2)
    assert len(lines) == 100_001
    assert outcomes.failed[0].tail.splitlines()[0] == "line 99801"
    assert outcomes.failed[0].tail.splitlines()[-1] == "boom: the last words"


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("early exit", ("worker_died", "No module named 'torch'")),
        ("other protocol", ("protocol", "protocol 99")),
        ("no model", ("checkpoint_missing", "/nowhere")),
    ],
)
def test_a_worker_that_cannot_serve_fails_without_being_tried_again(
    qtbot: QtBot, client_of: MakeClient, outcomes: Outcomes, mode: str, expected: tuple[str, str]
) -> None:
    kind, words = expected
    client = client_of(mode)
    search(client, outcomes, "a river")
    finish(qtbot, outcomes)
    assert client.state is WorkerState.FAILED
    assert client.error.kind == outcomes.failed[0].kind == kind
    assert words in client.error.sentence


@pytest.mark.parametrize(("mode", "asked"), [("mute", rpc.INITIALIZE), ("never ready", rpc.READY)])
def test_a_worker_that_never_gets_ready_fails(
    qtbot: QtBot, client_of: MakeClient, mode: str, asked: str
) -> None:
    client = client_of(mode, patience={rpc.INITIALIZE: 1.0, rpc.READY: 1.0})
    client.start()
    qtbot.waitUntil(lambda: client.state is WorkerState.FAILED, timeout=READY_MS)
    assert f"'{asked}'" in client.error.sentence


def test_a_missing_program_is_a_state_and_a_sentence(
    qtbot: QtBot, qgis_app: object, outcomes: Outcomes
) -> None:
    client = WorkerClient(lambda: Settings(worker_command="/nowhere/msa worker"))
    assert client.state is WorkerState.MISSING
    search(client, outcomes, "a river")
    assert not outcomes.failed  # never inside the call
    finish(qtbot, outcomes)
    assert outcomes.failed[0].kind == "worker_missing"
    assert "/nowhere/msa" in client.error.sentence


def test_a_program_that_the_system_will_not_run_counts_as_missing(
    qtbot: QtBot, qgis_app: object, tmp_path: Path, outcomes: Outcomes
) -> None:
    program = tmp_path / "msa"
    program.write_bytes(b"\x7fELF no program at all")
    program.chmod(0o755)
    client = WorkerClient(lambda: Settings(worker_command=str(program)))
    search(client, outcomes, "a river")
    finish(qtbot, outcomes)
    assert outcomes.failed[0].kind == "worker_missing"
    assert client.state is WorkerState.MISSING
    client.look()
    assert client.state is WorkerState.STOPPED


def test_stop_returns_at_once_refuses_open_calls_and_the_child_leaves(
    qtbot: QtBot, client_of: MakeClient, outcomes: Outcomes
) -> None:
    client = ready_client(qtbot, client_of)
    pid = client.initialized.pid
    search(client, outcomes, "hang")
    started = time.monotonic()
    client.stop()
    assert time.monotonic() - started < 0.05
    assert client.state is WorkerState.STOPPED
    assert outcomes.failed[0].kind == "worker_died"
    qtbot.waitUntil(lambda: process_is_gone(pid), timeout=READY_MS)


def test_a_child_that_ignores_shutdown_is_ended_after_three_seconds(
    qtbot: QtBot, client_of: MakeClient
) -> None:
    client = ready_client(qtbot, client_of, "deaf")
    pid = client.initialized.pid
    started = time.monotonic()
    client.stop()
    qtbot.waitUntil(lambda: process_is_gone(pid), timeout=READY_MS)
    assert 2.5 < time.monotonic() - started < 6.0


def test_the_client_works_again_after_stop(qtbot: QtBot, client_of: MakeClient, outcomes: Outcomes) -> None:
    client = ready_client(qtbot, client_of)
    client.stop()
    assert client.ready is None
    search(client, outcomes, "a river")
    finish(qtbot, outcomes)
    assert outcomes.done[0][0].query == "a river"


def test_a_fault_in_one_caller_leaves_the_others_their_answers(
    qtbot: QtBot, client_of: MakeClient, outcomes: Outcomes
) -> None:
    client = ready_client(qtbot, client_of)

    def fail(error: object) -> None:
        raise RuntimeError("a fault of the caller")

    client.call(rpc.SEARCH, SearchRequest("crash", ()), SearchReply, outcomes.keep, fail)
    search(client, outcomes, "behind it")
    finish(qtbot, outcomes)
    assert outcomes.failed[0].kind == "worker_died"


def test_the_child_does_not_inherit_what_qgis_set_for_itself(
    qtbot: QtBot, client_of: MakeClient, outcomes: Outcomes, monkeypatch: pytest.MonkeyPatch
) -> None:
    @dataclass(frozen=True)
    class Names:
        names: tuple[str, ...]

    @dataclass(frozen=True)
    class Nothing:
        pass

    for name in ("PYTHONHOME", "PROJ_LIB", "GDAL_DATA", "LD_LIBRARY_PATH", "QT_PLUGIN_PATH"):
        monkeypatch.setenv(name, "/elsewhere")
    client = ready_client(qtbot, client_of)
    client.call("environment", Nothing(), Names, outcomes.keep, outcomes.failed.append)
    finish(qtbot, outcomes)
    names = outcomes.done[0][0].names
    assert "PATH" in names
    assert not {"PYTHONHOME", "PROJ_LIB", "GDAL_DATA", "LD_LIBRARY_PATH", "QT_PLUGIN_PATH"} & set(names)
