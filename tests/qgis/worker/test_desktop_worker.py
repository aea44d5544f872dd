"""Processing runs ask the worker that QGIS runs already: from threads, from the GUI thread, one for all."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import (
    QgsApplication,
    QgsProcessingAlgRunnerTask,
    QgsProcessingContext,
    QgsProject,
    QgsRasterLayer,
)
from qgis.PyQt.QtCore import QObject

from msa_model.protocol import methods
from msa_model.protocol.errors import Cancelled, MsaError, WorkerDied
from msa_model.protocol.messages import RasterRef, ScanRequest, ScanSummary, SearchRequest
from qgis_msa_plugin.settings import Settings, keep_settings
from qgis_msa_plugin.worker.blocking import BlockingWorker
from qgis_msa_plugin.worker.desktop_worker import DesktopWorker, SharedWorker, worker_for_run
from qgis_msa_plugin.worker.state import WorkerState
from tests.present import present
from tests.qgis.conftest import odd_command
from tests.qgis.toolbox import run
from tests.qgis.worker.test_blocking import Feedback

SOON_MS = 20_000


@pytest.fixture
def window(qgis_app: object) -> Iterator[QObject]:
    window = QObject()
    yield window
    window.deleteLater()


@pytest.fixture
def desktop(window: QObject) -> Iterator[DesktopWorker]:
    keep_settings(Settings(worker_command=odd_command("good")))
    desktop = DesktopWorker(window)
    yield desktop
    desktop.release()


def shared_worker(feedback: Feedback) -> SharedWorker:
    worker = worker_for_run(Settings(), feedback, None)
    assert isinstance(worker, SharedWorker)
    return worker


def ask(feedback: Feedback, query: str = "a river") -> str:
    with shared_worker(feedback) as worker:
        return worker.call(methods.RANK, SearchRequest(query, ())).query


def build(feedback: Feedback, index: str) -> ScanSummary:
    with shared_worker(feedback) as worker:
        return worker.call(methods.BUILD, ScanRequest(RasterRef("x.tif"), index=index))


def in_a_thread(act: Callable[[], object]) -> SimpleQueue[object]:
    """What `act` gives or raises, once it has ended."""
    outcome: SimpleQueue[object] = SimpleQueue()

    def work() -> None:
        try:
            outcome.put(act())
        except MsaError as error:
            outcome.put(error)

    threading.Thread(target=work, daemon=True).start()
    return outcome


def outcome_of(qtbot: QtBot, act: Callable[[], object]) -> Any:  # noqa: ANN401
    outcome = in_a_thread(act)
    qtbot.waitUntil(lambda: not outcome.empty(), timeout=SOON_MS)
    return outcome.get()


def test_runs_in_threads_and_in_the_gui_thread_are_served_by_one_worker(
    desktop: DesktopWorker, qtbot: QtBot
) -> None:
    assert not desktop.client
    assert outcome_of(qtbot, lambda: ask(Feedback())) == "a river"
    pid = present(present(desktop.client).initialized).pid
    assert ask(Feedback(), "a lake") == "a lake"
    outcomes = [in_a_thread(partial(ask, Feedback(), f"pond {n}")) for n in range(3)]
    qtbot.waitUntil(lambda: not any(outcome.empty() for outcome in outcomes), timeout=SOON_MS)
    assert [outcome.get() for outcome in outcomes] == ["pond 0", "pond 1", "pond 2"]
    assert present(present(desktop.client).initialized).pid == pid


def test_progress_of_a_job_is_told_in_the_run(desktop: DesktopWorker, qtbot: QtBot) -> None:
    feedback = Feedback()
    assert outcome_of(qtbot, lambda: build(feedback, "x")).encoded == 100
    assert feedback.texts


def test_a_cancelled_run_ends_and_the_worker_stays(desktop: DesktopWorker, qtbot: QtBot) -> None:
    feedback = Feedback()
    outcome = in_a_thread(lambda: build(feedback, "until cancelled"))
    qtbot.waitUntil(lambda: bool(feedback.texts), timeout=SOON_MS)
    feedback.cancel()
    qtbot.waitUntil(lambda: not outcome.empty(), timeout=SOON_MS)
    assert isinstance(outcome.get(), Cancelled)
    assert present(desktop.client).state is WorkerState.READY


def test_a_worker_that_dies_fails_the_run_and_serves_the_next(desktop: DesktopWorker, qtbot: QtBot) -> None:
    feedback = Feedback()
    outcome = in_a_thread(lambda: build(feedback, "until cancelled"))
    qtbot.waitUntil(lambda: bool(feedback.texts), timeout=SOON_MS)
    os.kill(present(present(desktop.client).initialized).pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: not outcome.empty(), timeout=SOON_MS)
    assert isinstance(outcome.get(), WorkerDied)
    assert outcome_of(qtbot, lambda: ask(Feedback())) == "a river"


def test_a_plugin_that_goes_ends_what_is_being_waited_for(window: QObject, qtbot: QtBot) -> None:
    keep_settings(Settings(worker_command=odd_command("good")))
    desktop, feedback = DesktopWorker(window), Feedback()
    outcome = in_a_thread(lambda: build(feedback, "until cancelled"))
    qtbot.waitUntil(lambda: bool(feedback.texts), timeout=SOON_MS)
    desktop.release()
    qtbot.waitUntil(lambda: not outcome.empty(), timeout=SOON_MS)
    assert isinstance(outcome.get(), WorkerDied)
    assert isinstance(
        worker_for_run(Settings(worker_command=odd_command("good")), feedback, None), BlockingWorker
    )


def test_a_worker_that_only_runs_have_used_is_let_go_when_they_rest(window: QObject, qtbot: QtBot) -> None:
    keep_settings(Settings(worker_command=odd_command("good")))
    desktop = DesktopWorker(window, idle_s=0.05)
    assert outcome_of(qtbot, lambda: ask(Feedback())) == "a river"
    qtbot.waitUntil(lambda: present(desktop.client).state is WorkerState.STOPPED, timeout=SOON_MS)
    desktop.keep()
    assert outcome_of(qtbot, lambda: ask(Feedback())) == "a river"
    qtbot.wait(200)
    assert present(desktop.client).state is WorkerState.READY
    desktop.release()


@pytest.mark.slow
def test_the_toolbox_searches_and_scans_by_the_worker_that_runs_already(
    real: None, window: QObject, scene: QgsRasterLayer, qtbot: QtBot, tmp_path: Path
) -> None:
    desktop = DesktopWorker(window)
    client = desktop.keep()
    found = run("searchtext", RASTER=scene, QUERY="water", OUTPUT="memory:")
    assert found["COUNT"] > 0
    pid = present(client.initialized).pid
    again = run("searchtext", RASTER=scene, QUERY="water", OUTPUT="memory:")
    assert (again["COUNT"], again["BEST_SCORE"]) == (found["COUNT"], found["BEST_SCORE"])
    algorithm = QgsApplication.processingRegistry().algorithmById("msa_search:searchtext")
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    out = str(tmp_path / "hits.gpkg")
    parameters = {"RASTER": scene.id(), "QUERY": "water", "OUTPUT": out}
    feedback, done = Feedback(), []
    task = QgsProcessingAlgRunnerTask(algorithm, parameters, context, feedback)
    task.executed.connect(lambda ok, results: done.append((ok, results)))
    QgsApplication.taskManager().addTask(task)
    qtbot.waitUntil(lambda: bool(done), timeout=60_000)
    assert done[0][0]
    assert done[0][1]["COUNT"] == found["COUNT"]
    assert present(client.initialized).pid == pid
    desktop.release()
