from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import load_file, save_file

from msa_model.model.checkpoint import checkpoint_identity, read_checkpoint
from msa_model.model.clip import ClipEncoder
from msa_model.model.dual_encoder import DualEncoder
from msa_model.model.loading import load_encoder
from msa_model.protocol.errors import QueryNotUnderstood
from tests.model.tiny_models import CLIP_MARKERS, clip, text_encoder, word_tokenizer
from tests.refusals import raises_kind

TEXTS = ["a car park", "a bridge over a wide river with many white boats"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clip(tmp_path_factory.mktemp("clip") / "tiny-clip")


@pytest.fixture(scope="module")
def encoder(folder: Path) -> DualEncoder:
    return load_encoder(folder, "cpu", 1)


@pytest.fixture(scope="module")
def tiles() -> NDArray[np.uint8]:
    blocks = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 3), dtype=np.uint8)
    return blocks.repeat(32, axis=1).repeat(32, axis=2)


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "copy"))


def change(path: Path, **changes: object) -> None:
    data = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**data, **changes}), encoding="utf-8")


def test_a_clip_folder_is_loaded_where_a_checkpoint_is_expected(encoder: DualEncoder) -> None:
    assert isinstance(encoder, ClipEncoder)
    assert (encoder.name, encoder.dimension) == ("tiny-clip", 24)
    assert encoder.tiles_per_second() > 0


def test_images_and_texts_become_what_transformers_makes_of_them(
    encoder: DualEncoder, folder: Path, tiles: NDArray[np.uint8]
) -> None:
    from transformers import CLIPImageProcessorPil, CLIPModel, PreTrainedTokenizerFast

    model = CLIPModel.from_pretrained(folder).eval()
    pixels = CLIPImageProcessorPil.from_pretrained(folder)(
        list(map(Image.fromarray, tiles)), return_tensors="pt"
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"), pad_token=CLIP_MARKERS[1]
    )
    with torch.inference_mode():
        output = model(**tokenizer(TEXTS, padding=True, return_tensors="pt"), **pixels)
    assert encoder.encode_texts(TEXTS) == pytest.approx(output.text_embeds.numpy(), abs=1e-5)
    cosines = (encoder.encode_tiles(tiles) * output.image_embeds.numpy()).sum(axis=1)
    assert cosines == pytest.approx(1, abs=2e-3)  # torch and Pillow round the resize differently; bfloat16


def test_a_text_does_not_notice_its_neighbours_nor_case_nor_a_full_stop(encoder: DualEncoder) -> None:
    alone = encoder.encode_texts(["a car park"])[0]
    assert encoder.encode_texts([TEXTS[1], "A car  park ."])[1] == pytest.approx(alone, abs=1e-6)
    assert np.isfinite(encoder.encode_texts(["river " * 500])).all()


def test_phrases_are_described_by_their_plain_cosine(encoder: DualEncoder) -> None:
    assert not encoder.background.any()


def test_it_refuses_queries_that_it_cannot_read(encoder: DualEncoder) -> None:
    assert encoder.check_query(" a café ") == "a café"
    with pytest.raises(QueryNotUnderstood):
        encoder.check_query("парковка")


def test_its_identity_is_that_of_its_bytes_and_told_without_torch(
    encoder: DualEncoder, folder: Path, copy: Path
) -> None:
    assert checkpoint_identity(folder) == (encoder.name, encoder.sha256, encoder.dimension)
    assert checkpoint_identity(copy)[1] == encoder.sha256
    change(copy / "preprocessor_config.json", image_mean=[0.5, 0.5, 0.5])
    assert checkpoint_identity(copy)[1] != encoder.sha256
    code = (
        "import sys, pathlib; from msa_model.model.checkpoint import checkpoint_identity as identity; "
        "identity(pathlib.Path(sys.argv[1])); print('torch' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(folder)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "False"


def test_settings_that_transformers_5_keeps_with_the_processor_are_found(
    encoder: DualEncoder, copy: Path
) -> None:
    pixels = json.loads((copy / "preprocessor_config.json").read_text(encoding="utf-8"))
    (copy / "preprocessor_config.json").unlink()
    (copy / "processor_config.json").write_text(json.dumps({"image_processor": pixels}), encoding="utf-8")
    tile = np.full((1, 256, 256, 3), 90, np.uint8)
    assert load_encoder(copy, "cpu").encode_tiles(tile) == pytest.approx(encoder.encode_tiles(tile), abs=1e-6)


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "preprocessor_config.json"])
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    for ask in (checkpoint_identity, load_encoder):
        with raises_kind("checkpoint_missing", match=name):
            ask(copy)


