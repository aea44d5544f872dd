"""Averaging checkpoints of one recipe."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from msa_model.model.checkpoint import Checkpoint, checkpoint_identity, read_checkpoint, write_checkpoint
from msa_model.model.config import ModelConfig
from msa_model.model.engines.stages import Int8Agreement, listed_in, quantised_files, write_quantised
from tests.refusals import raises_kind
from tools.average import average, write_average


def made(config: ModelConfig, value: float) -> Checkpoint:
    tensors: dict[str, NDArray[np.generic]] = {"image.output.weight": np.full((2, 2), value, np.float16)}
    deltas: dict[str, NDArray[np.generic]] = {"layer.weight": np.full(3, -value, np.float32)}
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


@pytest.mark.parametrize("same", [True, False])
def test_what_all_have_alike_stays_byte_for_byte_and_then_the_int8_tower_comes_along(
    tiny_config: ModelConfig, tmp_path: Path, same: bool
) -> None:
    draw = np.random.default_rng(0)
    image = {"image.a.weight": draw.normal(size=(4, 4)), "image.a.bias": draw.normal(size=999)}
    for number, name in enumerate(("one", "two")):
        text = {"text.weight": np.full((2, 2), number), "image.b": np.full(3, 0 if same else number)}
        tensors = {key: value.astype(np.float32) for key, value in (image | text).items()}
        write_checkpoint(tmp_path / name, tiny_config, tensors, draw.normal(size=16).astype(np.float32))
        (tmp_path / "t.xml").write_bytes(name.encode())
        (tmp_path / "t.bin").write_bytes(bytes(8))
        tower = (tmp_path / "t.xml", tmp_path / "t.bin")
        write_quantised(tmp_path / name, tower, Int8Agreement(1, 1.0, 1.0, 1.0))
    folders = [tmp_path / name for name in ("one", "one", "two")]
    write_average(folders, tmp_path / "mean")
    first, found = read_checkpoint(tmp_path / "one"), read_checkpoint(tmp_path / "mean")
    for name in image:
        assert found.tensors[name].tobytes() == first.tensors[name].tobytes()
    assert np.allclose(found.tensors["text.weight"], 1 / 3, atol=1e-3)
    if same:
        assert (
            quantised_files(tmp_path / "mean", checkpoint_identity(tmp_path / "mean")[1])[0].read_bytes()
            == b"one"
        )
    else:
        assert listed_in(tmp_path / "mean") == {}
