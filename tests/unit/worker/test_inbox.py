"""What the reader thread hands over, and what is reported of a scan."""

from __future__ import annotations

import errno
import threading
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msa_model.protocol.errors import (
    BadArgument,
    ProtocolError,
    QueryEmpty,
    WorkerBusy,
)
from msa_model.protocol.messages import Progress, ScanSummary
from msa_model.protocol.rpc import RANK, SHUTDOWN, Request
from msa_model.worker.handshake import check_texts
from msa_model.worker.inbox import MOST_REQUESTS, MOST_WEIGHT, Inbox, StreamEnd
from msa_model.worker.server import LongJob, ProgressReports, Steps, named


def test_requests_come_in_order_but_a_shutdown_first() -> None:
    inbox = Inbox()
    for id_, method in ((1, RANK), (2, RANK), (3, SHUTDOWN)):
        inbox.put(Request(id_, method))
    taken = [inbox.take(wait=False) for _ in range(4)]
    assert [request and request.id for request in taken] == [3, 1, 2, None]


def test_an_id_is_used_once_until_it_is_answered() -> None:
    inbox = Inbox()
    inbox.put(Request(1, RANK))
    with pytest.raises(ProtocolError, match="already in use"):
        inbox.put(Request(1, RANK))
    inbox.answered(1)
    inbox.put(Request(1, RANK))


def test_a_cancel_reaches_only_what_is_unanswered() -> None:
    inbox = Inbox()
    inbox.cancel(1)
    inbox.put(Request(1, RANK))
    assert not inbox.is_cancelled(1)
    inbox.cancel(1)
    assert inbox.is_cancelled(1)
    inbox.answered(1)
    inbox.put(Request(1, RANK))
    assert not inbox.is_cancelled(1)


@pytest.mark.parametrize(("ending", "code"), [(StreamEnd.CLOSED, 0), (StreamEnd.BROKEN, 76)])
def test_the_end_wakes_who_waits_and_cancels_everything(ending: StreamEnd, code: int) -> None:
    inbox = Inbox()
    inbox.put(Request(1, RANK))
    assert inbox.take(wait=True) is not None
    threading.Timer(0.05, inbox.end, [ending]).start()
    assert inbox.take(wait=True) is None
    assert inbox.ending is ending
    assert inbox.is_cancelled(1)
    assert ending.exit_code == code


def no_steps() -> Steps:
    yield Progress(0, 0, 0, 0.0, None)
    return ScanSummary("", 0, 0, 0, 0, 0.0), b""


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60))
def test_reports_come_at_most_five_times_a_second_and_the_last_one_always(pauses: list[float]) -> None:
    now = 0.0
    sent: list[tuple[float, Progress]] = []
    reports = ProgressReports(lambda progress: sent.append((now, progress)), lambda: now)
    build = LongJob(7, "index.build", no_steps())
    for done, pause in enumerate(pauses):
        now += pause
        reports.report(build, Progress(0, done, len(pauses), 1.0, None))
    assert sent[0][1].done == 0
    assert all(later[0] - earlier[0] >= 0.2 for earlier, later in pairwise(sent))
    reports.flush()
    assert sent[-1][1] == Progress(7, len(pauses) - 1, len(pauses), 1.0, None)
    assert [progress.done for _, progress in sent] == sorted({progress.done for _, progress in sent})


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (QueryEmpty("The query has no words."), "query_empty"),
        (MemoryError(), "out_of_memory"),
        (ModuleNotFoundError("No module named 'torch'"), "worker_missing"),
        (KeyError("x"), "internal"),
    ],
)
def test_every_exception_of_a_job_gets_a_name(error: Exception, kind: str) -> None:
    found = named(error, "search.rank")
    assert found.kind == kind
    assert found.sentence.endswith(".")


def test_an_unforeseen_exception_leaves_its_traceback_in_the_log_only(
    caplog: pytest.LogCaptureFixture,
) -> None:
    try:
        dict[str, str]()["colour"]
    except KeyError as error:
        sentence = named(error, "search.rank").sentence
    assert sentence == "search.rank failed unexpectedly (KeyError: 'colour')."
    assert "Traceback" in caplog.text


def test_more_requests_than_the_inbox_holds_are_refused_but_cancelling_and_leaving_get_through() -> None:
    inbox = Inbox()
    for number in range(MOST_REQUESTS):
        inbox.put(Request(number, RANK))
    with pytest.raises(WorkerBusy, match="1000 requests"):
        inbox.put(Request(-1, RANK))
    inbox.cancel(7)
    assert inbox.is_cancelled(7)
    inbox.put(Request(-2, SHUTDOWN))
    taken = inbox.take(wait=False)
    assert taken is not None
    assert taken.id == -2
    inbox.answered(7)
    inbox.answered(-2)
    inbox.put(Request(-1, RANK))


@pytest.mark.parametrize("heavy", [{"attachment": bytes(MOST_WEIGHT // 2 + 1)}, {"size": MOST_WEIGHT // 10}])
def test_requests_that_would_fill_the_memory_are_refused_also_while_a_job_holds_them(
    heavy: dict[str, Any],
) -> None:
    inbox = Inbox()
    inbox.put(Request(1, RANK, **heavy))
    assert inbox.take(wait=False) is not None
    with pytest.raises(WorkerBusy, match="memory"):
        inbox.put(Request(2, RANK, **heavy))
    inbox.put(Request(3, RANK))
    inbox.answered(1)
    inbox.put(Request(2, RANK, **heavy))


@pytest.mark.parametrize(
    ("error", "kind", "says"),
    [
        (
            OSError(errno.ENAMETOOLONG, "File name too long", "x" * 5000),
            "file_unusable",
            "File name too long",
        ),
        (PermissionError(errno.EACCES, "Permission denied", "/a/b\n"), "file_unusable", r"'/a/b\n'"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk_full", "no room"),
        (OverflowError("int too big to convert"), "bad_argument", "too large"),
        (
            UnicodeEncodeError("utf-8", "caf\udce9", 3, 4, "surrogates not allowed"),
            "bad_argument",
            r"caf\udce9",
        ),
    ],
)
def test_what_the_system_and_libraries_refuse_has_a_name_and_a_short_sentence(
    error: Exception, kind: str, says: str
) -> None:
    found = named(error, "search.rank")
    assert found.kind == kind
    assert says in found.sentence
    assert len(found.sentence) < 400


def test_texts_that_nothing_can_have_are_refused_by_their_field() -> None:
    check_texts({"raster": {"path": "/data/caf\udce9.tif", "bands": [1]}, "queries": [{"query": "größe 😀"}]})
    with pytest.raises(BadArgument, match=r"raster\.path.*NUL"):
        check_texts({"raster": {"path": "a\0.tif"}})
    with pytest.raises(BadArgument, match=r"queries\.query.*half a character"):
        check_texts({"queries": [{"query": "a \ud800"}]})
