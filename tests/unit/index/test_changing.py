"""What changed, as numbers: unchanged ground, neighbours, directions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msa_model.index.dates import (
    ALONG,
    ANY_THRESHOLD,
    COARSE_THRESHOLD,
    WAY_THRESHOLD,
    ChangeThreshold,
    Differences,
    Floats,
    Neighbours,
    VectorChanges,
    common_tiles,
    direction,
    unchanged,
)
from msa_model.raster.grid import Keys, TileGrid

DIMENSION = 16


def grid(side: int = 12, factor: int = 1) -> Keys:
    places = np.stack(np.meshgrid(np.arange(side) * 4, np.arange(side) * 4, indexing="ij"), -1).reshape(-1, 2)
    return np.column_stack((np.full(len(places), factor), places)).astype(np.int32)


def unit(rows: Floats) -> Floats:
    out: Floats = (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)
    return out


def ground(keys: Keys, seed: int = 0) -> Floats:
    return unit(np.random.default_rng(seed).standard_normal((len(keys), DIMENSION)).astype(np.float32))


def later(before: Floats, seed: int = 1, noise: float = 0.05) -> Floats:
    drawn = np.random.default_rng(seed).standard_normal(before.shape)
    return unit((before + noise * drawn).astype(np.float32))


AXIS = np.eye(DIMENSION, dtype=np.float32)[0]


def test_tiles_meet_by_their_keys_in_the_order_of_the_first() -> None:
    first, second = grid(4), grid(5)[::-1]
    rows, others = common_tiles(first, second)
    assert rows.tolist() == list(range(16))
    assert (first[rows] == second[others]).all()


def test_what_moved_stands_out_where_it_moved() -> None:
    keys = grid()
    before = ground(keys)
    after = later(before)
    moved = [i for i, (_, row, col) in enumerate(keys.tolist()) if row in {16, 20} and col in {16, 20}]
    after[moved] = unit(after[moved] + 3 * AXIS)
    changes = WAY_THRESHOLD.changes(Differences.of(keys, before, after).along(AXIS), len(keys))
    assert set(np.argsort(-changes)[:4].tolist()) == set(moved)
    assert changes[moved].min() > 1
    assert np.delete(changes, moved).max() < changes[moved].min()


def test_what_moves_all_tiles_alike_is_no_change() -> None:
    keys = grid()
    before = ground(keys)
    cast = unit(later(before) + 0.4 * AXIS)
    changes = WAY_THRESHOLD.changes(Differences.of(keys, before, cast).along(AXIS), len(keys))
    assert np.sort(changes)[-3:].mean() < 0


def test_what_one_tile_shows_alone_counts_less_than_what_its_neighbours_show_too() -> None:
    keys = grid()
    level = Neighbours.of(keys, 1)
    alone, together = np.zeros(len(keys), np.float32), np.zeros(len(keys), np.float32)
    alone[65] = together[[52, 53, 54, 64, 65, 66, 76, 77, 78]] = 1
    assert level.smoothed(alone)[65] == pytest.approx(0.25)
    assert level.smoothed(together)[65] == pytest.approx(1)


def test_a_tile_without_neighbours_is_itself() -> None:
    keys = np.array([[1, 0, 0], [2, 0, 0]], np.int32)
    assert Neighbours.of(keys, 2).smoothed(np.array([0.5], np.float32)).tolist() == [0.5]


def test_unchanged_ground_is_found_beside_a_third_that_changed() -> None:
    random = np.random.default_rng(0)
    values = np.concatenate([random.normal(0.1, 0.05, 700), random.normal(0.6, 0.2, 300)]).astype(np.float32)
    middle, spread = unchanged(values, ALONG)
    assert middle == pytest.approx(0.1, abs=0.03)
    assert 0.03 < spread < 0.09


def test_what_changed_as_asked_does_not_widen_the_spread_below() -> None:
    random = np.random.default_rng(0)
    values = np.concatenate([random.normal(0, 0.05, 500), random.normal(0.4, 0.2, 500)]).astype(np.float32)
    assert unchanged(values, ALONG, below=True)[1] < 0.08 < unchanged(values, ALONG)[1]


def test_to_go_less_the_other_way_than_most_is_no_change() -> None:
    keys = grid()
    before = ground(keys)
    after = unit(later(before) - 0.4 * AXIS)
    still = [i for i, (_, row, col) in enumerate(keys.tolist()) if {row, col} <= {16, 20, 24}]
    after[still] = before[still]
    assert Differences.of(keys, before, after).along(AXIS).max() <= 0


def test_a_change_counts_less_where_its_words_are_not_seen() -> None:
    keys = grid()
    before = ground(keys)
    after = later(before)
    moved = [i for i, (_, row, col) in enumerate(keys.tolist()) if row in {16, 20} and col in {16, 20}]
    after[moved] = unit(after[moved] + 3 * AXIS)
    differences = Differences.of(keys, before, after)
    unasked, seen = differences.along(AXIS), differences.along(AXIS, [after @ AXIS])
    assert seen[moved] == pytest.approx(unasked[moved])
    others = np.delete(np.arange(len(keys)), moved)
    assert (seen <= unasked).all()
    assert np.median(seen[others]) < np.median(unasked[others]) - 0.5


def test_moves_are_differences_of_the_rows_that_are_named_to_the_bit() -> None:
    keys = np.tile(grid(), (16, 1))  # more than one piece
    random = np.random.default_rng(5)
    before, after = (random.standard_normal((len(keys), DIMENSION)).astype(np.float16) for _ in range(2))
    rows = random.permutation(len(keys)), random.permutation(len(keys))
    moves = VectorChanges(before, after, rows)
    whole = after[rows[1]].astype(np.float32) - before[rows[0]].astype(np.float32)
    assert (moves.at(np.arange(len(keys))) == whole).all()
    assert moves.lengths() == pytest.approx(np.linalg.norm(whole, axis=1))
    assert moves.along(AXIS) == pytest.approx(whole @ AXIS, abs=1e-5)


def test_few_tiles_say_what_is_usual() -> None:
    middle, spread = unchanged(np.array([0.5], np.float32), ALONG)
    assert middle == pytest.approx(0.5 / 41)
    assert spread == pytest.approx(ALONG.spread, rel=0.05)


def test_a_direction_leads_to_phrases_near_the_words_and_from_all_others() -> None:
    phrases = unit(np.random.default_rng(3).standard_normal((40, DIMENSION)).astype(np.float32) + 1)
    way = direction(phrases[7], phrases)
    assert np.linalg.norm(way) == pytest.approx(1, abs=1e-5)
    assert (phrases @ way).argmax() == 7


@pytest.mark.parametrize("threshold", [WAY_THRESHOLD, COARSE_THRESHOLD, ANY_THRESHOLD])
def test_more_unchanged_ground_reaches_higher_by_chance(threshold: ChangeThreshold) -> None:
    heights = [
        float(threshold.changes(np.array([5.0], np.float32), tiles)[0]) for tiles in (1, 30, 100, 10_000)
    ]
    assert heights == sorted(heights, reverse=True)
    assert len(set(heights)) == 4


@settings(max_examples=30, deadline=None)
@given(st.integers(300, 900), st.integers(300, 900), st.sampled_from((1, 2)), st.floats(-2, 2))
def test_a_constant_stays_as_it_is_on_any_grid(width: int, height: int, factor: int, value: float) -> None:
    places = TileGrid(width, height, factor).keys()
    keys = np.column_stack((np.full(len(places), factor, np.int32), places))
    smooth = Neighbours.of(keys, factor).smoothed(np.full(len(keys), value, np.float32))
    assert smooth == pytest.approx(value, abs=1e-5)
