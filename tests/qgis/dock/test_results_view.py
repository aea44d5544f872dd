from __future__ import annotations

import dataclasses

import pytest
from pytestqt.qtbot import QtBot
from qgis.PyQt.QtCore import QObject, QPoint, Qt, pyqtSignal
from qgis.PyQt.QtTest import QTest

from msa_model.protocol.hit_filter import ShownHits
from qgis_msa_plugin.dock.results_delegate import thumb_rects
from qgis_msa_plugin.dock.results_model import (
    JUDGEMENT_ROLE,
    NUMBER_ROLE,
    PLACE_ROLE,
    SCORE_ROLE,
    SHARE_ROLE,
    ResultsModel,
)
from qgis_msa_plugin.dock.results_view import ResultsView
from qgis_msa_plugin.search.question import Judgement, Question, Results
from qgis_msa_plugin.search.state import SearchState
from tests.present import present
from tests.qgis.dock.tables import judged_table, table_of


class NoPictures(QObject):
    arrived = pyqtSignal()

    def image(self, _: object) -> None:
        return None


@pytest.fixture
def state(qgis_app: object) -> SearchState:
    state = SearchState()
    state.results = Results(Question("blue roofs"), table_of(6), 100)
    state.shown = ShownHits((0, 2, 5))
    return state


@pytest.fixture
def view(state: SearchState, qtbot: QtBot) -> ResultsView:
    view = ResultsView(ResultsModel(state, NoPictures()))
    qtbot.addWidget(view)
    view.resize(300, 400)
    view.show()
    return view


def texts(view: ResultsView, role: int) -> list[object]:
    return [view.model().index(row, 0).data(role) for row in range(view.model().rowCount())]


def test_the_rows_are_those_that_are_shown_under_their_own_ranks(
    view: ResultsView, state: SearchState
) -> None:
    model = view.model()
    assert [model.rank(row) for row in range(model.rowCount())] == [1, 3, 6]
    assert [model.row_of(rank) for rank in (1, 3, 6, 2, None)] == [0, 1, 2, -1, -1]
    state.shown = ShownHits((0, 1, 2, 3))
    assert model.rowCount() == 4
    state.shown = ShownHits(())
    assert model.rowCount() == 0


def test_merged_hits_are_numbered_without_gaps(view: ResultsView, state: SearchState) -> None:
    state.results = Results(Question("blue roofs"), table_of(6, places=[0, 0, 1, 1, 1, 2]), 100)
    assert texts(view, NUMBER_ROLE) == [1, 2, 3]
    state.filters = dataclasses.replace(state.filters, merge=False)
    assert texts(view, NUMBER_ROLE) == [1, 3, 6]


def test_rows_of_another_answer_do_no_harm_until_the_filters_have_followed(
    view: ResultsView, state: SearchState
) -> None:
    state.results = Results(Question("a river"), table_of(2), 100)
    assert view.model().rowCount() == 0
    state.shown = ShownHits((0, 1))
    assert view.model().rowCount() == 2


def test_until_the_background_is_known_a_bar_is_a_share_of_the_best_and_the_number_waits_in_the_tooltip(
    view: ResultsView, state: SearchState
) -> None:
    assert texts(view, SCORE_ROLE) == ["not judged yet"] * 3
    assert "0.4800" in view.model().index(1, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert texts(view, SHARE_ROLE) == pytest.approx([1.0, 0.96, 0.9])
    assert texts(view, PLACE_ROLE)[0] == "10 m wide"
    state.results = Results(Question("blue roofs"), judged_table(6), 100)
    assert texts(view, SCORE_ROLE) == ["strong match"] * 3
    assert texts(view, SHARE_ROLE) == pytest.approx([1.0, 1.0, 2.5 / 3.0], abs=1e-6)
    assert texts(view, PLACE_ROLE) == ["10 m · a street", "10 m · a street", "10 m · a meadow"]
    assert "Match score 4.00" in view.model().index(1, 0).data(Qt.ItemDataRole.ToolTipRole)


def test_a_hit_no_better_than_the_background_has_an_empty_bar(view: ResultsView, state: SearchState) -> None:
    state.results = Results(Question("blue roofs"), judged_table(20), 100)
    state.shown = ShownHits((0, 15))
    assert texts(view, SHARE_ROLE)[1] == 0.0
    assert texts(view, SCORE_ROLE)[1] == "no match"


def test_j_and_k_move_and_tell_where(view: ResultsView) -> None:
    told: list[int] = []
    view.chosen.connect(told.append)
    view.mark(1)
    QTest.keyClicks(view, "jjk")
    assert told == [3, 6, 3]


def test_a_and_r_judge_the_selected_hit_and_select_the_first_where_none_is(view: ResultsView) -> None:
    said: list[object] = []
    gone: list[int] = []
    view.chosen.connect(gone.append)
    view.reviewed.connect(said.append)
    view.undone.connect(lambda: said.append("undo"))
    QTest.keyClicks(view, "a")
    assert (said, gone) == ([], [1])
    QTest.keyClicks(view, "aru")
    assert said == [Judgement.ACCEPTED, Judgement.REJECTED, "undo"]


def test_a_click_on_a_thumb_judges_its_row_and_goes_nowhere(view: ResultsView) -> None:
    said: list[tuple[int, Judgement]] = []
    gone: list[int] = []
    view.judged.connect(lambda rank, judgement: said.append((rank, judgement)))
    view.chosen.connect(gone.append)
    row = view.visualRect(view.model().index(1, 0))
    thumb = thumb_rects(row)[Judgement.REJECTED].center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=thumb)
    assert said == [(3, Judgement.REJECTED)]
    assert gone == []
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=row.topLeft() + QPoint(20, 20))
    assert gone == [3]


def test_a_hit_is_an_example_by_its_menu_and_by_s(view: ResultsView) -> None:
    wanted: list[tuple[int, float]] = []
    view.example_wanted.connect(lambda rank, weight: wanted.append((rank, weight)))
    menu = view.menu_of(6)
    for action in menu.actions()[3:]:
        action.trigger()
    QTest.keyClicks(view, "s")
    view.mark(3)
    QTest.keyClicks(view, "s")
    assert wanted == [(6, 1.0), (6, -1.0), (3, 1.0)]


def test_what_was_said_of_a_tile_is_in_its_row(view: ResultsView, state: SearchState) -> None:
    state.judgements = {present(state.results).table.tile(2): Judgement.ACCEPTED}
    assert texts(view, JUDGEMENT_ROLE) == [Judgement.NONE, Judgement.ACCEPTED, Judgement.NONE]


def test_an_accepted_row_looks_different(view: ResultsView, state: SearchState) -> None:
    before = view.grab().toImage()
    state.judgements = {present(state.results).table.tile(0): Judgement.ACCEPTED}
    assert view.grab().toImage() != before
