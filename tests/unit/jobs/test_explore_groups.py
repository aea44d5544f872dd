"""Groups of vectors that are alike."""

from __future__ import annotations

import numpy as np
import pytest

from msa_model.jobs import explore
from msa_model.jobs.explore import by_batches, grouped


def heaps(groups: int, each: int, spread: float = 0.05) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors around as many directions, and whose they are."""
    drawn = np.random.default_rng(3)
    middles = drawn.standard_normal((groups, 48))
    owners = np.repeat(np.arange(groups), each)
    vectors = middles[owners] + spread * drawn.standard_normal((groups * each, 48)) + 0.5
    order = drawn.permutation(len(vectors))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)[order], owners[order]


def agree(labels: np.ndarray, owners: np.ndarray) -> float:
    """The share of vectors whose group is mostly of their own heap."""
    most = sum(int(np.bincount(owners[labels == label]).max()) for label in np.unique(labels))
    return most / len(owners)


@pytest.mark.parametrize("installed", [True, False])
def test_heaps_that_lie_apart_are_told_apart_the_same_way_twice(
    installed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if installed:
        pytest.importorskip("faiss")
    monkeypatch.setattr(explore, "find_spec", lambda name: object() if installed else None)
    vectors, owners = heaps(6, 200)
    labels, nearness = grouped(vectors, 6)
    assert agree(labels, owners) > 0.99
    assert nearness.min() > 0.5
    again, _ = grouped(vectors, 6)
    assert np.array_equal(labels, again)


@pytest.mark.parametrize("installed", [True, False])
def test_as_many_groups_as_vectors_hold_one_each(installed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if installed:
        pytest.importorskip("faiss")
    monkeypatch.setattr(explore, "find_spec", lambda name: object() if installed else None)
    vectors, _ = heaps(5, 1)
    assert sorted(grouped(vectors, 5)[0].tolist()) == [0, 1, 2, 3, 4]


def test_vectors_that_are_all_the_same_make_no_number_that_is_none() -> None:
    vectors = np.tile(heaps(1, 1)[0], (20, 1))
    labels, nearness = grouped(vectors, 3)
    assert len(set(labels.tolist())) == 1
    assert np.isfinite(nearness).all()


def test_batches_see_more_than_one_batch() -> None:
    vectors, owners = heaps(4, 3000)
    directions = vectors - vectors.mean(axis=0)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    labels = (directions @ by_batches(directions, 4).T).argmax(axis=1)
    assert agree(labels, owners) > 0.99
