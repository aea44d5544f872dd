"""The verbs besides searching: filters, judgements, examples, saved searches."""

from __future__ import annotations

from pathlib import Path

import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsPointXY, QgsProject, QgsRasterLayer, QgsRectangle

from msa_model.protocol import rpc
from msa_model.protocol.hit_filter import Filters
from msa_model.protocol.hit_table import HeatmapReply
from msa_model.protocol.messages import Example, TileRef, WordShare
from msa_model.protocol.query import WordsReply
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.search.examples import ExampleGeometry
from qgis_msa_plugin.search.question import Judgement
from qgis_msa_plugin.settings import Settings
from tests.present import present
from tests.qgis.dock.desk import Client, plan, refused_as
from tests.qgis.dock.tables import rank_reply, verdict_reply

MERCATOR = QgsCoordinateReferenceSystem("EPSG:3857")


@pytest.fixture
def ready(controller: SearchController, town: QgsRasterLayer) -> SearchController:
    controller.choose_layer(town)
    return controller


def searched(controller: SearchController, client: Client, hits: int = 6, query: str = "blue roofs") -> None:
    controller.search(query)
    if client.waiting(rpc.PLAN):
        client.answer(rpc.PLAN, plan(missing=0))
    client.answer(rpc.RANK, *rank_reply(hits, query=query))


def test_the_verdict_follows_the_answer(ready: SearchController, client: Client) -> None:
    searched(ready, client, 6)
    assert ready.state.verdict is None
    asked = client.answer(rpc.VERDICT, *verdict_reply(6))
    assert asked.params.query == "blue roofs"
    assert present(ready.state.verdict).level == "good"
    assert present(ready.state.results).table.match_score(0) == pytest.approx(5.0)


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
    assert len(present(ready.state.results).table) == 6
    assert client.waiting(rpc.RANK) == []


def test_another_question_starts_without_a_threshold(ready: SearchController, client: Client) -> None:
    searched(ready, client, 6)
    ready.set_filters(Filters(min_score=0.48, merge=False, limit=7))
    searched(ready, client, 6)
    assert ready.state.filters.min_score == 0.48
    searched(ready, client, 6, query="green field")
    assert ready.state.filters == Filters(merge=False, limit=7, matching=True)


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
    assert "Accept or reject" in present(ready.state.notice).sentence
    assert client.waiting(rpc.RANK) == []


def test_a_place_on_the_map_is_an_example(
    ready: SearchController, client: Client, town: QgsRasterLayer
) -> None:
    ready.search_at(ExampleGeometry.at(QgsPointXY(1200, 1800), MERCATOR))
    client.answer(rpc.PLAN, plan(missing=0))
    request = client.waiting(rpc.RANK)[0].params
    (example,) = request.examples
    assert request.query == ""
    assert example.point == (1200, 1800)
    assert example.raster.path.endswith("town.tif")
    assert example.crs == "EPSG:3857"


def test_a_box_to_avoid_goes_along_with_the_last_words(ready: SearchController, client: Client) -> None:
    searched(ready, client)
    ready.search_at(
        ExampleGeometry(QgsRectangle(1100, 1700, 1200, 1800), MERCATOR, is_point=False), weight=-1.0
    )
    request = client.waiting(rpc.RANK)[0].params
    assert request.query == "blue roofs"
    assert request.examples[0].weight == -1.0
    assert request.examples[0].bounds == (1100, 1700, 1200, 1800)


def test_a_place_beside_the_layers_is_no_example(ready: SearchController, client: Client) -> None:
    ready.search_at(ExampleGeometry.at(QgsPointXY(90000, 1800), MERCATOR))
    assert refused_as(ready.state) == "point_outside"
    assert client.open == []


def test_marked_examples_go_along_with_words_until_they_are_taken_back(
    ready: SearchController, client: Client
) -> None:
    example = Example(tile=TileRef("/nowhere/town.msa.gpkg", 1, 0, 3))
    ready.add_example(example)
    searched(ready, client)
    assert present(ready.state.results).question.examples == (example,)
    ready.clear_examples()
    searched(ready, client)
    assert present(ready.state.results).question.examples == ()


@pytest.mark.parametrize("text", ['"blue roofs', "roofs + ", "0:roofs"])
def test_a_query_with_a_mistake_is_refused_before_anything_is_asked(
    ready: SearchController, client: Client, text: str
) -> None:
    ready.search(text)
    assert refused_as(ready.state) == "query_not_understood"
    assert client.open == []


def test_the_words_that_mattered_are_those_of_the_hit(ready: SearchController, client: Client) -> None:
    searched(ready, client)
    ready.explain(2)
    words = (WordShare("blue", 0.1), WordShare("roofs", 0.2))
    asked = client.answer(rpc.WORDS, WordsReply("blue roofs", 0.3, words))
    assert asked.params.tile.col == 2
    assert present(ready.state.explanation).rank == 2
    assert present(ready.state.explanation).words == words


def test_the_heat_map_is_asked_for_each_index(ready: SearchController, client: Client) -> None:
    searched(ready, client)
    ready.show_heatmap()
    assert ready.state.heatmap_busy
    asked = client.answer(rpc.HEATMAP, HeatmapReply("blue roofs", 4, 4, 0.1, 0.4), b"a picture")
    assert asked.params.indexes == ("/nowhere/town.msa.gpkg",)
    assert Path(present(ready.state.heatmap).path).read_bytes() == b"a picture"
    assert not ready.state.heatmap_busy


def test_a_heat_map_on_its_way_outlives_the_verdict_but_no_other_answer(
    ready: SearchController, client: Client
) -> None:
    ready.search("blue roofs")
    client.answer(rpc.PLAN, plan(missing=0))
    client.answer(rpc.RANK, *rank_reply(6))
    ready.show_heatmap()
    client.answer(rpc.VERDICT, *verdict_reply(6))
    assert ready.state.heatmap_busy
    client.answer(rpc.HEATMAP, HeatmapReply("blue roofs", 4, 4, 0.1, 0.4), b"a picture")
    assert Path(present(ready.state.heatmap).path).read_bytes() == b"a picture"
    ready.show_heatmap()
    searched(ready, client, query="green field")
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
    assert present(ready.state.results).query == "blue roofs"
    assert ready.state.filters.limit == 9
    assert len(ready.state.shown.rows) == 3
    assert QgsProject.instance().write(str(tmp_path / "kept.qgz"))
    QgsProject.instance().clear()
    assert not ready.state.saved
    assert QgsProject.instance().read(str(tmp_path / "kept.qgz"))
    (saved,) = ready.state.saved
    assert saved.name == "roofs"
    assert saved.filters.scales_m == frozenset({10.0})
    ready.remove_saved("roofs")
    assert ready.state.saved == ()


def test_saved_searches_that_make_no_sense_are_left_out(controller: SearchController, tmp_path: Path) -> None:
    project = QgsProject.instance()
    project.writeEntry("msa_search", "/saved", '[{"name": "bad"}, 7]')
    assert project.write(str(tmp_path / "odd.qgz"))
    assert project.read(str(tmp_path / "odd.qgz"))
    assert controller.state.saved == ()
