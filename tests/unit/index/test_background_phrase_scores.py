"""What phrases are worth at single places."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from msa_model.index.background import PhraseBackground, best_of_each_category
from msa_model.measure.fitting import Fitted
from msa_model.protocol.match import match_of

CONSTANTS = Fitted(0.8, 0.2, 2.0, 0.0, 0.1, 0.05)


def units(seed: int, count: int) -> np.ndarray:
    drawn = np.random.default_rng(seed).standard_normal((count, 32)).astype(np.float32)
    unit: NDArray[np.float32] = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    return unit


@pytest.fixture
def ground() -> PhraseBackground:
    phrases = units(0, 40)
    return PhraseBackground(phrases, phrases @ np.full(32, 0.03, np.float32))


def test_the_score_is_the_line_that_the_constants_say(ground: PhraseBackground) -> None:
    place, phrases = units(1, 3), units(2, 5)
    means = phrases @ np.full(32, 0.03, np.float32)
    fits = place @ ground.vectors.T - ground.means
    offset = 0.8 * means + (0.2 * fits.mean(axis=1) + 2.0 * fits.std(axis=1))[:, None] + 0.1
    expected = (place @ phrases.T - offset) / 0.05
    assert ground.match_score(place, phrases, means, CONSTANTS) == pytest.approx(expected, abs=1e-4)


def test_without_constants_no_phrase_matches_better_than_weakly(ground: PhraseBackground) -> None:
    places = ground.vectors[:3]  # nothing could fit better
    match_score = ground.match_score(places, ground.vectors, ground.means, None)
    assert {match_of(float(score)) for score in match_score.max(axis=1)} == {"weak"}


@given(
    arrays(np.float32, 12, elements=st.floats(-5, 5, width=32)),
    st.lists(st.sampled_from(["", "water", "roads"]), min_size=12, max_size=12),
)
def test_of_each_category_the_highest_stays_and_what_has_none_stays(
    heights: np.ndarray, categories: list[str]
) -> None:
    best = best_of_each_category(heights, categories).tolist()
    assert heights[best].tolist() == sorted(heights[best], reverse=True)
    assert {place for place in range(12) if not categories[place]} <= set(best)
    for kind in {"water", "roads"} & set(categories):
        (own,) = (place for place in best if categories[place] == kind)
        assert heights[own] == max(heights[place] for place in range(12) if categories[place] == kind)
