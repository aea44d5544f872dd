from __future__ import annotations

import gc
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import qgis.utils
from pytestqt.qtbot import QtBot
from qgis.core import QgsApplication
from qgis.gui import QgsDockWidget, QgsFileWidget
from qgis.PyQt.QtCore import QCoreApplication, QEvent, QObject, QProcess, Qt
from qgis.PyQt.QtWidgets import QAction, QApplication, QLineEdit, QMenu

import qgis_msa_plugin
from qgis_msa_plugin import plugin as loading
from qgis_msa_plugin.plugin import MsaSearchPlugin
from qgis_msa_plugin.settings import Settings, keep_settings
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.state import WorkerState
from tests.present import present
from tests.qgis.conftest import ROOT, odd_command
from tests.qgis.window import Window
from tools.staging import stage_plugin

OPENS_WITHIN_S = 0.1  # of processor time
LOADED_MS = 10_000


@pytest.fixture(autouse=True)
def contract_stays_loaded() -> Iterator[None]:
    """Unloading purges `msa_model`; the other tests go on with the classes they know."""
    modules = {name: module for name, module in sys.modules.items() if name.startswith("msa_model")}
    yield
    sys.modules.update(modules)


@pytest.fixture
def plugin(window: Window) -> Iterator[MsaSearchPlugin]:
    keep_settings(Settings(worker_command=odd_command("good")))
    plugin = qgis_msa_plugin.classFactory(window)
    plugin.initGui()
    yield plugin
    plugin.unload()


def provider_ids() -> list[str]:
    return [provider.id() for provider in QgsApplication.processingRegistry().providers()]


def test_loading_adds_action_options_and_algorithms_but_no_dock(
    plugin: MsaSearchPlugin, window: Window
) -> None:
    assert [action.text() for action in window.menu.actions()][:2] == ["MSA Search", "Set Up the Worker…"]
    assert window.menu.actions()[:1] == window.tool_bar.actions()
    assert not window.menu.actions()[0].icon().isNull()
    assert len(window.factories) == 1
    assert "msa_search" in provider_ids()
    assert window.docks() == []


def test_the_action_shows_and_hides_the_dock(plugin: MsaSearchPlugin, window: Window, qtbot: QtBot) -> None:
    window.window.show()
    action = window.menu.actions()[0]
    action.trigger()
    assert window.docks() == ["MsaSearchDock"]
    dock = next(dock for dock in window.window.findChildren(object) if dock.objectName() == "MsaSearchDock")
    assert dock.isVisible()
    assert action.isChecked()
    action.trigger()
    assert not dock.isVisible()
    action.trigger()
    dock.close()
    assert not action.isChecked()
    assert window.docks() == ["MsaSearchDock"]


def test_keys_open_the_dock_with_the_cursor_in_the_query(
    plugin: MsaSearchPlugin, window: Window, qtbot: QtBot
) -> None:
    (ask,) = (action for action in window.window.actions() if action.objectName() == "mActionMsaAsk")
    assert ask.shortcut().toString() == "Ctrl+Alt+F"
    window.window.show()
    ask.trigger()
    dock = window.window.findChild(QgsDockWidget, "MsaSearchDock")
    dock.tabs.setCurrentWidget(dock.batch)
    ask.trigger()
    assert dock.tabs.currentWidget() is dock.search
    qtbot.waitUntil(dock.search.query.query.hasFocus)


def test_a_dock_that_was_open_is_there_again_on_its_side(window: Window, qtbot: QtBot) -> None:
    plugin = qgis_msa_plugin.classFactory(window)
    plugin.initGui()
    window.window.show()
    window.menu.actions()[0].trigger()
    dock = window.window.findChild(QgsDockWidget, "MsaSearchDock")
    window.window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
    plugin.unload()
    qtbot.waitUntil(lambda: window.docks() == [], timeout=1000)
    plugin = qgis_msa_plugin.classFactory(window)
    plugin.initGui()
    qtbot.waitUntil(lambda: window.docks() != [], timeout=LOADED_MS)
    dock = window.window.findChild(QgsDockWidget, "MsaSearchDock")
    assert dock.isVisible()
    assert window.window.dockWidgetArea(dock) == Qt.DockWidgetArea.LeftDockWidgetArea
    dock.close()
    plugin.unload()
    qtbot.waitUntil(lambda: window.docks() == [], timeout=1000)
    plugin = qgis_msa_plugin.classFactory(window)
    plugin.initGui()
    assert window.docks() == []
    plugin.unload()


