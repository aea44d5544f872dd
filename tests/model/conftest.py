from __future__ import annotations

from pathlib import Path

import pytest

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
    text = read_checkpoint().config.text
    return ModelConfig(name="tiny", image=image, text=text, width=24, dimension=16)
