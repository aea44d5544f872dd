"""Re-ranking permutes the head of a list, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from msa_model.model.reranking import rerank

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Reader:
    """Takes the scales for the matching scores."""

    fine_weight: float

    def match(self, scales: NDArray[np.float16], text: str) -> Floats:
        assert text == "a river"
        return scales.astype(np.float32)


@st.composite
def lists(draw: st.DrawFn) -> tuple[Floats, NDArray[np.float16]]:
    """Falling cosines, and small whole matching scores, so that ties are common."""
    size = draw(st.integers(0, 12))
    cosines = draw(st.lists(st.integers(-4, 4), min_size=size, max_size=size))
    matches = draw(st.lists(st.integers(-3, 3), min_size=2 * size, max_size=2 * size))
    scores = np.array(sorted(cosines, reverse=True), np.float32) / 8
    return scores, np.array(matches, np.float16).reshape(size, 2)


@given(lists(), st.integers(0, 15), st.sampled_from([0.0, 0.125, 1.0, -0.5]))
def test_the_head_is_sorted_by_the_fused_score_and_the_rest_stays(
    listed: tuple[Floats, NDArray[np.float16]], n: int, weight: float
) -> None:
    scores, matches = listed
    result = rerank(Reader(weight), matches, scores, "a river", n)
    head = min(n, len(scores))
    fused = [float(s) + weight * sum(map(float, m)) for s, m in zip(scores[:head], matches, strict=False)]
    expected = sorted(range(head), key=lambda i: (-fused[i], i))  # ties as they were
    assert result.order.tolist() == [*expected, *range(head, len(scores))]
    assert result.fused.tolist() == pytest.approx([fused[i] for i in expected])
    assert result.matches.tolist() == matches[expected].tolist()


@given(lists(), st.integers(0, 15))
def test_with_no_weight_the_order_stays(listed: tuple[Floats, NDArray[np.float16]], n: int) -> None:
    scores, matches = listed
    assert rerank(Reader(0.0), matches, scores, "a river", n).order.tolist() == list(range(len(scores)))


def test_another_weight_than_the_models_may_be_tried() -> None:
    scores, matches = np.array([0.5, 0.4], np.float32), np.array([[0, 0], [1, 1]], np.float16)
    assert rerank(Reader(0.0), matches, scores, "a river", 2, weight=0.1).order.tolist() == [1, 0]
    assert rerank(Reader(0.1), matches, scores, "a river", 2, weight=0.01).order.tolist() == [0, 1]


def test_standings_compare_a_tile_with_the_head_scale_by_scale() -> None:
    matches = np.array([[10, 0.1], [10, 0.3], [40, 0.2]], np.float16)
    result = rerank(Reader(0.0), matches, np.zeros(3, np.float32), "a river", 3)
    assert result.standings == pytest.approx(np.array([[-0.71, -1.22], [-0.71, 1.22], [1.41, 0]]), abs=0.01)
    alike = rerank(Reader(0.0), np.ones((3, 2), np.float16), np.zeros(3, np.float32), "a river", 3)
    assert not alike.standings.any()
