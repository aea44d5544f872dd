from __future__ import annotations

import dataclasses
import json
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from msa_model.model.checkpoint import (
    MAX_BYTES,
    checkpoint_identity,
    read_checkpoint,
    write_checkpoint,
)
from msa_model.model.config import ModelConfig
from msa_model.model.encoder import Encoder, build_network
from msa_model.model.engines.stages import GRAPH, WEIGHTS
from msa_model.model.network import MsaNetwork
from msa_model.model.text import SentenceEncoder, tuned_tensors
from msa_model.protocol.errors import DiskFull
from tests.refusals import raises_kind


@pytest.fixture
def copy(shipped: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped, tmp_path / "copy"))


def _save(folder: Path, config: ModelConfig, **changes: object) -> Path:
    tensors = {name: tensor.numpy() for name, tensor in MsaNetwork(config).state_dict().items()}
    stated = dataclasses.replace(config, **changes)  # type: ignore[arg-type]
    write_checkpoint(folder, stated, tensors, np.zeros(config.dimension, np.float32))
    return folder


def test_weights_survive_the_round_trip_in_half_precision(tmp_path: Path, tiny_config: ModelConfig) -> None:
    network = MsaNetwork(tiny_config)
    tensors = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    background = np.arange(tiny_config.dimension, dtype=np.float32)
    write_checkpoint(tmp_path / "c", tiny_config, tensors, background)
    found = read_checkpoint(tmp_path / "c")
    assert found.config == tiny_config
    assert np.array_equal(found.background, background)
    rebuilt = build_network(found.config, found.tensors).state_dict()
    for name, tensor in network.state_dict().items():
        expected = tensor.half().float() if tensor.ndim > 1 else tensor
        assert rebuilt[name].equal(expected.to(tensor.dtype)), name


def test_the_identity_is_that_of_the_loaded_checkpoint(shipped: Path) -> None:
    found = read_checkpoint(shipped)
    assert checkpoint_identity(shipped) == (found.config.name, found.sha256, found.config.dimension)
    assert checkpoint_identity() == checkpoint_identity(shipped)


