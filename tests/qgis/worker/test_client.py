from __future__ import annotations

import time
from dataclasses import dataclass

import pytest
from pytestqt.qtbot import QtBot

from msa_model.protocol import methods
from msa_model.protocol.messages import (
    SearchRequest,
    ThumbnailRequest,
)
from qgis_msa_plugin.worker.child import GRACE_MS
from qgis_msa_plugin.worker.state import WorkerState
from tests.present import present
from tests.qgis.asking import READY_MS, build, finish, process_is_gone, ready_client, search
from tests.qgis.conftest import MakeClient
from tests.qgis.outcomes import Outcomes


def test_a_call_starts_the_worker_and_waits_for_its_model(
    qtbot: QtBot, client_of: MakeClient, outcomes: Outcomes
) -> None:
    client = client_of("slow")
    states: list[WorkerState] = []
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
    client.call(methods.THUMBNAILS, ThumbnailRequest(()), outcomes.keep, outcomes.failed.append)
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


def test_stop_returns_at_once_refuses_open_calls_and_the_child_leaves(
    qtbot: QtBot, client_of: MakeClient, outcomes: Outcomes
) -> None:
    client = ready_client(qtbot, client_of)
    pid = present(client.initialized).pid
    search(client, outcomes, "hang")
    client.stop()
    assert not process_is_gone(pid)  # it was not waited for
    assert client.state is WorkerState.STOPPED
    assert outcomes.failed[0].kind == "worker_died"
    qtbot.waitUntil(lambda: process_is_gone(pid), timeout=READY_MS)


def test_a_child_that_ignores_shutdown_is_ended_after_three_seconds(
    qtbot: QtBot, client_of: MakeClient
) -> None:
    client = ready_client(qtbot, client_of, "deaf")
    pid = present(client.initialized).pid
    started = time.monotonic()
    client.stop()
    qtbot.waitUntil(lambda: process_is_gone(pid), timeout=READY_MS)
    assert GRACE_MS == 3000
    assert time.monotonic() - started > 0.9 * GRACE_MS / 1000


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

    client.call(methods.RANK, SearchRequest("crash", ()), outcomes.keep, fail)
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
    client.call(
        methods.Method("environment", Nothing, Names), Nothing(), outcomes.keep, outcomes.failed.append
    )
    finish(qtbot, outcomes)
    names = outcomes.done[0][0].names
    assert "PATH" in names
    assert not {"PYTHONHOME", "PROJ_LIB", "GDAL_DATA", "LD_LIBRARY_PATH", "QT_PLUGIN_PATH"} & set(names)


def test_an_answer_of_the_wrong_shape_fails_that_call_only(
    qtbot: QtBot, client_of: MakeClient, outcomes: Outcomes
) -> None:
    client = ready_client(qtbot, client_of)
    search(client, outcomes, "wrong fields")
    search(client, outcomes, "a river")
    finish(qtbot, outcomes, 2)
    assert outcomes.failed[0].kind == "protocol"
    assert outcomes.done[0][0].query == "a river"
