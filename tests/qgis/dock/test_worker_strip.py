from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from msa_model.protocol.errors import MsaError, WorkerDied, WorkerMissing
from msa_model.protocol.messages import Ready
from msa_model.protocol.warning_table import EngineWarning
from qgis_msa_plugin.dock.worker_strip import WorkerStrip
from qgis_msa_plugin.search.state import SearchState, WorkerView
from qgis_msa_plugin.worker.launch import WorkerNotSetUp, WorkerUnfinished
from qgis_msa_plugin.worker.state import WorkerState

MISSING = WorkerState.MISSING


def ready(gpu_unused: bool) -> WorkerView:
    return WorkerView(WorkerState.READY, Ready("cpu", "a processor", gpu_unused, "m", "0" * 64, 4, 0.0))


def strip_of(qtbot: QtBot, view: WorkerView) -> WorkerStrip:
    state = SearchState()
    strip = WorkerStrip(state)
    qtbot.addWidget(strip)
    state.setParent(strip)
    strip.show()
    state.worker = view
    return strip


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (WorkerNotSetUp("x"), "not set up yet"),
        (WorkerUnfinished("x"), "not finished"),
        (WorkerMissing("The worker's program is not there: /nowhere/msa"), "/nowhere/msa"),
    ],
)
def test_what_is_missing_is_said_and_the_button_leads_to_the_set_up(
    qtbot: QtBot, error: MsaError, words: str
) -> None:
    strip = strip_of(qtbot, WorkerView(MISSING, error=error))
    assert words in strip.label.text()
    with qtbot.waitSignal(strip.set_up):
        strip.button.click()


def test_a_worker_that_died_is_started_again_by_the_button(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, WorkerView(WorkerState.FAILED, error=WorkerDied("It died.")))
    with qtbot.waitSignal(strip.retry):
        strip.button.click()


def test_a_graphics_card_that_lies_idle_is_pointed_out_and_can_be_put_to_use(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, ready(gpu_unused=True))
    assert "GPU not used" in strip.label.text()
    assert strip.button.text() == "Use the GPU…"
    with qtbot.waitSignal(strip.set_up):
        strip.button.click()


def test_the_engine_is_told_on_asking_and_why_it_is_not_the_wanted_one(qtbot: QtBot) -> None:
    why = (EngineWarning("engine_crashed", texts=("openvino-int8", "SIGILL")), EngineWarning("runs_on_torch"))
    running = Ready("cpu", "a processor", False, "m", "0" * 64, 4, 0.0, "torch-float32", why)
    strip = strip_of(qtbot, WorkerView(WorkerState.READY, running))
    assert strip.label.text() == "Ready · CPU"
    assert "Computed by PyTorch, exact (torch-float32)" in strip.label.toolTip().splitlines()
    assert strip.label.toolTip().splitlines()[-2:] == [warning.sentence for warning in why]


def test_a_worker_that_runs_has_no_button_but_the_same_menu(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, ready(gpu_unused=False))
    assert not strip.button.isVisible()
    names = [action.objectName() for action in strip.actions()]
    assert names == ["msaSetUpWorker", "msaChooseWorker", "msaWorkerOptions", "msaCopyDiagnostics"]
    with qtbot.waitSignal(strip.diagnose):
        strip.actions()[-1].trigger()
