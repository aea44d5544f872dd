"""Judgements belong to places on the ground: other questions, scales, indexes and switches keep them."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from qgis.core import QgsProject, QgsRasterLayer

from msa_model.protocol import rpc
from msa_model.protocol.hit_filter import Filters
from msa_model.protocol.hit_table import HitTable, RankedIndex
from msa_model.protocol.messages import Hit
from qgis_msa_plugin.dock.review_bar import review_details, review_wordings
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.search.judged import JudgedMatches, JudgedPlace, overlap, place_of, with_groups
from qgis_msa_plugin.search.question import Judgement, Question, Results
from qgis_msa_plugin.search.saved import judged_text, read_judged
from tests.present import present
from tests.qgis.dock.desk import Client, Square, answer, index_of, plan
from tests.qgis.dock.tables import table_of

ACCEPTED, REJECTED, NONE = Judgement.ACCEPTED, Judgement.REJECTED, Judgement.NONE


@pytest.fixture
def ready(controller: SearchController, town: QgsRasterLayer) -> SearchController:
    controller.choose_layer(town)
    return controller


def squares(*squares: Square, name: str = "town", index: RankedIndex | None = None) -> HitTable:
    return HitTable.of(*answer(*squares, index=index or index_of(name, squares[0].side)))


def said(table: HitTable, row: int = 0, judgement: Judgement = ACCEPTED, text: str = "pools") -> JudgedPlace:
    return place_of(Results(Question(text), table, 100), row, judgement)


def ask(
    controller: SearchController, client: Client, *hits: Square, query: str, index: RankedIndex | None = None
) -> None:
    controller.search(query)
    if client.waiting(rpc.PLAN):
        client.answer(rpc.PLAN, plan(missing=0))
    client.answer(rpc.RANK, *answer(*hits, query=query, index=index))


def ticks(controller: SearchController) -> list[Judgement]:
    return [
        controller.state.judgement(rank + 1) for rank in range(len(present(controller.state.results).table))
    ]


@pytest.mark.parametrize(
    ("place", "hit", "ticked"),
    [
        (Square(0, 3000), Square(0, 3000), True),
        (Square(0, 3000, 10), Square(0, 3000, 40), True),  # another scale around it
        (Square(0, 3000, 40), Square(20, 2990, 10), True),  # another scale within it
        (Square(0, 3000, 20), Square(10, 3000, 20), False),  # the neighbour at half overlap
        (Square(0, 3000), Square(10, 3000), False),  # the one beside it
        (Square(0, 3000, 30), Square(10, 3000, 30), True),  # two thirds
    ],
)
def test_a_hit_is_ticked_where_it_shares_more_than_half_with_the_place(
    place: Square, hit: Square, ticked: bool
) -> None:
    matches = JudgedMatches().matches(squares(hit), [said(squares(place))])
    assert (0 in matches) is ticked


def test_places_of_another_raster_tick_nothing() -> None:
    assert (
        JudgedMatches().matches(squares(Square(0, 3000)), [said(squares(Square(0, 3000), name="village"))])
        == {}
    )


def test_a_place_is_found_on_a_grid_of_another_crs() -> None:
    table = squares(Square(500, 3000, 20))
    place = said(table)
    index = index_of("town", 20)
    degrees = 180 / 20037508.342789244
    lonlat = RankedIndex(
        index.index, index.source, "EPSG:4326", (degrees, 0, 0, 0, -degrees, 3000 * degrees), 1.0, 20, 10
    )
    assert 0 in JudgedMatches().matches(squares(Square(500, 3000, 20), index=lonlat), [place])


def test_the_best_fitting_place_counts_and_of_those_that_fit_alike_the_newest() -> None:
    around, same = said(squares(Square(0, 3000, 40)), 0, REJECTED), said(squares(Square(0, 3000)))
    later = dataclasses.replace(same, said=REJECTED, query="a roof")
    table = squares(Square(0, 3000))
    assert with_groups(table, JudgedMatches().matches(table, [same, around]), merge=False)[0] is same
    assert with_groups(table, JudgedMatches().matches(table, [same, around, later]), merge=False)[0] is later


def test_where_hits_of_one_place_are_merged_its_tick_stands_for_all_of_them() -> None:
    table = table_of(4, places=(0, 0, 1, 1))
    matches = JudgedMatches().matches(table, [said(table, 1)])
    assert list(with_groups(table, matches, merge=False)) == [1]
    assert list(with_groups(table, matches, merge=True)) == [0, 1]


def test_ticks_are_those_of_every_pair_looked_at() -> None:
    tiles = [Square(10 * x, 3000 - 10 * y, 30) for x in range(6) for y in range(6)]
    table = squares(*tiles)
    places = [said(table, row) for row in (0, 7, 20)]
    found = JudgedMatches().matches(table, places)
    for row in range(len(table)):
        box = _box(table.hit(row))
        expected = {id(place) for place in places if overlap(box, _ring_box(place))[0] > 0.5 + 1e-6}
        assert {id(place) for place in found.get(row, ())} == expected


def test_a_place_as_large_as_the_world_costs_no_more_than_the_hits() -> None:
    table = squares(Square(0, 3000))
    vast = dataclasses.replace(said(table), ring=((-1e12, 1e12), (1e12, 1e12), (1e12, -1e12), (-1e12, -1e12)))
    assert list(JudgedMatches().matches(table, [vast])) == [0]


def test_ticks_outlive_another_question_a_new_scale_and_a_refinement(
    ready: SearchController, client: Client
) -> None:
    here, there = Square(0, 3000, 20), Square(100, 3000, 20)
    ask(ready, client, here, there, query="pools")
    ready.judge(1, ACCEPTED)
    ready.judge(2, REJECTED)
    ask(ready, client, there, here, query="a swimming pool")
    assert ticks(ready) == [REJECTED, ACCEPTED]
    assert (ready.state.review.judged, ready.state.review.others) == (0, 2)
    coarse = [Square(100, 3000, 40), Square(0, 3000, 40)]
    ask(ready, client, *coarse, query="pools", index=index_of("town", 40))
    assert ticks(ready) == [REJECTED, ACCEPTED]
    ready.refine()
    assert [example.weight for example in client.waiting(rpc.RANK)[0].params.examples] == [1.0, -1.0]
    client.answer(rpc.RANK, *answer(*coarse, index=index_of("town", 40)))
    assert ticks(ready) == [REJECTED, ACCEPTED]
    assert (ready.state.review.judged, ready.state.review.others) == (2, 0)


def test_the_precision_is_of_this_question_and_tells_other_ticks_apart(
    ready: SearchController, client: Client
) -> None:
    one, two, three = (Square(x, 3000, 20) for x in (0, 100, 200))
    ask(ready, client, one, two, three, query="roofs")
    for rank in (1, 2, 3):
        ready.judge(rank, ACCEPTED)
    ask(ready, client, one, two, three, query="a car park")
    assert ready.state.review.precision_at is None
    assert review_wordings(ready.state.review)[1:] == ("Judge hits", "Judge")
    ready.judge(2, REJECTED)
    review = ready.state.review
    assert ticks(ready) == [ACCEPTED, REJECTED, ACCEPTED]
    assert (review.precision_at, review.k, review.judged, review.others) == (0.0, 2, 1, 2)
    assert review_wordings(review)[0] == "0 of 1 judged hits right (0 %)"
    assert "another question, which are not counted: 2" in review_details(review)
    assert (review.accepted, review.rejected) == (2, 1)


def test_the_merge_switch_drops_no_tick(ready: SearchController, client: Client) -> None:
    ready.set_filters(Filters(merge=False, limit=50))
    ready.search("pools")
    client.answer(rpc.PLAN, plan(missing=0))
    reply = table_of(3, places=(0, 0, 1))
    ready._showing.show(Results(Question("pools"), reply, 100))
    ready.judge(2, ACCEPTED)
    assert ticks(ready) == [NONE, ACCEPTED, NONE]
    ready.set_filters(Filters(merge=True, limit=50))
    assert ticks(ready) == [ACCEPTED, ACCEPTED, NONE]
    assert (ready.state.review.accepted, ready.state.review.k) == (1, 1)
    ready.judge(1, NONE)
    assert (ticks(ready), ready.state.places) == ([NONE] * 3, ())


def test_refining_leaves_out_what_another_question_said_of_places_that_are_not_shown(
    ready: SearchController, client: Client
) -> None:
    ask(ready, client, Square(0, 3000), query="pools")
    ready.judge(1, ACCEPTED)
    ask(ready, client, Square(200, 3000), query="a car park")
    ready.judge(1, REJECTED)
    ready.refine()
    assert [example.weight for example in client.waiting(rpc.RANK)[0].params.examples] == [-1.0]


def test_each_step_can_be_taken_back_and_forgetting_all_is_one(
    ready: SearchController, client: Client
) -> None:
    ask(ready, client, Square(0, 3000), Square(100, 3000), query="pools")
    ready.judge(1, ACCEPTED)
    ready.judge(1, REJECTED)
    ready.judge(2, ACCEPTED)
    ready.clear_judgements()
    assert ticks(ready) == [NONE, NONE]
    for expected in ([REJECTED, ACCEPTED], [REJECTED, NONE], [ACCEPTED, NONE], [NONE, NONE]):
        assert ready.state.can_take_back
        ready.take_back()
        assert ticks(ready) == expected
    assert not ready.state.can_take_back
    assert ready.state.selected_rank == 1


def test_forgetting_all_leaves_what_was_said_of_other_questions_places(
    ready: SearchController, client: Client
) -> None:
    ask(ready, client, Square(0, 3000), query="pools")
    ready.judge(1, ACCEPTED)
    ask(ready, client, Square(200, 3000), query="a car park")
    ready.judge(1, ACCEPTED)
    ready.clear_judgements()
    assert [place.query for place in ready.state.places] == ["pools"]


def test_places_are_kept_in_the_project_without_any_layer(
    ready: SearchController, client: Client, tmp_path: Path
) -> None:
    ask(ready, client, Square(0, 3000), query="pools")
    ready.judge(1, ACCEPTED)
    (before,) = ready.state.places
    assert QgsProject.instance().write(str(tmp_path / "kept.qgz"))
    QgsProject.instance().clear()
    assert (ready.state.places, ready.state.can_take_back) == ((), False)
    assert QgsProject.instance().read(str(tmp_path / "kept.qgz"))
    assert ready.state.places == (before,)


GOOD = said(table_of(1))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("said", "cursed"),
        ("ring", [[0, 0]] * 3),
        ("ring", [[0, 1e300]] * 4),
        ("crs", "/etc/passwd"),
        ("score", "NaN"),
        ("tile", ["/x", 1, 2]),
        ("tile", ["/x", 0, 2, 3]),
        ("source", 7),
    ],
)
def test_a_place_that_makes_no_sense_is_left_out_and_the_others_are_read(field: str, value: object) -> None:
    bad = {**json.loads(GOOD.text), field: value}
    places, left_out = read_judged(f"[{json.dumps(bad)},{GOOD.text}]")
    assert (places, left_out) == ((GOOD,), 1)


def test_what_is_no_list_of_places_is_told_and_kept_as_it_is(
    controller: SearchController, tmp_path: Path
) -> None:
    project = QgsProject.instance()
    project.writeEntry("msa_search", "/judged_places", '{"no": "list"}')
    assert project.write(str(tmp_path / "odd.qgz"))
    assert project.read(str(tmp_path / "odd.qgz"))
    assert controller.state.places == ()
    assert "left out" in present(controller.state.notice).sentence
    assert project.readEntry("msa_search", "/judged_places_unreadable")[0] == '{"no": "list"}'


def test_text_of_places_is_read_as_it_was_written() -> None:
    places = (GOOD, dataclasses.replace(GOOD, said=REJECTED, match_score=2.5, query='a "roof" · Dach'))
    assert read_judged(judged_text(places)) == (places, 0)


def _box(hit: Hit) -> tuple[float, float, float, float]:
    left, bottom, right, top = hit.bounds
    return left, 3000 - top, right, 3000 - bottom


def _ring_box(place: JudgedPlace) -> tuple[float, float, float, float]:
    xs, ys = zip(*place.ring, strict=True)
    return min(xs), 3000 - max(ys), max(xs), 3000 - min(ys)


def test_places_in_more_crss_than_a_project_has_cost_no_more_than_it() -> None:
    codes = [*range(32601, 32661), *range(32701, 32761)]
    items = [{**json.loads(GOOD.text), "crs": f"EPSG:{code}"} for code in codes * 2]
    broken = [{**json.loads(GOOD.text), "crs": f'PROJCS["{n}",GEOGCS["'} for n in range(1000)]
    places, left_out = read_judged(json.dumps([*items, *broken]))
    assert (len({place.crs for place in places}), left_out) == (64, 2 * (len(codes) - 64) + len(broken))
