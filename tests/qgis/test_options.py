from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QLabel, QPushButton, QWidget

from qgis_msa_plugin.options import OptionsFactory, OptionsPage
from qgis_msa_plugin.settings import PAGE_NAME, Settings, current_settings, keep_settings
from qgis_msa_plugin.setup.trial import WorkerTrial
from tests.qgis.conftest import odd_command

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
    assert len(labels) == 9
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
