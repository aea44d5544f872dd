import dataclasses
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msa_model.protocol.hit_filter import DEPTH, Filters, choose, depth_of
from msa_model.protocol.hit_table import HitTable, RankedIndex, RankReply, pack_columns
from msa_model.protocol.messages import SearchTimings

INDEX = RankedIndex("town.gpkg", "town.tif", "EPSG:32633", (1, 0, 0, 0, -1, 0), 1.0, 256, 32)
hits = st.lists(st.tuples(st.integers(0, 9), st.floats(0, 1, width=32)), max_size=60)
filters = st.builds(
    Filters,
    min_score=st.none() | st.floats(0, 1),
    min_valid=st.sampled_from([0.0, 0.5]),
    merge=st.booleans(),
    limit=st.integers(1, 20),
)


def table_of(rows: list[tuple[int, float]]) -> HitTable:
    """Hits by falling score: place and share of valid pixels of each."""
    count = len(rows)
    columns = [
        array("f", [1 - row / 100 for row in range(count)]),
        array("f", [valid for _, valid in rows]),
        array("i", [place for place, _ in rows]),
        *(array("i", [number] * count) for number in (0, 1, 0)),
        array("i", range(count)),
    ]
    return HitTable.of(RankReply("q", count, 99, (INDEX,), SearchTimings(0, 0, 0)), pack_columns(columns))


@pytest.mark.parametrize(
    ("asked", "depth"),
    [
        (Filters(merge=False, limit=20), 20),
        (Filters(merge=True, limit=20), DEPTH),
        (Filters(merge=False, min_valid=0.5, limit=20), DEPTH),
        (Filters(merge=False, scales_m=frozenset({128.0}), limit=20), DEPTH),
        (Filters(merge=True, limit=2 * DEPTH), 2 * DEPTH),
    ],
)
def test_as_many_tiles_are_ranked_as_hits_may_hide_behind(asked: Filters, depth: int) -> None:
    assert depth_of(asked) == depth


@given(hits, filters)
def test_the_hits_are_those_of_the_table_as_far_down_as_they_reach(
    rows: list[tuple[int, float]], asked: Filters
) -> None:
    table = table_of(rows)
    chosen = list(choose(table, asked).rows)
    assert len(chosen) <= asked.limit
    head = table.head(chosen[-1] + 1 if chosen else 0)
    assert list(choose(head, asked).rows) == chosen
    assert [head.hit(row) for row in chosen] == [table.hit(row) for row in chosen]


@given(hits, filters)
def test_a_place_has_one_hit_its_best_that_passes(rows: list[tuple[int, float]], asked: Filters) -> None:
    table = table_of(rows)
    every = choose(table, dataclasses.replace(asked, merge=False, limit=DEPTH)).rows
    firsts = {table.places[row]: row for row in reversed(every)}
    merged = choose(table, dataclasses.replace(asked, merge=True, limit=DEPTH)).rows
    assert list(merged) == sorted(firsts.values())
