"""The ablation's runner, on random features."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from msa_model.measure.metrics import rank
from tests.present import as_a
from tools import ablation
from tools.ablation import VARIANTS, Variant, draw_pairs, mean_recall, measure, reranked, table, train
from tools.ablation_data import Data, Split, Texts

IMAGES, TEXTS, WORDS, WIDTH = 130, 300, 5, 384
SCALES = 32 + 48 + 96 + 192


@pytest.fixture(scope="module")
def data() -> Data:
    draw = np.random.default_rng(0)
    tokens = draw.normal(size=(TEXTS, WORDS, WIDTH)).astype(np.float16)
    words = np.arange(WORDS) < draw.integers(1, WORDS + 1, (TEXTS, 1))
    sentences = draw.normal(size=(TEXTS, WIDTH)).astype(np.float32)
    texts = Texts(tokens, words, sentences / np.linalg.norm(sentences, axis=1, keepdims=True))
    split = Split(
        torch.from_numpy(draw.normal(size=(IMAGES, SCALES)).astype(np.float32)),
        torch.from_numpy(draw.integers(0, TEXTS, (IMAGES, 5))),
    )
    return Data(split, split, texts)


def variant(name: str) -> Variant:
    return next(v for v in VARIANTS if v.name == name)


def test_released_matching_leaves_the_dual_encoder_as_it_was_and_corrected_does_not(data: Data) -> None:
    for mode, equal in (("released", True), ("corrected", False)):
        plain = train(variant(f"{mode}: triplet"), data, seed=0, epochs=1)
        matched = train(variant(f"{mode}: triplet + 15 MSCMA + 10 CSMMC"), data, seed=0, epochs=1)
        assert torch.equal(plain.image.output.weight, matched.image.output.weight) is equal
        first, second = (as_a(nn.Linear, net.image.scales[0]).weight for net in (plain, matched))
        assert torch.equal(first, second) is equal


def test_matching_learns_what_it_is_trained_on(data: Data) -> None:
    chosen = variant("corrected: triplet + 15 MSCMA")
    by_chance = 5  # percent: mean of R@1, 5, 10 among 130 images or 650 captions is about 4
    assert measure(train(chosen, data, seed=0, epochs=20), chosen, data)["matching"] > 4 * by_chance


def test_mean_recall_agrees_with_the_evaluation() -> None:
    draw = np.random.default_rng(1)
    images, texts = (draw.normal(size=(n, 8)).astype(np.float32) for n in (20, 30))
    images, texts = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (images, texts))
    owner = np.arange(20).repeat(2)
    text_of = np.concatenate([np.arange(30), draw.integers(0, 30, 10)])
    ranks = rank(images, texts, text_of, owner).every
    expected = (ranks.i2t.recall().mean + ranks.t2i.recall().mean) / 2
    scores = (images @ texts.T)[:, text_of]
    assert mean_recall(scores, scores.T, owner) == pytest.approx(expected)


def test_re_ranking_orders_the_head_anew_and_leaves_the_tail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ablation, "HEAD", 3)
    dual = np.array([[0.5, 0.49, 0.48, 0.2, 0.1]], np.float32)
    fine = np.array([[0.0, 9.0, 0.0, 50.0, 60.0]], np.float32)
    assert np.argsort(-reranked(dual, fine))[0].tolist() == [1, 0, 2, 3, 4]


def test_every_pair_is_drawn_once_before_any_comes_again(data: Data) -> None:
    pairs = torch.cat(list(draw_pairs(data.train, IMAGES * 5 // ablation.BATCH, seed=3)))
    assert len(pairs) == len(set(pairs.tolist()))


def test_the_table_gives_mean_and_spread_over_seeds() -> None:
    runs = [{"variant": VARIANTS[0].name, "seed": i, "seconds": 2, "dual": 20 + i} for i in range(3)]
    assert f"| {VARIANTS[0].name} | 3 | 21.00 ± 1.00 | – | – | 2 |" in table(runs)
