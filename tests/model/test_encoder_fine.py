"""Pooled scales, matching scores and reduced precision of a loaded model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from msa_model.model import precision
from msa_model.model.checkpoint import write_checkpoint
from msa_model.model.config import FineConfig, ModelConfig
from msa_model.model.encoder import Encoder
from msa_model.model.network import MsaNetwork
from msa_model.protocol.errors import BadArgument, CheckpointOfOtherArchitecture

EDGETPU_CHANNELS = 32 + 48 + 96 + 192


@pytest.fixture(scope="module", params=["corrected", "released"])
def fine(
    request: pytest.FixtureRequest, tiny_config: ModelConfig, tmp_path_factory: pytest.TempPathFactory
) -> Encoder:
    """A tiny model with a fine stage and random weights."""
    config = replace(tiny_config, mode=request.param, fine=FineConfig(12, 3, weight=0.25))
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp(request.param)
    tensors = {name: tensor.numpy() for name, tensor in MsaNetwork(config).state_dict().items()}
    write_checkpoint(folder, config, tensors, np.ones(config.dimension, np.float32) / 8)
    return Encoder.load(folder, "cpu")


@pytest.fixture(scope="module")
def tiles() -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (19, 64, 64, 3), dtype=np.uint8)


def test_vectors_and_scales_come_from_one_pass(fine: Encoder, tiles: NDArray[np.uint8]) -> None:
    codes = fine.encode_tiles_fine(tiles)
    assert np.array_equal(codes.vectors, fine.encode_tiles(tiles))
    assert codes.scales.dtype == np.float16
    assert codes.scales.shape == (len(tiles), fine.scales_width) == (19, EDGETPU_CHANNELS)
    parts = torch.split(torch.from_numpy(codes.scales.astype(np.float32)), [32, 48, 96, 192], dim=1)
    made = fine._network.image.embed(parts).numpy()
    assert made == pytest.approx(codes.vectors, abs=2e-3)  # what is stored is what was embedded


def test_tiles_match_a_text_as_the_network_says(fine: Encoder, tiles: NDArray[np.uint8]) -> None:
    scales = fine.encode_tiles_fine(tiles).scales
    scores = fine.match(scales, "a river")
    assert scores.shape == (19, 4)
    states = fine._sentences.states(["dense forest", "a river"], fine._mode)
    parts = torch.split(torch.from_numpy(scales.astype(np.float32)), [32, 48, 96, 192], dim=1)
    expected = fine._network.match(parts, states)[:, :, 1].detach().numpy()
    assert scores == pytest.approx(expected.T, rel=1e-3, abs=1e-4)
    assert fine.match(scales[7:8], "a river") == pytest.approx(scores[7:8], rel=1e-3, abs=1e-4)


def test_cells_are_shares_of_a_tiles_side(fine: Encoder) -> None:
    assert fine.cells == pytest.approx((4 / 64, 8 / 64, 16 / 64, 32 / 64))
    assert fine.fine_weight == 0.25


def test_a_model_without_fine_stage_says_so(tiny_config: ModelConfig, tmp_path: Path) -> None:
    tensors = {name: tensor.numpy() for name, tensor in MsaNetwork(tiny_config).state_dict().items()}
    write_checkpoint(tmp_path, tiny_config, tensors, np.ones(tiny_config.dimension, np.float32))
    plain = Encoder.load(tmp_path, "cpu")
    assert (plain.has_fine, plain.scales_width) == (False, 0)
    with pytest.raises(CheckpointOfOtherArchitecture, match="no fine stage"):
        plain.match(np.zeros((1, EDGETPU_CHANNELS), np.float16), "a river")


@pytest.fixture(params=[False, True], ids=["float32", "bfloat16"])
def forced(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[bool]:
    """A processor that has bfloat16, or one that has not; emulated where it must be."""
    monkeypatch.setattr(precision, "has_bfloat16", lambda _: request.param)
    return request.param


def test_neither_precision_lets_a_tile_notice_its_neighbours(
    forced: bool, fine: Encoder, tiles: NDArray[np.uint8]
) -> None:
    whole = fine.encode_tiles(tiles)
    for part in (slice(0, 1), slice(5, 9)):
        assert fine.encode_tiles(tiles[part]) == pytest.approx(whole[part], abs=1e-5)


def test_both_precisions_agree_well_enough_to_search_each_others_indexes(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    smooth = np.random.default_rng(1).integers(0, 256, (6, 16, 16, 3), np.uint8).repeat(16, 1).repeat(16, 2)
    made = []
    for has in (False, True):
        monkeypatch.setattr(precision, "has_bfloat16", lambda _, has=has: has)
        made.append(encoder.encode_tiles(smooth))
    assert not np.array_equal(*made)
    assert (made[0] * made[1]).sum(axis=1).min() > 0.997


@pytest.mark.parametrize(("wanted", "used"), [("", True), ("float32", False), ("bfloat16", True)])
def test_the_environment_may_choose_the_precision(
    wanted: str, used: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(precision, "has_bfloat16", lambda _: True)
    monkeypatch.setenv(precision.PRECISION_VARIABLE, wanted)
    assert precision.uses_bfloat16("cpu") is used


def test_a_precision_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(precision.PRECISION_VARIABLE, "float16")
    with pytest.raises(BadArgument, match="'float32' or 'bfloat16', not 'float16'"):
        precision.uses_bfloat16("cpu")
