"""The window of the set-up, and what the plugin adds around it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import Qgis, QgsSettings
from qgis.PyQt.QtCore import QT_VERSION_STR, QObject, Qt
from qgis.PyQt.QtWidgets import QApplication, QComboBox, QLabel, QMessageBox, QPushButton, QWidget

from qgis_msa_plugin.dock.worker_strip import WorkerStrip
from qgis_msa_plugin.search.state import SearchState, WorkerView
from qgis_msa_plugin.settings import Settings, current_settings, keep_settings
from qgis_msa_plugin.setup import desktop
from qgis_msa_plugin.setup.desktop import SetupEntry, add_setup
from qgis_msa_plugin.setup.dialog import SetupDialog
from qgis_msa_plugin.setup.environment import Environment, EnvironmentState
from qgis_msa_plugin.setup.interpreters import InterpreterSearch
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.launch import COMMAND_VARIABLE
from qgis_msa_plugin.worker.state import WorkerState
from tests.present import present
from tests.qgis.conftest import odd_command
from tests.qgis.tiny_setup_files import make_wheels, tiny_setup_files
from tests.qgis.window import Window

BUILD_MS = 60_000


class Around:
    """A main window with a set-up whose wheels are tiny."""

    def __init__(self, window: Window, folder: Path, qtbot: QtBot) -> None:
        self.window, self.folder, self.qtbot = window, folder, qtbot
        self.client = WorkerClient(current_settings, window.window)
        self.entry: SetupEntry = add_setup(window, lambda: self.client)

    @property
    def dialog(self) -> SetupDialog:
        return self.window.window.findChild(SetupDialog)

    def part(self, name: str, kind: type = QWidget) -> QWidget:
        return self.dialog.findChild(kind, name)

    def text(self, name: str) -> str:
        return self.part(name, QLabel).text()

    def show(self) -> None:
        self.window.window.show()
        self.entry.show()
        python = self.part("msaSetupPython", QComboBox)
        self.qtbot.waitUntil(lambda: "Looking" not in python.itemText(0), timeout=20_000)

    def press(self, name: str) -> None:
        self.qtbot.mouseClick(self.part(name, QPushButton), Qt.MouseButton.LeftButton)

    def outcome(self) -> str:
        self.qtbot.waitUntil(lambda: bool(self.text("msaSetupOutcome")), timeout=BUILD_MS)
        return self.text("msaSetupOutcome")


@pytest.fixture
def around(window: Window, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Around]:
    monkeypatch.delenv(COMMAND_VARIABLE, raising=False)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setattr(desktop, "shipped_setup_files", lambda: tiny_setup_files(tmp_path / "site"))
    monkeypatch.setattr(desktop, "Environment", lambda profile: Environment(tmp_path / "profile"))
    system = InterpreterSearch({"PATH": "/usr/bin:/bin"}, Path("/usr"), windows=False)
    monkeypatch.setattr(desktop, "interpreter_search", lambda: system)
    around = Around(window, tmp_path, qtbot)
    yield around
    around.entry.remove()
    around.client.stop()


def dock_of(around: Around) -> QWidget:
    dock = QWidget(around.window.window)
    state = SearchState(dock)
    state.worker = WorkerView(around.client.state, error=around.client.error)
    WorkerStrip(state, dock)
    return dock


def test_it_is_offered_once_where_there_is_no_worker(around: Around) -> None:
    around.entry.attach(dock_of(around))
    around.qtbot.waitUntil(lambda: around.dialog is not None and around.dialog.isVisible())
    around.dialog.close()
    around.entry.attach(dock_of(around))
    around.qtbot.wait(50)
    assert not around.dialog.isVisible()


def test_it_is_not_offered_to_who_named_a_worker(around: Around) -> None:
    keep_settings(Settings(worker_command="/nowhere/msa"))
    around.client.look()
    around.entry.attach(dock_of(around))
    around.qtbot.wait(50)
    assert around.client.state is WorkerState.MISSING
    assert around.dialog is None


def test_the_docks_button_opens_it(around: Around) -> None:
    keep_settings(Settings(worker_command="/nowhere/msa"))
    dock = dock_of(around)
    around.entry.attach(dock)
    dock.findChild(WorkerStrip).button.click()
    assert around.dialog.isVisible()


def test_it_says_what_it_costs_builds_and_is_the_worker_from_then_on(around: Around) -> None:
    keep_settings(Settings(worker_command="/nowhere/msa", k=7))
    QgsSettings().setValue("msa_search/setup_wheels", str(make_wheels(around.folder / "wheels")))
    around.show()
    assert re.search(r"\b3\.1[1-9]\b", around.part("msaSetupPython", QComboBox).currentText())
    assert "Fetches nothing" in around.text("msaSetupSizes")
    assert str(around.folder) in around.text("msaSetupSizes")
    around.press("msaSetupStart")
    assert around.part("msaSetupCancel").isVisible()
    assert "It works" in around.outcome()
    assert current_settings() == Settings(k=7)
    assert "2.13.0" in around.text("msaSetupState")

    around.press("msaSetupRemove")
    box = around.part("msaSetupConfirm")
    around.qtbot.waitUntil(box.isVisible)
    box.reject()
    assert Environment(around.folder / "profile").folder.exists()
    around.press("msaSetupRemove")
    around.qtbot.waitUntil(lambda: around.part("msaSetupConfirmed", QPushButton) is not None)
    around.dialog.findChildren(QPushButton, "msaSetupConfirmed")[-1].click()
    around.qtbot.waitUntil(lambda: "deleted" in around.text("msaSetupOutcome"), timeout=BUILD_MS)
    assert not Environment(around.folder / "profile").folder.exists()


def test_the_docks_foot_tells_how_far_the_set_up_is(around: Around) -> None:
    QgsSettings().setValue("msa_search/setup_wheels", str(make_wheels(around.folder / "wheels")))
    dock = dock_of(around)
    around.entry.attach(dock)
    strip = dock.findChild(WorkerStrip)
    around.show()
    around.press("msaSetupStart")
    around.qtbot.waitUntil(lambda: strip.label.text().startswith("Setting up the worker: "), timeout=BUILD_MS)
    told = re.fullmatch(r"Setting up the worker: (\d+) % · .+", strip.label.text())
    assert told is not None
    around.dialog.close()
    strip.button.click()
    assert around.dialog.isVisible()
    assert "It works" in around.outcome()
    assert "Setting up" not in strip.label.text()


def test_a_worker_that_works_is_not_built_anew_by_enter_nor_unasked(around: Around) -> None:
    QgsSettings().setValue("msa_search/setup_wheels", str(make_wheels(around.folder / "wheels")))
    around.show()
    assert around.part("msaSetupStart", QPushButton).isDefault()
    around.press("msaSetupStart")
    assert "It works" in around.outcome()
    start = around.part("msaSetupStart", QPushButton)
    assert (start.text(), start.isDefault()) == ("&Repair", False)
    around.qtbot.keyClick(around.dialog, Qt.Key.Key_Return)
    assert not present(around.entry._parts).job.busy
    around.show()
    around.press("msaSetupStart")
    around.qtbot.waitUntil(lambda: around.part("msaSetupConfirm", QMessageBox) is not None)
    box = around.part("msaSetupConfirm", QMessageBox)
    around.qtbot.keyClick(box, Qt.Key.Key_Return)
    assert not present(around.entry._parts).job.busy
    around.press("msaSetupStart")
    around.dialog.findChildren(QPushButton, "msaSetupConfirmed")[-1].click()
    assert present(around.entry._parts).job.busy


def test_stopping_says_that_it_can_go_on(around: Around) -> None:
    QgsSettings().setValue("msa_search/setup_wheels", str(make_wheels(around.folder / "wheels")))
    around.show()
    around.press("msaSetupStart")
    around.qtbot.waitUntil(lambda: bool(around.text("msaSetupStep")))
    around.qtbot.wait(300)
    around.press("msaSetupCancel")
    assert "go on" in around.outcome()
    assert not around.part("msaSetupCancel").isVisible()
    around.qtbot.waitUntil(lambda: around.part("msaSetupStart").isEnabled())


def test_a_worker_that_is_installed_already_is_tried_before_it_is_kept(around: Around) -> None:
    around.show()
    around.part("msaSetupExisting").click()
    assert not around.part("msaSetupStart").isEnabled()
    around.part("msaSetupProgram").setFilePath("/nowhere/msa")
    around.press("msaSetupStart")
    assert "/nowhere/msa" in around.outcome()
    assert current_settings().worker_command == ""
    around.part("msaSetupProgram").setFilePath(odd_command("good"))
    around.press("msaSetupStart")
    around.qtbot.waitUntil(lambda: "It works" in around.text("msaSetupOutcome"), timeout=BUILD_MS)
    assert current_settings().worker_command == odd_command("good")
    assert Environment(around.folder / "profile").state("") is EnvironmentState.ABSENT


def program(folder: Path, name: str, body: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


OLD = '{"program": "/old/python", "version": [3, 9, 1], "missing": [], "bits": 64, "machine": "x"}'


@pytest.mark.parametrize(
    ("body", "words"), [("exit 1", "no Python that answers"), (f"echo '{OLD}'", "older than 3.11")]
)
def test_a_named_program_that_does_not_do_is_refused(around: Around, body: str, words: str) -> None:
    around.show()
    around.dialog._form.named.emit(str(program(around.folder, "python", body)))
    assert words in around.outcome()


def test_a_named_python_is_used(around: Around) -> None:
    around.show()
    link = around.folder / "my python"
    link.symlink_to("/usr/bin/python3")
    around.dialog._form.named.emit(str(link))
    combo = around.part("msaSetupPython", QComboBox)
    around.qtbot.waitUntil(lambda: str(link) in combo.currentText(), timeout=10_000)
    assert present(around.dialog._form.choice(reinstall=False)).python == str(link)


def test_where_none_does_the_reason_is_told(around: Around, monkeypatch: pytest.MonkeyPatch) -> None:
    old = program(around.folder, "python3", f"echo '{OLD}'")
    monkeypatch.setattr("qgis_msa_plugin.setup.inspection.candidates", lambda around: [(str(old),)])
    around.show()
    assert "None found" in around.part("msaSetupPython", QComboBox).currentText()
    assert "3.9.1" in around.outcome()
    assert "older" in around.outcome()
    assert not around.part("msaSetupStart").isEnabled()


def test_a_graphics_card_is_told_with_the_larger_size(
    around: Around, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(around.folder, "nvidia-smi", "echo 'GPU 0: NVIDIA H100 (UUID: GPU-1)'")
    monkeypatch.setenv("PATH", f"{around.folder}:/usr/bin:/bin")
    around.show()
    backend = around.part("msaSetupBackend", QComboBox)
    around.qtbot.waitUntil(lambda: "NVIDIA H100" in backend.itemText(0), timeout=20_000)
    assert "7.6 GB" in around.text("msaSetupSizes")
    backend.setCurrentIndex(1)
    assert "about 0.6 GB" in around.text("msaSetupSizes")
    assert "1.9 GB" in around.text("msaSetupSizes")


def test_an_address_with_a_password_is_not_written_down(around: Around) -> None:
    around.show()
    index = around.part("msaSetupIndex")
    index.setText("https://anna:hunter2@index.example.org/simple")
    around.dialog._form.keep()
    assert QgsSettings().value("msa_search/setup_index") is None
    index.setText("https://index.example.org/simple")
    around.dialog._form.keep()
    assert QgsSettings().value("msa_search/setup_index") == "https://index.example.org/simple"


def test_diagnostics_tell_what_a_report_needs_and_hide_the_rest(around: Around) -> None:
    keep_settings(Settings(worker_command="ssh anna@gpu-box msa worker --token hunter2", threads=3))
    log = Environment(around.folder / "profile").log
    log.parent.mkdir(parents=True)
    log.write_text("ERROR: Could not install from https://anna:hunter2@index.example.org/simple\n")
    around.entry.copy_diagnostics()
    text = QApplication.clipboard().text()
    versions = (f"QGIS: {Qgis.QGIS_VERSION}", f"Qt {QT_VERSION_STR}")
    for word in (*versions, "threads: 3", "gpu-box", "State: absent", "Could not install", "Free"):
        assert word in text
    assert "hunter2" not in text
    assert "anna" not in text
    assert len(text.splitlines()) > 20


def test_every_part_can_be_reached_and_is_named(around: Around) -> None:
    around.show()
    for field in ("msaSetupPython", "msaSetupBackend", "msaSetupIndex", "msaSetupWheels"):
        assert around.part(field).accessibleName()
        assert around.part(field).toolTip()
    buttons = [b for b in around.dialog.findChildren(QPushButton) if b.objectName().startswith("msaSetup")]
    keys = [button.text().partition("&")[2][:1].lower() for button in buttons]
    assert len(buttons) == 4
    assert len(set(keys) - {""}) == 4


def test_removing_the_plugin_in_mid_build_stops_it(around: Around) -> None:
    QgsSettings().setValue("msa_search/setup_wheels", str(make_wheels(around.folder / "wheels")))
    around.show()
    around.press("msaSetupStart")
    around.qtbot.wait(200)
    job = present(around.entry._parts).job
    runner: QObject = job._runner
    around.entry.remove()
    assert not job.busy
    assert runner.pid == 0
    around.entry = add_setup(around.window, lambda: None)
    assert os.path.lexists(around.folder / "profile" / "msa_search")
