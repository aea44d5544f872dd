from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from msa_model.model.config import TextConfig
from msa_model.model.text import SentenceEncoder, last_layers, load_deltas, tuned_tensors
from msa_model.model.text_files import WEIGHTS
from tests.model.tiny_models import TEXT_KINDS, WIDTH, text_encoder
from tests.refusals import raises_kind

LONG = "a bridge over a wide river with many white boats"


def config_of(folder: Path, **changes: object) -> TextConfig:
    found = TextConfig("", str(folder), hub_name="", hub_revision="", sha256="", width=WIDTH)
    return replace(found, **changes)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    place = tmp_path_factory.mktemp("text")
    return {kind: text_encoder(place / kind, kind) for kind in TEXT_KINDS}


@pytest.fixture
def copy(folders: dict[str, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(folders["bert"], tmp_path / "copy"))


@pytest.mark.parametrize("kind", TEXT_KINDS)
@torch.inference_mode()
def test_any_encoder_gives_unit_sentences_that_do_not_depend_on_the_batch(
    folders: dict[str, Path], kind: str
) -> None:
    encoder = SentenceEncoder.load(config_of(folders[kind]))
    together, alone = encoder(["car park", LONG]), encoder(["car park"])
    assert together.norm(dim=1).numpy() == pytest.approx(1, abs=1e-5)
    assert together[0].numpy() == pytest.approx(alone[0].numpy(), abs=1e-5)
    assert torch.isfinite(encoder(["river " * 500])).all()


@pytest.mark.parametrize("kind", TEXT_KINDS)
@torch.inference_mode()
def test_the_mask_keeps_the_words_and_neither_markers_nor_padding(
    folders: dict[str, Path], kind: str
) -> None:
    encoder = SentenceEncoder.load(config_of(folders[kind]))
    states = encoder.states(["car park", LONG])
    used = encoder.tokenize(["car park", LONG]).used.sum(dim=1)
    assert states.mask.sum(dim=1).equal(used - 2)
    assert not states.mask[:, 0].any()
    assert states.tokens.shape == (2, int(used.max()), WIDTH)


@torch.inference_mode()
def test_as_released_padding_counts_as_words_up_to_the_token_limit(folders: dict[str, Path]) -> None:
    encoder = SentenceEncoder.load(config_of(folders["bert"], max_tokens=31, pooling="cls"))
    states = encoder.states(["car park"], "released")
    assert states.tokens.shape == (1, 31, WIDTH)
    assert states.mask.sum().item() == 30
    first = states.tokens[:, 0] / states.tokens[:, 0].norm()
    assert states.sentences.numpy() == pytest.approx(first.numpy(), abs=1e-6)


@torch.inference_mode()
def test_a_text_without_words_still_has_something_to_attend_to(folders: dict[str, Path]) -> None:
    states = SentenceEncoder.load(config_of(folders["bert"])).states(["", "river"])
    assert states.mask.any(dim=1).all()


@torch.inference_mode()
def test_the_mean_is_that_of_all_used_tokens(folders: dict[str, Path]) -> None:
    encoder = SentenceEncoder.load(config_of(folders["bert"]))
    states, used = encoder.states(["car park", LONG]), encoder.tokenize(["car park", LONG]).used
    naive = torch.stack([tokens[keep].mean(dim=0) for tokens, keep in zip(states.tokens, used, strict=True)])
    naive /= naive.norm(dim=1, keepdim=True)
    assert states.sentences.numpy() == pytest.approx(naive.numpy(), abs=1e-6)


@pytest.mark.parametrize("kind", TEXT_KINDS)
@torch.inference_mode()
def test_tuned_layers_take_the_place_of_the_last_published_ones(folders: dict[str, Path], kind: str) -> None:
    config = config_of(folders[kind], tuned_layers=1)
    published = SentenceEncoder.load(config)
    generator = np.random.default_rng(0)
    deltas = {
        name: generator.normal(0, 0.1, tuple(tensor.shape)).astype(np.float16)
        for name, tensor in tuned_tensors(published.network, 1).items()
    }
    tuned = SentenceEncoder.load(config, deltas)
    states = tuned.network.state_dict()
    for name, tensor in published.network.state_dict().items():
        expected = torch.from_numpy(deltas[name]).to(tensor.dtype) if name in deltas else tensor
        assert states[name].equal(expected), name
    assert not torch.allclose(tuned(["river"]), published(["river"]), atol=1e-3)


def test_the_last_layers_are_those_nearest_the_output(folders: dict[str, Path]) -> None:
    network = SentenceEncoder.load(config_of(folders["bert"])).network
    layers = list(network.encoder.layer)  # type: ignore[union-attr, arg-type]
    assert [last_layers(network, count) for count in (0, 1, 2)] == [[], layers[1:], layers]
    with raises_kind("checkpoint_of_other_architecture", match="has 2 layers, not 3"):
        last_layers(network, 3)


def test_deltas_that_do_not_fit_are_named(folders: dict[str, Path]) -> None:
    network = SentenceEncoder.load(config_of(folders["bert"])).network
    deltas = {name: tensor.numpy().copy() for name, tensor in tuned_tensors(network, 1).items()}
    bias = "encoder.layer.1.output.dense.bias"
    with raises_kind("checkpoint_of_other_architecture", match=r"no place for 'sentences\.nowhere'"):
        load_deltas(network, {**deltas, "nowhere": np.zeros(3)}, 1)
    with raises_kind("checkpoint_of_other_architecture", match=rf"needs 'sentences\.{bias}'"):
        load_deltas(network, {name: deltas[name] for name in deltas if name != bias}, 1)
    with raises_kind(
        "checkpoint_of_other_architecture", match=rf"{bias}' is \[7\] in the checkpoint, \[32\]"
    ):
        load_deltas(network, {**deltas, bias: np.zeros(7, np.float32)}, 1)
    with raises_kind("checkpoint_of_other_architecture", match="no place for"):
        load_deltas(network, deltas, 0)


def test_other_weights_than_the_model_was_trained_with_are_refused(folders: dict[str, Path]) -> None:
    loaded = SentenceEncoder.load(config_of(folders["bert"]))
    assert SentenceEncoder.load(config_of(folders["bert"], sha256=loaded.sha256)).sha256 == loaded.sha256
    with raises_kind("text_encoder_missing", match="not the text encoder"):
        SentenceEncoder.load(config_of(folders["bert"], sha256="0" * 64))


def test_another_width_is_refused(folders: dict[str, Path]) -> None:
    with raises_kind("checkpoint_of_other_architecture", match="is 32 wide; the config says 99"):
        SentenceEncoder.load(config_of(folders["bert"], width=99))


def test_weights_that_lack_a_layer_are_refused_not_filled_at_random(copy: Path) -> None:
    config = json.loads((copy / "config.json").read_text(encoding="utf-8"))
    (copy / "config.json").write_text(json.dumps({**config, "num_hidden_layers": 3}), encoding="utf-8")
    with raises_kind("checkpoint_of_other_architecture", match=r"lack \d+ tensors.*encoder\.layer\.2"):
        SentenceEncoder.load(config_of(copy))


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", WEIGHTS])
def test_a_missing_or_broken_file_is_named(copy: Path, name: str) -> None:
    (copy / name).write_bytes(b"{ broken")
    with raises_kind("text_encoder_missing"):
        SentenceEncoder.load(config_of(copy))
    (copy / name).unlink()
    with raises_kind("text_encoder_missing", match=name):
        SentenceEncoder.load(config_of(copy))


def test_a_pickle_is_never_opened(copy: Path) -> None:
    (copy / WEIGHTS).rename(copy / "pytorch_model.bin")
    with raises_kind("text_encoder_missing", match="pickle, which is never opened: convert it"):
        SentenceEncoder.load(config_of(copy))
