"""The verbs besides searching one layer: several layers, filters, judgements, examples, saved searches."""

from __future__ import annotations

from pathlib import Path

import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsPointXY, QgsProject, QgsRasterLayer, QgsRectangle

from msa_model.protocol import rpc
from msa_model.protocol.errors import Cancelled, RasterUnreadable
from msa_model.protocol.messages import Aoi, Example, Progress, ScanSummary, TileRef, WordShare, WordsReply
from msa_model.protocol.pixels import PixelPlan
from msa_model.protocol.ranking import HeatmapReply
from qgis_msa_plugin.search.controller import LONG_SCAN_S, RERANKED, SearchController
from qgis_msa_plugin.search.examples import Spot
from qgis_msa_plugin.search.question import Filters, Judgement
from qgis_msa_plugin.search.state import ScanPhase
from qgis_msa_plugin.settings import Settings
from tests.qgis.dock.conftest import MakeRaster
from tests.qgis.dock.desk import Client, Square, answer, plan
from tests.qgis.dock.tables import rank_reply, verdict_reply

MERCATOR = QgsCoordinateReferenceSystem("EPSG:3857")


@pytest.fixture
def ready(controller: SearchController, town: QgsRasterLayer) -> SearchController:
    controller.choose_layer(town)
    return controller


@pytest.fixture
def both(controller: SearchController, town: QgsRasterLayer, make_raster: MakeRaster) -> SearchController:
    port = QgsRasterLayer(str(make_raster("port.tif")), "port")
    QgsProject.instance().addMapLayer(port)
    controller.choose_layers([town, port])
    return controller


def searched(controller: SearchController, client: Client, hits: int = 6, query: str = "blue roofs") -> None:
    controller.search(query)
    if client.waiting(rpc.PLAN):
        client.answer(rpc.PLAN, plan(missing=0))
    client.answer(rpc.RANK, *rank_reply(hits, query=query))


def progress(done: int, total: int) -> Progress:
    return Progress(1, done, total, 10.0, 1.0)


def summary(name: str) -> ScanSummary:
    return ScanSummary(f"/nowhere/{name}.msa.gpkg", 100, 100, 0, 0, 3.0)


def test_several_layers_are_planned_together_and_asked_in_one_question(
    both: SearchController, client: Client
) -> None:
    both.search("blue roofs")
    client.answer(rpc.PLAN, plan(missing=0))
    assert both.state.plan is None
    client.answer(rpc.PLAN, plan(missing=0, name="port"))
    assert both.state.plan.tiles == 200
    assert [each.tiles for each in both.state.plans] == [100, 100]
    request = client.waiting(rpc.RANK)[0].params
    assert request.indexes == ("/nowhere/town.msa.gpkg", "/nowhere/port.msa.gpkg")


def test_several_layers_are_scanned_one_after_the_other_with_one_progress(
    both: SearchController, client: Client
) -> None:
    both.search("blue roofs")
    client.answer(rpc.PLAN, plan())
    client.answer(rpc.PLAN, plan(name="port"))
    (build,) = client.waiting(rpc.BUILD)
    assert build.params.raster.path.endswith("town.tif")
    build.progress(progress(30, 100))
    assert (both.state.progress.done, both.state.progress.total) == (30, 200)
    assert "town" in both.state.progress.label
    assert client.answer(rpc.RANK, *answer(Square(1000, 2000))).params.indexes == ("/nowhere/town.msa.gpkg",)
    client.answer(rpc.BUILD, summary("town"))
    (build,) = client.waiting(rpc.BUILD)
    assert build.params.raster.path.endswith("port.tif")
    build.progress(progress(10, 100))
    assert both.state.progress.done == 110
    client.answer(rpc.RANK, *answer(Square(1000, 2000)))
    client.answer(rpc.BUILD, summary("port"))
    assert both.state.phase is ScanPhase.IDLE
    assert len(client.waiting(rpc.RANK)[0].params.indexes) == 2


def test_the_consent_is_to_the_cost_of_all_layers(both: SearchController, client: Client) -> None:
    both.search("blue roofs")
    client.answer(rpc.PLAN, plan(seconds=0.6 * LONG_SCAN_S))
    client.answer(rpc.PLAN, plan(seconds=0.6 * LONG_SCAN_S, name="port"))
    assert both.state.phase is ScanPhase.CONSENT
    both.consent()
    assert both.state.phase is ScanPhase.SCANNING


