from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QLineEdit

from qgis_msa_plugin.dock.query_bar import QueryBar
from qgis_msa_plugin.dock.tool_row import SavedButton
from qgis_msa_plugin.search.question import Question, SavedSearch
from qgis_msa_plugin.search.state import SearchState

BRIDGE, ROOFS = "a bridge over a wide river", "blue roofs"


@pytest.fixture
def state(qgis_app: object) -> SearchState:
    state = SearchState()
    state.history = (BRIDGE, ROOFS)
    return state


@pytest.fixture
def bar(state: SearchState, qtbot: QtBot) -> QueryBar:
    bar = QueryBar(state)
    qtbot.addWidget(bar)
    bar.show()
    return bar


@pytest.fixture
def saved(state: SearchState, qtbot: QtBot) -> SavedButton:
    button = SavedButton(state, lambda: ROOFS)
    qtbot.addWidget(button)
    return button


def test_down_lists_all_earlier_queries_and_enter_asks_the_one_picked(bar: QueryBar) -> None:
    asked: list[str] = []
    bar.asked.connect(asked.append)
    QTest.keyClick(bar.query, Qt.Key.Key_Down)
    popup = bar.query.completer().popup()
    assert popup.isVisible()
    assert popup.model().rowCount() == 2
    QTest.keyClick(popup, Qt.Key.Key_Down)
    QTest.keyClick(popup, Qt.Key.Key_Return)
    assert asked == [BRIDGE]
    assert not popup.isVisible()


def test_typing_a_part_offers_the_queries_that_hold_it(bar: QueryBar) -> None:
    QTest.keyClicks(bar.query, "ROOF")
    popup = bar.query.completer().popup()
    assert [popup.model().index(row, 0).data() for row in range(popup.model().rowCount())] == [ROOFS]


def test_a_query_typed_to_its_end_leaves_no_list_over_the_dock(bar: QueryBar, qtbot: QtBot) -> None:
    QTest.keyClicks(bar.query, ROOFS)
    qtbot.waitUntil(lambda: not bar.query.completer().popup().isVisible(), timeout=1000)


def test_a_question_from_elsewhere_stands_in_the_field_unless_the_user_types(
    bar: QueryBar, state: SearchState
) -> None:
    state.question = Question(BRIDGE)
    assert bar.query.text() == BRIDGE
    state.question = Question("")
    assert bar.query.text() == ""
    QTest.keyClicks(bar.query, "s")
    state.question = Question(ROOFS)
    assert bar.query.text() == "s"
    state.question = Question("")
    assert bar.query.text() == "s"


def test_without_a_history_the_clock_is_dim_and_the_words_stay_where_they_are_when_there_is_one(
    bar: QueryBar, state: SearchState
) -> None:
    state.history = ()
    QTest.keyClicks(bar.query, BRIDGE)
    clock, cursor = bar.query.actions()[0], bar.query.cursorRect()
    assert not clock.isEnabled()
    state.history = (BRIDGE,)
    assert clock.isEnabled()
    assert bar.query.cursorRect() == cursor


def test_a_search_is_kept_under_the_name_typed_in_the_menu(saved: SavedButton) -> None:
    kept: list[str] = []
    saved.save.connect(kept.append)
    saved.fill()
    field = saved.menu().findChild(QLineEdit, "msaSaveName")
    assert field.text() == ROOFS
    field.setText("  roofs of the town ")
    QTest.keyClick(field, Qt.Key.Key_Return)
    field.setText("  ")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert kept == ["roofs of the town"]


def test_saved_searches_are_run_and_removed_by_name(saved: SavedButton, state: SearchState) -> None:
    state.saved = (SavedSearch("roofs & co", ROOFS), SavedSearch("bridges", BRIDGE))
    told: list[tuple[str, str]] = []
    saved.run.connect(lambda name: told.append(("run", name)))
    saved.remove.connect(lambda name: told.append(("remove", name)))
    saved.fill()
    saved.menu().actions()[0].trigger()
    removals = next(action.menu() for action in saved.menu().actions() if action.text() == "Remove")
    removals.actions()[1].trigger()
    assert told == [("run", "roofs & co"), ("remove", "bridges")]
    assert saved.menu().actions()[0].text() == "roofs && co"


def test_the_history_can_be_forgotten_where_there_is_one(saved: SavedButton, state: SearchState) -> None:
    saved.fill()
    forget = next(a for a in saved.menu().actions() if a.objectName() == "msaForgetHistory")
    told: list[bool] = []
    saved.forget_history.connect(lambda: told.append(True))
    forget.trigger()
    assert told == [True]
    state.history = ()
    saved.fill()
    assert not next(a for a in saved.menu().actions() if a.objectName() == "msaForgetHistory").isEnabled()
