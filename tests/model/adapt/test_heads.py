"""Training of the heads on cached features."""

from __future__ import annotations

from dataclasses import replace

import torch

from msa_model.adapt.heads import Heads, HeadTraining, PairTable, train_heads
from msa_model.model.config import FineConfig, ModelConfig
from msa_model.model.network import MsaNetwork

TRAINING = HeadTraining(epochs=6, batch=16, learning_rate=3e-3, dropout=0.0)


def mean_score(heads: Heads, pairs: PairTable) -> float:
    images, texts = heads.embed(pairs)
    return float((images[pairs.image_of] * texts[pairs.text_of]).sum(dim=1).mean())


def test_training_draws_pairs_together_and_ends_without_dropout(heads: Heads, pairs: PairTable) -> None:
    before = mean_score(heads, pairs)
    train_heads(heads, pairs, replace(TRAINING, dropout=0.3))
    assert mean_score(heads, pairs) > before + 0.2
    assert mean_score(heads, pairs) == mean_score(heads, pairs)


def test_only_the_heads_change(heads: Heads, pairs: PairTable) -> None:
    backbone = {name: p.clone() for name, p in heads.tower.backbone.state_dict().items()}
    start = heads.snapshot()
    train_heads(heads, pairs, TRAINING)
    assert all(torch.equal(p, backbone[name]) for name, p in heads.tower.backbone.state_dict().items())
    assert not any(torch.equal(p, start[name]) for name, p in heads.snapshot().items())


def test_a_snapshot_brings_the_heads_back(heads: Heads, pairs: PairTable) -> None:
    start, before = heads.snapshot(), mean_score(heads, pairs)
    train_heads(heads, pairs, TRAINING)
    heads.restore(start)
    assert mean_score(heads, pairs) == before


def test_a_seed_gives_the_same_heads(heads: Heads, pairs: PairTable) -> None:
    start, found = heads.snapshot(), []
    for seed in (1, 1, 2):
        heads.restore(start)
        train_heads(heads, pairs, replace(TRAINING, seed=seed))
        found.append(mean_score(heads, pairs))
    assert found[0] == found[1] != found[2]


def test_pairs_without_weight_are_as_if_they_were_not_there(heads: Heads, pairs: PairTable) -> None:
    start = heads.snapshot()
    train_heads(heads, pairs, TRAINING)
    alone = heads.snapshot()
    heads.restore(start)
    foreign = replace(
        pairs,
        image_of=pairs.image_of.repeat(2),
        text_of=torch.cat((pairs.text_of, pairs.text_of.flip(0))),
        weights=torch.cat((pairs.weights, torch.zeros(len(pairs)))),
    )
    train_heads(heads, foreign, TRAINING)
    assert all(torch.equal(p, alone[name]) for name, p in heads.snapshot().items())


def test_each_epoch_is_reported(heads: Heads, pairs: PairTable) -> None:
    seen: list[int] = []
    train_heads(heads, pairs, TRAINING, seen.append)
    assert seen == [1, 2, 3, 4, 5, 6]


def test_projections_that_the_fine_stage_reads_stay(tiny_config: ModelConfig) -> None:
    with_fine = Heads(MsaNetwork(replace(tiny_config, fine=FineConfig(width=16, heads=2))))
    names = {name.split(".")[1] for name in with_fine.parameters if name.startswith("image")}
    assert names == {"feature_map", "gate", "output"}
    assert any(name.startswith("image.scales") for name in Heads(MsaNetwork(tiny_config)).parameters)
