"""*Search This Layer* and *Describe This Layer…* in the menu of raster layers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtWidgets import QAction

from qgis_msa_plugin.dock.search_dock import SearchDock
from qgis_msa_plugin.gis.marks import HEAT_PROPERTY
from qgis_msa_plugin.menu import LayerMenu
from qgis_msa_plugin.session import Session
from qgis_msa_plugin.settings import Settings
from tests.present import present
from tests.qgis.dock.conftest import write_raster
from tests.qgis.dock.desk import Client, Desk


@pytest.fixture
def rasters(tmp_path: Path, qgis_new_project: None) -> list[QgsRasterLayer]:
    names = ("coast", "port", "town")
    layers = [QgsRasterLayer(str(write_raster(tmp_path / f"{name}.tif")), name) for name in names]
    QgsProject.instance().addMapLayers(layers)
    return layers


@pytest.fixture
def dock(client: Client, desk: Desk, rasters: list[QgsRasterLayer]) -> Iterator[SearchDock]:
    session = Session(client, Settings)
    dock = SearchDock(session, desk)
    desk.add(dock)
    yield dock
    dock.release()
    session.release()


@pytest.fixture
def menu(dock: SearchDock, desk: Desk) -> Iterator[LayerMenu]:
    menu = LayerMenu(desk, lambda: dock)
    yield menu
    menu.remove()


def entry(desk: Desk, text: str) -> QAction:
    return next(action for action in desk.layer_actions if action.text() == text)


def test_the_selected_rasters_are_searched_even_if_another_is_pinned(
    menu: LayerMenu, dock: SearchDock, desk: Desk, rasters: list[QgsRasterLayer]
) -> None:
    dock.search.target.pin.setChecked(True)
    dock.tabs.setCurrentWidget(dock.batch)
    desk.tree.selected = rasters[1:]
    entry(desk, "Search This Layer").trigger()
    assert set(dock.search.target.layers()) == set(rasters[1:])
    assert dock.tabs.currentWidget() is dock.search


def test_a_layer_is_described_by_the_next_click(
    menu: LayerMenu, dock: SearchDock, desk: Desk, rasters: list[QgsRasterLayer]
) -> None:
    desk.active = rasters[2]
    entry(desk, "Describe This Layer…").trigger()
    assert dock.tabs.currentWidget() is dock.describe
    assert dock.describe.button.isChecked()
    assert dock._session.describer.layer is rasters[2]


def test_what_shows_what_a_search_found_is_no_raster_to_search(
    menu: LayerMenu, dock: SearchDock, desk: Desk, rasters: list[QgsRasterLayer]
) -> None:
    before = dock.search.target.layers()
    rasters[2].setCustomProperty(HEAT_PROPERTY, "x")
    desk.tree.selected = [rasters[2]]
    for text in ("Search This Layer", "Describe This Layer…"):
        entry(desk, text).trigger()
        assert present(dock._state.notice).sentence.startswith("Choose a raster layer")
    assert dock.search.target.layers() == before


def test_entries_and_keys_go_with_the_plugin(desk: Desk, dock: SearchDock) -> None:
    before = list(desk.registered)
    menu = LayerMenu(desk, lambda: dock)
    keys = {action.shortcut().toString() for action in desk.layer_actions}
    assert keys == {"Ctrl+Alt+Shift+F", "Ctrl+Alt+Shift+D"}
    menu.remove()
    assert desk.layer_actions == []
    assert desk.registered == before