def test_a_layer_that_cannot_be_read_stops_no_other(both: SearchController, client: Client) -> None:
    both.search("blue roofs")
    client.refuse(rpc.PLAN, RasterUnreadable("town.tif is truncated."))
    client.answer(rpc.PLAN, plan(missing=0, name="port"))
    assert "town.tif is truncated" in both.state.notice.sentence
    assert client.answer(rpc.RANK, *answer()).params.indexes == ("/nowhere/port.msa.gpkg",)


def test_a_scan_that_fails_is_followed_by_the_next_layers(both: SearchController, client: Client) -> None:
    both.search("blue roofs")
    client.answer(rpc.PLAN, plan())
    client.answer(rpc.PLAN, plan(name="port"))
    client.refuse(rpc.BUILD, RasterUnreadable("A block cannot be decoded."))
    assert "'town' could not be scanned" in both.state.notice.sentence
    assert client.waiting(rpc.BUILD)[0].params.raster.path.endswith("port.tif")


def test_cancel_ends_the_scans_of_all_layers(both: SearchController, client: Client) -> None:
    both.search("blue roofs")
    client.answer(rpc.PLAN, plan())
    client.answer(rpc.PLAN, plan(name="port"))
    both.cancel()
    client.refuse(rpc.BUILD, Cancelled("Cancelled."))
    assert both.state.phase is ScanPhase.IDLE
    assert client.waiting(rpc.BUILD) == []


def test_a_layer_removed_in_mid_scan_leaves_the_others_to_be_scanned(
    both: SearchController, client: Client, town: QgsRasterLayer
) -> None:
    both.search("blue roofs")
    client.answer(rpc.PLAN, plan())
    client.answer(rpc.PLAN, plan(name="port"))
    build = client.waiting(rpc.BUILD)[0]
    QgsProject.instance().removeMapLayer(town.id())
    assert build.id in client.cancelled
    client.refuse(rpc.BUILD, Cancelled("Cancelled."))
    assert "'town' was removed" in both.state.notice.sentence
    assert client.waiting(rpc.BUILD)[0].params.raster.path.endswith("port.tif")


def test_a_layer_renamed_in_mid_scan_goes_on_under_its_old_name(
    ready: SearchController, client: Client, town: QgsRasterLayer
) -> None:
    ready.search("blue roofs")
    client.answer(rpc.PLAN, plan())
    town.setName("city")
    client.waiting(rpc.BUILD)[0].progress(progress(30, 100))
    client.answer(rpc.RANK, *answer(Square(1000, 2000)))
    assert ready.state.results.title == "town"


def test_the_verdict_follows_the_answer(ready: SearchController, client: Client) -> None:
    searched(ready, client, 6)
    assert ready.state.verdict is None
    asked = client.answer(rpc.VERDICT, *verdict_reply(6))
    assert asked.params.query == "blue roofs"
    assert ready.state.verdict.level == "good"
    assert ready.state.results.table.honest(0) == pytest.approx(5.0)


def test_a_verdict_on_an_older_answer_is_dropped(ready: SearchController, client: Client) -> None:
    searched(ready, client)
    old = client.waiting(rpc.VERDICT)[0]
    searched(ready, client, query="green field")
    old.done(*verdict_reply(6))
    assert ready.state.verdict is None


def test_listeners_of_one_part_of_the_state_find_all_of_it_new(
    ready: SearchController, client: Client
) -> None:
    searched(ready, client, 6)
    seen = []
    state = ready.state
    state.results_changed.connect(lambda results: seen.append((len(results.table), len(state.shown.rows))))
    searched(ready, client, 3)
    assert seen == [(3, 3)]


def test_filters_act_on_what_is_shown_and_not_on_the_answer(ready: SearchController, client: Client) -> None:
    searched(ready, client, 6)
    ready.set_filters(Filters(min_score=0.48))
    assert list(ready.state.shown.rows) == [0, 1, 2]
    assert len(ready.state.results.table) == 6
    assert client.waiting(rpc.RANK) == []


def test_another_question_starts_without_a_threshold(ready: SearchController, client: Client) -> None:
    searched(ready, client, 6)
    ready.set_filters(Filters(min_score=0.48, merge=False, limit=7))
    searched(ready, client, 6)
    assert ready.state.filters.min_score == 0.48
    searched(ready, client, 6, query="green field")
    assert ready.state.filters == Filters(merge=False, limit=7)


