import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from msa_model.protocol.errors import BadArgument
from msa_model.raster.grid import LATTICE, TILE, TileGrid, choose_factors

sizes = st.integers(1, 5000)
factors = st.integers(1, 9)
overlaps = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.6, 0.75, 0.875])


def windows(grid: TileGrid) -> NDArray[np.int64]:
    """(x0, y0, x1, y1) of every tile, by the definition of a key."""
    rows, cols = grid.keys().astype(int).T
    x, y = cols * LATTICE * grid.factor, rows * LATTICE * grid.factor
    return np.column_stack((x, y, x + TILE * grid.factor, y + TILE * grid.factor))


@given(sizes, sizes, factors, overlaps)
def test_every_pixel_is_covered_by_a_tile(width: int, height: int, factor: int, overlap: float) -> None:
    boxes = windows(TileGrid(width, height, factor, overlap))
    for axis, size in ((0, width), (1, height)):
        covered = np.zeros(size, bool)
        for start, stop in {(box[axis], box[axis + 2]) for box in boxes.tolist()}:
            covered[start:stop] = True
        assert covered.all()


@given(sizes, sizes, factors, overlaps)
def test_tiles_start_on_the_raster_and_hardly_leave_it(
    width: int, height: int, factor: int, overlap: float
) -> None:
    boxes = windows(TileGrid(width, height, factor, overlap))
    assert (boxes[:, 0] < width).all()
    assert (boxes[:, 1] < height).all()
    for axis, size in ((2, width), (3, height)):
        assert (boxes[:, axis] < max(size, TILE * factor) + LATTICE * factor).all() or size < TILE * factor


@given(sizes, sizes, factors, overlaps)
def test_keys_are_unique_and_counted_without_being_made(
    width: int, height: int, factor: int, overlap: float
) -> None:
    grid = TileGrid(width, height, factor, overlap)
    keys = grid.keys()
    assert len(np.unique(keys, axis=0)) == len(keys) == grid.count()
    assert keys.dtype == np.int32


@given(sizes, sizes, factors)
def test_tiles_without_overlap_are_a_subset_of_those_at_a_half(width: int, height: int, factor: int) -> None:
    apart = {tuple(key) for key in TileGrid(width, height, factor, 0.0).keys().tolist()}
    half = {tuple(key) for key in TileGrid(width, height, factor, 0.5).keys().tolist()}
    assert apart <= half


@given(sizes, sizes, factors, overlaps, st.data())
def test_a_window_keeps_just_the_tiles_that_overlap_it(
    width: int, height: int, factor: int, overlap: float, data: st.DataObject
) -> None:
    x0 = data.draw(st.floats(0, width - 0.5))
    y0 = data.draw(st.floats(0, height - 0.5))
    x1, y1 = data.draw(st.floats(x0 + 0.1, width + 1)), data.draw(st.floats(y0 + 0.1, height + 1))
    grid = TileGrid(width, height, factor, overlap)
    boxes = windows(grid)
    meets = (boxes[:, 0] < x1) & (boxes[:, 2] > x0) & (boxes[:, 1] < y1) & (boxes[:, 3] > y0)
    assert grid.keys((x0, y0, x1, y1)).tolist() == grid.keys()[meets].tolist()
    assert grid.count((x0, y0, x1, y1)) == meets.sum()


def test_a_raster_smaller_than_a_tile_gets_one_tile() -> None:
    assert TileGrid(100, 30, 1).keys().tolist() == [[0, 0]]


def test_half_overlap_hops_by_half_a_tile() -> None:
    assert TileGrid(768, 256, 1, 0.5).keys()[:, 1].tolist() == [0, 4, 8, 12, 16]


def test_a_size_off_the_lattice_gets_a_last_tile_over_its_edge() -> None:
    assert TileGrid(600, 256, 1, 0.5).keys()[:, 1].tolist() == [0, 4, 8, 11]  # 11 * 32 + 256 >= 600


def test_a_million_tiles_are_counted_at_once_for_a_raster_that_claims_to_be_huge() -> None:
    assert TileGrid(2**31 - 1, 2**20, 1, 0.5).count() > 10**11


@pytest.mark.parametrize("overlap", [-0.1, 0.9, 1.0, math.nan])
def test_an_overlap_out_of_range_is_refused(overlap: float) -> None:
    with pytest.raises(BadArgument, match="overlap"):
        TileGrid(500, 500, 1, overlap)


@given(st.floats(0.05, 90), st.integers(1, 200_000), st.integers(1, 200_000))
def test_default_factors_are_two_powers_of_two_at_least(gsd_m: float, width: int, height: int) -> None:
    chosen = choose_factors(gsd_m, width, height)
    assert len(chosen) >= 2
    assert all(factor == 2 ** round(math.log2(factor)) for factor in chosen)
    assert list(chosen) == sorted(set(chosen))


@given(st.floats(0.05, 0.78))
def test_default_tiles_of_a_large_fine_raster_measure_some_40_to_400_metres(gsd_m: float) -> None:
    sides = [TILE * gsd_m * factor for factor in choose_factors(gsd_m, 100_000, 100_000)]
    assert 28 <= sides[0] <= 200
    assert 200 <= sides[-1] <= 400


@pytest.mark.parametrize("gsd_m", [5.0, 30.0, 90.0])
def test_coarse_rasters_are_read_as_they_are_and_at_half(gsd_m: float) -> None:
    assert choose_factors(gsd_m, 934, 723) == (1, 2)


@given(st.floats(0.05, 90), st.lists(st.floats(1, 1e6), min_size=1, max_size=4))
def test_asked_scales_become_the_nearest_factors_that_there_are(gsd_m: float, scales: list[float]) -> None:
    chosen = choose_factors(gsd_m, 20_000, 10_000, tuple(scales))
    assert all(1 <= factor <= 79 for factor in chosen)  # 79 tiles of 256 px hold 20,000 px
    for scale in scales:
        ideal = min(max(scale / (TILE * gsd_m), 1), 79)
        assert min(abs(factor - ideal) for factor in chosen) <= 0.5


@pytest.mark.parametrize("scale", [0.0, -5.0, math.nan, math.inf])
def test_a_scale_that_is_no_length_is_refused(scale: float) -> None:
    with pytest.raises(BadArgument, match="metres"):
        choose_factors(1.0, 1000, 1000, (scale,))
