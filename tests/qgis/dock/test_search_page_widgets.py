"""The dock's widgets and the controller together: what a click or a key asks of the worker."""

from __future__ import annotations

import dataclasses

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import QgsRasterLayer
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QAbstractButton, QApplication, QLabel, QListView, QSlider, QTabWidget

from msa_model.protocol import rpc
from msa_model.protocol.errors import WorkerDied
from msa_model.protocol.hit_filter import Filters
from msa_model.protocol.messages import TileRef, WordShare
from msa_model.protocol.query import WordsReply
from qgis_msa_plugin.dock.fold_line import ElidedLabel
from qgis_msa_plugin.dock.score_slider import STEPS
from qgis_msa_plugin.dock.search_dock import SearchDock
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.search.question import Judgement
from qgis_msa_plugin.widgets.wrapped_label import WrappedLabel
from tests.qgis.dock.desk import Client, Desk, plan
from tests.qgis.dock.tables import rank_reply, verdict_reply
from tests.qgis.dock.test_search_dock import click, part, type_and_enter

HITS = 20
WORDS = WordsReply("blue roofs", 0.4, (WordShare("blue", 0.2), WordShare("roofs", 0.1)))
INDEX = "/nowhere/town.msa.gpkg"
_LOW_PX = 400  # what a dock below another one has on a screen of 900


@pytest.fixture
def answered(town: QgsRasterLayer, dock: SearchDock, client: Client) -> SearchDock:
    """A dock with twenty hits and their verdict."""
    type_and_enter(dock, "blue roofs")
    client.answer(rpc.PLAN, plan(missing=0))
    client.answer(rpc.RANK, *rank_reply(HITS))
    client.answer(rpc.VERDICT, *verdict_reply(HITS))
    return dock


def rows(dock: SearchDock) -> int:
    return int(part(dock, QListView, "msaResults").model().rowCount())


def test_the_verdict_and_the_number_of_hits_stand_over_the_list(answered: SearchDock) -> None:
    assert part(answered, QLabel, "msaVerdict").text().startswith("Strong match")
    assert part(answered, QLabel, "msaResultsTitle").text() == "8 matches in 100 tiles: blue roofs"


def test_one_match_is_told_as_one(answered: SearchDock, controller: SearchController) -> None:
    controller.set_filters(dataclasses.replace(controller.state.filters, limit=1))
    assert part(answered, QLabel, "msaResultsTitle").text() == "1 match in 100 tiles: blue roofs"


@pytest.mark.parametrize(
    ("name", "wide", "narrow"),
    [
        ("msaResultsTitle", "8 matches in 100 tiles: blue roofs", "8 matches in 100 tiles"),
        ("msaTarget", "town · Whole layer · 100 tiles", "town · 100 tiles"),
        ("msaReview", "Judge hits", "Judge"),
    ],
)
def test_a_line_too_long_for_a_narrow_dock_says_less_before_a_word_is_cut(
    answered: SearchDock, name: str, wide: str, narrow: str
) -> None:
    label = part(answered, ElidedLabel, name)
    room = label.fontMetrics().horizontalAdvance
    label.resize(room(wide), label.height())
    assert label.shown() == wide
    label.resize(room(wide) - 1, label.height())
    assert label.shown() == narrow
    label.resize(room(narrow) - 1, label.height())
    assert "…" in label.shown()


def test_of_a_long_layer_name_the_middle_goes_and_the_count_of_tiles_stays(answered: SearchDock) -> None:
    answered.search.fold.name("naip_m_4709963_se_14_1_20100629", "Whole layer")
    label = part(answered, ElidedLabel, "msaTarget")
    label.resize(label.fontMetrics().horizontalAdvance("naip_m_4709963_se · 100 tiles"), label.height())
    assert label.shown().endswith(" · 100 tiles")


def test_above_another_dock_every_part_of_an_answer_is_in_sight(answered: SearchDock) -> None:
    page, review = answered.search, part(answered, ElidedLabel, "msaReview")
    page.resize(300, page.widget().layout().heightForWidth(300 - page.verticalScrollBar().width()))
    QApplication.processEvents()
    assert page.height() < _LOW_PX
    assert page.verticalScrollBar().maximum() == 0
    assert page.rect().contains(review.mapTo(page, review.rect().bottomLeft()))