def test_judged_hits_tell_the_precision_so_far(ready: SearchController, client: Client) -> None:
    searched(ready, client, 6)
    ready.judge(1, Judgement.ACCEPTED)
    ready.judge(2, Judgement.REJECTED)
    ready.judge(4, Judgement.ACCEPTED)
    review = ready.state.review
    assert (review.accepted, review.rejected, review.k, review.judged) == (2, 1, 4, 3)
    assert review.precision_at == pytest.approx(2 / 3)
    ready.judge(2, Judgement.NONE)
    assert ready.state.review.precision_at == 1.0
    ready.clear_judgements()
    assert ready.state.review.judged == 0


def test_judged_hits_are_examples_of_the_next_question_and_nothing_is_scanned(
    ready: SearchController, client: Client
) -> None:
    searched(ready, client, 6)
    ready.judge(1, Judgement.ACCEPTED)
    ready.judge(2, Judgement.REJECTED)
    ready.refine()
    first, second = client.waiting(rpc.RANK)[0].params.examples
    assert first.tile == TileRef("/nowhere/town.msa.gpkg", 1, 0, 1)
    assert first.weight > 0 > second.weight
    assert client.waiting(rpc.BUILD) == []
    client.answer(rpc.RANK, *rank_reply(6))
    assert ready.state.review.accepted == 1
    ready.refine()
    assert len(client.waiting(rpc.RANK)[0].params.examples) == 2


def test_feedback_without_judgements_is_refused_in_words(ready: SearchController, client: Client) -> None:
    searched(ready, client)
    ready.refine()
    assert "Accept or reject" in ready.state.notice.sentence
    assert client.waiting(rpc.RANK) == []


def test_a_place_on_the_map_is_an_example(
    ready: SearchController, client: Client, town: QgsRasterLayer
) -> None:
    ready.search_at(Spot.at(QgsPointXY(1200, 1800), MERCATOR))
    client.answer(rpc.PLAN, plan(missing=0))
    request = client.waiting(rpc.RANK)[0].params
    (example,) = request.examples
    assert request.query == ""
    assert example.point == (1200, 1800)
    assert example.raster.path.endswith("town.tif")
    assert example.crs == "EPSG:3857"


def test_a_box_to_avoid_goes_along_with_the_last_words(ready: SearchController, client: Client) -> None:
    searched(ready, client)
    ready.search_at(Spot(QgsRectangle(1100, 1700, 1200, 1800), MERCATOR, is_point=False), weight=-1.0)
    request = client.waiting(rpc.RANK)[0].params
    assert request.query == "blue roofs"
    assert request.examples[0].weight == -1.0
    assert request.examples[0].bounds == (1100, 1700, 1200, 1800)


def test_a_place_beside_the_layers_is_no_example(ready: SearchController, client: Client) -> None:
    ready.search_at(Spot.at(QgsPointXY(90000, 1800), MERCATOR))
    assert ready.state.notice.error.kind == "point_outside"
    assert client.open == []


def test_marked_examples_go_along_with_words_until_they_are_taken_back(
    ready: SearchController, client: Client
) -> None:
    example = Example(tile=TileRef("/nowhere/town.msa.gpkg", 1, 0, 3))
    ready.add_example(example)
    searched(ready, client)
    assert ready.state.results.question.examples == (example,)
    ready.remove_example(0)
    searched(ready, client)
    assert ready.state.results.question.examples == ()


@pytest.mark.parametrize("text", ['"blue roofs', "roofs + ", "0:roofs"])
def test_a_query_with_a_mistake_is_refused_before_anything_is_asked(
    ready: SearchController, client: Client, text: str
) -> None:
    ready.search(text)
    assert ready.state.notice.error.kind == "query_not_understood"
    assert client.open == []


def test_reranking_asks_the_last_question_again(ready: SearchController, client: Client) -> None:
    searched(ready, client)
    ready.set_rerank(True)
    assert client.waiting(rpc.RANK)[0].params.rerank == RERANKED


