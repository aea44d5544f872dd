"""Overlapping hits are one place: against a naive twin, and as a user sees it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from msa_model.jobs import ranked
from msa_model.jobs.ranked import SHARED, places_of
from msa_model.raster.tiles import tile_boxes

tiles = st.tuples(st.sampled_from((1, 2, 4)), st.integers(0, 12), st.integers(0, 12))


def boxes_of(keys: list[tuple[int, int, int]]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return tile_boxes(np.array(keys, np.int32).reshape(-1, 3))


Box = tuple[float, float, float, float]


def as_box(sides: list[float]) -> Box:
    left, bottom, right, top = sides
    return left, bottom, right, top


def naive(keys: list[tuple[int, int, int]]) -> list[int]:
    founders: list[Box] = []
    places = []
    for box in map(as_box, boxes_of(keys).tolist()):
        place = next((i for i, other in enumerate(founders) if share(box, other) >= SHARED), len(founders))
        if place == len(founders):
            founders.append(box)
        places.append(place)
    return places


def share(one: Box, other: Box) -> float:
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return max(across, 0) * max(down, 0) / smaller


@given(st.lists(tiles, max_size=40, unique=True), st.integers(1, 50))
def test_places_are_those_of_comparing_every_hit_with_every_founder(
    keys: list[tuple[int, int, int]], block: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranked, "_BLOCK", block)
        assert places_of(boxes_of(keys)).tolist() == naive(keys)


def test_neighbours_at_half_overlap_are_one_place_and_those_that_touch_are_two() -> None:
    assert places_of(boxes_of([(1, 0, 0), (1, 0, 4), (1, 4, 4), (1, 0, 8)])).tolist() == [0, 0, 0, 1]


def test_a_tile_joins_the_larger_or_smaller_one_that_ranks_before_it() -> None:
    small, large, far = (1, 3, 3), (4, 0, 0), (1, 100, 100)
    assert places_of(boxes_of([small, far, large])).tolist() == [0, 1, 0]
    assert places_of(boxes_of([large, small, far])).tolist() == [0, 0, 1]


def test_two_small_places_in_one_large_tile_stay_two() -> None:
    assert places_of(boxes_of([(1, 0, 0), (1, 16, 16), (4, 0, 0)])).tolist() == [0, 1, 0]


def test_a_chain_of_neighbours_is_not_one_place() -> None:
    row = [(1, 0, 4 * step) for step in range(6)]
    assert places_of(boxes_of(row)).tolist() == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize("count", [0, 1])
def test_few_hits_are_as_many_places(count: int) -> None:
    assert places_of(boxes_of([(1, 0, 0)][:count])).tolist() == list(range(count))