def test_what_hardly_matches_is_shown_when_it_is_wanted(answered: SearchDock) -> None:
    assert rows(answered) == 8
    more = part(answered, QAbstractButton, "msaShowMore")
    assert more.text() == "Show more"
    click(more)
    assert rows(answered) == HITS
    assert more.text() == "Matches only"
    click(more)
    assert rows(answered) == 8


def test_the_slider_hides_hits_without_asking_the_worker(answered: SearchDock, client: Client) -> None:
    asked = len(client.open)
    click(part(answered, QAbstractButton, "msaShowMore"))
    part(answered, QSlider, "msaThreshold").setValue(STEPS // 2)
    assert rows(answered) == 10
    assert part(answered, QLabel, "msaHidden").text() == "Hidden: 10 below the score"
    assert len(client.open) == asked
    part(answered, QSlider, "msaThreshold").setValue(0)
    assert rows(answered) == HITS


def test_where_every_hit_is_hidden_the_list_says_so(
    answered: SearchDock, controller: SearchController
) -> None:
    controller.set_filters(Filters(min_score=99.0, by_match=True))
    assert rows(answered) == 0
    assert "hide every hit" in part(answered, QListView, "msaResults").accessibleDescription()


def test_reviewing_by_keys_moves_on_and_tells_the_precision(
    answered: SearchDock, controller: SearchController
) -> None:
    results = part(answered, QListView, "msaResults")
    QTest.keyClicks(results, "ara")
    assert controller.state.selected_rank == 4
    said = [controller.state.judgement(rank) for rank in (1, 2, 3)]
    assert said == [Judgement.ACCEPTED, Judgement.REJECTED, Judgement.ACCEPTED]
    assert part(answered, QLabel, "msaReview").text() == "2 of 3 judged hits right (67 %)"
    QTest.keyClicks(results, "uu")
    assert controller.state.judgement(3) is controller.state.judgement(2) is Judgement.NONE
    assert controller.state.selected_rank == 2


def test_refining_sends_the_judged_tiles_and_scans_nothing(answered: SearchDock, client: Client) -> None:
    QTest.keyClicks(part(answered, QListView, "msaResults"), "ar")
    click(part(answered, QAbstractButton, "msaRefine"))
    request = client.waiting(rpc.RANK)[0].params
    assert [(example.tile.col, example.weight > 0) for example in request.examples] == [(1, True), (2, False)]
    assert client.waiting(rpc.BUILD) == []
    client.answer(rpc.RANK, *rank_reply(HITS))
    assert part(answered, QLabel, "msaResultsTitle").text().endswith("blue roofs, refined")


def test_s_in_the_list_finds_places_like_the_hit(answered: SearchDock, client: Client) -> None:
    results = part(answered, QListView, "msaResults")
    QTest.keyClicks(results, "s")
    request = client.waiting(rpc.RANK)[0].params
    assert request.query == ""
    assert [example.tile for example in request.examples] == [TileRef(INDEX, 1, 0, 1)]
    assert part(answered, QLabel, "msaExamples").text() == "Examples: 1 to find"
    click(part(answered, QAbstractButton, "msaClearExamples"))
    assert (
        part(answered, QLabel, "msaExamples").isHidden() or not part(answered, QLabel, "msaExamples").text()
    )


def test_a_hit_is_explained_once_it_has_been_looked_at_for_a_moment(
    answered: SearchDock, client: Client, qtbot: QtBot
) -> None:
    QTest.keyClicks(part(answered, QListView, "msaResults"), "jj")
    qtbot.waitUntil(lambda: bool(client.waiting(rpc.WORDS)), timeout=2000)
    assert [call.params.tile.col for call in client.waiting(rpc.WORDS)] == [3]


def test_a_verdict_that_comes_later_takes_no_words_away(
    town: QgsRasterLayer, dock: SearchDock, client: Client, qtbot: QtBot
) -> None:
    type_and_enter(dock, "blue roofs")
    client.answer(rpc.PLAN, plan(missing=0))
    client.answer(rpc.RANK, *rank_reply(HITS))
    QTest.keyClicks(part(dock, QListView, "msaResults"), "jj")
    qtbot.waitUntil(lambda: bool(client.waiting(rpc.WORDS)))
    client.answer(rpc.WORDS, WORDS)
    client.answer(rpc.VERDICT, *verdict_reply(HITS))
    assert "blue" in part(dock, QLabel, "msaWords").text()


def test_words_on_their_way_when_the_verdict_comes_are_shown(
    town: QgsRasterLayer, dock: SearchDock, client: Client, qtbot: QtBot
) -> None:
    type_and_enter(dock, "blue roofs")
    client.answer(rpc.PLAN, plan(missing=0))
    client.answer(rpc.RANK, *rank_reply(HITS))
    QTest.keyClicks(part(dock, QListView, "msaResults"), "jj")
    qtbot.waitUntil(lambda: bool(client.waiting(rpc.WORDS)))
    client.answer(rpc.VERDICT, *verdict_reply(HITS))
    client.answer(rpc.WORDS, WORDS)
    assert "blue" in part(dock, QLabel, "msaWords").text()


def test_a_hit_chosen_again_is_explained_if_it_was_not(
    answered: SearchDock, client: Client, qtbot: QtBot
) -> None:
    results = part(answered, QListView, "msaResults")
    QTest.keyClicks(results, "jj")
    qtbot.waitUntil(lambda: bool(client.waiting(rpc.WORDS)))
    client.refuse(rpc.WORDS, WorkerDied("The worker ended."))
    QTest.keyClick(results, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(client.waiting(rpc.WORDS)))


def test_the_map_tool_for_examples_is_taken_up_and_given_back(answered: SearchDock, desk: Desk) -> None:
    similar = part(answered, QAbstractButton, "msaSimilar")
    similar.click()
    assert desk.canvas.mapTool() is not desk.pan
    similar.click()
    assert desk.canvas.mapTool() is desk.pan
    similar.click()
    desk.canvas.setMapTool(desk.pan)
    assert not similar.isChecked()


def test_describing_brings_up_its_tab(answered: SearchDock) -> None:
    tabs = part(answered, QTabWidget, "msaTabs")
    assert [tabs.tabText(place) for place in range(tabs.count())] == ["Search", "Describe", "Batch"]
    part(answered, QAbstractButton, "msaDescribe").click()
    assert tabs.currentWidget() is answered.describe


def test_with_everything_on_show_the_dock_is_still_narrow(
    answered: SearchDock, controller: SearchController
) -> None:
    answered.search.filters.more.click()
    QTest.keyClicks(part(answered, QListView, "msaResults"), "aar")
    assert answered.search.minimumSizeHint().width() <= 300
    assert answered.minimumSizeHint().width() <= 320


def test_every_control_can_be_reached_by_tab_and_has_a_name(answered: SearchDock) -> None:
    nameless = [
        button.objectName()
        for button in answered.search.findChildren(QAbstractButton)
        if button.objectName().startswith("msa") and not (button.text() or button.accessibleName())
    ]
    unreachable = [
        button.objectName()
        for button in answered.search.findChildren(QAbstractButton)
        if button.objectName().startswith("msa") and not button.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    assert nameless == []
    assert unreachable == []


LONG_NAME = "S2B_MSIL2A_20240612T101559_N0510_R065_T32TQM_20240612T131843_orthorectified.tif"


def test_the_name_of_a_raster_never_makes_the_dock_wider(answered: SearchDock) -> None:
    labels = answered.search.findChildren(WrappedLabel)
    assert {"msaVerdict", "msaNotice", "msaCost"} <= {label.objectName() for label in labels}
    for label in labels:
        label.setText(f"{LONG_NAME}: About 31 % of the tiles have gaps.")
        label.parentWidget().show()
        assert label.text().startswith(LONG_NAME)
    assert answered.search.minimumSizeHint().width() <= 300
