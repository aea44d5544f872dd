from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from msa_model.research.evaluate.selo import areas, box_mean, box_median, running_max

Grey = NDArray[np.uint8]


@st.composite
def _maps(draw: st.DrawFn) -> Grey:
    shape = draw(st.integers(1, 14)), draw(st.integers(1, 14))
    seed = draw(st.integers(0, 2**32 - 1))
    return np.random.default_rng(seed).integers(0, draw(st.sampled_from([3, 256])), shape).astype(np.uint8)


def _window(grey: Grey, row: int, col: int, side: int, edges: str) -> Grey:
    """The cells around one; an even window reaches one further to the upper left."""
    before, after = side // 2, side - side // 2
    padded = np.pad(grey, side, mode=edges)  # type: ignore[call-overload]
    around: Grey = padded[side + row - before : side + row + after, side + col - before : side + col + after]
    return around


def _naive(grey: Grey, side: int, edges: str) -> list[list[Grey]]:
    height, width = grey.shape
    return [[_window(grey, row, col, side, edges) for col in range(width)] for row in range(height)]


@given(_maps(), st.integers(1, 6))
@settings(max_examples=40, deadline=None)
def test_means_agree_with_a_naive_twin(grey: Grey, side: int) -> None:
    side = min(side, *grey.shape)
    expected = [[round(float(w.mean())) for w in row] for row in _naive(grey, side, "reflect")]
    assert np.abs(box_mean(grey, side).astype(int) - expected).max() <= (side % 2 == 0)  # halves, either way


@given(_maps(), st.sampled_from([1, 3, 5, 9]))
@settings(max_examples=40, deadline=None)
def test_medians_agree_with_a_naive_twin(grey: Grey, side: int) -> None:
    expected = [[np.median(w) for w in row] for row in _naive(grey, side, "edge")]
    assert (box_median(grey, side) == expected).all()


@given(_maps(), st.integers(1, 40))
@settings(max_examples=60, deadline=None)
def test_running_maxima_agree_with_a_naive_twin(grey: Grey, side: int) -> None:
    expected = [[w.max() for w in row] for row in _naive(grey, side, "constant")]
    assert (running_max(grey, side) == expected).all()


def test_cells_that_touch_at_a_corner_are_one_area() -> None:
    mask = np.zeros((6, 8), bool)
    mask[0, 0] = mask[1, 1] = True
    mask[4, 5:8] = True
    assert sorted(map(tuple, areas(mask).round(6).tolist())) == [(0.5, 0.5), (6.0, 4.0)]


def test_an_area_with_a_hole_has_its_centre_in_the_hole() -> None:
    mask = np.ones((5, 5), bool)
    mask[2, 2] = False
    assert areas(mask) == pytest.approx(np.array([[2.0, 2.0]]))


def test_an_empty_mask_has_no_area() -> None:
    assert areas(np.zeros((4, 4), bool)).shape == (0, 2)