def test_a_pickle_is_not_opened_and_the_remedy_told(copy: Path) -> None:
    (copy / "model.safetensors").rename(copy / "pytorch_model.bin")
    with raises_kind(
        "checkpoint_of_other_architecture", match=r"pytorch_model\.bin is not opened: convert it"
    ):
        load_encoder(copy)


def test_weights_of_open_clip_are_named_with_the_remedy(tmp_path: Path) -> None:
    weights = tmp_path / "RemoteCLIP-ViT-B-32.pt"
    weights.write_bytes(b"pickle")
    with raises_kind("checkpoint_of_other_architecture", match=r"RemoteCLIP.*another layout: convert it"):
        load_encoder(tmp_path)
    with raises_kind("checkpoint_missing", match="is a file: convert it"):
        load_encoder(weights)


def test_another_kind_of_hugging_face_model_is_refused_by_its_kind(tmp_path: Path) -> None:
    for ask in (load_encoder, checkpoint_identity):
        with raises_kind("checkpoint_of_other_architecture", match="of type 'bert', not 'clip'"):
            ask(text_encoder(tmp_path / "bert"))


def test_weights_of_another_size_are_refused(copy: Path) -> None:
    change(copy / "config.json", projection_dim=25)
    with raises_kind("checkpoint_of_other_architecture", match="do not fit its config"):
        load_encoder(copy)


def test_missing_weights_are_refused_not_filled_at_random(copy: Path) -> None:
    tensors = load_file(copy / "model.safetensors")
    tensors.pop("text_projection.weight")
    save_file(tensors, copy / "model.safetensors", metadata={"format": "pt"})
    with raises_kind("checkpoint_of_other_architecture", match=r"lack 1 tensors.*text_projection\.weight"):
        load_encoder(copy)


def test_truncated_weights_are_corrupt(copy: Path) -> None:
    weights = copy / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:5000])
    with raises_kind("checkpoint_corrupt", match="cannot be read"):
        load_encoder(copy)


def test_settings_that_make_no_sense_are_refused(copy: Path) -> None:
    change(copy / "preprocessor_config.json", image_mean=[0.5])
    with raises_kind("checkpoint_of_other_architecture", match="do not describe a CLIP"):
        checkpoint_identity(copy)
    (copy / "preprocessor_config.json").write_text("{", encoding="utf-8")
    with raises_kind("checkpoint_corrupt", match=r"preprocessor_config\.json cannot be read as JSON"):
        checkpoint_identity(copy)


def test_the_tokenizer_of_another_model_is_noticed(copy: Path) -> None:
    word_tokenizer().save(str(copy / "tokenizer.json"))
    with raises_kind("checkpoint_of_other_architecture", match="is not that of its model"):
        load_encoder(copy)
    (copy / "tokenizer.json").write_text("{", encoding="utf-8")
    with raises_kind("text_encoder_missing", match=r"tokenizer\.json cannot be read"):
        load_encoder(copy)


def test_training_does_not_take_it_for_a_checkpoint(folder: Path) -> None:
    with raises_kind("checkpoint_of_other_architecture", match="is a CLIP or SigLIP model, which is used"):
        read_checkpoint(folder)
