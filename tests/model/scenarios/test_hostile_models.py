"""Model folders from elsewhere: no code of theirs runs, and what is absurd in them has a name soon."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from msa_model.model.checkpoint import CONFIG, MANIFEST, WEIGHTS, read_checkpoint, write_checkpoint
from msa_model.model.config import ModelConfig, TextConfig
from msa_model.model.encoder import Encoder
from msa_model.model.foreign_files import file_sha256
from msa_model.model.loading import load_encoder
from msa_model.model.network import MsaNetwork
from msa_model.model.text import SentenceEncoder
from msa_model.model.text_files import find_text_encoder
from msa_model.protocol.errors import MsaError
from tests.model.tiny_models import WIDTH, clip, text_encoder
from tests.refusals import raises_kind

CODE = "import pathlib; pathlib.Path({mark!r}).touch()\nclass Model: pass\n"


@pytest.fixture
def model(tmp_path: Path, tiny_config: ModelConfig) -> Path:
    torch.manual_seed(0)
    tensors = {name: tensor.numpy() for name, tensor in MsaNetwork(tiny_config).state_dict().items()}
    write_checkpoint(tmp_path / "model", tiny_config, tensors, np.zeros(tiny_config.dimension, np.float32))
    return tmp_path / "model"


def sign(folder: Path) -> Path:
    """Bring the manifest up to the files."""
    digests = {name: file_sha256(folder / name) for name in (CONFIG, WEIGHTS)}
    (folder / MANIFEST).write_text(json.dumps({"name": "tiny", "files": digests}), encoding="utf-8")
    return folder


def with_config(folder: Path, **changes: object) -> Path:
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    for name, value in changes.items():
        part, _, key = name.rpartition("__")
        (config[part] if part else config)[key] = value
    (folder / CONFIG).write_text(json.dumps(config), encoding="utf-8")
    return sign(folder)


def with_tensor(folder: Path, name: str, tensor: NDArray[np.generic]) -> Path:
    tensors = load_file(folder / WEIGHTS)
    save_file({**tensors, name: tensor}, folder / WEIGHTS)
    return sign(folder)


def text_config(folder: Path, **changes: str) -> TextConfig:
    found = TextConfig("", str(folder), hub_name="", hub_revision="", sha256="", width=WIDTH)
    return replace(found, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"width": 10**9}, "width"),
        ({"width": 16_000}, "no tensor"),
        ({"dimension": 10**9}, "dimension"),
        ({"dimension": 0}, "dimension"),
        ({"image__size": 10**6}, r"image\.size"),
        ({"image__std": [0.0, 1.0, 1.0]}, "std"),
        ({"image__mean": [float("nan"), 1.0, 1.0]}, "mean"),
        ({"image__stages": list(range(100))}, "stages"),
        ({"text__width": 10**12}, r"text\.width"),
        ({"text__max_tokens": 10**9}, "max_tokens"),
        ({"text__tuned_layers": -1}, "tuned_layers"),
        ({"fine": {"width": 10**9, "heads": 4}}, r"fine\.width"),
        ({"fine": {"width": 16, "heads": 10**9}}, r"fine\.heads"),
        ({"name": "x" * 10**5}, "name"),
        ({"width": int("9" * 4000)}, "width"),
    ],
)
def test_absurd_sizes_are_refused_before_anything_is_built(
    model: Path, changes: dict[str, Any], says: str
) -> None:
    with raises_kind("checkpoint_of_other_architecture", match=says):
        load_encoder(with_config(model, **changes), "cpu")


@pytest.mark.parametrize("text", ["[" * 10**6, '{"width": ' + "9" * 10_000 + "}", "x" * 2_000_000, "\ud800"])
def test_a_config_that_is_no_sensible_json_is_refused(model: Path, text: str) -> None:
    (model / CONFIG).write_text(text, encoding="utf-8", errors="surrogatepass")
    with raises_kind("checkpoint_of_other_architecture"):
        load_encoder(sign(model), "cpu")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
@pytest.mark.parametrize("name", [CONFIG, WEIGHTS, MANIFEST])
@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_what_is_no_regular_file_is_neither_waited_for_nor_read_for_ever(
    model: Path, name: str, kind: str
) -> None:
    (model / name).unlink()
    if kind == "pipe":
        os.mkfifo(model / name)
    elif kind == "device":
        (model / name).symlink_to("/dev/zero")
    else:
        (model / name).mkdir()
    with raises_kind(("checkpoint_missing", "checkpoint_corrupt", "checkpoint_of_other_architecture")):
        load_encoder(model, "cpu")


def test_weights_that_go_on_behind_their_tensors_are_not_read_to_their_end(model: Path) -> None:
    os.truncate(model / WEIGHTS, 2**40)
    with raises_kind("checkpoint_corrupt", match="longer"):
        load_encoder(model, "cpu")


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["background", "image.output.bias", "text.hidden.weight"])
def test_weights_that_are_no_numbers_are_refused(model: Path, name: str, number: float) -> None:
    tensor = load_file(model / WEIGHTS)[name].copy()
    tensor.flat[-1] = number
    with raises_kind("checkpoint_corrupt", match=name):
        load_encoder(with_tensor(model, name, tensor), "cpu")


def test_weights_that_make_vectors_of_no_length_are_refused_when_they_do(model: Path) -> None:
    for name in ("image.output.weight", "image.output.bias"):
        with_tensor(model, name, np.zeros_like(load_file(model / WEIGHTS)[name]))
    loaded = load_encoder(model, "cpu")
    with raises_kind("checkpoint_corrupt", match="unit length"):
        loaded.encode_tiles(np.zeros((1, 256, 256, 3), np.uint8))


@pytest.mark.parametrize("shape", [(0,), (3,), (16, 16), (10**6,)])
def test_a_background_of_another_shape_is_refused(model: Path, shape: tuple[int, ...]) -> None:
    with raises_kind("checkpoint_of_other_architecture", match="background"):
        load_encoder(with_tensor(model, "background", np.zeros(shape, np.float32)), "cpu")


def test_a_tensor_of_another_shape_is_refused(model: Path) -> None:
    changed = with_tensor(model, "image.output.bias", np.zeros(5, np.float32))
    with raises_kind("checkpoint_of_other_architecture", match=r"image\.output\.bias"):
        load_encoder(changed, "cpu")


def test_a_package_is_found_without_running_any(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = tmp_path / "ran"
    (tmp_path / "trap" / "inner").mkdir(parents=True)
    (tmp_path / "trap" / "__init__.py").write_text(CODE.format(mark=str(mark)), encoding="utf-8")
    (tmp_path / "trap" / "inner" / "__init__.py").write_text("", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    for package in ("trap.inner", "trap.", ".", "__main__", "trap inner"):
        with raises_kind("checkpoint_of_other_architecture", match="no name of an installed package"):
            find_text_encoder(text_config(tmp_path, package=package))
    with raises_kind("text_encoder_missing"):
        find_text_encoder(text_config(tmp_path, package="trap"))
    assert not mark.exists()
    assert "trap" not in sys.modules


@pytest.mark.parametrize("changes", [{"hub_revision": "main"}, {"sha256": ""}])
def test_nothing_is_downloaded_that_the_config_does_not_pin(
    tmp_path: Path, changes: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    pinned = {"hub_name": "nobody/nothing", "hub_revision": "0" * 40, "sha256": "0" * 64}
    with raises_kind("text_encoder_missing", match="pins no commit"):
        find_text_encoder(text_config(tmp_path, package="no_such_package", **{**pinned, **changes}))


@pytest.mark.parametrize("kind", ["bert", "no_such_kind"])
def test_code_in_a_text_encoders_folder_is_not_run(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, mark = text_encoder(tmp_path / "text"), tmp_path / "ran"
    (folder / "evil.py").write_text(CODE.format(mark=str(mark)), encoding="utf-8")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config |= {"model_type": kind, "auto_map": {"AutoConfig": "evil.Model", "AutoModel": "evil.Model"}}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    monkeypatch.setattr("builtins.input", lambda *_: "y")
    if kind == "bert":
        SentenceEncoder.load(text_config(folder))
    else:
        with raises_kind("text_encoder_missing"):
            SentenceEncoder.load(text_config(folder))
    assert not mark.exists()


def test_a_pickle_is_never_opened(tmp_path: Path) -> None:
    folder, mark = text_encoder(tmp_path / "text"), tmp_path / "ran"
    (folder / WEIGHTS).unlink()
    evil = f"cos\nsystem\n(S'touch {mark}'\ntR."
    (folder / "pytorch_model.bin").write_bytes(evil.encode())
    with raises_kind("text_encoder_missing", match="pickle"):
        SentenceEncoder.load(text_config(folder))
    assert not mark.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"hidden_size": 10**9},
        {"hidden_size": 16_000},
        {"num_hidden_layers": 10**9},
        {"vocab_size": 10**9},
        {"vocab_size": -1},
        {"intermediate_size": 10**12},
        {"max_position_embeddings": 10**9},
        {"pad_token_id": 10**12},
        {"pad_token_id": "zero"},
        {"quantization_config": {"quant_method": "bitsandbytes"}},
        {"attn_implementation": "somebody/kernels"},
        {"layer_norm_eps": float("nan"), "hidden_act": "no_such_act"},
        {"model_type": ["bert"]},
    ],
)
def test_absurd_configs_of_text_encoders_are_refused_by_name(tmp_path: Path, changes: dict[str, Any]) -> None:
    folder = text_encoder(tmp_path / "text")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8")) | changes
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with raises_kind(("text_encoder_missing", "checkpoint_of_other_architecture")):
        SentenceEncoder.load(text_config(folder))


@pytest.mark.parametrize("tokenizer", ["[" * 10**5, "{}", '{"model": {"type": "BPE"}}', "\x00", ""])
def test_a_tokenizer_that_is_none_is_refused_by_name(tmp_path: Path, tokenizer: str) -> None:
    folder = text_encoder(tmp_path / "text")
    (folder / "tokenizer.json").write_text(tokenizer, encoding="utf-8")
    with raises_kind("text_encoder_missing"):
        SentenceEncoder.load(text_config(folder))


def test_text_weights_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    folder = text_encoder(tmp_path / "text")
    tensors = load_file(folder / WEIGHTS)
    name = next(iter(tensors))
    tensors[name] = np.full_like(tensors[name], np.nan)
    save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})
    with raises_kind("text_encoder_missing", match="no finite numbers"):
        SentenceEncoder.load(text_config(folder))


@pytest.mark.parametrize(
    "changes",
    [
        {"projection_dim": 10**9},
        {"vision_config__hidden_size": 10**9},
        {"vision_config__num_hidden_layers": 10**8},
        {"vision_config__patch_size": 0},
        {"vision_config__image_size": 10**6},
        {"text_config__vocab_size": 10**9},
        {"text_config__num_attention_heads": 7},
        {"text_config": []},
        {"vision_config": 5},
    ],
)
def test_absurd_configs_of_clip_models_are_refused_by_name(tmp_path: Path, changes: dict[str, Any]) -> None:
    folder = clip(tmp_path / "clip")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    for name, value in changes.items():
        part, _, key = name.rpartition("__")
        (config[part] if part else config)[key] = value
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(MsaError) as caught:
        load_encoder(folder, "cpu")
    assert caught.value.kind != "internal"


def test_clip_weights_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    folder = clip(tmp_path / "clip")
    tensors = load_file(folder / WEIGHTS)
    tensors["logit_scale"] = np.array(np.nan, np.float32)
    save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})
    with raises_kind("checkpoint_corrupt", match="logit_scale"):
        load_encoder(folder, "cpu")


def test_the_shipped_model_passes_every_check(shipped: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(shipped, tmp_path / "copy"))
    assert asdict(read_checkpoint(copy).config) == asdict(read_checkpoint(shipped).config)
    assert isinstance(load_encoder(copy, "cpu"), Encoder)