def test_unloading_leaves_nothing_behind(window: Window, qtbot: QtBot) -> None:
    keep_settings(Settings(worker_command=odd_command("deaf")))
    before = (provider_ids(), list(sys.path))
    plugin = qgis_msa_plugin.classFactory(window)
    plugin.initGui()
    window.window.show()
    window.menu.actions()[0].trigger()
    client = window.window.findChild(WorkerClient)
    client.start()
    qtbot.waitUntil(lambda: client.state is WorkerState.READY, timeout=10_000)
    pid = client.initialized.pid
    started = time.thread_time()
    plugin.unload()
    assert time.thread_time() - started < OPENS_WITHIN_S
    assert Path(f"/proc/{pid}").exists()  # it was not waited for
    qtbot.waitUntil(lambda: not Path(f"/proc/{pid}").exists(), timeout=10_000)
    assert (provider_ids(), list(sys.path)) == before
    assert (window.menu.actions(), window.tool_bar.actions(), window.factories) == ([], [], [])
    qtbot.waitUntil(lambda: window.docks() == [], timeout=1000)
    assert not [name for name in sys.modules if name.startswith("msa_model")]


class RasterMenu(Window):
    """Keeps plugins' submenus as QGIS's own window does: one that is emptied is hidden, and stays."""

    def __init__(self) -> None:
        super().__init__()
        self.raster_menu = QMenu("&Raster", self.window)

    def addPluginToRasterMenu(self, name: str, action: QAction) -> None:  # noqa: N802  (as in QgisInterface)
        self._submenu(name).addAction(action)

    def removePluginRasterMenu(self, name: str, action: QAction) -> None:  # noqa: N802  (as in QgisInterface)
        submenu = self._submenu(name)
        submenu.removeAction(action)
        if not submenu.actions():
            self.raster_menu.removeAction(submenu.menuAction())

    def _submenu(self, name: str) -> QMenu:
        found = (action.menu() for action in self.raster_menu.actions() if action.text() == name)
        return next(found, None) or self._new_submenu(name)

    def _new_submenu(self, name: str) -> QMenu:
        submenu = QMenu(name, self.window)
        self.raster_menu.addMenu(submenu)
        return submenu


def _counted(window: Window) -> Counter[str]:
    """Widgets, objects and instances of the plugin's classes, once what is to be deleted has gone."""
    gc.collect()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    found = Counter(type(widget).__name__ for widget in QApplication.allWidgets())
    found["QAction"] = len(window.window.findChildren(QAction))
    found["QObject"] = len(window.window.findChildren(QObject))
    ours = (type(thing) for thing in gc.get_objects())
    found.update(kind.__qualname__ for kind in ours if str(kind.__module__).startswith("qgis_msa_plugin"))
    return found


def test_reloading_the_plugin_leaves_no_menu_action_or_object_more(
    qgis_app: QgsApplication, qgis_new_project: None, qtbot: QtBot
) -> None:
    keep_settings(Settings(worker_command=odd_command("good")))
    window, counts = RasterMenu(), []
    window.window.show()
    for _ in range(3):
        plugin = qgis_msa_plugin.classFactory(window)
        plugin.initGui()
        qtbot.waitUntil(lambda: bool(window.raster_menu.actions()), timeout=LOADED_MS)
        window.raster_menu.actions()[0].menu().actions()[0].trigger()
        client = window.window.findChild(WorkerClient)
        client.start()
        qtbot.waitUntil(lambda client=client: client.state is WorkerState.READY, timeout=60_000)
        plugin.unload()
        del plugin, client
        qtbot.waitUntil(lambda: window.docks() == [], timeout=10_000)
        # A worker that is let go is not waited for: it counts as long as its process takes to end.
        qtbot.waitUntil(lambda: not qgis_app.findChildren(QProcess), timeout=60_000)
        counts.append(_counted(window))
    assert window.raster_menu.actions() == []
    assert counts[2] - counts[1] == Counter()
    assert counts[1]["QMenu"] == counts[0]["QMenu"]
    window.close()


