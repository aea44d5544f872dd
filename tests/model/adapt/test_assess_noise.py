"""Telling wrong pairs by their losses."""

from __future__ import annotations

import numpy as np
import pytest

from msa_model.adapt.assess import NoiseSplit, PairClass, split_by_loss


def losses_of(share: float, count: int = 2000, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Losses, which of them are of wrong pairs, and losses of pairs mismatched on purpose."""
    rng = np.random.default_rng(seed)
    wrong = np.arange(count) < share * count
    right = rng.gamma(2.0, 1.2, count)
    losses = np.where(wrong, rng.normal(9, 2, count), right)
    return losses, wrong, rng.normal(9, 2, count)


def split_of(share: float) -> tuple[NoiseSplit, np.ndarray]:
    losses, wrong, mismatched = losses_of(share)
    return split_by_loss(losses, mismatched), wrong


@pytest.mark.parametrize("share", [0.2, 0.4, 0.6])
def test_wrong_pairs_are_found_and_counted(share: float) -> None:
    split, wrong = split_of(share)
    assert split.share == pytest.approx(share, abs=0.05)
    assert wrong[split.classes == PairClass.WRONG].mean() > 0.85
    assert wrong[split.classes == PairClass.CLEAN].mean() < 0.1
    assert (split.classes == PairClass.WRONG)[wrong].mean() > 0.75


def test_pairs_that_all_fit_are_left_alone() -> None:
    split, _ = split_of(0.0)
    assert split.share < 0.02
    assert (split.classes == PairClass.CLEAN).mean() > 0.99
    assert split.weights.mean() > 0.99


def test_the_probability_of_a_mismatch_rises_with_the_loss() -> None:
    losses, _, mismatched = losses_of(0.3)
    split = split_by_loss(losses, mismatched)
    assert np.all(np.diff(split.mismatch[np.argsort(losses)]) >= 0)
    assert split.mismatch.min() == pytest.approx(0, abs=0.02)
    assert split.mismatch.max() == pytest.approx(1, abs=0.1)


def test_clean_pairs_weigh_one_wrong_ones_nothing_and_doubtful_ones_in_between() -> None:
    split, _ = split_of(0.4)
    assert np.all(split.weights[split.classes == PairClass.CLEAN] == 1)
    assert np.all(split.weights[split.classes == PairClass.WRONG] == 0)
    between = split.weights[split.classes == PairClass.DOUBTFUL]
    assert len(between)
    assert np.all((between > 0) & (between < 1))


def test_the_split_depends_on_no_unit_of_the_loss() -> None:
    losses, _, mismatched = losses_of(0.4)
    one, two = split_by_loss(losses, mismatched), split_by_loss(losses * 7 + 3, mismatched * 7 + 3)
    assert np.mean(one.classes == two.classes) > 0.99
