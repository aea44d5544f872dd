from __future__ import annotations

import tracemalloc
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from msa_model.measure import metrics
from msa_model.measure.metrics import CUTOFFS, Ranks, intervals, rank

Case: TypeAlias = "tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64], NDArray[np.int64]]"


def _naive_hit(scores: list[float], own: list[bool], k: int) -> float:
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


def _naive_position(scores: list[float], own: list[bool]) -> float:
    """The expected rank of the first own item: one more for each k at which none is found yet."""
    return 1 + sum(1 - _naive_hit(scores, own, k) for k in range(1, len(scores)))


def _naive(table: NDArray[np.float64], own: NDArray[np.bool_]) -> tuple[list[list[float]], list[float]]:
    """Hits at each cutoff and expected positions of queries [q] among items [m]."""
    rows = list(zip(table.tolist(), own.tolist(), strict=True))
    return [[_naive_hit(*row, k) for k in CUTOFFS] for row in rows], [_naive_position(*row) for row in rows]


def _agrees(found: Ranks, expected: tuple[list[list[float]], list[float]]) -> None:
    assert found.hits() == pytest.approx(np.array(expected[0]), abs=1e-9)
    assert found.positions() == pytest.approx(np.array(expected[1]), abs=1e-9)


def _with_all_texts(case: Case) -> Case:
    """Only the texts that some caption has."""
    images, texts, text_of, owner = case
    used, numbers = np.unique(text_of, return_inverse=True)
    return images, texts[used], numbers, owner


@st.composite
def _retrievals(draw: st.DrawFn) -> Case:
    """Coarse vectors (many ties), one to four captions an image, texts shared between images."""
    n, u = draw(st.integers(1, 15)), draw(st.integers(1, 12))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    owner = np.repeat(np.arange(n), rng.integers(1, 5, n))
    images = rng.integers(-1, 2, (n, 3)).astype(np.float32)
    texts = rng.integers(-1, 2, (u, 3)).astype(np.float32)
    return _with_all_texts((images, texts, rng.integers(0, u, len(owner)), owner))


@settings(max_examples=60, deadline=None)
@given(_retrievals())
def test_ranks_of_every_caption_agree_with_a_naive_twin(case: Case) -> None:
    images, texts, text_of, owner = case
    table = (images @ texts.T)[:, text_of].astype(np.float64)
    own = owner[None] == np.arange(len(images))[:, None]
    found = rank(*case).every
    _agrees(found.i2t, _naive(table, own))
    _agrees(found.t2i, _naive(table.T, own.T))


@settings(max_examples=60, deadline=None)
@given(_retrievals())
def test_ranks_of_distinct_captions_agree_with_a_naive_twin(case: Case) -> None:
    images, texts, text_of, owner = case
    table = (images @ texts.T).astype(np.float64)
    own = np.zeros(table.shape, bool)
    own[owner, text_of] = True
    found = rank(*case).distinct
    _agrees(found.i2t, _naive(table, own))
    _agrees(found.t2i, _naive(table.T, own.T))


