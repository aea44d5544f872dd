"""Judging pairs by heads that were not trained on them."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from msa_model.adapt.assess import CHUNK, assess_pairs, judge
from msa_model.adapt.heads import Heads, HeadTraining, PairTable, train_heads

TRAINING = HeadTraining(epochs=12, batch=16, learning_rate=3e-3, dropout=0.0, temperature=0.1)


def all_of(pairs: PairTable) -> torch.Tensor:
    return torch.ones(len(pairs), dtype=torch.bool)


def test_losses_and_suggestions_agree_with_loops(heads: Heads, pairs: PairTable) -> None:
    images, texts = heads.embed(pairs)
    scores = (images @ texts.T / TRAINING.temperature).tolist()
    known = set(zip(pairs.image_of.tolist(), pairs.text_of.tolist(), strict=True))
    found = judge(heads, pairs, all_of(pairs), TRAINING)
    for p, (i, t) in enumerate(zip(pairs.image_of.tolist(), pairs.text_of.tolist(), strict=True)):
        row = math.log(sum(math.exp(s) for s in scores[i]))
        column = math.log(sum(math.exp(line[t]) for line in scores))
        assert found.losses[p].item() == pytest.approx((row + column) / 2 - scores[i][t], abs=1e-4)
        other_texts = [u for u in range(len(texts)) if (i, u) not in known]
        assert found.better_text[p] == max(other_texts, key=lambda u: scores[i][u])
        other_images = [n for n in range(len(images)) if (n, t) not in known]
        assert found.better_image[p] == max(other_images, key=lambda n: scores[n][t])


def test_more_images_than_a_chunk_are_judged_alike(
    heads: Heads, pairs: PairTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = judge(heads, pairs, all_of(pairs), TRAINING)
    assert pairs.images < CHUNK
    monkeypatch.setattr("msa_model.adapt.assess.CHUNK", 7)
    parts = judge(heads, pairs, all_of(pairs), TRAINING)
    assert torch.allclose(whole.losses, parts.losses, atol=1e-4)
    assert torch.equal(whole.better_text, parts.better_text)
    assert torch.equal(whole.better_image, parts.better_image)


def test_a_wrong_pair_keeps_a_high_loss_though_training_fits_it(heads: Heads, pairs: PairTable) -> None:
    """Two images of different kinds have their texts exchanged."""
    texts = pairs.text_of.clone()
    texts[[0, 1]] = texts[[1, 0]]
    swapped = replace(pairs, text_of=texts)
    start = heads.snapshot()
    found = assess_pairs(heads, swapped, TRAINING)
    assert torch.equal(heads.snapshot()["image.output.weight"], start["image.output.weight"])
    assert found.losses[:2].min() > found.losses[2:].quantile(0.9)
    train_heads(heads, swapped, replace(TRAINING, epochs=60))
    fitted = judge(heads, swapped, all_of(swapped), TRAINING)
    assert fitted.losses[:2].max() < found.losses[:2].min() / 2


def test_pairs_mismatched_on_purpose_are_no_pairs(heads: Heads, pairs: PairTable) -> None:
    found = assess_pairs(heads, pairs, TRAINING)
    assert found.mismatched.median() > found.losses.quantile(0.9)
