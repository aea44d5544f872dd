from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from msa_model.model.loading import load_encoder
from tests.model.open_towers import SIDE, OpenClip
from tests.model.tiny_models import clip
from tools.convert_open_clip import convert


@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
@torch.inference_mode()
def test_a_converted_model_embeds_as_the_original(tmp_path: Path, suffix: str) -> None:
    torch.manual_seed(0)
    original = OpenClip().eval()
    like = clip(tmp_path / "like")
    weights = tmp_path / f"weights{suffix}"
    save = torch.save if suffix == ".pt" else save_file
    save({name: tensor.clone() for name, tensor in original.state_dict().items()}, weights)
    convert(weights, like, tmp_path / "out", "gelu")
    encoder = load_encoder(tmp_path / "out", "cpu", 1)
    tokenizer = encoder._tokenizer  # type: ignore[attr-defined]
    tokenizer.no_padding()
    ids = torch.tensor([tokenizer.encode("a bridge over a river").ids])
    assert encoder.encode_texts(["a bridge over a river"]) == pytest.approx(
        original.text(ids).numpy(), abs=1e-5
    )
    tiles = np.random.default_rng(0).integers(0, 256, (2, SIDE, SIDE, 3), dtype=np.uint8)
    pixels = encoder._transform(tiles)  # type: ignore[attr-defined]
    cosines = (encoder.encode_tiles(tiles) * original.visual(pixels).numpy()).sum(axis=1)
    assert cosines == pytest.approx(1, abs=2e-3)
