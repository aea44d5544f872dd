"""Mixing texts and examples: what each kind of part does to the vector that tiles are compared with."""

from __future__ import annotations

import numpy as np
import pytest

from msa_model.index.rank import AVOIDED_TEXT, AVOIDED_TILES, avoided, examples, joined, sought, unit

TREES, WATER, BOTH, COMMON = np.eye(4, dtype=np.float32)
NOTHING = np.zeros(4, np.float32)


def floats(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.array(values, np.float32)


@pytest.mark.parametrize(
    ("texts", "text"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_things_are_named_as_a_person_would(texts: list[str], text: str) -> None:
    assert joined(texts) == text


def test_terms_of_equal_weight_pull_alike_and_so_does_the_text_of_all() -> None:
    vector = sought(np.stack([TREES, WATER]), floats(1, 1), BOTH, NOTHING)
    assert vector @ TREES == pytest.approx(vector @ WATER)
    assert vector @ BOTH == pytest.approx(2 * (vector @ TREES))
    assert np.linalg.norm(vector) == pytest.approx(1)


def test_a_heavier_term_pulls_more_and_the_text_of_all_less() -> None:
    vector = sought(np.stack([TREES, WATER]), floats(4, 1), BOTH, NOTHING)
    assert vector @ TREES == pytest.approx(4 * (vector @ WATER))
    assert vector @ BOTH == pytest.approx(5 / 4 * (vector @ WATER))


def test_what_all_texts_share_is_taken_off_each_term() -> None:
    texts = np.stack([unit(TREES + COMMON), unit(WATER + COMMON)])
    shared = texts[0] @ COMMON * COMMON
    plain, less = (sought(texts, floats(1, 1), BOTH, everyday) for everyday in (NOTHING, shared))
    assert plain @ COMMON > 0.3
    assert less @ COMMON == pytest.approx(0, abs=1e-6)


def test_a_term_with_a_minus_takes_away_in_part() -> None:
    assert avoided(WATER[None], floats(-1)).tolist() == pytest.approx((-AVOIDED_TEXT * WATER).tolist())


def test_examples_count_as_what_they_show_beside_the_background() -> None:
    tiles = np.stack([TREES + COMMON, WATER + COMMON])
    vector = examples(tiles, floats(1, -1), COMMON)
    assert vector.tolist() == pytest.approx((TREES - AVOIDED_TILES * WATER).tolist())


def test_the_number_of_examples_does_not_matter_their_weights_do() -> None:
    one = examples(TREES[None], floats(1), NOTHING)
    five = examples(np.stack([TREES] * 5), floats(1, 1, 1, 1, 1), NOTHING)
    assert five.tolist() == pytest.approx(one.tolist())
    assert examples(TREES[None], floats(2), NOTHING).tolist() == pytest.approx((2 * one).tolist())


def test_no_examples_add_nothing() -> None:
    assert examples(np.empty((0, 4), np.float32), floats(), COMMON).tolist() == [0, 0, 0, 0]


def test_parts_that_cancel_out_leave_no_direction_and_no_error() -> None:
    assert unit(NOTHING).tolist() == [0, 0, 0, 0]
