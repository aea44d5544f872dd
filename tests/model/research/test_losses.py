"""Every term against loops over single elements."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import normalize

from msa_model.adapt.heads import contrastive
from msa_model.research.train.losses import (
    LossWeights,
    Mode,
    Scored,
    csmmc,
    mscma,
    same_pairs,
    total_loss,
    triplet,
)
from tests.present import present

SCALES = 3
T = TypeVar("T")
Rows = list[list[float]]
Marks = list[list[bool]]
some_batches = given(seed=st.integers(0, 10_000), n=st.integers(2, 6), share=st.floats(0, 1))
modes = pytest.mark.parametrize("mode", ["released", "corrected"])


def a_batch(seed: int, n: int, share: float) -> Scored:
    """n random pairs, a `share` of all off-diagonal ones no negatives."""
    draw = torch.Generator().manual_seed(seed)
    images, texts = (normalize(torch.randn(n, 4, generator=draw), dim=1) for _ in range(2))
    same = torch.rand(n, n, generator=draw) < share
    return Scored(images, texts, same, 3 * torch.randn(SCALES, n, n, generator=draw))


def _scores(batch: Scored) -> Rows:
    return [
        [sum(a * b for a, b in zip(z, t, strict=True)) for t in batch.texts.tolist()]
        for z in batch.images.tolist()
    ]


def _transposed(rows: list[list[T]]) -> list[list[T]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _softmax(values: Iterable[float]) -> list[float]:
    powers = [math.exp(value) for value in values]
    return [power / sum(powers) for power in powers]


def _entropies(scores: Rows, same: Marks) -> list[float]:
    """-log of what softmax gives the own text of image i, over it and all that count as negatives."""
    found = []
    for i, row in enumerate(scores):
        others = [value for j, value in enumerate(row) if j != i and not same[i][j]]
        found.append(-math.log(_softmax([row[i], *others])[0]))
    return found


def _both_ways(scores: Rows, same: Marks) -> list[float]:
    there, back = _entropies(scores, same), _entropies(_transposed(scores), _transposed(same))
    return [(a + b) / 2 for a, b in zip(there, back, strict=True)]


def _nothing_marked(n: int) -> Marks:
    return [[False] * n for _ in range(n)]


@settings(max_examples=30, deadline=None)
@some_batches
def test_contrastive_agrees_with_loops(seed: int, n: int, share: float) -> None:
    batch = a_batch(seed, n, share)
    scores = [[value / 0.2 for value in row] for row in _scores(batch)]
    expected = _both_ways(scores, batch.same.tolist())
    assert contrastive(batch.images, batch.texts, batch.same, 0.2).tolist() == pytest.approx(
        expected, abs=1e-4
    )


@modes
@settings(max_examples=30, deadline=None)
@some_batches
def test_triplet_agrees_with_loops(mode: Mode, seed: int, n: int, share: float) -> None:
    batch = a_batch(seed, n, share)
    marks = _nothing_marked(n) if mode == "released" else batch.same.tolist()
    scores, expected = _scores(batch), []
    for i in range(n):
        texts = [scores[i][j] for j in range(n) if j != i and not marks[i][j]]
        images = [scores[j][i] for j in range(n) if j != i and not marks[j][i]]
        hinges = [max(0.0, 0.5 - scores[i][i] + max(others)) for others in (texts, images) if others]
        expected.append(sum(hinges))
    assert triplet(batch.images, batch.texts, batch.same, mode).tolist() == pytest.approx(expected, abs=1e-5)


def test_released_triplets_fear_a_second_caption_of_the_same_image_most() -> None:
    z = normalize(torch.eye(3), dim=1)
    images, texts = z[[0, 0, 1]], z[[0, 0, 1]]  # pairs 0 and 1 show the same image
    same = torch.tensor([[True, True, False], [True, True, False], [False, False, True]])
    assert triplet(images, texts, same, "released").tolist() == [1.0, 1.0, 0.0]
    assert triplet(images, texts, same, "corrected").tolist() == [0.0, 0.0, 0.0]


@modes
@settings(max_examples=30, deadline=None)
@some_batches
def test_mscma_agrees_with_loops(mode: Mode, seed: int, n: int, share: float) -> None:
    batch = a_batch(seed, n, share)
    expected = [0.0] * n
    for scores in present(batch.matches).tolist():
        released = mode == "released"
        terms = (
            _entropies(scores, _nothing_marked(n)) if released else _both_ways(scores, batch.same.tolist())
        )
        expected = [a + b for a, b in zip(expected, terms, strict=True)]
    assert mscma(present(batch.matches), batch.same, mode).tolist() == pytest.approx(expected, abs=1e-4)


@modes
@settings(max_examples=30, deadline=None)
@some_batches
def test_csmmc_agrees_with_loops(mode: Mode, seed: int, n: int, share: float) -> None:
    batch = a_batch(seed, n, share)
    divergences = _released_divergences if mode == "released" else _corrected_divergences
    *smaller, largest = present(batch.matches).tolist()
    expected = [0.0] * n
    for scores in smaller:
        terms = divergences(scores, largest, batch.same.tolist())
        expected = [a + b for a, b in zip(expected, terms, strict=True)]
    assert csmmc(present(batch.matches), batch.same, mode).tolist() == pytest.approx(expected, abs=1e-4)


def _released_divergences(small: Rows, large: Rows, _: Marks) -> list[float]:
    """KL(small ‖ large) / n over the images of each text."""
    found = []
    for j in range(len(small)):
        p = _softmax(row[j] / 2 for row in small)
        q = _softmax(row[j] / 2 for row in large)
        found.append(sum(a * math.log(a / b) for a, b in zip(p, q, strict=True)) / len(p))
    return found


def _corrected_divergences(small: Rows, large: Rows, same: Marks) -> list[float]:
    """Mean of KL(large ‖ small) over the texts of image i, and over the images of text i."""
    there = _one_way(small, large, same)
    back = _one_way(_transposed(small), _transposed(large), _transposed(same))
    return [(a + b) / 2 for a, b in zip(there, back, strict=True)]


def _one_way(small: Rows, large: Rows, same: Marks) -> list[float]:
    found = []
    for i in range(len(small)):
        kept = [j for j in range(len(small)) if j == i or not same[i][j]]
        p, q = (_softmax(scores[i][j] / 2 for j in kept) for scores in (large, small))
        found.append(sum(a * math.log(a / b) for a, b in zip(p, q, strict=True)))
    return found


@pytest.mark.parametrize("term", [mscma, csmmc])
@settings(max_examples=30, deadline=None)
@some_batches
def test_scores_of_masked_pairs_never_matter(
    term: Callable[[Tensor, Tensor, Mode], Tensor], seed: int, n: int, share: float
) -> None:
    batch = a_batch(seed, n, share)
    masked = batch.same & ~torch.eye(n, dtype=torch.bool)
    other = torch.where(masked, 100 * torch.randn(SCALES, n, n), present(batch.matches)).requires_grad_()
    loss = term(other, batch.same, "corrected")
    assert torch.equal(loss, term(present(batch.matches), batch.same, "corrected"))
    (gradient,) = torch.autograd.grad(loss.sum(), other)
    assert not gradient[:, masked].any()
    assert gradient.isfinite().all()


def test_the_largest_scale_teaches_and_does_not_learn() -> None:
    batch = a_batch(0, 4, 0.0)
    for mode in ("released", "corrected"):
        matches = present(batch.matches).clone().requires_grad_()
        (gradient,) = torch.autograd.grad(csmmc(matches, batch.same, mode).sum(), matches)
        assert [bool(scale.any()) for scale in gradient] == [True, True, False]


def test_corrected_consistency_is_nought_where_all_scales_agree_and_positive_elsewhere() -> None:
    batch = a_batch(1, 5, 0.2)
    agreeing = present(batch.matches)[:1].expand(SCALES, -1, -1)
    assert csmmc(agreeing, batch.same, "corrected").tolist() == pytest.approx([0.0] * 5, abs=1e-6)
    assert csmmc(present(batch.matches), batch.same, "corrected").min() > 0


def test_released_mscma_cannot_fall_below_151_at_the_papers_weight_and_batch() -> None:
    n, weight = 32, 15
    best = torch.eye(n).expand(4, n, n)  # sigmoids of perfect matching heads
    same = torch.eye(n, dtype=torch.bool)
    assert weight * mscma(best, same, "released").mean().item() == pytest.approx(151.1, abs=0.05)
    logits = 40 * (2 * best - 1)
    assert weight * mscma(logits, same, "corrected").mean().item() == pytest.approx(0, abs=1e-3)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(2, 12))
def test_no_sigmoids_go_below_the_released_floor(seed: int, n: int) -> None:
    matches = torch.rand(4, n, n, generator=torch.Generator().manual_seed(seed))
    floor = 4 * math.log(1 + (n - 1) / math.e)
    assert mscma(matches, torch.eye(n, dtype=torch.bool), "released").min() >= floor - 1e-5


def test_released_csmmc_has_next_to_no_effect_beside_mscma() -> None:
    matches = torch.rand(4, 32, 32, generator=torch.Generator().manual_seed(0))
    same = torch.eye(32, dtype=torch.bool)
    assert 10 * csmmc(matches, same, "released").mean() < 15 * mscma(matches, same, "released").mean() / 1000


@modes
def test_the_total_is_the_weighted_sum_of_the_terms(mode: Mode) -> None:
    batch = a_batch(2, 6, 0.2)
    weights = LossWeights(contrastive=2, triplet=3, mscma=5, csmmc=7)
    expected = (
        2 * contrastive(batch.images, batch.texts, batch.same, 0.1).mean()
        + 3 * triplet(batch.images, batch.texts, batch.same, mode).sum()
        + 5 * mscma(present(batch.matches), batch.same, mode).mean()
        + 7 * csmmc(present(batch.matches), batch.same, mode).mean()
    )
    assert total_loss(batch, weights, mode, 0.1).item() == pytest.approx(expected.item(), rel=1e-5)


@modes
@pytest.mark.parametrize("marked", [True, False])
def test_gradients_stay_finite_whatever_is_masked(mode: Mode, marked: bool) -> None:
    batch = a_batch(3, 4, 0.0)
    leaves = [x.clone().requires_grad_() for x in (batch.images, batch.texts, present(batch.matches))]
    scored = Scored(leaves[0], leaves[1], torch.full((4, 4), marked), leaves[2])
    gradients = torch.autograd.grad(total_loss(scored, LossWeights(1, 1, 15, 10), mode, 0.05), leaves)
    assert all(gradient.isfinite().all() for gradient in gradients)


def test_matching_losses_without_matching_scores_are_an_error() -> None:
    batch = replace(a_batch(4, 3, 0.0), matches=None)
    with pytest.raises(ValueError, match="matching scores"):
        total_loss(batch, LossWeights(mscma=15), "corrected", 0.1)
    assert not LossWeights(triplet=1).matching


def test_half_precision_scores_give_finite_losses() -> None:
    batch = a_batch(5, 4, 0.3)
    halved = Scored(batch.images.half(), batch.texts.half(), batch.same, present(batch.matches).half())
    assert total_loss(halved, LossWeights(1, 1, 15, 10), "corrected", 0.05).isfinite()


def test_pairs_that_share_a_text_are_no_negatives() -> None:
    captions = torch.tensor([[0, 1], [1, 2], [3, 3]])
    found = same_pairs(captions, torch.tensor([1, 2, 3]))
    assert found.tolist() == [[True, False, False], [True, True, False], [False, False, True]]
