"""Heads to train, and pairs to train them with."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from msa_model.adapt.heads import Heads, PairTable
from msa_model.model.config import ModelConfig
from msa_model.model.network import MsaNetwork


@pytest.fixture
def heads(tiny_config: ModelConfig) -> Heads:
    torch.manual_seed(0)
    return Heads(MsaNetwork(tiny_config).requires_grad_(False).eval())


@pytest.fixture
def pairs(heads: Heads, make_pairs: Callable[..., PairTable]) -> PairTable:
    return make_pairs(sum(heads.tower.backbone.channels))
