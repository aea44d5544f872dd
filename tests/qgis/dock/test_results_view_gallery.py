"""The hits as pictures side by side, the folded controls, and where a new answer starts."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import QgsRasterLayer, QgsRectangle
from qgis.PyQt.QtCore import QPoint, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QComboBox, QLabel, QListView, QToolButton

from msa_model.protocol import rpc
from qgis_msa_plugin.dock.results_delegate import LARGEST_PX, PLACES, SMALLEST_PX, cell_side
from qgis_msa_plugin.dock.results_view import ResultsView
from qgis_msa_plugin.dock.search_dock import SearchDock
from qgis_msa_plugin.gis.areas import AreaKind
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.settings import current_settings
from tests.qgis.dock.desk import Client, Desk, plan
from tests.qgis.dock.tables import rank_reply, verdict_reply
from tests.qgis.dock.test_search_dock import click, part, type_and_enter

HITS = 40


def search(dock: SearchDock, client: Client, query: str = "blue roofs", hits: int = HITS) -> None:
    type_and_enter(dock, query)
    if client.waiting(rpc.PLAN):
        client.answer(rpc.PLAN, plan(missing=0))
    client.answer(rpc.RANK, *rank_reply(hits, query=query))
    client.answer(rpc.VERDICT, *verdict_reply(hits))


@pytest.fixture
def answered(town: QgsRasterLayer, dock: SearchDock, client: Client) -> SearchDock:
    search(dock, client)
    return dock


def rows_on_screen(view: ResultsView) -> set[int]:
    """Rows with all of their cell in sight."""
    seen = view.viewport().rect()
    rows = range(view.model().rowCount())
    return {row for row in rows if seen.contains(view.visualRect(view.model().index(row)))}


@pytest.mark.parametrize(("width", "height"), [(270, 420), (270, 480), (320, 500), (500, 700), (900, 300)])
def test_cells_are_as_large_as_twenty_places_allow(width: int, height: int) -> None:
    side = cell_side(width, height)
    assert SMALLEST_PX <= side <= LARGEST_PX
    assert (width // side) * (height // (side + 6)) >= PLACES
    larger = width // max(width // side - 1, 1)
    assert larger > LARGEST_PX or (width // larger) * (height // (larger + 6)) < PLACES


@pytest.mark.parametrize(("width", "height"), [(0, 0), (40, 40), (270, 90), (4000, 3000)])
def test_cells_keep_within_their_limits_where_the_room_is_odd(width: int, height: int) -> None:
    assert SMALLEST_PX <= cell_side(width, height) <= LARGEST_PX


def test_the_gallery_shows_twenty_places_in_the_width_of_a_dock(
    answered: SearchDock, qtbot: QtBot, controller: SearchController
) -> None:
    view = part(answered, QListView, "msaResults")
    controller.show_doubtful(True)
    view.setFixedSize(290, 440)
    click(part(answered, QToolButton, "msaGallery"))
    assert view.is_gallery
    qtbot.waitUntil(lambda: len(rows_on_screen(view)) >= PLACES)
    assert min(rows_on_screen(view)) == 0


def test_the_choice_is_remembered_and_is_a_key_away(
    town: QgsRasterLayer, dock: SearchDock, client: Client
) -> None:
    search(dock, client)
    view = part(dock, QListView, "msaResults")
    QTest.keyClick(view, Qt.Key.Key_G)
    assert view.is_gallery
    assert part(dock, QToolButton, "msaGallery").isChecked()
    assert current_settings().gallery
    QTest.keyClick(view, Qt.Key.Key_G)
    assert not view.is_gallery
    assert not current_settings().gallery


def test_keys_move_and_judge_in_the_gallery_as_in_the_list(
    answered: SearchDock, controller: SearchController
) -> None:
    view = part(answered, QListView, "msaResults")
    view.show_gallery(True)
    QTest.keyClicks(view, "jj")
    assert controller.state.selected_rank == 3
    QTest.keyClicks(view, "k")
    assert controller.state.selected_rank == 2
    QTest.keyClicks(view, "a")
    assert controller.state.selected_rank == 3
    assert controller.state.review.accepted == 1


def test_a_click_on_a_cell_chooses_its_hit(answered: SearchDock, controller: SearchController) -> None:
    view = part(answered, QListView, "msaResults")
    view.show_gallery(True)
    place = view.visualRect(view.model().index(2)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place.x(), place.y()))
    assert controller.state.selected_rank == 3


def test_a_new_answer_starts_at_its_first_row(answered: SearchDock, client: Client) -> None:
    view = part(answered, QListView, "msaResults")
    QTest.keyClicks(view, "jjjjjjjjjjjjjj")
    search(answered, client, "green field")
    assert view.currentIndex().row() == 0
    assert view.selectionModel().isSelected(view.currentIndex())
    assert view.verticalScrollBar().value() == 0


def test_the_map_shows_all_hits_of_a_new_answer(
    town: QgsRasterLayer, dock: SearchDock, client: Client, desk: Desk
) -> None:
    desk.canvas.setExtent(QgsRectangle(1400, 1500, 1420, 1520))
    search(dock, client)
    seen = desk.canvas.extent()
    assert seen.contains(QgsRectangle(1010, 1990, 1210, 2000))  # the 20 best of `rank_reply`


def test_the_map_goes_on_showing_all_hits_while_the_same_answer_grows(
    town: QgsRasterLayer, dock: SearchDock, client: Client, desk: Desk
) -> None:
    desk.canvas.setExtent(QgsRectangle(1400, 1500, 1420, 1520))
    search(dock, client, hits=3)
    assert not desk.canvas.extent().contains(QgsRectangle(1010, 1990, 1210, 2000))
    search(dock, client)  # the same question
    assert desk.canvas.extent().contains(QgsRectangle(1010, 1990, 1210, 2000))


def test_a_map_that_was_moved_stays_where_it_is_while_the_same_answer_grows(
    answered: SearchDock, client: Client, desk: Desk, controller: SearchController
) -> None:
    desk.canvas.setExtent(QgsRectangle(1400, 1500, 1420, 1520))
    before = desk.canvas.extent()
    search(answered, client)  # the same question
    assert desk.canvas.extent() == before
    controller.show_doubtful(True)
    click(part(answered, QToolButton, "msaZoomToAll"))
    assert desk.canvas.extent().contains(QgsRectangle(1010, 1990, 1210, 2000))


def test_a_map_on_which_the_hits_are_a_speck_goes_there(
    town: QgsRasterLayer, dock: SearchDock, client: Client, desk: Desk
) -> None:
    desk.canvas.setExtent(QgsRectangle(-9e6, -9e6, 9e6, 9e6))  # as of rasters on two continents
    search(dock, client)
    assert desk.canvas.extent().width() < 1000


def test_asked_for_the_map_goes_to_all_hits_even_where_it_shows_them(
    answered: SearchDock, client: Client, desk: Desk
) -> None:
    desk.canvas.setExtent(QgsRectangle(500, 1500, 2500, 2500))
    before = desk.canvas.extent()
    search(answered, client, "green field")
    assert desk.canvas.extent() == before  # they are seen
    view = part(answered, QListView, "msaResults")
    QTest.keyClicks(view, "f")
    assert desk.canvas.extent().width() < before.width() / 2


def test_a_search_in_the_map_view_leaves_the_view_alone(
    town: QgsRasterLayer, dock: SearchDock, client: Client, desk: Desk
) -> None:
    desk.canvas.setExtent(QgsRectangle(1400, 1500, 1420, 1520))
    areas = part(dock, QComboBox, "msaArea")
    areas.setCurrentIndex(areas.findData(AreaKind.CANVAS))
    before = desk.canvas.extent()
    search(dock, client)
    assert desk.canvas.extent() == before


def test_layer_area_and_cost_fold_to_one_line_once_nothing_is_left_to_decide(
    town: QgsRasterLayer, dock: SearchDock, client: Client
) -> None:
    layers, line = part(dock, QComboBox, "msaLayer"), part(dock, QLabel, "msaTarget")
    assert layers.isVisible()
    search(dock, client)
    assert not layers.isVisible()
    assert not part(dock, QLabel, "msaCost").isVisible()
    assert line.text() == "town · Whole layer · 100 tiles"
    click(part(dock, QToolButton, "msaFold"))
    assert layers.isVisible()
    search(dock, client)
    assert layers.isVisible()  # the same question: what the analyst has opened stays open
    search(dock, client, "green field")
    assert not layers.isVisible()


def test_filters_are_one_button_until_they_are_wanted(answered: SearchDock) -> None:
    threshold = part(answered, QLabel, "msaThresholdValue")
    assert not threshold.isVisible()
    click(part(answered, QToolButton, "msaMoreFilters"))
    assert threshold.isVisible()


def test_the_page_gives_way_to_another_dock_below_it(answered: SearchDock) -> None:
    click(part(answered, QToolButton, "msaFold"))
    click(part(answered, QToolButton, "msaMoreFilters"))
    assert answered.minimumSizeHint().height() < 250
    assert part(answered, QListView, "msaResults").height() >= 80
