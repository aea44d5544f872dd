"""The paper's presets, with a small random BERT in place of the published one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from msa_model.model.checkpoint import read_checkpoint
from msa_model.model.config import FineConfig, ModelConfig
from msa_model.model.device import choose_device
from msa_model.model.encoder import Encoder
from msa_model.model.network import MsaNetwork
from msa_model.model.text import SentenceEncoder, TextStates
from msa_model.research.train.losses import LossWeights, Scored, total_loss
from msa_model.research.train.recipe import Recipe, read_recipe
from msa_model.research.train.run import Job, run_training
from msa_model.shipped import resource
from tests.model.research.training_sets import CAPTIONS as MADE
from tests.model.research.training_sets import make_images
from tests.model.tiny_models import WIDTH, text_encoder
from tests.present import as_a

PRESETS = ("msa-resnet50-bert", "msa-resnet50-bert-corrected")
CAPTIONS = ["a bridge over the wide river", "many planes", "the river"]

presets = pytest.mark.parametrize("name", PRESETS)


def preset(name: str) -> Recipe:
    return read_recipe(resource(f"presets/{name}.toml"))


@pytest.fixture(scope="module")
def small_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return text_encoder(tmp_path_factory.mktemp("bert"))


def shrunk(name: str, bert: Path) -> ModelConfig:
    """The preset's model over the small BERT: ResNet-50 as it is, 64 px, the text width in place of 768."""
    config = preset(name).model
    text = replace(config.text, folder=str(bert), hub_name="", sha256="", width=WIDTH, tuned_layers=2)
    image, fine = replace(config.image, size=64), FineConfig(WIDTH, 4)
    return replace(config, image=image, text=text, dimension=WIDTH, fine=fine)


def score_a_batch(config: ModelConfig) -> tuple[MsaNetwork, TextStates, Scored]:
    torch.manual_seed(0)
    network, encoder = MsaNetwork(config).eval(), SentenceEncoder.load(config.text)
    states = encoder.states(CAPTIONS, config.mode)
    scales = network.image.pool(network.image.backbone(torch.randn(len(CAPTIONS), 3, 64, 64)))
    embeddings = network.image.embed(scales), network.text(states.sentences)
    return network, states, Scored(*embeddings, torch.eye(3, dtype=torch.bool), network.match(scales, states))


@presets
def test_the_published_network_has_the_papers_shapes(name: str) -> None:
    config = preset(name).model
    with torch.device("meta"):
        network = MsaNetwork(config)
    assert network.image.backbone.channels == (256, 512, 1024, 2048)
    assert network.fine is not None
    expected = (256, 512, 1024, 2048) if config.mode == "released" else (768,) * 4
    assert tuple(as_a(nn.Linear, head.project).in_features for head in network.fine.heads) == expected
    assert (config.text.pooling, config.text.max_tokens, config.fine) == ("cls", 31, FineConfig(768, 12))


def test_the_two_presets_differ_in_mode_and_name_alone() -> None:
    released, corrected = (preset(name) for name in PRESETS)
    assert (released.model.mode, corrected.model.mode) == ("released", "corrected")
    renamed = replace(released.model, name=corrected.model.name, mode="corrected")
    assert replace(released, model=renamed) == corrected


@presets
def test_losses_and_rates_are_the_papers(name: str) -> None:
    recipe = preset(name)
    assert recipe.loss == LossWeights(contrastive=0, triplet=1, mscma=15, csmmc=10)
    training = recipe.training
    assert (training.batch, training.epochs, training.weight_decay) == (32, 60, 0.1)
    rates = {training.head_rate, training.fine_rate, training.backbone_rate, training.text_rate}
    assert rates == {1e-5}


@presets
def test_a_batch_of_the_preset_trains_backbone_and_matching_heads(name: str, small_bert: Path) -> None:
    config = shrunk(name, small_bert)
    network, _, scored = score_a_batch(config)
    loss = total_loss(scored, preset(name).loss, config.mode, 0.05)
    torch.autograd.backward(loss)
    for path in ("image.backbone.net.conv1", "image.scales.0", "image.output", "fine.heads.3.match"):
        gradient = as_a(nn.Parameter, network.get_submodule(path).weight).grad
        assert gradient is not None
        assert gradient.isfinite().all()
        assert gradient.any()


def test_the_released_preset_attends_to_padding_up_to_31_tokens_and_scores_in_0_to_1(
    small_bert: Path,
) -> None:
    _, states, scored = score_a_batch(shrunk(PRESETS[0], small_bert))
    assert states.tokens.shape == (3, 31, WIDTH)
    assert states.mask.sum(dim=1).tolist() == [30, 30, 30]
    assert scored.matches is not None
    assert 0 <= scored.matches.min() <= scored.matches.max() <= 1


def test_the_corrected_preset_attends_to_words_alone(small_bert: Path) -> None:
    _, states, _ = score_a_batch(shrunk(PRESETS[1], small_bert))
    assert states.mask.sum(dim=1).tolist() == [6, 2, 2]


def test_the_text_embedding_is_the_first_state_at_unit_length(small_bert: Path) -> None:
    network, states, scored = score_a_batch(shrunk(PRESETS[0], small_bert))
    first = states.tokens[:, 0]
    assert torch.allclose(scored.texts, first / first.norm(dim=1, keepdim=True), atol=1e-5)
    assert not list(network.text.parameters())


@presets
def test_the_preset_trains_and_its_checkpoint_encodes_and_trains_on(
    name: str, small_bert: Path, tmp_path: Path
) -> None:
    make_images(tmp_path, side=64)
    recipe = preset(name)
    training = replace(recipe.training, epochs=0, steps=2, batch=4)
    recipe = replace(recipe, model=shrunk(name, small_bert), training=training, data=(MADE,))
    job = Job(tmp_path, tmp_path, tmp_path / "out", tmp_path / "cache", None, 0, choose_device("cpu"))
    run_training(recipe, job, lambda line: None)
    encoder = Encoder.load(tmp_path / "out", device="cpu")
    assert encoder.encode_tiles(np.zeros((2, 64, 64, 3), np.uint8)).shape == (2, WIDTH)
    assert encoder.encode_texts(CAPTIONS).shape == (3, WIDTH)
    again = replace(job, out=tmp_path / "again", init=tmp_path / "out")
    run_training(recipe, again, lambda line: None)
    before, after = (read_checkpoint(folder).tensors for folder in (job.out, again.out))
    assert not np.array_equal(before["fine.heads.3.match.weight"], after["fine.heads.3.match.weight"])


def test_the_shipped_checkpoint_is_of_its_preset() -> None:
    assert preset("msa-small").model == read_checkpoint().config
