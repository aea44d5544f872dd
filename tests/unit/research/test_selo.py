from __future__ import annotations

import math
from dataclasses import astuple

import numpy as np
import pytest
from numpy.typing import NDArray

from msa_model.research.evaluate.selo import (
    PIXEL_RULE,
    Circle,
    Localisation,
    Rule,
    areas,
    attention_discreteness,
    attention_shift,
    coverage,
    find_peaks,
    localise,
    mean_localisation,
    relative_rule,
    salient_share,
)

Map = NDArray[np.float64]

FINE = Rule(smoothing=1, separation=9)


def square(x0: float, y0: float, x1: float, y1: float) -> list[tuple[float, float]]:
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def hill(height: int, width: int, x: float, y: float, spread: float) -> Map:
    rows, columns = np.mgrid[:height, :width] + 0.5
    out: Map = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * spread**2))
    return out


def test_a_map_that_is_even_everywhere_has_the_share_that_chance_gives() -> None:
    covered = np.zeros((10, 10))
    covered[:5] = 1
    assert salient_share(np.ones((10, 10)), covered) == pytest.approx(1 - math.exp(-0.707))


def test_a_map_that_is_warm_inside_only_has_the_share_one_and_outside_only_nought() -> None:
    covered = np.zeros((10, 10))
    covered[:2, :2] = 1
    assert salient_share(covered, covered) == pytest.approx(1.0)
    assert salient_share(1 - covered, covered) == pytest.approx(0.0)


def test_the_salient_share_of_a_case_done_by_hand() -> None:
    probability, covered = np.array([[1.0, 0.5], [0.25, 0.25]]), np.array([[1.0, 0.0], [0.0, 0.0]])
    assert salient_share(probability, covered) == pytest.approx(1 - math.exp(-0.707 * 1.0 * 3))


def test_the_attention_shift_grows_from_nought_at_the_centre_to_one_without_peaks() -> None:
    circle = Circle((10.0, 10.0), 4.0)
    at_centre, half_way, beyond = (np.array([[x, 10.0]]) for x in (10.0, 12.0, 15.0))
    assert attention_shift([circle], at_centre) == 0.0
    assert attention_shift([circle], half_way) == pytest.approx((math.exp(1.5) - 1) / (math.exp(3) - 1))
    assert attention_shift([circle], beyond) == pytest.approx(1.0)
    assert attention_shift([circle], np.empty((0, 2))) == pytest.approx(1.0)


def test_the_attention_shift_is_taken_after_the_mean_over_regions() -> None:
    circles = [Circle((10.0, 10.0), 4.0), Circle((90.0, 90.0), 4.0)]
    one_found = attention_shift(circles, np.array([[10.0, 10.0]]))
    assert one_found == pytest.approx((math.exp(1.5) - 1) / (math.exp(3) - 1))


def test_attention_that_falls_apart_scores_lower() -> None:
    circle = Circle((10.0, 10.0), 4.0)
    none, one = np.empty((0, 2)), np.array([[11.0, 10.0]])
    two = np.array([[9.0, 10.0], [11.0, 10.0]])
    assert attention_discreteness([circle], none) == 0.0
    assert attention_discreteness([circle], one) == 1.0
    assert attention_discreteness([circle], two) == pytest.approx(0.5 * (1 - 1 / 4) + math.exp(-2))
    assert attention_discreteness([circle, circle], one) == 1.0


def test_the_mean_indicator_weighs_the_three() -> None:
    scores = hill(40, 40, 20, 20, 4)
    found = localise(scores, [square(14, 14, 26, 26)], FINE)
    assert found.rmi == pytest.approx(0.4 * found.rsu + 0.35 * (1 - found.ras) + 0.25 * found.rda)
    assert found.ras < 0.05
    assert found.rda == 1.0
    assert mean_localisation([found, Localisation(0, 0, 0, 0)]).rsu == pytest.approx(found.rsu / 2)


def test_a_map_that_peaks_elsewhere_scores_lower_in_all() -> None:
    scores = hill(60, 60, 15, 15, 4)
    right, wrong = (localise(scores, [square(x - 6, x - 6, x + 6, x + 6)], FINE) for x in (15, 45))
    assert right.rmi > 0.8
    assert wrong.rmi < 0.1
    assert wrong.ras == pytest.approx(1.0)


