from __future__ import annotations

import dataclasses

import pytest
from pytestqt.qtbot import QtBot
from qgis.PyQt.QtGui import QColor, QImage

from msa_model.protocol.hit_filter import ShownHits
from msa_model.protocol.messages import Example, WordShare
from msa_model.protocol.warning_table import EngineWarning
from qgis_msa_plugin.dock.answer_bar import hint_text
from qgis_msa_plugin.dock.query_bar import examples_text
from qgis_msa_plugin.dock.review_bar import ReviewBar, review_details, review_wordings
from qgis_msa_plugin.dock.verdict_strip import VerdictStrip, WordsStrip, verdict_text, words_html
from qgis_msa_plugin.search.question import Judgement, Question, Results, Review
from qgis_msa_plugin.search.state import Explanation, SearchState
from tests.present import present
from tests.qgis.dock.desk import plan
from tests.qgis.dock.tables import table_of, verdict_reply


@pytest.fixture
def state(qgis_app: object) -> SearchState:
    state = SearchState()
    state.results = Results(Question("blue roofs"), table_of(6), 100)
    state.shown = ShownHits(range(6))
    return state


@pytest.mark.parametrize(
    ("level", "words"),
    [
        ("good", "Strong match here"),
        ("doubtful", "Weak match at best"),
        ("nothing", "Nothing here matches well"),
    ],
)
def test_the_verdict_is_a_sentence_with_what_the_best_tiles_look_like(level: str, words: str) -> None:
    text = verdict_text(verdict_reply(level=level)[0])
    assert text.startswith(words)
    assert "“a car park”" in text


@pytest.mark.parametrize(
    ("level", "words"),
    [
        ("good", "Besides the examples: strong match here"),
        ("doubtful", "Besides the examples: weak match at best"),
        ("nothing", "Nothing else here is like the examples."),
    ],
)
def test_a_search_by_example_is_judged_by_what_else_there_is(level: str, words: str) -> None:
    assert verdict_text(verdict_reply(level=level)[0], by_example=True).startswith(words)


def test_warnings_stand_below_the_verdict(qtbot: QtBot, state: SearchState) -> None:
    strip = VerdictStrip(state)
    qtbot.addWidget(strip)
    assert strip.isHidden()
    state.verdict = verdict_reply(warnings=(EngineWarning("history_gaps", (1234,)),))[0]
    assert not strip.isHidden()
    assert strip.label.text().endswith("\n1,234 tiles lack one date or more; their history has gaps.")
    assert "match score of 4.0" in strip.toolTip()


def test_words_are_shown_as_strongly_as_they_count_and_never_as_markup() -> None:
    words = (WordShare("<b>blue", 0.2), WordShare("on", 0.3, minor=True), WordShare("roofs", -0.1))
    html = words_html(words)
    assert "&lt;b&gt;blue" in html
    assert html.count("background-color") == 2


@pytest.mark.parametrize("level", ["doubtful", "nothing"])
def test_a_verdict_does_not_deny_the_match_of_a_hit_that_is_shown(
    qtbot: QtBot, state: SearchState, level: str
) -> None:
    results = present(state.results)
    table = results.table.with_verdict(*verdict_reply(len(results.table), level))
    strip = VerdictStrip(state)
    qtbot.addWidget(strip)
    verdict = present(table.verdict).reply
    state.update(results=dataclasses.replace(results, table=table, verdict=verdict), verdict=verdict)
    assert table.hit(0).match == "strong"
    assert strip.label.text().startswith("Only a few places match here")
    by_example = Question("", (Example(),))
    state.results = dataclasses.replace(results, question=by_example, table=table, verdict=verdict)
    strip.update_text()
    assert "few places" not in strip.label.text()


@pytest.mark.parametrize("ground", ["#f0f0f0", "#323232"])
def test_words_that_count_are_green_or_red_on_the_ground_of_any_theme_and_others_lie_on_it(
    qtbot: QtBot, state: SearchState, ground: str
) -> None:
    strip = WordsStrip(state)
    qtbot.addWidget(strip)
    strip.setStyleSheet(f"background: {ground}")
    seen = {}
    for name, contribution in (("for", 0.3), ("against", -0.3), ("hardly", 0.001)):
        strip.setText(words_html((WordShare(name, contribution), WordShare("most", 0.3))))
        strip.resize(strip.sizeHint())
        image = QImage(strip.size(), QImage.Format.Format_RGB32)
        strip.render(image)
        seen[name] = image.pixelColor(3, image.height() // 2)
    assert seen["for"].green() > seen["for"].red() + 40
    assert seen["against"].red() > seen["against"].green() + 40
    far = zip(seen["hardly"].getRgb(), QColor(ground).getRgb(), strict=True)
    assert max(abs(one - other) for one, other in far) < 5


def test_words_are_those_of_the_selected_hit(qtbot: QtBot, state: SearchState) -> None:
    strip = WordsStrip(state)
    qtbot.addWidget(strip)
    state.selected_rank = 2
    state.explanation = Explanation(2, (WordShare("blue", 0.2),))
    assert not strip.isHidden()
    state.selected_rank = 3
    assert strip.isHidden()


def test_the_precision_is_told_as_soon_as_a_hit_is_judged() -> None:
    assert review_wordings(Review()) == ("Judge hits: A yes, R no", "Judge hits", "Judge")
    assert review_wordings(Review(17, 3, 24, 20, 17)) == (
        "17 of 20 judged hits right (85 %)",
        "17 of 20 right (85 %)",
        "17 of 20 right",
        "17/20 right",
        "17/20",
    )
    assert "precision@24 85 %" in review_details(Review(17, 3, 24, 20, 17))


def test_the_buttons_need_something_to_act_on(qtbot: QtBot, state: SearchState) -> None:
    bar = ReviewBar(state)
    qtbot.addWidget(bar)
    assert not bar.accept.isEnabled()
    assert not bar.refine.isEnabled()
    state.selected_rank = 1
    state.judgements = {present(state.results).table.tile(0): Judgement.ACCEPTED}
    state.can_take_back = True
    assert bar.undo.isEnabled()
    assert bar.accept.isEnabled()
    assert bar.refine.isEnabled()


def test_examples_are_counted_by_what_they_are_for() -> None:
    assert examples_text(()) == ""
    assert examples_text((Example(),)) == "Examples: 1 to find"
    text = examples_text((Example(), Example(), Example(weight=-0.5)))
    assert text == "Examples: 2 to find, 1 to avoid"


def test_the_hint_speaks_of_a_first_scan_where_there_will_be_one(state: SearchState) -> None:
    state.results, state.layers = None, ("town",)
    state.plan = plan(missing=7)
    assert "The first search scans the layer" in hint_text(state)
    state.plan = plan(missing=0)
    assert hint_text(state).endswith("and press Enter.")
