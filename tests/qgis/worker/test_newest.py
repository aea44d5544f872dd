"""The newest call counts: each outcome comes at most once, and only to whoever still waits for it."""

from __future__ import annotations

from typing import Any

import pytest

from msa_model.protocol import methods, rpc
from msa_model.protocol.errors import Cancelled, DiskFull, MsaError, WorkerDied
from msa_model.protocol.messages import Progress, SearchRequest
from qgis_msa_plugin.worker.newest import NewestCall
from qgis_msa_plugin.worker.state import WorkerState
from tests.present import as_a, present
from tests.qgis.dock.desk import Client


@pytest.fixture
def client(qtbot: object) -> Client:
    return Client()


@pytest.fixture
def heard() -> list[object]:
    return []


def ask(call: NewestCall, heard: list[object], query: str) -> None:
    request = SearchRequest(query, ("x.gpkg",))
    call.ask(methods.RANK, request, lambda reply, _: heard.append((query, reply)), heard.append)


def test_only_the_newest_of_several_calls_is_heard(client: Client, heard: list[object]) -> None:
    call = NewestCall(client)
    ask(call, heard, "old")
    ask(call, heard, "new")
    client.answer(rpc.RANK, "first")
    assert (heard, call.open, client.cancelled) == ([], True, [])
    client.answer(rpc.RANK, "second")
    assert (heard, call.open) == ([("new", "second")], False)


def test_a_refusal_is_heard_as_an_answer_is(client: Client, heard: list[object]) -> None:
    call = NewestCall(client)
    ask(call, heard, "old")
    ask(call, heard, "new")
    for kind in ("old", "new"):
        client.refuse(rpc.RANK, Cancelled(kind))
    assert [as_a(MsaError, error).sentence for error in heard] == ["new"]
    assert not call.open


@pytest.mark.parametrize("spared", [False, True])
def test_nothing_comes_of_a_call_that_nobody_waits_for(
    client: Client, heard: list[object], spared: bool
) -> None:
    call = NewestCall(client)
    ask(call, heard, "old")
    call.drop() if spared else call.ignore()
    assert client.cancelled == ([1] if spared else [])
    client.answer(rpc.RANK, "late")
    assert (heard, call.open) == ([], False)
    call.drop()
    assert len(client.cancelled) == spared


def test_a_call_that_is_cancelled_still_tells_how_it_ended(client: Client, heard: list[object]) -> None:
    call = NewestCall(client)
    call.cancel()
    ask(call, heard, "long")
    call.cancel()
    assert (client.cancelled, call.open) == ([1], True)
    client.answer(rpc.RANK, "all the same")
    assert heard == [("long", "all the same")]


def test_a_call_that_is_ignored_tells_no_progress_and_may_go_on_once_another_worker_is_there(
    client: Client,
) -> None:
    call = NewestCall(client)
    told: list[Any] = []
    for query in ("old", "new"):
        call.ask(methods.RANK, SearchRequest(query, ()), lambda *_: None, told.append, told.append)
    for asked in client.waiting(rpc.RANK):
        present(asked.progress)(Progress(asked.id, 1, 2, 1.0, None))
    assert [progress.id for progress in told] == [client.waiting(rpc.RANK)[1].id]
    client.enter(WorkerState.FAILED)
    assert not call.may_go_on(WorkerDied("Killed."))
    client.enter(WorkerState.STARTING)
    assert call.may_go_on(WorkerDied("Killed."))
    assert not call.may_go_on(DiskFull("No room."))
