"""A hit's menu and keys: describe its place, copy where it is."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import QgsGeometry
from qgis.PyQt.QtCore import QObject, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QAction, QApplication

from msa_model.protocol import rpc
from qgis_msa_plugin.dock.hit_actions import (
    COORDINATES,
    DESCRIBE,
    WKT,
    HitActions,
    coordinates_of,
    wkt_of,
)
from qgis_msa_plugin.dock.results_model import ResultsModel
from qgis_msa_plugin.dock.results_view import ResultsView
from qgis_msa_plugin.dock.search_dock import SearchDock
from qgis_msa_plugin.search.question import Question, Results
from qgis_msa_plugin.session import Session
from tests.present import present
from tests.qgis.dock.desk import Client, Desk
from tests.qgis.dock.tables import judged_table


@pytest.fixture
def answered(session: Session, town: QObject) -> Session:
    session.search.choose_layer(town)
    session.search._showing.show(Results(Question("pools"), judged_table(3), 100))
    return session


def test_coordinates_are_degrees_that_other_maps_read() -> None:
    latitude, longitude = map(float, coordinates_of(judged_table(3).hit(0)).split(", "))
    assert (latitude, longitude) == (pytest.approx(0.01792, abs=1e-5), pytest.approx(0.009118, abs=1e-5))


def test_a_polygon_is_that_of_the_tile() -> None:
    polygon = QgsGeometry.fromWkt(wkt_of(judged_table(3).hit(0)))
    assert polygon.boundingBox().toString(0) == "1010,1990 : 1020,2000"


def test_what_is_copied_lies_on_the_clipboard_and_is_told(answered: Session) -> None:
    acts = HitActions(answered.state, answered.describer, answered)
    acts.act(WKT, 2)
    assert QApplication.clipboard().text() == wkt_of(present(present(answered.state.results).hit(2)))
    acts.act(COORDINATES, 2)
    assert QApplication.clipboard().text() == coordinates_of(present(present(answered.state.results).hit(2)))
    assert present(answered.state.notice).sentence.startswith("Copied: 0.0")
    acts.act(WKT, 9)
    assert QApplication.clipboard().text() == coordinates_of(present(present(answered.state.results).hit(2)))


def test_describing_a_hit_asks_about_its_tile(answered: Session, client: Client) -> None:
    HitActions(answered.state, answered.describer, answered).act(DESCRIBE, 1)
    assert len(client.waiting(rpc.DESCRIBE)) == 1


def test_keys_and_menu_say_the_same(answered: Session, qtbot: QtBot) -> None:
    view = ResultsView(ResultsModel(answered.state, answered.search.thumbnails))
    qtbot.addWidget(view)
    said: list[tuple[str, int]] = []
    view.acted.connect(lambda what, rank: said.append((what, rank)))
    view.chosen.connect(lambda rank: said.append(("zoom", rank)))
    view.mark(2)
    for key in (Qt.Key.Key_D, Qt.Key.Key_C, Qt.Key.Key_W, Qt.Key.Key_Z):
        QTest.keyClick(view, key)
    by_key = list(said)
    said.clear()
    texts = {action.text().partition("\t")[0]: action for action in view.menu_of(2).actions()}
    for text in ("Describe", "Copy coordinates", "Copy as WKT", "Go there"):
        texts[text].trigger()
    assert by_key == said == [(DESCRIBE, 2), (COORDINATES, 2), (WKT, 2), ("zoom", 2)]


def test_the_lists_keys_are_its_own_where_the_window_has_them_for_something_else(
    answered: Session, desk: Desk, qtbot: QtBot
) -> None:
    """QGIS toggles snapping by S."""
    view = ResultsView(ResultsModel(answered.state, answered.search.thumbnails), desk.window)
    other = QAction("Snapping", desk.window)
    other.setShortcut("S")
    desk.window.addAction(other)
    snapped: list[bool] = []
    other.triggered.connect(snapped.append)
    sought: list[int] = []
    view.example_wanted.connect(lambda rank, weight: sought.append(rank))
    desk.window.show()
    view.show()
    QApplication.setActiveWindow(desk.window)
    view.setFocus()
    view.mark(2)
    QTest.keyClick(view, Qt.Key.Key_S)
    assert (sought, snapped) == ([2], [])
    desk.canvas.setFocus()
    QTest.keyClick(desk.canvas, Qt.Key.Key_S)
    assert (sought, snapped) == ([2], [False])


def test_the_user_may_choose_other_keys(answered: Session, qtbot: QtBot) -> None:
    view = ResultsView(ResultsModel(answered.state, answered.search.thumbnails))
    qtbot.addWidget(view)
    said: list[str] = []
    view.acted.connect(lambda what, rank: said.append(what))
    view.mark(1)
    view.keys.actions[DESCRIBE].setShortcut("Ctrl+Shift+Y")
    QTest.keyClick(view, Qt.Key.Key_D)
    assert said == []
    modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(view, Qt.Key.Key_Y, modifiers)
    assert said == [DESCRIBE]
    assert "Describe\tCtrl+Shift+Y" in [action.text() for action in view.menu_of(1).actions()]


def test_qgis_lists_the_keys_while_the_dock_is_there(session: Session, desk: Desk) -> None:
    dock = SearchDock(session, desk)
    names = {action.objectName() for action in desk.registered}
    assert {f"mActionMsaHit{what}" for what in ("Zoom", "Similar", "Describe", "Coordinates", "Wkt")} <= names
    dock.release()
    assert desk.registered == []