def test_the_identity_is_told_without_importing_torch() -> None:
    code = (
        "import sys; from msa_model.model.checkpoint import checkpoint_identity as identity; "
        "identity(); print('torch' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"


def test_another_config_is_another_identity(tmp_path: Path, tiny_config: ModelConfig) -> None:
    one = _save(tmp_path / "one", tiny_config)
    two = _save(tmp_path / "two", tiny_config, name="other")
    assert checkpoint_identity(one)[1] != checkpoint_identity(two)[1]


def test_the_shipped_checkpoint_is_small_enough_to_ship(shipped: Path) -> None:
    float_files = [path for path in shipped.iterdir() if path.name not in (GRAPH, WEIGHTS)]
    assert sum(path.stat().st_size for path in float_files) <= MAX_BYTES
    assert sum((shipped / name).stat().st_size for name in (GRAPH, WEIGHTS)) <= MAX_BYTES / 4


def test_the_shipped_checkpoint_pins_its_text_encoder(shipped: Path) -> None:
    text = read_checkpoint(shipped).config.text
    assert len(text.hub_revision) == 40
    assert int(text.hub_revision, 16) > 0
    assert len(text.sha256) == 64


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    for ask in (checkpoint_identity, read_checkpoint, Encoder.load):
        with raises_kind("checkpoint_missing", match="nowhere"):
            ask(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "manifest.json"])
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with raises_kind("checkpoint_missing", match=name):
        read_checkpoint(copy)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_flipped_byte_is_noticed(copy: Path, name: str) -> None:
    data = bytearray((copy / name).read_bytes())
    data[len(data) // 2] ^= 1
    (copy / name).write_bytes(data)
    with raises_kind("checkpoint_corrupt", match=name):
        read_checkpoint(copy)


def test_a_truncated_file_is_noticed(copy: Path) -> None:
    path = copy / "model.safetensors"
    path.write_bytes(path.read_bytes()[:1000])
    with raises_kind("checkpoint_corrupt", match=r"model\.safetensors"):
        Encoder.load(copy)


@pytest.mark.parametrize("text", ["{", "[]", '{"files": {}}'])
def test_a_broken_manifest_is_noticed(copy: Path, text: str) -> None:
    (copy / "manifest.json").write_text(text, encoding="utf-8")
    with raises_kind("checkpoint_corrupt", match=r"manifest\.json"):
        checkpoint_identity(copy)


def test_what_is_no_safetensors_is_noticed_even_if_the_manifest_agrees(
    tmp_path: Path, tiny_config: ModelConfig
) -> None:
    import hashlib

    folder = _save(tmp_path / "c", tiny_config)
    (folder / "model.safetensors").write_bytes(b"no tensors here")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"]["model.safetensors"] = hashlib.sha256(b"no tensors here").hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with raises_kind("checkpoint_corrupt", match="safetensors"):
        read_checkpoint(folder)


def test_weights_of_another_width_are_refused(tmp_path: Path, tiny_config: ModelConfig) -> None:
    folder = _save(tmp_path / "c", tiny_config, width=99)
    with raises_kind("checkpoint_of_other_architecture", match="'tiny' do not fit"):
        Encoder.load(folder, device="cpu")


def test_weights_of_another_backbone_are_refused(tmp_path: Path, tiny_config: ModelConfig) -> None:
    image = dataclasses.replace(tiny_config.image, backbone="resnet18", pad_type="", linear_layers=())
    folder = _save(tmp_path / "c", tiny_config, image=image)
    with raises_kind("checkpoint_of_other_architecture", match="do not fit"):
        Encoder.load(folder, device="cpu")


def test_another_text_encoder_than_trained_with_is_refused(tmp_path: Path, tiny_config: ModelConfig) -> None:
    text = dataclasses.replace(tiny_config.text, sha256="0" * 64)
    folder = _save(tmp_path / "c", dataclasses.replace(tiny_config, text=text))
    with raises_kind("text_encoder_missing", match="not the text encoder"):
        Encoder.load(folder, device="cpu")


def test_an_absent_text_encoder_is_named(
    tmp_path: Path, tiny_config: ModelConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    text = dataclasses.replace(tiny_config.text, package="no_such_package", hub_name="nobody/nothing")
    folder = _save(tmp_path / "c", dataclasses.replace(tiny_config, text=text))
    with raises_kind("text_encoder_missing", match="'nobody/nothing' is not installed"):
        Encoder.load(folder, device="cpu")


def _save_tuned(
    folder: Path, config: ModelConfig, **changes: torch.Tensor
) -> tuple[Path, dict[str, torch.Tensor]]:
    """A checkpoint whose text encoder's last layer is twice the published one."""
    text = dataclasses.replace(config.text, tuned_layers=1)
    published = SentenceEncoder.load(config.text)
    deltas = {name: tensor * 2 for name, tensor in tuned_tensors(published.network, 1).items()} | changes
    network = MsaNetwork(config)
    tensors = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    arrays = {name: tensor.numpy() for name, tensor in deltas.items()}
    background = np.zeros(config.dimension, np.float32)
    write_checkpoint(folder, dataclasses.replace(config, text=text), tensors, background, arrays)
    return folder, deltas


def test_tuned_text_layers_are_part_of_the_checkpoint(tmp_path: Path, tiny_config: ModelConfig) -> None:
    folder, deltas = _save_tuned(tmp_path / "c", tiny_config)
    found = read_checkpoint(folder)
    assert set(found.deltas) == set(deltas)
    assert not any(name.startswith("sentences.") for name in (*found.deltas, *found.tensors))
    untuned = _save(tmp_path / "untuned", tiny_config)
    one, other = (Encoder.load(place, device="cpu", threads=1) for place in (folder, untuned))
    assert not np.allclose(one.encode_texts(["river"]), other.encode_texts(["river"]), atol=1e-3)


def test_a_tuned_layer_that_fits_nothing_is_refused(tmp_path: Path, tiny_config: ModelConfig) -> None:
    folder, _ = _save_tuned(tmp_path / "c", tiny_config, nowhere=torch.zeros(3))
    with raises_kind("checkpoint_of_other_architecture", match=r"no place for 'sentences\.nowhere'"):
        Encoder.load(folder, device="cpu", threads=1)


def test_a_later_checkpoint_takes_the_place_of_the_earlier_and_of_nothing_else(
    tmp_path: Path, tiny_config: ModelConfig
) -> None:
    folder = _save(tmp_path / "c", tiny_config)
    (folder / "README.md").write_text("a model card", encoding="utf-8")
    _save(folder, tiny_config, name="later")
    assert read_checkpoint(folder).config.name == "later"
    assert sorted(path.name for path in folder.iterdir()) == [
        "README.md",
        "config.json",
        "manifest.json",
        "model.safetensors",
    ]


@pytest.mark.parametrize("room", [1_000, 1_000_000])
def test_with_a_full_disk_the_earlier_checkpoint_stays_whole(
    tmp_path: Path, tiny_config: ModelConfig, room: int
) -> None:
    folder = _save(tmp_path / "c", tiny_config)
    before = checkpoint_identity(folder)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
    try:
        with pytest.raises(DiskFull, match="no room left on the disk for"):
            _save(folder, tiny_config, name="later")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert checkpoint_identity(folder) == before
    assert read_checkpoint(folder).config.name == "tiny"
    assert len(list(folder.iterdir())) == 3


def test_a_real_full_disk_is_named_too(small_disk: Path, tiny_config: ModelConfig) -> None:
    network = {"weight": np.zeros((1000, 1000), np.float32)}
    with pytest.raises(DiskFull):
        write_checkpoint(small_disk / "c", tiny_config, network, np.zeros(16, np.float32))
    assert list((small_disk / "c").iterdir()) == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, tiny_config: ModelConfig) -> None:
    (tmp_path / "file").write_bytes(b"")
    with raises_kind("folder_read_only", match="cannot be written"):
        _save(tmp_path / "file" / "c", tiny_config)
