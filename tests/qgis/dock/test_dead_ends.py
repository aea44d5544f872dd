"""What used to lead nowhere: another layer chosen, Enter at a question, words of an earlier search."""

from __future__ import annotations

import pytest
from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtWidgets import QLineEdit, QToolButton

from msa_model.protocol import rpc
from msa_model.protocol.messages import Example, TileRef
from qgis_msa_plugin.dock.layer_choice import LayerChoice
from qgis_msa_plugin.dock.search_dock import SearchDock
from qgis_msa_plugin.search.controller import LONG_SCAN_S, SearchController
from qgis_msa_plugin.widgets.notices import Level
from tests.qgis.dock.conftest import MakeRaster
from tests.qgis.dock.desk import Client, Desk, plan
from tests.qgis.dock.tables import rank_reply
from tests.qgis.dock.test_dock import click, part, type_and_enter


@pytest.fixture
def coast(town: QgsRasterLayer, make_raster: MakeRaster) -> QgsRasterLayer:
    layer = QgsRasterLayer(str(make_raster("coast.tif")), "coast")
    QgsProject.instance().addMapLayer(layer)
    return layer


def test_the_dock_follows_the_layer_panel_until_a_layer_is_pinned(
    town: QgsRasterLayer, coast: QgsRasterLayer, dock: SearchDock, desk: Desk
) -> None:
    choice = part(dock, LayerChoice, "msaLayer")
    for layer in (town, coast):
        desk.currentLayerChanged.emit(layer)
        assert choice.layers() == (layer,)
    click(part(dock, QToolButton, "msaPin"))
    desk.currentLayerChanged.emit(town)
    assert choice.layers() == (coast,)


def test_layers_that_were_ticked_together_stay_so(
    town: QgsRasterLayer, coast: QgsRasterLayer, dock: SearchDock, desk: Desk
) -> None:
    choice = part(dock, LayerChoice, "msaLayer")
    choice.choose([town, coast])
    desk.currentLayerChanged.emit(town)
    assert set(choice.layers()) == {town, coast}


def test_enter_agrees_to_the_scan_that_was_asked_about(
    town: QgsRasterLayer, dock: SearchDock, client: Client
) -> None:
    type_and_enter(dock, "blue roofs")
    client.answer(rpc.PLAN, plan(seconds=LONG_SCAN_S + 60))
    assert client.waiting(rpc.BUILD) == []
    type_and_enter(dock, "blue roofs")
    assert len(client.waiting(rpc.BUILD)) == 1


def test_other_words_do_not_agree_to_a_scan(town: QgsRasterLayer, dock: SearchDock, client: Client) -> None:
    type_and_enter(dock, "blue roofs")
    client.answer(rpc.PLAN, plan(seconds=LONG_SCAN_S + 60))
    type_and_enter(dock, "green field")
    assert client.waiting(rpc.BUILD) == []


def test_words_go_when_places_alone_are_sought(
    town: QgsRasterLayer, dock: SearchDock, client: Client, controller: SearchController
) -> None:
    type_and_enter(dock, "blue roofs")
    client.answer(rpc.PLAN, plan(missing=0))
    client.answer(rpc.RANK, *rank_reply(3))
    controller.search_like(Example(tile=TileRef("/nowhere/town.msa.gpkg", 1, 0, 3)))
    assert part(dock, QLineEdit, "msaQuery").text() == ""


def test_a_notice_goes_with_its_project(town: QgsRasterLayer, controller: SearchController) -> None:
    controller.state.say(Level.WARNING, "The layer 'town' is odd.")
    QgsProject.instance().clear()
    assert controller.state.notice is None
