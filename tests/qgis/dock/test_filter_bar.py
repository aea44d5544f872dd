from __future__ import annotations

import dataclasses

import pytest
from pytestqt.qtbot import QtBot
from qgis.PyQt.QtCore import QPoint, Qt
from qgis.PyQt.QtTest import QTest

from msa_model.protocol.hit_filter import Filters, ShownHits
from qgis_msa_plugin.dock.filter_bar import FilterBar, hidden_text
from qgis_msa_plugin.dock.score_slider import STEPS, ScoreSlider, histogram
from qgis_msa_plugin.search.question import Question, Results
from qgis_msa_plugin.search.state import SearchState
from tests.qgis.dock.tables import judged_table, table_of


@pytest.fixture
def state(qgis_app: object) -> SearchState:
    state = SearchState()
    state.results = Results(Question("blue roofs"), table_of(20, factors=[1, 2] * 10), 100)
    return state


@pytest.fixture
def bar(state: SearchState, qtbot: QtBot) -> FilterBar:
    bar = FilterBar(state)
    qtbot.addWidget(bar)
    bar.resize(300, 120)
    bar.show()
    bar.filtered.connect(lambda filters: setattr(state, "filters", filters))
    return bar


def test_a_histogram_counts_each_score_once_and_its_fullest_bin_is_one() -> None:
    assert histogram([0.0, 0.1, 0.9, 1.0], 0.0, 1.0, 2) == (1.0, 1.0)
    assert histogram([0.0, 0.0, 0.0, 1.0], 0.0, 1.0, 4) == (1.0, 0.0, 0.0, 1 / 3)
    assert histogram([], 0.0, 1.0, 4) == ()
    assert histogram([0.3, 0.3], 0.3, 0.3, 4) == ()


def test_the_left_end_lets_everything_pass_and_the_right_end_the_best(qtbot: QtBot) -> None:
    slider = ScoreSlider()
    qtbot.addWidget(slider)
    slider.set_scores([0.1, 0.3, 0.5])
    assert slider.threshold() is None
    slider.slider.setValue(STEPS)
    assert slider.threshold() == pytest.approx(0.5)


def test_a_click_on_the_histogram_moves_the_handle_there(bar: FilterBar) -> None:
    picture = bar.slider.findChildren(type(bar.slider._histogram))[0]
    QTest.mouseClick(picture, Qt.MouseButton.LeftButton, pos=QPoint(picture.width() // 2, 5))
    assert bar.slider.slider.value() == pytest.approx(STEPS / 2, abs=3)


def test_the_threshold_is_a_cosine_before_there_is_a_verdict(bar: FilterBar, state: SearchState) -> None:
    bar.slider.slider.setValue(STEPS // 2)
    assert state.filters.by_match is False
    assert state.filters.min_score == pytest.approx(0.405, abs=0.001)
    assert bar.value.text() == "≥ 0.405"


def test_with_a_verdict_it_is_in_spreads_above_the_background(bar: FilterBar, state: SearchState) -> None:
    state.results = Results(Question("blue roofs"), judged_table(20), 100)
    bar.slider.slider.setValue(STEPS)
    assert state.filters.by_match is True
    assert state.filters.min_score == pytest.approx((0.5 - 0.4) / 0.02)
    assert bar.value.text() == "strong match ≥ 5.0"


def test_the_handle_stays_at_its_cosine_when_the_verdict_arrives(bar: FilterBar, state: SearchState) -> None:
    bar.slider.slider.setValue(STEPS // 2)
    before = bar.slider.slider.value()
    state.results = Results(Question("blue roofs"), judged_table(20), 100)
    assert bar.slider.slider.value() == before
    assert bar.value.text() == "weak match ≥ 0.3"


def test_filters_from_elsewhere_are_shown_without_being_told_again(
    bar: FilterBar, state: SearchState
) -> None:
    told: list[Filters] = []
    bar.filtered.connect(told.append)
    state.filters = Filters(min_score=0.45, merge=False, limit=70, min_valid=0.8)
    assert told == []
    assert not bar.panel.merge.isChecked()
    assert bar.panel.limit.value() == 70
    assert bar.panel.valid.value() == 80
    assert bar.panel.isVisible()


def test_merging_number_and_valid_pixels_are_one_filter_each(bar: FilterBar, state: SearchState) -> None:
    bar.more.click()
    bar.panel.merge.click()
    bar.panel.limit.setValue(50)
    bar.panel.valid.setValue(90)
    assert state.filters == Filters(merge=False, limit=50, min_valid=0.9)


def test_sizes_and_kinds_of_the_hits_can_be_ticked(bar: FilterBar, state: SearchState) -> None:
    assert [action.text() for action in bar.panel.scales.menu().actions()] == ["10 m", "20 m"]
    assert not bar.panel.categories.isEnabled()
    bar.panel.scales.menu().actions()[1].trigger()
    assert state.filters.scales_m == {20.0}
    assert bar.panel.scales.text() == "20 m"
    state.results = Results(Question("blue roofs"), judged_table(20), 100)
    state.filters = dataclasses.replace(state.filters, scales_m=frozenset())
    bar.panel.categories.menu().aboutToShow.emit()
    assert [action.text() for action in bar.panel.categories.menu().actions()] == ["built (10)", "green (10)"]
    bar.panel.categories.menu().actions()[0].trigger()
    assert state.filters.categories == {"built"}
    assert bar.panel.categories.text() == "built"
    bar.panel.categories.menu().actions()[0].trigger()
    assert state.filters.categories == frozenset()


def test_a_kind_with_an_ampersand_is_told_as_it_is_written(bar: FilterBar) -> None:
    bar.panel.categories.offer([("roads", "roads & rails"), ("water", "water")], frozenset({"roads"}))
    assert bar.panel.categories.text() == "roads && rails"  # one as Qt shows it


def test_what_is_hidden_is_told_with_its_reasons() -> None:
    assert hidden_text(ShownHits((0, 1), {"merged": 12, "score": 1300})) == (
        "Hidden: 12 at the same places, 1,300 below the score"
    )
    assert hidden_text(ShownHits((0, 1))) == ""
