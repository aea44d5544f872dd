from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file, save_file

from msa_model.jobs.phrases import shipped_phrases
from msa_model.model.agreement import LEAST_AGREEMENT, Agreement, agree, check_model, drawn_pictures, fits
from msa_model.model.dual_encoder import DualEncoder
from msa_model.model.loading import load_encoder
from tests.model.taught import PROJECTIONS, teach
from tests.model.tiny_models import WIDTH, clip
from tests.model.tiny_other_models import siglip

PHRASES = list(shipped_phrases())


@pytest.fixture(scope="module")
def shipped() -> DualEncoder:
    return load_encoder(None, "cpu", 1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, shipped: DualEncoder) -> Path:
    """A CLIP whose projections are square, so that nothing but numbers tells them from their transposes."""
    made = clip(tmp_path_factory.mktemp("taught") / "tiny-clip", dimension=WIDTH)
    return teach(made, shipped, PHRASES)


def agreement(model: Path, shipped: DualEncoder) -> Agreement:
    pictures = drawn_pictures()
    return agree(*(fits(each, pictures, PHRASES) for each in (load_encoder(model, "cpu", 1), shipped)))


def test_towers_that_belong_together_agree_with_the_shipped_model(folder: Path, shipped: DualEncoder) -> None:
    found = check_model(load_encoder(folder, "cpu", 1), shipped, PHRASES)
    assert found.sound
    assert found.agreement > 2 * max(found.by_chance, LEAST_AGREEMENT)
    assert (found.bytes_per_tile, found.shipped_bytes_per_tile) == (2 * WIDTH, 2 * shipped.dimension)
    assert min(found.tiles_per_second, found.shipped_tiles_per_second) > 0
    assert not found.knows_background
    assert not found.calibrated


@pytest.mark.parametrize("wrong", [*PROJECTIONS, "queries and values swapped"])
def test_a_wrong_conversion_is_noticed(
    folder: Path, shipped: DualEncoder, tmp_path: Path, wrong: str
) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    tensors = load_file(copy / "model.safetensors")
    if wrong in PROJECTIONS:
        tensors[wrong] = tensors[wrong].T.contiguous()
    else:
        for key in [key for key in tensors if ".q_proj." in key]:
            other = key.replace(".q_proj.", ".v_proj.")
            tensors[key], tensors[other] = tensors[other], tensors[key]
    save_file(tensors, copy / "model.safetensors", metadata={"format": "pt"})
    assert not agreement(copy, shipped).sound


def test_a_small_fault_lowers_the_agreement(folder: Path, shipped: DualEncoder, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    tensors = load_file(copy / "model.safetensors")
    patches = "vision_model.embeddings.patch_embedding.weight"
    tensors[patches] = tensors[patches].flip(1).contiguous()  # blue for red
    save_file(tensors, copy / "model.safetensors", metadata={"format": "pt"})
    assert agreement(copy, shipped).found < 0.8 * agreement(folder, shipped).found


def test_a_random_model_is_none(shipped: DualEncoder, tmp_path: Path) -> None:
    for make in (clip, siglip):
        assert not agreement(make(tmp_path / make.__name__), shipped).sound


def test_drawn_pictures_are_the_same_each_time() -> None:
    pictures = drawn_pictures()
    assert pictures.shape == (25, 256, 256, 3)
    assert np.array_equal(pictures, drawn_pictures())
    assert len({picture.tobytes() for picture in pictures}) == len(pictures)


def test_agreement_of_a_model_with_itself_is_full(shipped: DualEncoder) -> None:
    own = fits(shipped, drawn_pictures(), PHRASES)
    assert agree(own, own).found == pytest.approx(1)
    assert agree(own, np.zeros_like(own)) == Agreement(0.0, 0.0)
