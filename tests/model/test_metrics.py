from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from msa_model.eval import metrics
from msa_model.eval.metrics import image_to_text_recall, text_to_image_recall


def _naive_recall(scores: list[float], own: list[bool], k: int) -> float:
    """The chance that one of the first k is its own, ties in random order: one draw after the other."""
    missed = 1.0
    places = k
    for value in sorted(set(scores), reverse=True):
        right = sum(o for s, o in zip(scores, own, strict=True) if s == value)
        wrong = sum(not o for s, o in zip(scores, own, strict=True) if s == value)
        for _ in range(min(places, right + wrong)):
            missed *= wrong / (right + wrong)
            wrong = max(0, wrong - 1)
        places -= min(places, sum(s == value for s in scores))
        if places == 0 or right:
            break
    return 1 - missed


def _naive(
    images: NDArray[np.float32],
    texts: NDArray[np.float32],
    text_of: NDArray[np.int64],
    owner: NDArray[np.int64],
) -> tuple[list[float], list[float]]:
    table = np.round(images @ texts.T, 6)[:, text_of].tolist()
    i2t, t2i = [], []
    for k in (1, 5, 10):
        rows = [_naive_recall(row, [o == i for o in owner], k) for i, row in enumerate(table)]
        columns = [
            _naive_recall([row[j] for row in table], [i == o for i in range(len(table))], k)
            for j, o in enumerate(owner)
        ]
        i2t.append(100 * sum(rows) / len(rows))
        t2i.append(100 * sum(columns) / len(columns))
    return i2t, t2i


@st.composite
def _retrievals(draw: st.DrawFn) -> tuple[NDArray[np.float32], ...]:
    """Coarse vectors (many ties), one to four captions an image, texts shared between images."""
    n, u = draw(st.integers(1, 15)), draw(st.integers(1, 12))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    owner = np.repeat(np.arange(n), rng.integers(1, 5, n))
    images = rng.integers(-1, 2, (n, 3)).astype(np.float32)
    texts = rng.integers(-1, 2, (u, 3)).astype(np.float32)
    return images, texts, rng.integers(0, u, len(owner)), owner


@settings(max_examples=60, deadline=None)
@given(_retrievals())
def test_recalls_agree_with_a_naive_twin(case: tuple[NDArray[np.float32], ...]) -> None:
    i2t, t2i = _naive(*case)  # type: ignore[arg-type]
    found = image_to_text_recall(*case)  # type: ignore[arg-type]
    assert [found.r1, found.r5, found.r10] == pytest.approx(i2t, abs=1e-9)
    found = text_to_image_recall(*case)  # type: ignore[arg-type]
    assert [found.r1, found.r5, found.r10] == pytest.approx(t2i, abs=1e-9)


@given(_retrievals(), st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_the_order_of_the_file_gives_no_luck(case: tuple[NDArray[np.float32], ...], seed: int) -> None:
    images, texts, text_of, owner = case
    order = np.random.default_rng(seed).permutation(len(owner))
    shuffled = image_to_text_recall(images, texts, text_of[order], owner[order])  # type: ignore[arg-type]
    assert shuffled == image_to_text_recall(images, texts, text_of, owner)  # type: ignore[arg-type]


def test_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    images, texts = (rng.normal(size=(n, 8)).astype(np.float32) for n in (23, 40))
    text_of, owner = rng.integers(0, 40, 70), np.sort(rng.integers(0, 23, 70))
    owner[:23] = np.arange(23)
    whole = [recall(images, texts, text_of, owner) for recall in (image_to_text_recall, text_to_image_recall)]
    monkeypatch.setattr(metrics, "CHUNK", 7)
    parts = [recall(images, texts, text_of, owner) for recall in (image_to_text_recall, text_to_image_recall)]
    assert whole == parts


def test_a_caption_shared_by_two_images_is_worth_half_a_hit() -> None:
    images = np.eye(2, dtype=np.float32)
    texts = np.ones((1, 2), np.float32)
    both = np.zeros(2, np.int64), np.arange(2)
    assert image_to_text_recall(images, texts, *both).r1 == 50.0
    assert text_to_image_recall(images, texts, *both).r1 == 50.0
    assert image_to_text_recall(images, texts, *both).r5 == 100.0


def test_perfect_vectors_are_found_first() -> None:
    eye = np.eye(30, dtype=np.float32)
    for recall in (image_to_text_recall, text_to_image_recall):
        assert recall(eye, eye, np.arange(30), np.arange(30)).mean == 100.0
