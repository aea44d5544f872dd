from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from msa_model.protocol import rpc
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.state import WorkerState
from tests.present import present
from tests.qgis.asking import READY_MS, build, finish, process_is_gone, ready_client, search
from tests.qgis.conftest import MakeClient
from tests.qgis.outcomes import Outcomes

LONG_S = 120.0  # that no busy machine takes for an answer


def test_a_crash_refuses_every_call_with_code_and_last_words_and_restarts_once(
    qtbot: QtBot, client_of: MakeClient, outcomes: Outcomes
) -> None:
    client = ready_client(qtbot, client_of)
    said: list[str] = []
    client.restarted.connect(said.append)
    search(client, outcomes, "crash")
    search(client, outcomes, "behind it")
    finish(qtbot, outcomes, 2)
    assert [error.kind for error in outcomes.failed] == ["worker_died"] * 2
    assert "exit code 3" in outcomes.failed[0].sentence
    assert "boom: the last words" in outcomes.failed[0].tail
    assert "exit code 3" in said[0]
    qtbot.waitUntil(lambda: client.state is WorkerState.READY, timeout=READY_MS)
    search(client, outcomes, "again")
    finish(qtbot, outcomes, 3)
    assert outcomes.done[0][0].query == "again"

    search(client, outcomes, "crash")
    finish(qtbot, outcomes, 4)
    assert client.state is WorkerState.FAILED
    assert "exit code 3" in present(client.error).sentence
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
    client = ready_client(qtbot, client_of, silence_s={rpc.RANK: 2.0 if query == "close" else LONG_S})
    pid = present(client.initialized).pid
    search(client, outcomes, query)
    finish(qtbot, outcomes)
    assert outcomes.failed[0].kind == "worker_died"
    assert words in outcomes.failed[0].sentence
    qtbot.waitUntil(lambda: process_is_gone(pid), timeout=READY_MS)
    qtbot.waitUntil(lambda: client.state is WorkerState.READY, timeout=READY_MS)


def test_a_hang_is_noticed_said_and_ended(qtbot: QtBot, client_of: MakeClient, outcomes: Outcomes) -> None:
    client = ready_client(qtbot, client_of, silence_s={rpc.RANK: 0.5})
    pid = present(client.initialized).pid
    said: list[str] = []
    client.restarted.connect(said.append)
    search(client, outcomes, "hang")
    finish(qtbot, outcomes)
    assert "does not answer 'search.rank'" in outcomes.failed[0].sentence
    assert "started again" in said[0]
    qtbot.waitUntil(lambda: process_is_gone(pid), timeout=READY_MS)


def test_a_scan_without_progress_is_a_hang_but_one_with_progress_is_not(
    qtbot: QtBot, client_of: MakeClient, outcomes: Outcomes
) -> None:
    client = ready_client(qtbot, client_of, silence_s={rpc.BUILD: 4.0})
    build(client, outcomes, "slow")  # takes 5.5 s, with progress
    finish(qtbot, outcomes)
    assert outcomes.done
    build(client, outcomes, "stall")
    finish(qtbot, outcomes, 2)
    assert "does not answer 'index.build'" in outcomes.failed[0].sentence


def test_a_talkative_worker_is_drained_and_only_its_last_lines_kept(
    qtbot: QtBot, client_of: MakeClient, outcomes: Outcomes
) -> None:
    client = ready_client(qtbot, client_of)
    lines: list[str] = []
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
    assert present(client.error).kind == outcomes.failed[0].kind == kind
    assert words in present(client.error).sentence


@pytest.mark.parametrize(("mode", "asked"), [("mute", rpc.INITIALIZE), ("never ready", rpc.READY)])
def test_a_worker_that_never_gets_ready_fails(
    qtbot: QtBot, client_of: MakeClient, mode: str, asked: str
) -> None:
    client = client_of(mode, silence_s={rpc.INITIALIZE: LONG_S, rpc.READY: LONG_S, asked: 1.0})
    client.start()
    qtbot.waitUntil(lambda: client.state is WorkerState.FAILED, timeout=READY_MS)
    assert f"'{asked}'" in present(client.error).sentence


def test_a_missing_program_is_a_state_and_a_sentence(
    qtbot: QtBot, qgis_app: object, outcomes: Outcomes
) -> None:
    client = WorkerClient(lambda: Settings(worker_command="/nowhere/msa worker"))
    assert client.state is WorkerState.MISSING
    search(client, outcomes, "a river")
    assert not outcomes.failed  # never inside the call
    finish(qtbot, outcomes)
    assert outcomes.failed[0].kind == "worker_missing"
    assert "/nowhere/msa" in present(client.error).sentence


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