@given(_retrievals(), st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_the_order_of_the_file_gives_no_luck(case: Case, seed: int) -> None:
    images, texts, text_of, owner = case
    order = np.random.default_rng(seed).permutation(len(owner))
    before, after = rank(*case).every, rank(images, texts, text_of[order], owner[order]).every
    assert after.i2t.hits() == pytest.approx(before.i2t.hits())
    assert after.t2i.hits() == pytest.approx(before.t2i.hits()[order])


def _random_case(images: int, captions: int, dimension: int = 8) -> Case:
    rng = np.random.default_rng(3)
    owner = np.sort(np.concatenate((np.arange(images), rng.integers(0, images, captions - images))))
    vectors = [rng.normal(size=(n, dimension)).astype(np.float32) for n in (images, captions)]
    return _with_all_texts((vectors[0], vectors[1], rng.integers(0, captions, captions), owner))


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    case = _random_case(23, 70)
    whole = rank(*case)
    monkeypatch.setattr(metrics, "IMAGES_AT_ONCE", 5)
    monkeypatch.setattr(metrics, "TEXTS_AT_ONCE", 7)
    parts = rank(*case)
    for now, before in ((parts.every, whole.every), (parts.distinct, whole.distinct)):
        for ranks, expected in ((now.i2t, before.i2t), (now.t2i, before.t2i)):
            assert (ranks.hits() == expected.hits()).all()


def _peak_bytes(case: Case) -> int:
    tracemalloc.start()
    rank(*case)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_memory_does_not_grow_with_images_times_captions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "IMAGES_AT_ONCE", 64)
    monkeypatch.setattr(metrics, "TEXTS_AT_ONCE", 256)
    small, large = _peak_bytes(_random_case(500, 2_500)), _peak_bytes(_random_case(2_000, 10_000))
    assert large < 4.5 * small  # four times the images and captions; sixteen times the pairs
    assert large < 2_000 * 10_000  # a byte a pair


def test_a_caption_shared_by_two_images_is_worth_half_a_hit_or_one_that_is_right_for_both() -> None:
    images = np.eye(2, dtype=np.float32)
    texts = np.ones((1, 2), np.float32)
    ranks = rank(images, texts, np.zeros(2, np.int64), np.arange(2))
    assert (ranks.every.i2t.recall().r1, ranks.every.t2i.recall().r1) == (50.0, 50.0)
    assert (ranks.every.i2t.recall().r5, ranks.every.i2t.median_rank()) == (100.0, 1.5)
    assert (ranks.distinct.i2t.recall().r1, ranks.distinct.t2i.recall().r1) == (100.0, 100.0)


def test_perfect_vectors_are_found_first() -> None:
    eye = np.eye(30, dtype=np.float32)
    ranks = rank(eye, eye, np.arange(30), np.arange(30)).every
    for way in (ranks.i2t, ranks.t2i):
        assert (way.recall().mean, way.median_rank()) == (100.0, 1.0)


def test_vectors_that_tell_nothing_apart_score_what_chance_does() -> None:
    images, texts = np.ones((50, 4), np.float32), np.ones((100, 4), np.float32)
    ranks = rank(images, texts, np.arange(100), np.repeat(np.arange(50), 2)).every
    assert ranks.t2i.recall().r5 == pytest.approx(10.0)
    assert ranks.t2i.median_rank() == 25.5
    assert ranks.i2t.recall().r1 == pytest.approx(2.0)


def test_intervals_hold_the_figure_and_narrow_with_more_images() -> None:
    widths = []
    for images in (40, 640):
        better = np.arange(images) % 20  # half of the images are among the first ten, however many there are
        ranks = Ranks(better, np.ones(images, int), np.zeros(images, int))
        found = intervals(metrics.BothWays(ranks, ranks), np.arange(images), draws=200)
        low, high = found.t2i["r10"]
        assert low < ranks.recall().r10 < high
        assert found.mr[0] < ranks.recall().mean < found.mr[1]
        widths.append(high - low)
    assert widths[1] < 0.4 * widths[0]  # a quarter, for sixteen times the images


def test_intervals_are_the_same_for_the_same_seed_only() -> None:
    case = _random_case(60, 300)
    ranks = rank(*case).every
    first, again, other = (intervals(ranks, case[3], 50, seed) for seed in (1, 1, 2))
    assert first == again
    assert first.mr != other.mr


def test_an_image_is_drawn_with_all_its_captions() -> None:
    """Every image's captions are all found or none is, so t2i varies as much as among images alone."""
    found = np.arange(40) < 20
    i2t = Ranks(np.where(found, 0, 99), np.ones(40, int), np.zeros(40, int))
    owner = np.repeat(np.arange(40), 5)
    captions = Ranks(np.repeat(i2t.better, 5), np.ones(200, int), np.zeros(200, int))
    both = metrics.BothWays(i2t, captions)
    assert intervals(both, owner, 300).t2i == intervals(both, owner, 300).i2t
