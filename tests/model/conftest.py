from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.nn.functional import normalize

from msa_model.adapt.heads import PairTable
from msa_model.model.checkpoint import default_checkpoint, read_checkpoint
from msa_model.model.config import ImageConfig, ModelConfig
from msa_model.model.encoder import Encoder


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    return Encoder.load(device="cpu", threads=2)


@pytest.fixture(scope="session")
def shipped() -> Path:
    return default_checkpoint()


@pytest.fixture(scope="session")
def tiny_config() -> ModelConfig:
    """A small network of the shipped kind: the same backbone, narrow heads, the same text encoder."""
    image = ImageConfig(
        backbone="mobilenet_edgetpu_100",
        mean=(127.5, 127.5, 127.5),
        std=(127.5, 127.5, 127.5),
        size=64,
        pad_type="same",
        linear_layers=("blocks.0.0.bn1.act",),
    )
    text = replace(read_checkpoint().config.text, tuned_layers=0)
    return ModelConfig(name="tiny", image=image, text=text, width=24, dimension=16)


@pytest.fixture
def make_pairs() -> Callable[..., PairTable]:
    """36 images of 4 kinds, each with a text of its own: features and sentences are a kind's, with noise."""

    def make(channels: int, images: int = 36) -> PairTable:
        draw = torch.Generator().manual_seed(5)
        kinds = torch.arange(images) % 4
        seen, said = (torch.randn(4, width, generator=draw) for width in (channels, 384))
        scales = 2 * seen[kinds] + torch.randn(2, images, channels, generator=draw) / 2
        sentences = said[kinds] + torch.randn(images, 384, generator=draw) / 2
        order = torch.arange(images)
        return PairTable(scales.half(), normalize(sentences, dim=1), order, order.clone(), torch.ones(images))

    return make