def test_a_map_without_any_contrast_scores_nought() -> None:
    found = localise(np.full((20, 20), 0.3), [square(5, 5, 9, 9)], FINE)
    assert astuple(found) == (0.0, pytest.approx(1.0), 0.0, pytest.approx(0.0))


def test_peaks_are_far_apart_and_at_least_half_as_high_as_the_highest() -> None:
    scores = hill(60, 60, 10, 10, 3) + 0.7 * hill(60, 60, 50, 50, 3) + 0.4 * hill(60, 60, 10, 50, 3)
    grey = (255 * scores / scores.max()).astype(np.uint8)
    assert find_peaks(grey, FINE) == pytest.approx(np.array([[10, 10], [50, 50]]), abs=0.51)
    wide = Rule(smoothing=1, separation=101)
    assert find_peaks(grey, wide) == pytest.approx(np.array([[10, 10]]), abs=0.51)


def _naive_peaks(grey: NDArray[np.uint8], rule: Rule) -> list[tuple[float, float]]:
    """Pixel loops over the same definition, without smoothing."""
    height, width = grey.shape
    low, high = rule.separation // 2, rule.separation - rule.separation // 2
    mask = np.zeros(grey.shape, bool)
    for row in range(height):
        for col in range(width):
            near = grey[max(0, row - low) : row + high, max(0, col - low) : col + high]
            mask[row, col] = grey[row, col] == near.max() > 0
    centres = np.floor(areas(mask) + 1e-6)
    return [(x, y) for x, y in centres.tolist() if grey[int(y), int(x)] / 255 >= 0.5]


def test_peaks_agree_with_a_naive_twin() -> None:
    rule = Rule(smoothing=1, separation=8, whole=True)
    for seed in range(5):
        grey = np.random.default_rng(seed).integers(0, 256, (24, 31)).astype(np.uint8)
        assert list(map(tuple, find_peaks(grey, rule).tolist())) == _naive_peaks(grey, rule)


def test_coverage_counts_parts_of_cells_and_whole_ones_that_are_touched_by_the_pixel_rule() -> None:
    half = coverage([square(0.5, 0, 2, 1)], (2, 4), FINE)
    assert half[0].tolist() == pytest.approx([0.5, 1, 0, 0], abs=0.15)
    whole = coverage([square(0.5, 0, 2, 1)], (2, 4), PIXEL_RULE)
    assert whole.tolist() == [[1, 1, 1, 0], [1, 1, 1, 0]]


def test_the_figures_do_not_change_with_the_resolution_of_the_map() -> None:
    """The same scene in cells an eighth and a sixteenth of a tile wide."""
    figures = []
    for cells in (8, 16):
        scale = cells / 8
        scores = hill(int(64 * scale), int(80 * scale), 40 * scale, 30 * scale, 5 * scale)
        polygon = [(x * scale, y * scale) for x, y in square(33, 22, 49, 36)]
        figures.append(localise(scores, [polygon], relative_rule(cells)))
    one, other = figures
    assert (one.rsu, one.ras, one.rda) == pytest.approx((other.rsu, other.ras, other.rda), abs=0.03)


def test_the_figures_of_the_pixel_rule_do_change_with_it() -> None:
    """Two hills 400 px apart are one peak for windows of 1,000 px, but two once enlarged."""
    polygons = [square(80, 80, 120, 120), square(480, 80, 520, 120)]
    rule = Rule(smoothing=50, separation=1000, whole=True)
    scores = hill(200, 600, 100, 100, 30) + 0.95 * hill(200, 600, 500, 100, 30)
    near = localise(scores, polygons, rule)
    large = scores.repeat(3, axis=0).repeat(3, axis=1)
    far = localise(large, [[(3 * x, 3 * y) for x, y in polygon] for polygon in polygons], rule)
    assert (near.rda, far.rda) == (0.5, 1.0)


@pytest.mark.parametrize(("cells", "expected"), [(8, (3, 33)), (16, (7, 65)), (1, (1, 5))])
def test_windows_follow_the_tile(cells: int, expected: tuple[int, int]) -> None:
    rule = relative_rule(cells)
    assert (rule.smoothing, rule.separation) == pytest.approx(expected, abs=2)
    assert rule.smoothing % 2 == rule.separation % 2 == 1
