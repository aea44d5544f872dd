"""What used to lead nowhere: another layer chosen, Enter at a question, words of an earlier search."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from qgis.core import QgsProject, QgsRasterLayer, QgsRectangle
from qgis.PyQt.QtCore import QPoint
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QComboBox, QLabel, QLineEdit, QListView, QPushButton, QToolButton

from msa_model.protocol import rpc
from msa_model.protocol.errors import AoiInvalid, Cancelled
from msa_model.protocol.messages import Example, Progress, TileRef
from qgis_msa_plugin.dock.layer_choice import LayerChoice
from qgis_msa_plugin.dock.search_dock import SearchDock
from qgis_msa_plugin.gis.areas import AreaKind
from qgis_msa_plugin.search.controller import LONG_SCAN_S, SearchController
from qgis_msa_plugin.widgets.observed import NoticeLevel
from tests.qgis.dock.conftest import MakeRaster
from tests.qgis.dock.desk import Client, Desk, plan
from tests.qgis.dock.tables import rank_reply
from tests.qgis.dock.test_search_dock import click, part, type_and_enter


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


@pytest.fixture
def asking(town: QgsRasterLayer, dock: SearchDock, client: Client) -> SearchDock:
    """The dock asks before a scan of three minutes, 70 of whose 100 tiles are small."""
    type_and_enter(dock, "blue roofs")
    client.answer(rpc.PLAN, plan(seconds=LONG_SCAN_S + 60))
    return dock


def test_a_long_scan_offers_its_coarse_sizes_with_their_time(asking: SearchDock, client: Client) -> None:
    coarse = part(asking, QPushButton, "msaCoarse")
    assert coarse.text() == "Coarse sizes only: 55 s"
    click(coarse)
    agreed = client.answer(rpc.PLAN, plan(tiles=30, missing=30, seconds=LONG_SCAN_S + 1))
    assert agreed.params.settings.scales_m == (76.8,)
    assert client.waiting(rpc.BUILD)[0].params.settings.scales_m == (76.8,)


def test_coarse_sizes_stay_chosen_until_all_or_another_layer_are_wanted(
    asking: SearchDock, client: Client, coast: QgsRasterLayer, controller: SearchController
) -> None:
    click(part(asking, QPushButton, "msaCoarse"))
    client.answer(rpc.PLAN, plan(tiles=30, missing=0))
    client.answer(rpc.RANK, *rank_reply(3))
    assert "coarse sizes only" in part(asking, QLabel, "msaTarget").text()
    click(part(asking, QToolButton, "msaFold"))
    click(part(asking, QPushButton, "msaAllSizes"))
    assert client.answer(rpc.PLAN, plan()).params.settings.scales_m == ()
    controller.state.coarse = (76.8,)
    controller.choose_layer(coast)
    assert controller.state.coarse == ()


def test_what_stops_a_scan_stays_where_it_is_when_the_first_hits_come(
    town: QgsRasterLayer, dock: SearchDock, client: Client
) -> None:
    click(part(dock, QToolButton, "msaFold"))
    click(part(dock, QToolButton, "msaFold"))  # opened by hand
    assert part(dock, QComboBox, "msaLayer").isVisible()
    type_and_enter(dock, "blue roofs")
    client.answer(rpc.PLAN, plan(missing=100))
    tell = client.waiting(rpc.BUILD)[0].progress
    assert tell is not None
    tell(Progress(1, 10, 100, 5.0, 18.0))
    QTest.qWait(50)
    stop = part(dock, QToolButton, "msaCancel")
    before = stop.mapTo(dock, QPoint(0, 0))
    client.answer(rpc.RANK, *rank_reply(3))
    QTest.qWait(50)
    assert part(dock, QListView, "msaResults").model().rowCount()
    assert stop.mapTo(dock, QPoint(0, 0)) == before


def test_a_scan_stopped_before_its_first_tiles_does_not_say_that_nothing_is_there(
    town: QgsRasterLayer, dock: SearchDock, client: Client
) -> None:
    type_and_enter(dock, "blue roofs")
    client.answer(rpc.PLAN, plan(missing=100))
    tell = client.waiting(rpc.BUILD)[0].progress
    assert tell is not None
    tell(Progress(1, 0, 100, 0.0, None))  # its index is there, empty yet
    click(part(dock, QToolButton, "msaCancel"))
    client.refuse(rpc.BUILD, Cancelled("Cancelled."))
    for _ in range(2):  # asked while the scan ran, and after it
        client.answer(rpc.RANK, *rank_reply(0, tiles=0))
    client.answer(rpc.PLAN, plan(missing=100))
    assert part(dock, QLabel, "msaNotice").text().startswith("The scan was stopped before its first tiles")
    assert part(dock, QLabel, "msaResultsTitle").text() == "Not scanned yet: blue roofs"
    assert "Nothing is scanned here yet" in part(dock, QListView, "msaResults").accessibleDescription()


def test_what_is_no_coarser_than_one_size_is_not_offered(
    town: QgsRasterLayer, dock: SearchDock, client: Client
) -> None:
    type_and_enter(dock, "blue roofs")
    one = dataclasses.replace(plan(seconds=LONG_SCAN_S + 60), scales=plan().scales[:1])
    client.answer(rpc.PLAN, one)
    assert part(dock, QPushButton, "msaScanView").isVisible()
    assert not part(dock, QPushButton, "msaCoarse").isVisible()


def test_a_long_scan_offers_the_map_view(asking: SearchDock, client: Client, desk: Desk) -> None:
    desk.canvas.setExtent(QgsRectangle(1100, 1700, 1200, 1800))
    click(part(asking, QPushButton, "msaScanView"))
    assert client.waiting(rpc.PLAN)[-1].params.aoi is not None
    client.answer(rpc.PLAN, plan(seconds=LONG_SCAN_S + 60))
    assert not part(asking, QPushButton, "msaScanView").isVisible()  # it is the view already


def test_a_long_scan_offers_to_become_a_batch(asking: SearchDock, town: QgsRasterLayer) -> None:
    click(part(asking, QPushButton, "msaAsBatch"))
    form = asking.batch.form
    assert asking.tabs.currentWidget() is asking.batch
    assert [query.query for query in form.queries.queries()] == ["blue roofs"]
    assert form.rasters.layers() == [town]
    assert form.request().aoi is None
    assert not part(asking, QPushButton, "msaConsent").isVisible()


def test_layers_without_end_are_searched_in_the_map_view(
    town: QgsRasterLayer, served: QgsRasterLayer, dock: SearchDock, desk: Desk
) -> None:
    area = part(dock, QComboBox, "msaArea")
    for layer, kind in ((served, AreaKind.CANVAS), (town, AreaKind.WHOLE_LAYER), (served, AreaKind.CANVAS)):
        desk.currentLayerChanged.emit(layer)
        assert area.currentData() is kind


def test_the_area_that_the_user_chose_stays_where_it_can(
    town: QgsRasterLayer, served: QgsRasterLayer, dock: SearchDock, desk: Desk
) -> None:
    area = part(dock, QComboBox, "msaArea")
    area.setCurrentIndex(area.findData(AreaKind.SELECTION))
    area.activated.emit(area.currentIndex())
    for layer in (served, town):
        desk.currentLayerChanged.emit(layer)
        assert area.currentData() is AreaKind.SELECTION


def test_a_dock_that_opens_on_a_layer_without_end_searches_the_map_view(
    served: QgsRasterLayer, dock: SearchDock, client: Client, desk: Desk
) -> None:
    desk.canvas.setDestinationCrs(served.crs())
    desk.canvas.setExtent(QgsRectangle(0, 0, 500, 500))
    type_and_enter(dock, "blue roofs")
    assert client.waiting(rpc.PLAN)[-1].params.aoi is not None


def test_words_go_when_places_alone_are_sought(
    town: QgsRasterLayer, dock: SearchDock, client: Client, controller: SearchController
) -> None:
    type_and_enter(dock, "blue roofs")
    client.answer(rpc.PLAN, plan(missing=0))
    client.answer(rpc.RANK, *rank_reply(3))
    controller.search_like(Example(tile=TileRef("/nowhere/town.msa.gpkg", 1, 0, 3)))
    assert part(dock, QLineEdit, "msaQuery").text() == ""


def test_a_notice_goes_with_its_project_out_of_dock_and_message_bar(
    town: QgsRasterLayer, dock: SearchDock, controller: SearchController, desk: Desk
) -> None:
    desk.bar.pushMessage("QGIS", "Something of its own.")
    tellers: tuple[Callable[[], None], ...] = (
        lambda: controller.state.say(NoticeLevel.WARNING, "The layer 'town' is odd."),
        lambda: controller.state.fail(AoiInvalid("The polygon crosses itself.")),
    )
    for tell in tellers:
        tell()
        assert part(dock, QLabel, "msaNotice").isVisible()
        assert len(desk.bar.items()) == 2
        QgsProject.instance().clear()
        assert controller.state.notice is None
        assert not part(dock, QLabel, "msaNotice").isVisible()
        assert len(desk.bar.items()) == 1


def test_what_a_batch_form_complains_of_goes_with_its_project(town: QgsRasterLayer, dock: SearchDock) -> None:
    form = dock.batch.form
    form.complain(AoiInvalid("The polygon crosses itself."))
    assert not form.problem.isHidden()
    QgsProject.instance().clear()
    assert form.problem.isHidden()


def test_a_drawn_box_stays_on_the_map_until_its_answer_is_there(
    town: QgsRasterLayer, dock: SearchDock, client: Client, desk: Desk
) -> None:
    desk.canvas.setDestinationCrs(town.crs())
    dock._map._example.drawn.emit(QgsRectangle(1100, 1700, 1150, 1750), False)
    box = dock._map._asked._band
    assert box.numberOfVertices() > 0
    client.answer(rpc.PLAN, plan(missing=0))
    assert box.numberOfVertices() > 0
    client.answer(rpc.RANK, *rank_reply(3))
    assert box.numberOfVertices() == 0