def test_an_unloaded_plugin_takes_no_notice_of_the_map(window: Window, qtbot: QtBot) -> None:
    plugin = qgis_msa_plugin.classFactory(window)
    plugin.initGui()
    window.menu.actions()[0].trigger()
    plugin.unload()
    qtbot.waitUntil(lambda: window.docks() == [], timeout=1000)
    with qtbot.captureExceptions() as raised:
        window.canvas.extentsChanged.emit()
        window.canvas.selectionChanged.emit(None)
    assert raised == []


def test_a_plugin_that_was_never_opened_unloads_too(window: Window) -> None:
    plugin = qgis_msa_plugin.classFactory(window)
    plugin.initGui()
    plugin.unload()
    assert "msa_search" not in provider_ids()


def test_another_worker_in_the_options_replaces_the_running_one(
    plugin: MsaSearchPlugin, window: Window, qtbot: QtBot
) -> None:
    window.menu.actions()[0].trigger()
    client = window.window.findChild(WorkerClient)
    client.start()
    qtbot.waitUntil(lambda: client.state is WorkerState.READY, timeout=10_000)
    page = window.factories[0].createWidget(None)
    qtbot.addWidget(page)
    page.apply()
    assert client.state is WorkerState.READY
    page.findChild(QgsFileWidget).setFilePath("/nowhere/msa")
    page.apply()
    assert client.state is WorkerState.MISSING


def test_other_tile_sides_in_the_options_are_planned_anew(
    plugin: MsaSearchPlugin, window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.menu.actions()[0].trigger()
    planned: list[bool] = []
    opened = present(present(plugin._desktop)._opened)
    monkeypatch.setattr(opened.session.search, "area_moved", lambda: planned.append(True))
    page = window.factories[0].createWidget(None)
    qtbot.addWidget(page)
    page.findChild(QLineEdit, "msaScales").setText("40, 160")
    page.apply()
    assert planned == [True]


SCRIPT = """
import sys, time
sys.path = [path for path in sys.path if path not in ("", {root!r})]
sys.path.insert(0, {folder!r})
from qgis.core import QgsApplication
from qgis.gui import QgsDockWidget, QgsFileWidget
from qgis.PyQt.QtCore import Qt
app = QgsApplication([], False)
app.initQgis()
before = set(sys.modules)  # QGIS itself brings numpy from 3.40 on
started = time.thread_time()
import qgis_msa_plugin
plugin = qgis_msa_plugin.classFactory(None)
plugin.initProcessing()
took = time.thread_time() - started
bundle = {folder!r} + "/qgis_msa_plugin/_bundled"
import msa_model.protocol
assert msa_model.protocol.__file__.startswith(bundle), msa_model.protocol.__file__
assert not {{"torch", "numpy", "rasterio"}} & (set(sys.modules) - before)
provider = QgsApplication.processingRegistry().providerById("msa_search")
print(sorted(algorithm.id() for algorithm in provider.algorithms()), provider.versionInfo())
plugin.unload()
assert bundle not in sys.path
assert not [name for name in sys.modules if name.startswith("msa_model")]
print(f"{{took:.3f}}")
app.exitQgis()
"""


def loaded(folder: Path) -> tuple[str, float]:
    """What a staged plugin says of its algorithms, and the seconds of processor time that loading it took."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(folder=str(folder), root=str(ROOT))],
        cwd=folder,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    ids, took = done.stdout.splitlines()[-2:]
    return ids, float(took)


def test_the_staged_plugin_loads_at_once_from_its_bundle_and_leaves_no_trace(tmp_path: Path) -> None:
    stage_plugin(tmp_path)
    ids, took = loaded(tmp_path)
    assert all(f"'msa_search:{name}'" in ids for name in ("describetile", "indexraster", "searchtext"))
    assert re.search(r"\] \d+\.\d+\.\d+$", ids)
    for _ in range(5):  # what else runs takes the processor's caches: the least of a few is the plugin's own
        if took < 10 * OPENS_WITHIN_S:
            break
        took = min(took, loaded(tmp_path)[1])
    assert took < 10 * OPENS_WITHIN_S  # docs/architecture.md has the measured figure


def test_what_was_imported_ahead_is_forgotten_as_qgis_unloads_the_plugin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    noted: dict[str, set[str]] = {}
    monkeypatch.setattr(qgis.utils, "_plugin_modules", noted)
    monkeypatch.setattr(qgis.utils, "available_plugins", ["qgis_msa_plugin"])
    loading._import("qgis_msa_plugin.dock.fold_line")
    assert "qgis_msa_plugin.dock.fold_line" in noted["qgis_msa_plugin"]
