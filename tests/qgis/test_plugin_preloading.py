from __future__ import annotations

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from pytestqt.qtbot import QtBot
from qgis.PyQt.QtCore import QObject

import qgis_msa_plugin
from qgis_msa_plugin import plugin
from qgis_msa_plugin.plugin import Preloader
from tests.qgis.conftest import ROOT
from tests.qgis.test_plugin import LOADED_MS, contract_stays_loaded, provider_ids
from tests.qgis.window import Window

__all__ = ["contract_stays_loaded"]  # a fixture

MOST_MODULES = 12  # of the plugin's and the engine's, in one step: few enough for 50 ms


@pytest.fixture
def imported(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    monkeypatch.setattr(plugin, "_import", names.append)
    monkeypatch.setattr(plugin, "sys", SimpleNamespace(modules={}))  # as if none were there
    return names


def test_every_module_of_the_dock_is_imported_before_anyone_opens_it(
    imported: list[str], qtbot: QtBot
) -> None:
    parent = QObject()
    Preloader(parent, 0, 0)
    assert imported == []  # not while QGIS starts
    qtbot.waitUntil(lambda: "qgis_msa_plugin.dock.search_dock" in imported, timeout=3000)
    assert imported.index("qgis_msa_plugin.search.state") < imported.index("qgis_msa_plugin.dock.search_dock")


def test_a_plugin_that_is_unloaded_imports_no_more(imported: list[str], qtbot: QtBot) -> None:
    parent = QObject()
    Preloader(parent, 0, 0).stop()
    qtbot.wait(50)
    assert imported == []


def test_a_module_that_cannot_be_imported_stops_the_preloading_without_a_word(
    monkeypatch: pytest.MonkeyPatch, imported: list[str], qtbot: QtBot
) -> None:
    def broken(name: str) -> None:
        imported.append(name)
        raise ImportError(name)

    monkeypatch.setattr(plugin, "_import", broken)
    parent = QObject()
    ended: list[bool] = []
    with qtbot.captureExceptions() as raised:
        loader = Preloader(parent, 0, 0)
        loader.finished.connect(lambda: ended.append(True))
        qtbot.wait(100)
    assert len(imported) == len(ended) == 1
    assert raised == []


def test_in_a_window_that_is_in_use_the_plugin_comes_as_soon_as_its_modules_are_there(
    window: Window, qtbot: QtBot
) -> None:
    window.window.show()
    plugin = qgis_msa_plugin.classFactory(window)
    plugin.initGui()
    assert (window.menu.actions(), "msa_search" in provider_ids()) == ([], False)
    qtbot.waitUntil(lambda: bool(window.menu.actions()), timeout=LOADED_MS)
    assert "msa_search" in provider_ids()
    plugin.unload()
    assert (window.menu.actions(), "msa_search" in provider_ids()) == ([], False)


def test_a_plugin_that_is_unloaded_before_it_has_come_never_comes(window: Window, qtbot: QtBot) -> None:
    window.window.show()
    plugin = qgis_msa_plugin.classFactory(window)
    plugin.initGui()
    plugin.unload()
    qtbot.wait(500)
    assert (window.menu.actions(), "msa_search" in provider_ids()) == ([], False)


STEPS = """
import sys
from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QTimer
from tests.qgis.window import Window
import qgis_msa_plugin
app = QgsApplication([], True)
app.initQgis()
window = Window()
window.window.show()
def own():
    return {name for name in sys.modules if name.startswith(("qgis_msa_plugin", "msa_model"))}
before, most = own(), 0
def step(name):
    global before, most
    real(name)
    most, before = max(most, len(own() - before)), own()
plugin = qgis_msa_plugin.classFactory(window)
loading = sys.modules["qgis_msa_plugin.plugin"]
real, loading._import = loading._import, step
plugin.initGui()
print(len(own() - before))
look = QTimer()
look.timeout.connect(lambda: window.menu.actions() and app.quit())
look.start(10)
app.exec()
look.stop()
print(most, len(own()))
plugin.unload()
window.close()
app.exitQgis()
"""


def test_no_step_of_loading_into_a_window_in_use_imports_many_modules() -> None:
    done = subprocess.run(
        [sys.executable, "-c", STEPS],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    at_once, most, in_all = map(int, done.stdout.split())
    assert at_once <= MOST_MODULES
    assert most <= MOST_MODULES
    assert in_all > 10 * MOST_MODULES
