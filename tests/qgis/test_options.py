from __future__ import annotations

import hashlib
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QLabel, QPushButton, QWidget

from msa_model.protocol.models import ModelChecked
from qgis_msa_plugin.options import OptionsFactory, OptionsPage
from qgis_msa_plugin.settings import PAGE_NAME, Settings, current_settings, keep_settings
from qgis_msa_plugin.setup.trial import WorkerTrial, model_text
from tests.qgis.conftest import odd_command
from tests.qgis.scene import write_scene

STORED = Settings(
    worker_command="ssh gpu-box msa worker",
    device="cuda",
    threads=3,
    model_folder="/models/x",
    cache_folder="/cache",
    phrase_bank="/phrases.csv",
    scales_m=(40.0, 160.0),
    overlap=0.25,
    k=7,
    thumbnails=False,
)


def page_of(qtbot: QtBot, changes: list[tuple[Settings, Settings]]) -> OptionsPage:
    page = OptionsFactory(lambda old, new: changes.append((old, new))).createWidget(None)
    qtbot.addWidget(page)
    page.show()
    return page


def test_a_page_that_is_only_looked_at_changes_nothing(qtbot: QtBot) -> None:
    keep_settings(STORED)
    changes: list[tuple[Settings, Settings]] = []
    page_of(qtbot, changes).apply()
    assert current_settings() == STORED
    assert changes == [(STORED, STORED)]


def test_what_is_typed_is_kept_and_told(qtbot: QtBot) -> None:
    changes: list[tuple[Settings, Settings]] = []
    page = page_of(qtbot, changes)
    scales = page.findChild(QWidget, "msaScales")
    qtbot.keyClicks(scales, "25, x100")
    page.apply()
    assert current_settings() == Settings(scales_m=(25.0, 100.0))
    assert changes == [(Settings(), Settings(scales_m=(25.0, 100.0)))]


def test_the_page_leads_to_the_set_up(qtbot: QtBot) -> None:
    asked: list[bool] = []
    page = OptionsFactory(lambda old, new: None, lambda: asked.append(True)).createWidget(None)
    qtbot.addWidget(page)
    button = page.findChild(QPushButton, "msaOptionsSetUp")
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Space)
    assert asked == [True]


def test_a_list_of_scales_that_makes_no_sense_leaves_the_old_one(qtbot: QtBot) -> None:
    keep_settings(STORED)
    page = page_of(qtbot, [])
    page.findChild(QWidget, "msaScales").setText("1.2.3")
    page.apply()
    assert current_settings().scales_m == (40.0, 160.0)


def test_every_field_has_a_label_that_leads_to_it_by_key(qtbot: QtBot) -> None:
    page = page_of(qtbot, [])
    labels = [label for label in page.findChildren(QLabel) if label.buddy() is not None]
    keys = [label.text().partition("&")[2][:1].lower() for label in labels]
    assert len(labels) == 10
    assert all(keys)
    assert len(set(keys)) == len(keys)
    assert page.objectName() == OptionsFactory(lambda old, new: None).title() == PAGE_NAME


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (odd_command("good"), "Worker 9.9, Python 3.11, model odd"),
        (odd_command("early exit"), "No module named 'torch'"),
        ("/nowhere/msa worker", "not there: /nowhere/msa"),
    ],
)
def test_the_test_button_says_what_became_of_the_worker(qtbot: QtBot, command: str, words: str) -> None:
    keep_settings(Settings(worker_command=command))
    page = page_of(qtbot, [])
    trial = page.findChild(WorkerTrial)
    button = trial.findChild(QPushButton)
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: words in trial.outcome, timeout=10_000)
    assert button.isEnabled()


def test_a_button_has_the_engines_measured_again_and_tells_which_is_the_fastest(qtbot: QtBot) -> None:
    keep_settings(Settings(worker_command=odd_command("good")))
    page = page_of(qtbot, [])
    trial = page.findChild(WorkerTrial)
    button = trial.findChild(QPushButton, "msaMeasureEngines")
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Space)
    fastest = "OpenVINO, fast (openvino-int8)"
    qtbot.waitUntil(lambda: f"The fastest engine is {fastest}" in trial.outcome, timeout=10_000)
    rates = f"Tiles a second: PyTorch, exact (torch-float32) 20; {fastest} 60"
    assert rates in trial.outcome.splitlines()
    assert all(button.isEnabled() for button in trial.findChildren(QPushButton))


def nearly_shipped(folder: Path) -> Path:
    """The shipped checkpoint but for the last bit of a weight: another model, without constants."""
    shipped = Path(__file__).parents[2] / "resources/checkpoints/msa-small"
    folder.mkdir()
    shutil.copy(shipped / "config.json", folder)
    weights = bytearray((shipped / "model.safetensors").read_bytes())
    weights[-2] ^= 1
    (folder / "model.safetensors").write_bytes(weights)
    manifest = json.loads((shipped / "manifest.json").read_text(encoding="utf-8"))
    files = manifest["files"] | {"model.safetensors": hashlib.sha256(weights).hexdigest()}
    told = json.dumps({"name": "nearly", "files": files})
    (folder / "manifest.json").write_text(told, encoding="utf-8")
    return folder


@pytest.mark.slow
def test_the_test_button_says_of_another_model_whether_it_is_sound_what_it_costs_and_fits_its_verdicts(
    qtbot: QtBot, real_worker: str, tmp_path: Path, qgis_new_project: None
) -> None:
    folder = nearly_shipped(tmp_path / "model")
    keep_settings(Settings(worker_command=real_worker, device="cpu", model_folder=str(folder)))
    page = page_of(qtbot, [])
    trial = page.findChild(WorkerTrial)
    button = trial.findChild(QPushButton)
    button.click()
    qtbot.waitUntil(button.isEnabled, timeout=900_000)  # it is again once there is an answer of any kind
    assert "768 bytes a tile" in trial.outcome, trial.outcome
    assert "The model sees and reads alike." in trial.outcome
    assert "tiles a second (shipped model: " in trial.outcome
    assert "press Fit verdicts" in trial.outcome
    fit = trial.findChild(QPushButton, "msaFitVerdicts")
    QgsProject.instance().removeAllMapLayers()
    fit.click()
    assert trial.outcome == "Add raster files such as you will search to the project first."
    QgsProject.instance().addMapLayer(QgsRasterLayer(str(write_scene(tmp_path / "scene.tif")), "scene"))
    fit.click()
    assert not fit.isEnabled()
    qtbot.waitUntil(fit.isEnabled, timeout=900_000)
    assert re.match(r"Verdicts fitted to \d+ phrases on 1 rasters: ", trial.outcome), trial.outcome
    fitted = json.loads((folder / "calibration.json").read_text(encoding="utf-8"))
    assert fitted["sources"] == ["scene"]


def test_a_model_whose_parts_do_not_belong_together_is_not_recommended() -> None:
    checked = ModelChecked(0.01, 0.08, False, 1.5, 20.0, 1024, 768, False, False)
    told = model_text(checked)
    assert "Do not use it." in told
    assert "1.5 tiles a second (shipped model: 20.0), 1024 bytes a tile in an index (768)" in told
    assert "Fit verdicts" not in told
    assert "msa calibrate --model" in model_text(replace(checked, sound=True))


def test_the_page_tells_how_another_model_is_used(qtbot: QtBot) -> None:
    told = page_of(qtbot, []).findChild(QLabel, "msaOtherModel").text()
    assert told.startswith("Use another model: ")
    assert "safetensors" in told
