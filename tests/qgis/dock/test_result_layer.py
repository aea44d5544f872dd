"""Results as layers: slices, filters, fields for verdict and review, projects saved and opened again."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsExpression,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsPointXY,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QPoint, Qt
from qgis.PyQt.QtTest import QTest

from msa_model.protocol import rpc
from msa_model.protocol.hit_filter import Filters
from msa_model.protocol.hit_table import RankReply, pack_columns
from msa_model.protocol.messages import SearchTimings
from qgis_msa_plugin.gis.marks import ANSWER_PROPERTY, EDITED_PROPERTY, is_result_layer
from qgis_msa_plugin.map.map_link import MapLink
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.search.question import Judgement
from qgis_msa_plugin.session import Session
from tests.present import present
from tests.qgis.dock.desk import Client, Desk, index_of, plan
from tests.qgis.dock.tables import rank_reply, verdict_reply

MERCATOR = QgsCoordinateReferenceSystem("EPSG:3857")
MANY = 3000
SOON_MS = 3000


@pytest.fixture
def link(session: Session, town: QgsRasterLayer, desk: Desk) -> Iterator[MapLink]:
    session.search.choose_layer(town)
    desk.canvas.setDestinationCrs(MERCATOR)
    desk.canvas.setExtent(town.extent())
    link = MapLink(session.search, session.describer, desk)
    yield link
    link.release()


def searched(controller: SearchController, client: Client, hits: int = 6, query: str = "blue roofs") -> None:
    controller.search(query)
    if client.waiting(rpc.PLAN):
        client.answer(rpc.PLAN, plan(missing=0))
    client.answer(rpc.RANK, *rank_reply(hits, query=query))


def result_layers() -> list[QgsVectorLayer]:
    return [layer for layer in QgsProject.instance().mapLayers().values() if is_result_layer(layer)]


def ranks(layer: QgsVectorLayer) -> list[int]:
    """Among all tiles."""
    return sorted(feature["overall_rank"] for feature in layer.getFeatures())


def everything(limit: int = 10_000) -> Filters:
    return Filters(merge=False, limit=limit)


def test_only_what_is_shown_becomes_features_and_the_best_at_once(
    link: MapLink, controller: SearchController, client: Client
) -> None:
    searched(controller, client, MANY)
    (layer,) = result_layers()
    assert ranks(layer) == list(range(1, 21))
    assert layer.dataProvider().featureCount() == 20


def test_many_hits_come_slice_by_slice_the_best_first(
    link: MapLink, controller: SearchController, client: Client, qtbot: QtBot
) -> None:
    controller.set_filters(everything())
    searched(controller, client, MANY)
    (layer,) = result_layers()
    some = ranks(layer)
    assert 0 < len(some) < MANY
    assert some == list(range(1, len(some) + 1))
    qtbot.waitUntil(lambda: layer.featureCount() == MANY, timeout=SOON_MS)


def test_a_threshold_hides_features_and_brings_them_back_without_making_them_anew(
    link: MapLink, controller: SearchController, client: Client, qtbot: QtBot
) -> None:
    controller.set_filters(everything())
    searched(controller, client, 200)
    (layer,) = result_layers()
    qtbot.waitUntil(lambda: layer.featureCount() == 200, timeout=SOON_MS)
    ids = {feature["overall_rank"]: feature.id() for feature in layer.getFeatures()}
    controller.set_filters(Filters(min_score=0.455, merge=False, limit=10_000))
    qtbot.waitUntil(lambda: ranks(layer) == [1, 2, 3, 4, 5], timeout=SOON_MS)
    controller.set_filters(everything())
    qtbot.waitUntil(lambda: layer.featureCount() == 200, timeout=SOON_MS)
    assert {feature["overall_rank"]: feature.id() for feature in layer.getFeatures()} == ids


def numbers(layer: QgsVectorLayer) -> list[int]:
    """What the labels on the map say, best hit first."""
    context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
    label = QgsExpression(layer.labeling().settings().fieldName)
    label.prepare(context)
    found = []
    for feature in sorted(layer.getFeatures(), key=lambda feature: feature["overall_rank"]):
        context.setFeature(feature)
        assert label.evaluate(context) == feature["rank"]
        found.append(feature["rank"])
    return found


def test_the_map_shows_one_hit_per_place_until_the_switch_is_off(
    link: MapLink, controller: SearchController, client: Client, qtbot: QtBot
) -> None:
    controller.search("blue roofs")
    client.answer(rpc.PLAN, plan(missing=0))
    client.answer(rpc.RANK, *rank_reply(6, places=[0, 0, 1, 1, 2, 0]))
    (layer,) = result_layers()
    assert ranks(layer) == [1, 3, 5]
    assert numbers(layer) == [controller.state.number(rank) for rank in (1, 3, 5)] == [1, 2, 3]
    controller.set_filters(everything())
    qtbot.waitUntil(lambda: ranks(layer) == [1, 2, 3, 4, 5, 6], timeout=SOON_MS)
    qtbot.waitUntil(lambda: numbers(layer) == [1, 2, 3, 4, 5, 6], timeout=SOON_MS)
    controller.set_filters(Filters())
    qtbot.waitUntil(lambda: numbers(layer) == [1, 2, 3], timeout=SOON_MS)


def test_the_verdict_becomes_fields_of_the_features_that_are_there(
    link: MapLink, controller: SearchController, client: Client
) -> None:
    searched(controller, client, 6)
    (layer,) = result_layers()
    before = next(layer.getFeatures())
    client.answer(rpc.VERDICT, *verdict_reply(6))
    after = next(layer.getFeatures())
    assert before["phrase"] in (None, "") or before["phrase"].isNull()
    assert after.id() == before.id()
    assert after["match_score"] == pytest.approx(5.0)
    assert after["phrase"] == "a street"
    assert after["category"] == "built"


def test_what_the_analyst_says_is_a_field(
    link: MapLink, controller: SearchController, client: Client, qtbot: QtBot
) -> None:
    searched(controller, client, 6)
    (layer,) = result_layers()
    controller.judge(2, Judgement.ACCEPTED)
    controller.judge(3, Judgement.REJECTED)

    def said() -> list[str]:
        return [feature["review"] for feature in layer.getFeatures()]

    qtbot.waitUntil(lambda: said() == ["", "accepted", "rejected", "", "", ""], timeout=SOON_MS)
    controller.judge(2, Judgement.NONE)
    qtbot.waitUntil(lambda: said() == ["", "", "rejected", "", "", ""], timeout=SOON_MS)


def test_hits_of_two_rasters_in_different_crss_share_a_layer(
    link: MapLink, controller: SearchController, client: Client
) -> None:
    far = index_of("far", crs="EPSG:32631")
    columns: list[array[Any]] = [array("f", [0.5, 0.4]), array("f", [1.0, 1.0])]
    columns += [array("i", values) for values in ([0, 1], [0, 1], [1, 1], [100, 100], [110, 110])]
    reply = RankReply("blue roofs", 2, 10, (index_of("town"), far), SearchTimings(0.0, 0.0, 0.0))
    controller.search("blue roofs")
    client.answer(rpc.PLAN, plan(missing=0))
    client.answer(rpc.RANK, reply, pack_columns(columns))
    (layer,) = result_layers()
    here, there = (feature.geometry().boundingBox().center() for feature in layer.getFeatures())
    assert (here.x(), here.y()) == (1105, 1995)
    assert abs(there.x() - here.x()) > 1000
    assert layer.crs() == MERCATOR


def test_a_project_opened_again_has_its_results_filters_and_judgements(
    link: MapLink, controller: SearchController, client: Client, qtbot: QtBot, tmp_path: Path
) -> None:
    project = QgsProject.instance()
    searched(controller, client, 6)
    client.answer(rpc.VERDICT, *verdict_reply(6))
    controller.judge(2, Judgement.ACCEPTED)
    controller.set_filters(Filters(min_score=0.465, limit=50))
    (layer,) = result_layers()
    qtbot.waitUntil(lambda: "accepted" in (layer.customProperty(ANSWER_PROPERTY) or ""), timeout=SOON_MS)
    assert project.write(str(tmp_path / "kept.qgz"))
    before = controller.state.results
    project.clear()
    assert controller.state.results is None
    assert project.read(str(tmp_path / "kept.qgz"))
    (layer,) = result_layers()
    qtbot.waitUntil(lambda: ranks(layer) == [1, 2, 3, 4], timeout=SOON_MS)
    state = controller.state
    assert present(state.results).question == present(before).question
    assert present(state.results).verdict == present(before).verdict
    assert present(state.results).table.hit(1) == present(before).table.hit(1)
    assert state.filters.min_score == 0.465
    assert state.judgement(2) is Judgement.ACCEPTED
    assert state.review.accepted == 1
    assert [feature["review"] for feature in layer.getFeatures()] == ["", "accepted", "", ""]
    controller.set_filters(everything())
    qtbot.waitUntil(lambda: layer.featureCount() == 6, timeout=SOON_MS)


def test_a_judgement_stays_with_its_place_whatever_is_asked(
    link: MapLink, controller: SearchController, client: Client
) -> None:
    searched(controller, client, 6)
    controller.judge(2, Judgement.ACCEPTED)
    link._show()
    searched(controller, client, 6, query="green field")
    assert controller.state.judgement(2) is Judgement.ACCEPTED
    assert (controller.state.review.accepted, controller.state.review.others) == (1, 1)
    QgsProject.instance().removeMapLayers([layer.id() for layer in result_layers()])
    searched(controller, client, 6)
    assert controller.state.judgement(2) is Judgement.ACCEPTED


def test_an_answer_that_was_tampered_with_leaves_an_empty_layer(
    link: MapLink, controller: SearchController, client: Client, qtbot: QtBot, tmp_path: Path
) -> None:
    searched(controller, client, 6)
    (layer,) = result_layers()
    qtbot.waitUntil(lambda: layer.customProperty(ANSWER_PROPERTY) is not None, timeout=SOON_MS)
    layer.setCustomProperty(ANSWER_PROPERTY, '{"version": 1, "question": 7}')
    assert QgsProject.instance().write(str(tmp_path / "odd.qgz"))
    assert QgsProject.instance().read(str(tmp_path / "odd.qgz"))
    qtbot.wait(100)
    assert result_layers()[0].featureCount() == 0
    assert controller.state.results is None


def test_a_layer_that_its_user_has_edited_is_filled_no_more(
    link: MapLink, controller: SearchController, client: Client
) -> None:
    searched(controller, client, 6)
    (mine,) = result_layers()
    mine.startEditing()
    mine.deleteFeature(next(mine.getFeatures()).id())
    assert mine.commitChanges()
    assert mine.customProperty(EDITED_PROPERTY)
    searched(controller, client, 4)
    assert len(result_layers()) == 2
    assert mine.featureCount() == 5


def test_a_layer_being_edited_is_left_alone(
    link: MapLink, controller: SearchController, client: Client
) -> None:
    searched(controller, client, 6)
    (layer,) = result_layers()
    layer.startEditing()
    searched(controller, client, 4)
    assert layer.featureCount() == 6
    layer.rollBack()


def test_the_filling_leaves_no_steps_to_undo(
    link: MapLink, controller: SearchController, client: Client
) -> None:
    searched(controller, client, 6)
    (layer,) = result_layers()
    assert layer.undoStack().count() == 0
    assert not layer.isModified()


def test_a_layer_removed_while_it_is_filled_harms_nothing(
    link: MapLink, controller: SearchController, client: Client, qtbot: QtBot
) -> None:
    controller.set_filters(everything())
    searched(controller, client, MANY)
    with qtbot.captureExceptions() as raised:
        QgsProject.instance().removeMapLayer(result_layers()[0].id())
        qtbot.wait(100)
    assert raised == []
    assert controller.state.results is None


def test_the_example_tool_sends_places_and_boxes(
    link: MapLink, controller: SearchController, client: Client, desk: Desk
) -> None:
    desk.window.show()
    active: list[bool] = []
    link.example_tool_active.connect(active.append)
    link.use_example_tool(1.0)
    assert active[-1]
    viewport = desk.canvas.viewport()
    start = _pixel(desk, 1150, 1850)
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=start)
    client.answer(rpc.PLAN, plan(missing=0))
    (example,) = client.answer(rpc.RANK, *rank_reply(3)).params.examples
    assert example.point == pytest.approx((1150, 1850), abs=2)
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, pos=start)
    QTest.mouseMove(viewport, start + QPoint(40, 40))
    end = start + QPoint(80, 80)
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, pos=end)
    first, box = client.waiting(rpc.RANK)[0].params.examples
    assert first == example
    assert box.bounds[0] == pytest.approx(1150, abs=2)
    assert box.bounds[3] == pytest.approx(1850, abs=2)
    link.use_example_tool(None)
    assert desk.canvas.mapTool() is desk.pan


def _pixel(desk: Desk, x: float, y: float) -> QPoint:
    pixel = desk.canvas.getCoordinateTransform().transform(QgsPointXY(x, y))
    return QPoint(round(pixel.x()), round(pixel.y()))
