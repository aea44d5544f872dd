"""Answers of before: the menu, or a click on their layer, brings list, filters and judgements back."""

from __future__ import annotations

import dataclasses

from pytestqt.qtbot import QtBot
from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtTest import QTest

from msa_model.protocol import rpc
from msa_model.protocol.hit_filter import Filters
from qgis_msa_plugin.dock.tool_row import AnswersButton
from qgis_msa_plugin.map.map_link import MapLink
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.search.question import Judgement, TileLimits
from qgis_msa_plugin.search.state import ScanPhase
from qgis_msa_plugin.search.stored import StoredAnswer
from tests.present import present
from tests.qgis.dock.desk import Client, Desk
from tests.qgis.dock.kept import kept
from tests.qgis.dock.tables import rank_reply, verdict_reply
from tests.qgis.dock.test_result_layer import link, result_layers, searched

__all__ = ["link"]  # a fixture
SOON_MS, NARROWING_MS = 3000, 500


def test_an_older_answer_comes_back_with_its_list_filters_and_judgements(
    link: MapLink, controller: SearchController, client: Client, desk: Desk, qtbot: QtBot
) -> None:
    state = controller.state
    searched(controller, client, 6)
    controller.judge(2, Judgement.ACCEPTED)
    controller.set_filters(Filters(min_score=0.465, limit=50))
    link._show()
    searched(controller, client, 9, query="green field")
    roofs, field = sorted(result_layers(), key=lambda layer: layer.name())
    button = AnswersButton(state)
    button.wanted.connect(link.bring_back)
    button.fill()
    assert [(action.text()[:11], action.isChecked()) for action in button.menu().actions()] == [
        ("green field", True),
        ("blue roofs ", False),
    ]
    button.menu().actions()[1].trigger()
    assert (present(state.results).query, len(present(state.results).table)) == ("blue roofs", 6)
    assert (state.filters.min_score, list(state.shown.rows)) == (0.465, [0, 1, 2, 3])
    assert state.judgement(2) is Judgement.ACCEPTED
    visible = [node.name() for node in QgsProject.instance().layerTreeRoot().findLayers() if node.isVisible()]
    assert {roofs.name(), field.name()} <= set(visible)  # several answers at once
    desk.currentLayerChanged.emit(field)
    assert (present(state.results).query, len(present(state.results).table)) == ("green field", 9)
    assert client.waiting(rpc.RANK) == []


def test_a_verdict_under_way_does_not_push_an_answer_that_was_brought_back_aside(
    link: MapLink, controller: SearchController, client: Client
) -> None:
    searched(controller, client, 6)
    (roofs,) = result_layers()
    searched(controller, client, 9, query="green field")
    asked = client.waiting(rpc.VERDICT)[-1]
    link.bring_back(roofs.id())
    asked.done(*verdict_reply(9))
    assert present(controller.state.results).query == "blue roofs"


def test_an_answer_that_was_narrowed_is_widened_after_it_was_brought_back(
    link: MapLink, controller: SearchController, client: Client, qtbot: QtBot
) -> None:
    state = controller.state
    searched(controller, client, 6)
    client.answer(rpc.VERDICT, *verdict_reply(6))
    (roofs,) = result_layers()
    controller.set_filters(Filters(categories=frozenset({"built"}), limit=50))
    qtbot.waitUntil(lambda: bool(client.waiting(rpc.RANK)), timeout=SOON_MS)
    asked = client.answer(rpc.RANK, *rank_reply(2)).params
    client.answer(rpc.VERDICT, *verdict_reply(2))
    assert asked.classes == ("built",)
    kinds = present(state.results).kinds
    searched(controller, client, 9, query="green field")
    link.bring_back(roofs.id())
    assert (len(present(state.results).table), present(state.results).kinds) == (2, kinds)
    QTest.qWait(NARROWING_MS)
    assert client.waiting(rpc.RANK) == []  # it is as it was left
    controller.set_filters(Filters(limit=50))
    qtbot.waitUntil(lambda: bool(client.waiting(rpc.RANK)), timeout=SOON_MS)
    widened = client.answer(rpc.RANK, *rank_reply(6)).params
    assert widened == dataclasses.replace(asked, classes=(), language="")
    results = present(state.results)
    assert (results.query, len(results.table), state.searching) == ("blue roofs", 6, False)


def test_what_cannot_be_widened_says_so(
    link: MapLink, controller: SearchController, client: Client, town: QgsRasterLayer, qtbot: QtBot
) -> None:
    state = controller.state
    narrow = dataclasses.replace(kept(town).results, limits=TileLimits(frozenset({10.0})))
    controller.restore(StoredAnswer(narrow, Filters(scales_m=frozenset({10.0}))))
    controller.set_filters(Filters())
    qtbot.waitUntil(lambda: state.notice is not None, timeout=SOON_MS)
    assert "search again" in present(state.notice).sentence
    assert client.waiting(rpc.RANK) == []


def test_while_a_scan_brings_hits_a_click_on_another_answer_changes_nothing(
    link: MapLink, controller: SearchController, client: Client
) -> None:
    searched(controller, client, 6)
    (roofs,) = result_layers()
    searched(controller, client, 9, query="green field")
    controller.state.phase = ScanPhase.SCANNING
    link.bring_back(roofs.id())
    assert present(controller.state.results).query == "green field"
    button = AnswersButton(controller.state)
    button.fill()
    assert not any(action.isEnabled() for action in button.menu().actions())
    controller.state.phase = ScanPhase.IDLE
