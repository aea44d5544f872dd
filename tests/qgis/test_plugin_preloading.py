from __future__ import annotations

import importlib

import pytest
from pytestqt.qtbot import QtBot
from qgis.PyQt.QtCore import QObject

from qgis_msa_plugin import plugin
from qgis_msa_plugin.plugin import Preloader


@pytest.fixture
def imported(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    monkeypatch.setattr(importlib, "import_module", names.append)
    monkeypatch.setattr(plugin, "START_MS", 0)
    monkeypatch.setattr(plugin, "STEP_MS", 0)
    return names


def test_every_module_of_the_dock_is_imported_before_anyone_opens_it(
    imported: list[str], qtbot: QtBot
) -> None:
    parent = QObject()
    Preloader(parent)
    assert imported == []  # not while QGIS starts
    qtbot.waitUntil(lambda: "qgis_msa_plugin.dock.search_dock" in imported, timeout=3000)
    assert imported.index("qgis_msa_plugin.search.state") < imported.index("qgis_msa_plugin.dock.search_dock")


def test_a_plugin_that_is_unloaded_imports_no_more(imported: list[str], qtbot: QtBot) -> None:
    parent = QObject()
    Preloader(parent).stop()
    qtbot.wait(50)
    assert imported == []


def test_a_module_that_cannot_be_imported_stops_the_preloading_without_a_word(
    monkeypatch: pytest.MonkeyPatch, imported: list[str], qtbot: QtBot
) -> None:
    def broken(name: str) -> None:
        imported.append(name)
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", broken)
    parent = QObject()
    with qtbot.captureExceptions() as raised:
        Preloader(parent)
        qtbot.wait(100)
    assert len(imported) == 1
    assert raised == []
