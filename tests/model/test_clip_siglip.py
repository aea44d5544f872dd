from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from msa_model.model.checkpoint import checkpoint_identity
from msa_model.model.clip import canonical
from msa_model.model.dual_encoder import DualEncoder
from msa_model.model.loading import load_encoder
from tests.model.tiny_models import WIDTH
from tests.model.tiny_other_models import END, FILL, LENGTH, piecewise_tokenizer, siglip
from tests.refusals import raises_kind

TEXTS = ["a car park", "A bridge, over a wide river!"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return siglip(tmp_path_factory.mktemp("siglip") / "tiny-siglip")


@pytest.fixture(scope="module")
def encoder(folder: Path) -> DualEncoder:
    return load_encoder(folder, "cpu", 1)


@pytest.fixture(scope="module")
def tiles() -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), dtype=np.uint8)


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "copy"))


def test_it_is_as_wide_as_its_image_tower_and_told_without_torch(encoder: DualEncoder, folder: Path) -> None:
    assert (encoder.name, encoder.dimension) == ("tiny-siglip", WIDTH)
    assert checkpoint_identity(folder) == (encoder.name, encoder.sha256, encoder.dimension)


def test_images_and_texts_become_what_transformers_makes_of_them(
    encoder: DualEncoder, folder: Path, tiles: NDArray[np.uint8]
) -> None:
    from transformers import SiglipModel

    model = SiglipModel.from_pretrained(folder).eval()
    tokenizer = piecewise_tokenizer()
    fill, end = tokenizer.token_to_id(FILL), tokenizer.token_to_id(END)
    rows = [[*tokenizer.encode(canonical(text)).ids, end] for text in TEXTS]
    ids = torch.tensor([row + [fill] * (LENGTH - len(row)) for row in rows])
    pixels = torch.from_numpy(tiles).permute(0, 3, 1, 2) / 127.5 - 1
    with torch.inference_mode():
        output = model(input_ids=ids, pixel_values=pixels)
    assert encoder.encode_texts(TEXTS) == pytest.approx(output.text_embeds.numpy(), abs=1e-5)
    cosines = (encoder.encode_tiles(tiles) * output.image_embeds.numpy()).sum(axis=1)
    assert cosines == pytest.approx(1, abs=2e-3)


def test_a_text_does_not_notice_its_neighbours_nor_case_nor_punctuation(encoder: DualEncoder) -> None:
    alone = encoder.encode_texts(["a car park"])[0]
    assert encoder.encode_texts([TEXTS[1], "A Car_park."])[1] == pytest.approx(alone, abs=1e-6)
    assert np.isfinite(encoder.encode_texts(["river " * 500])).all()


def test_what_texts_are_filled_with_is_the_tokenizers_own(encoder: DualEncoder, copy: Path) -> None:
    own = json.loads((copy / "tokenizer_config.json").read_text(encoding="utf-8"))
    (copy / "tokenizer_config.json").write_text(json.dumps({**own, "pad_token": END}), encoding="utf-8")
    other = load_encoder(copy, "cpu", 1)
    assert (encoder.encode_texts(TEXTS) * other.encode_texts(TEXTS)).sum(axis=1).max() < 0.999
    (copy / "tokenizer_config.json").write_text(json.dumps({"pad_token": "<nowhere>"}), encoding="utf-8")
    with raises_kind("checkpoint_of_other_architecture", match="should say with 'pad_token'"):
        load_encoder(copy, "cpu")


def test_the_kind_for_images_of_any_shape_is_refused_with_what_to_take_instead(copy: Path) -> None:
    config = json.loads((copy / "config.json").read_text(encoding="utf-8"))
    (copy / "config.json").write_text(json.dumps({**config, "model_type": "siglip2"}), encoding="utf-8")
    for ask in (load_encoder, checkpoint_identity):
        with raises_kind("checkpoint_of_other_architecture", match=r"NaFlex.*siglip2-base-patch16-256"):
            ask(copy)
