from __future__ import annotations

import os
import threading
from collections.abc import Mapping

import pytest
from qgis.core import QgsProcessingFeedback

from msa_model.protocol import methods, rpc
from msa_model.protocol.errors import Cancelled, MsaError, QueryEmpty, WorkerDied, WorkerMissing
from msa_model.protocol.hit_table import RankReply
from msa_model.protocol.messages import RasterRef, ScanRequest, ScanSummary, SearchRequest
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.worker.blocking import BlockingWorker
from qgis_msa_plugin.worker.calls import SILENCE_S
from tests.present import present
from tests.qgis.conftest import odd_command
from tests.refusals import raises_kind


class Feedback(QgsProcessingFeedback):
    """Keeps what was said."""

    def __init__(self) -> None:
        super().__init__(False)
        self.steps: list[float] = []
        self.texts: list[str] = []
        self.progressChanged.connect(self.steps.append)

    def setProgressText(self, text: str) -> None:  # noqa: N802
        self.texts.append(text)


def worker_of(
    feedback: QgsProcessingFeedback,
    mode: str = "good",
    silence_s: Mapping[str, float] = SILENCE_S,
) -> BlockingWorker:
    return BlockingWorker(Settings(worker_command=odd_command(mode)), feedback, silence_s)


def search(worker: BlockingWorker, query: str) -> RankReply:
    return worker.call(methods.RANK, SearchRequest(query, ()))


def build(worker: BlockingWorker, index: str = "x") -> ScanSummary:
    return worker.call(methods.BUILD, ScanRequest(RasterRef("x.tif"), index=index))


def cancel_soon(feedback: QgsProcessingFeedback) -> None:
    threading.Timer(0.5, feedback.cancel).start()


def test_calls_are_answered_one_after_the_other(qgis_app: object) -> None:
    with worker_of(Feedback()) as worker:
        assert search(worker, "a river").query == "a river"
        assert search(worker, "late").query == "late"


def test_progress_reaches_the_feedback_with_its_rate(qgis_app: object) -> None:
    feedback = Feedback()
    with worker_of(feedback) as worker:
        assert build(worker).encoded == 100
    assert feedback.steps[-1] == 100.0
    assert len(feedback.steps) >= 10
    assert feedback.texts[-2] == "90 of 100 · 50 tiles/s · a few seconds left"


def test_the_child_ends_with_the_run(qgis_app: object) -> None:
    with worker_of(Feedback()) as worker:
        pid = present(worker.initialized).pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_cancelling_asks_the_worker_and_ends_soon(qgis_app: object) -> None:
    feedback = Feedback()
    with worker_of(feedback) as worker:
        cancel_soon(feedback)
        with pytest.raises(Cancelled):
            build(worker, "until cancelled")


def test_cancelling_while_the_model_loads_ends_at_once(qgis_app: object) -> None:
    feedback = Feedback()
    cancel_soon(feedback)
    with pytest.raises(Cancelled), worker_of(feedback, "never ready"):
        pass


@pytest.mark.parametrize(
    ("query", "error", "words"),
    [
        ("refuse", QueryEmpty, "blank"),
        ("crash", WorkerDied, "exit code 3; its last words: boom"),
        ("die by signal", WorkerDied, "code 9"),
        ("exit", WorkerDied, "exit code 0"),
        ("hang", WorkerDied, "does not answer 'search.rank'"),
        ("print", MsaError, "header"),
        ("wrong fields", MsaError, "RankReply"),
    ],
)
def test_every_misdeed_is_a_named_error(
    qgis_app: object, query: str, error: type[MsaError], words: str
) -> None:
    silence_s = {rpc.RANK: 1.0 if query == "hang" else 120.0}
    with worker_of(Feedback(), silence_s=silence_s) as worker, pytest.raises(error, match=words):
        search(worker, query)


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("early exit", "worker_died"), ("other protocol", "protocol"), ("no model", "checkpoint_missing")],
)
def test_a_worker_that_cannot_serve_is_a_named_error(qgis_app: object, mode: str, kind: str) -> None:
    with raises_kind(kind), worker_of(Feedback(), mode):
        pass


def test_a_missing_worker_is_a_named_error(qgis_app: object) -> None:
    with pytest.raises(WorkerMissing, match="/nowhere/msa"):
        BlockingWorker(Settings(worker_command="/nowhere/msa"), Feedback())