def test_the_words_that_mattered_are_those_of_the_hit(ready: SearchController, client: Client) -> None:
    searched(ready, client)
    ready.explain(2)
    words = (WordShare("blue", 0.1), WordShare("roofs", 0.2))
    asked = client.answer(rpc.WORDS, WordsReply("blue roofs", 0.3, words))
    assert asked.params.tile.col == 2
    assert ready.state.explanation.rank == 2
    assert ready.state.explanation.words == words


def test_the_heat_map_is_asked_for_each_index(ready: SearchController, client: Client) -> None:
    searched(ready, client)
    ready.show_heatmap()
    assert ready.state.heatmap_busy
    asked = client.answer(rpc.HEATMAP, HeatmapReply("blue roofs", 4, 4, 0.1, 0.4), b"a picture")
    assert asked.params.indexes == ("/nowhere/town.msa.gpkg",)
    assert Path(ready.state.heatmap.path).read_bytes() == b"a picture"
    assert not ready.state.heatmap_busy


def test_what_was_asked_is_remembered_once_each_newest_first(ready: SearchController, client: Client) -> None:
    for query in ("blue roofs", "green field", "blue roofs"):
        searched(ready, client, query=query)
    assert ready.state.history == ("blue roofs", "green field")
    other = SearchController(client, Settings)
    assert other.state.history == ("blue roofs", "green field")
    other.release()
    ready.forget_history()
    assert ready.state.history == ()


def test_a_saved_search_comes_back_with_its_filters(
    ready: SearchController, client: Client, town: QgsRasterLayer, tmp_path: Path
) -> None:
    searched(ready, client, 6)
    ready.set_filters(Filters(min_score=0.48, scales_m=frozenset({10.0}), limit=9))
    ready.save_search("  roofs ")
    searched(ready, client, 6, query="green field")
    ready.run_saved("roofs")
    client.answer(rpc.RANK, *rank_reply(6))
    assert ready.state.results.query == "blue roofs"
    assert ready.state.filters.limit == 9
    assert len(ready.state.shown.rows) == 3
    assert QgsProject.instance().write(str(tmp_path / "kept.qgz"))
    QgsProject.instance().clear()
    assert ready.state.saved == ()
    assert QgsProject.instance().read(str(tmp_path / "kept.qgz"))
    assert [saved.name for saved in ready.state.saved] == ["roofs"]
    assert ready.state.saved[0].filters.scales_m == frozenset({10.0})
    ready.remove_saved("roofs")
    assert ready.state.saved == ()


def test_saved_searches_that_make_no_sense_are_left_out(controller: SearchController, tmp_path: Path) -> None:
    project = QgsProject.instance()
    project.writeEntry("msa_search", "/saved", '[{"name": "bad"}, 7]')
    assert project.write(str(tmp_path / "odd.qgz"))
    assert project.read(str(tmp_path / "odd.qgz"))
    assert controller.state.saved == ()


def test_a_layer_that_is_no_file_is_planned_in_pixels_of_the_size_that_was_picked(
    controller: SearchController, client: Client, served: QgsRasterLayer
) -> None:
    controller.choose_layer(served)
    controller.choose_area(lambda: Aoi("POLYGON ((0 0, 300 0, 300 300, 0 300, 0 0))", "EPSG:3857"))
    widths = []
    for gsd_m in (1.0, 2.0):
        controller.choose_gsd(gsd_m)
        controller.search("blue roofs")
        widths.append(client.answer(rpc.PIXELS_PLAN, drawn_plan()).params.grid.width)
        assert [asked.method for asked in client.open] == [rpc.RANK]
        client.answer(rpc.RANK, *answer())
    assert widths[0] == pytest.approx(2 * widths[1], rel=0.1)


def test_many_pictures_of_a_server_are_asked_for_first(
    controller: SearchController, client: Client, served: QgsRasterLayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qgis_msa_plugin.search.flow.fetches_much", lambda request, plan: True)
    controller.choose_layer(served)
    controller.choose_area(lambda: Aoi("POLYGON ((0 0, 300 0, 300 300, 0 300, 0 0))", "EPSG:3857"))
    controller.search("blue roofs")
    client.answer(rpc.PIXELS_PLAN, drawn_plan(missing=100))
    assert controller.state.phase is ScanPhase.CONSENT


def drawn_plan(missing: int = 0) -> PixelPlan:
    return PixelPlan("/nowhere/served.msa.gpkg", 100, missing, 1.0, 1000, 1.0, (), ())
