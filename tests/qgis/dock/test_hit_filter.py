from __future__ import annotations

import dataclasses

import pytest

from msa_model.protocol.hit_filter import (
    Filters,
    HitFilter,
    categories_of,
    choose,
    class_offers,
    scales_of,
)
from qgis_msa_plugin.map.layer_fill import subset_of
from tests.qgis.dock.tables import judged_table, table_of

EVERY = Filters(merge=False, limit=10_000)


def test_the_best_hit_of_each_place_stands_for_it() -> None:
    table = table_of(6, places=[0, 1, 0, 2, 1, 3])
    shown = choose(table, dataclasses.replace(EVERY, merge=True))
    assert list(shown.rows) == [0, 1, 3, 5]
    assert shown.hidden == {"merged": 2}


def test_a_place_whose_best_hit_is_filtered_out_is_stood_for_by_the_next() -> None:
    table = table_of(4, places=[0, 0, 1, 1], factors=[2, 1, 2, 1])
    fine = dataclasses.replace(EVERY, merge=True, scales_m=frozenset({scales_of(table)[0]}))
    shown = choose(table, fine)
    assert list(shown.rows) == [1, 3]
    assert shown.hidden == {"scale": 2}


def test_the_threshold_is_a_cosine_that_passes_itself() -> None:
    table = table_of(10)
    shown = choose(table, dataclasses.replace(EVERY, min_score=0.47))
    assert list(shown.rows) == [0, 1, 2, 3]
    assert shown.hidden == {"score": 6}


def test_a_match_threshold_goes_by_the_verdict() -> None:
    match_score = dataclasses.replace(EVERY, min_score=2.0, by_match=True)
    assert list(choose(judged_table(10), match_score).rows) == [0, 1, 2, 3, 4, 5, 6]
    assert len(choose(table_of(10), match_score).rows) == 10  # before there is a verdict


def test_only_so_many_are_shown() -> None:
    shown = choose(table_of(10), dataclasses.replace(EVERY, limit=4))
    assert list(shown.rows) == [0, 1, 2, 3]
    assert shown.hidden == {"limit": 6}


def test_tiles_with_too_few_pixels_are_left_out() -> None:
    table = table_of(4, valid=[1.0, 0.5, 0.75, 0.25])
    shown = choose(table, dataclasses.replace(EVERY, min_valid=0.75))
    assert list(shown.rows) == [0, 2]
    assert shown.hidden == {"valid": 2}


def test_categories_are_those_of_the_verdict() -> None:
    table = judged_table(5)
    assert categories_of(table) == ("built", "green")
    assert categories_of(table_of(5)) == ()
    shown = choose(table, dataclasses.replace(EVERY, categories=frozenset({"green"})))
    assert list(shown.rows) == [1, 3]


def test_what_one_filter_hides_is_counted_once() -> None:
    table = table_of(6, places=[0, 0, 1, 1, 2, 2], valid=[1, 1, 1, 1, 0, 0])
    shown = choose(table, Filters(min_score=0.48, min_valid=0.5, limit=1))
    assert list(shown.rows) == [0]
    assert shown.hidden == {"valid": 2, "score": 1, "merged": 1, "limit": 1}


def test_the_next_table_is_not_mistaken_for_the_last() -> None:
    hit_filter = HitFilter()
    wanted = dataclasses.replace(EVERY, min_valid=0.5)
    assert len(hit_filter(table_of(4, valid=[1, 1, 0, 0]), wanted).rows) == 2
    assert len(hit_filter(table_of(4, valid=[1, 0, 0, 0]), wanted).rows) == 1


@pytest.mark.parametrize(
    ("rows", "count", "subset"),
    [
        (range(5), 5, ""),
        (range(3), 5, '"overall_rank" <= 3'),
        ([], 3, '"overall_rank" <= 0'),
        ([0, 2], 5, "substr('101', \"overall_rank\", 1) = '1'"),
    ],
)
def test_a_layers_filter_picks_the_rows(rows: list[int], count: int, subset: str) -> None:
    assert subset_of(rows, count) == subset


def test_matching_hides_what_a_verdict_doubts_and_nothing_before_there_is_one() -> None:
    filters = Filters(matching=True, merge=False, limit=20)
    assert len(choose(table_of(20), filters).rows) == 20
    table = judged_table(20)
    shown = choose(table, filters)
    assert [table.match(row) for row in shown.rows] == ["strong"] * 6 + ["likely"] * 2
    assert shown.hidden == {"match": 12}


@pytest.mark.parametrize(
    "filters",
    [
        EVERY,
        dataclasses.replace(EVERY, min_score=2.0, by_match=True),
        dataclasses.replace(EVERY, merge=True, limit=1, categories=frozenset({"green"})),
        dataclasses.replace(EVERY, merge=True, matching=True),
    ],
)
def test_each_class_is_offered_with_the_hits_that_it_alone_would_show(filters: Filters) -> None:
    table = judged_table(12, places=[0, 0, 1, 0, 2, 2, 3, 1, 4, 4, 5, 5])
    alone = {
        name: len(choose(table, dataclasses.replace(filters, categories=frozenset({name}), limit=99)).rows)
        for name in categories_of(table)
    }
    assert sum(alone.values()) > 0
    assert class_offers(table, filters) == {name: count for name, count in alone.items() if count}


def test_before_a_verdict_no_class_is_offered() -> None:
    assert class_offers(table_of(5), EVERY) == {}
