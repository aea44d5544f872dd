"""Averaging checkpoints of one recipe."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from msa_model.model.checkpoint import Checkpoint
from msa_model.model.config import ModelConfig
from tests.refusals import raises_kind
from tools.average import average


def made(config: ModelConfig, value: float) -> Checkpoint:
    tensors = {"image.output.weight": np.full((2, 2), value, np.float16)}
    deltas = {"layer.weight": np.full(3, -value, np.float32)}
    return Checkpoint(config, tensors, deltas, np.full(4, value, np.float32), "")


def test_every_weight_is_the_mean_of_all(tiny_config: ModelConfig) -> None:
    found = average([made(tiny_config, value) for value in (1, 2, 6)])
    assert np.array_equal(found.tensors["image.output.weight"], np.full((2, 2), 3))
    assert np.array_equal(found.deltas["layer.weight"], np.full(3, -3))
    assert np.array_equal(found.background, np.full(4, 3))


def test_checkpoints_of_different_configs_are_not_averaged(tiny_config: ModelConfig) -> None:
    other = replace(tiny_config, width=tiny_config.width * 2)
    with raises_kind("checkpoint_of_other_architecture"):
        average([made(tiny_config, 1), made(other, 1)])
