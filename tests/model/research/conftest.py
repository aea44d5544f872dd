from __future__ import annotations

from pathlib import Path

import pytest
import torch

from msa_model.model.config import ModelConfig
from tests.model.research.training_sets import make_images, make_weights


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, tiny_config: ModelConfig) -> Path:
    folder = tmp_path_factory.mktemp("made") / "root"
    make_images(folder)
    make_weights(folder / "init.safetensors", tiny_config)
    return folder


@pytest.fixture
def one_thread() -> None:
    torch.set_num_threads(1)
