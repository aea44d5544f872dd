"""Recall by how much of a list the fine stage orders anew."""

from __future__ import annotations

import numpy as np
import pytest

from msa_model.eval.fine import Scores, gain, reordered

RNG = np.random.default_rng(0)


def made(n: int = 12) -> Scores:
    cosines = RNG.normal(size=(n, n)) / 10
    return Scores(cosines, np.eye(n) * 4, np.arange(n), np.arange(n))


def test_a_fine_stage_that_knows_the_answer_lifts_recall_to_all() -> None:
    scores = made()
    assert gain(scores, 0, 0.0).mr < 90
    assert gain(scores, 12, 1.0).mr == pytest.approx(100)


def test_what_is_behind_the_head_stays_where_it_is() -> None:
    coarse = np.array([[0.9, 0.8, 0.7, 0.6]])
    fused = np.array([[0.1, 0.2, 0.3, 9.0]])
    assert np.argsort(-reordered(coarse, fused, 2)[0]).tolist() == [1, 0, 2, 3]
    assert np.argsort(-reordered(coarse, fused, 4)[0]).tolist() == [3, 2, 1, 0]


def test_re_ranking_none_is_the_dual_encoder() -> None:
    scores = made()
    assert gain(scores, 0, 5.0) == gain(
        Scores(scores.cosines, 0 * scores.matches, scores.text_of, scores.owner), 0, 5.0
    )


def test_more_of_the_list_can_only_help_a_stage_that_knows_the_answer() -> None:
    scores = made(40)
    found = [gain(scores, count, 1.0).mr for count in (0, 5, 10, 20, 40)]
    assert found == sorted(found)
    assert found[0] < found[-1]
