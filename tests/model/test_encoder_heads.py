"""A loaded model with matching heads, which nothing but training uses; and its reduced device."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from msa_model.model import device
from msa_model.model.checkpoint import read_checkpoint, write_checkpoint
from msa_model.model.config import FineConfig, ModelConfig
from msa_model.model.encoder import Encoder
from msa_model.model.network import MsaNetwork
from msa_model.protocol.errors import BadArgument


@pytest.fixture(scope="module", params=["corrected", "released"])
def folders(
    request: pytest.FixtureRequest, tiny_config: ModelConfig, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """The same random weights twice: with the matching heads of a version that re-ranked, and without."""
    config = replace(tiny_config, mode=request.param, fine=FineConfig(12, 3, weight=0.25))
    torch.manual_seed(0)
    tensors = {name: tensor.numpy() for name, tensor in MsaNetwork(config).state_dict().items()}
    plain = {name: tensor for name, tensor in tensors.items() if not name.startswith("fine.")}
    assert len(plain) < len(tensors)
    background = np.full(config.dimension, 1 / 8, np.float32)
    with_heads, without = (tmp_path_factory.mktemp(request.param) for _ in range(2))
    write_checkpoint(with_heads, config, tensors, background)
    write_checkpoint(without, replace(config, fine=None), plain, background)
    return with_heads, without


@pytest.fixture(scope="module")
def fine(folders: tuple[Path, Path]) -> Encoder:
    return Encoder.load(folders[0], "cpu")


@pytest.fixture(scope="module")
def tiles() -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (19, 64, 64, 3), dtype=np.uint8)


def test_a_model_with_matching_heads_encodes_as_the_same_model_without(
    fine: Encoder, folders: tuple[Path, Path], tiles: NDArray[np.uint8]
) -> None:
    plain, texts = Encoder.load(folders[1], "cpu"), ["dense forest", "a river"]
    assert np.array_equal(fine.encode_tiles(tiles), plain.encode_tiles(tiles))
    assert np.array_equal(fine.encode_texts(texts), plain.encode_texts(texts))


def test_what_an_earlier_version_weighed_the_heads_by_is_read_and_kept(folders: tuple[Path, Path]) -> None:
    assert read_checkpoint(folders[0]).config.fine == FineConfig(12, 3, weight=0.25)


@pytest.fixture(params=[False, True], ids=["float32", "bfloat16"])
def forced(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """A processor that has bfloat16, or one that has not; emulated where it must be."""
    monkeypatch.setattr(device, "has_bfloat16", lambda _: request.param)
    return bool(request.param)


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
        monkeypatch.setattr(device, "has_bfloat16", lambda _, has=has: has)
        made.append(encoder.encode_tiles(smooth))
    assert not np.array_equal(made[0], made[1])
    assert (made[0] * made[1]).sum(axis=1).min() > 0.997


@pytest.mark.parametrize(("wanted", "used"), [("", True), ("float32", False), ("bfloat16", True)])
def test_the_environment_may_choose_the_precision(
    wanted: str, used: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "has_bfloat16", lambda _: True)
    monkeypatch.setenv(device.PRECISION_VARIABLE, wanted)
    assert device.uses_bfloat16("cpu") is used


def test_a_precision_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(device.PRECISION_VARIABLE, "float16")
    with pytest.raises(BadArgument, match="'float32' or 'bfloat16', not 'float16'"):
        device.uses_bfloat16("cpu")
