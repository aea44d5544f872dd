"""Scores over several dates."""

from __future__ import annotations

import numpy as np
import pytest

from msa_model.index.dates import Histories, calibrated, correlations, trends, united

YEARS = np.array([2000.0, 2005.0, 2010.0, 2020.0])
NAN = np.nan


def test_tiles_of_all_dates_are_joined_and_gaps_are_named() -> None:
    first = np.array([[1, 0, 0], [1, 0, 4]], np.int32)
    second = np.array([[1, 0, 8], [1, 0, 4]], np.int32)
    keys, rows = united([first, second])
    assert keys.tolist() == [[1, 0, 0], [1, 0, 4], [1, 0, 8]]
    assert [row.tolist() for row in rows] == [[0, 1, -1], [-1, 1, 0]]


def test_what_a_date_adds_to_most_tiles_is_taken_off() -> None:
    ground = np.linspace(-2, 2, 50, dtype=np.float32)
    scores = np.stack([ground, ground + 0.7, ground - 0.2])
    scores[1, 3] += 3
    found = calibrated(scores)
    assert np.delete(found, 3, axis=1) == pytest.approx(np.stack([np.delete(found[0], 3)] * 3), abs=1e-5)
    assert found[1, 3] - found[0, 3] == pytest.approx(3, abs=1e-5)


def test_a_tile_tells_when_it_stood_high_and_where_it_goes() -> None:
    scores = np.array([[-1, 1, NAN], [0.5, 1, NAN], [1, -1, 2], [2, -1, 3]], np.float32)
    told = Histories.of(scores, YEARS, 0.0)
    assert told.first.tolist() == [1, 0, 2]
    assert told.last.tolist() == [3, 1, 3]
    assert told.above.tolist() == [3, 2, 2]
    assert told.best.tolist() == [2, 1, 3]
    assert told.trend[0] > 0 > told.trend[1]
    assert told.trend[2] == pytest.approx(1.0)


def test_a_tile_that_never_stands_high_has_no_date() -> None:
    told = Histories.of(np.full((4, 1), -1, np.float32), YEARS, 0.0)
    assert (told.first.tolist(), told.last.tolist(), told.above.tolist()) == ([-1], [-1], [0])


def test_one_date_has_no_trend() -> None:
    assert trends(np.array([[NAN], [1.0], [NAN], [NAN]], np.float32), YEARS).tolist() == [0]


def test_histories_that_go_alike_correlate_and_flat_or_short_ones_do_not() -> None:
    rise = np.array([0, 0, 2, 3], np.float32)
    short = np.array([0, NAN, NAN, 3], np.float32)
    scores = np.stack([rise, 2 * rise + 1, -rise, 0.01 * rise, short], axis=1)
    found = correlations(scores, 0)
    assert found.tolist() == pytest.approx([1, 1, -1, 0, 0])
