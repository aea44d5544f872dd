"""The paper's presets, with a small random BERT in place of the published one."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from msa_model.model.config import FineConfig, ModelConfig, parse_config
from msa_model.model.network import MsaNetwork
from msa_model.model.operators import declare_vision_operators
from msa_model.model.text import SentenceEncoder, TextStates
from msa_model.shipped import resource
from msa_model.train.losses import LossWeights, Scored, total_loss

PRESETS = ("msa-resnet50-bert", "msa-resnet50-bert-corrected")
WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "bridge", "over", "the", "wide", "river", "many", "planes")
CAPTIONS = ["a bridge over the wide river", "many planes", "the river"]
WIDTH = 24

presets = pytest.mark.parametrize("name", PRESETS)


def preset(name: str) -> dict[str, Any]:
    return tomllib.loads(resource(f"presets/{name}.toml").read_text(encoding="utf-8"))


def model_of(name: str) -> ModelConfig:
    return parse_config(ModelConfig, preset(name)["model"])


@pytest.fixture(scope="module")
def small_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of two narrow layers, twelve heads as the published one, and a dozen words."""
    declare_vision_operators()
    from transformers import BertConfig, BertModel

    folder = tmp_path_factory.mktemp("bert")
    torch.manual_seed(0)
    shape = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=WIDTH,
        num_hidden_layers=2,
        num_attention_heads=12,
        intermediate_size=48,
    )
    BertModel(shape).save_pretrained(folder)
    tokenizer = Tokenizer(models.WordPiece({word: i for i, word in enumerate(WORDS)}))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def shrunk(name: str, bert: Path) -> ModelConfig:
    """The preset's model over the small BERT: ResNet-50 as it is, the text width in place of 768."""
    config = model_of(name)
    text = replace(config.text, folder=str(bert), hub_name="", sha256="", width=WIDTH)
    return replace(config, text=text, dimension=WIDTH, fine=FineConfig(WIDTH, 12))


def score_a_batch(config: ModelConfig) -> tuple[MsaNetwork, TextStates, Scored]:
    torch.manual_seed(0)
    network, encoder = MsaNetwork(config).eval(), SentenceEncoder.load(config.text)
    states = encoder.states(CAPTIONS, config.mode)
    scales = network.image.pool(network.image.backbone(torch.randn(len(CAPTIONS), 3, 64, 64)))
    embeddings = network.image.embed(scales), network.text(states.sentences)
    return network, states, Scored(*embeddings, torch.eye(3, dtype=torch.bool), network.match(scales, states))


@presets
def test_the_published_network_has_the_papers_shapes(name: str) -> None:
    config = model_of(name)
    with torch.device("meta"):
        network = MsaNetwork(config)
    assert network.image.backbone.channels == (256, 512, 1024, 2048)
    assert network.fine is not None
    expected = (256, 512, 1024, 2048) if config.mode == "released" else (768,) * 4
    assert tuple(head.project.in_features for head in network.fine.heads) == expected
    assert (config.text.pooling, config.text.max_tokens, config.fine) == ("cls", 31, FineConfig(768, 12))


def test_the_two_presets_differ_in_mode_and_name_alone() -> None:
    released, corrected = (preset(name) for name in PRESETS)
    assert corrected["model"].pop("mode") == "corrected"
    assert released["model"].pop("mode") == "released"
    assert corrected["model"].pop("name") != released["model"].pop("name")
    assert corrected == released


@presets
def test_losses_are_the_papers(name: str) -> None:
    assert parse_config(LossWeights, preset(name)["loss"]) == LossWeights(0, 1, 15, 10)


@presets
def test_a_batch_of_the_preset_trains_backbone_and_matching_heads(name: str, small_bert: Path) -> None:
    config = shrunk(name, small_bert)
    network, _, scored = score_a_batch(config)
    loss = total_loss(scored, parse_config(LossWeights, preset(name)["loss"]), config.mode, 0.05)
    loss.backward()
    for path in ("image.backbone.net.conv1", "image.scales.0", "image.output", "fine.heads.3.match"):
        gradient = network.get_submodule(path).weight.grad
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
