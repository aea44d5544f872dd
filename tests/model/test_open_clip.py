from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from msa_model.model.checkpoint import checkpoint_identity
from msa_model.model.foreign_files import OpenClipModelConfig
from msa_model.model.loading import load_encoder
from msa_model.model.open_clip import OpenClipTextTower, TimmTower
from msa_model.protocol.codec import decoded
from tests.model.open_towers import (
    DIMENSION,
    LENGTH,
    PATCH,
    SIDE,
    TOKENS,
    WIDTH,
    OpenClip,
)
from tests.model.tiny_other_models import MOBILE, open_clip, save_open_clip
from tests.refusals import raises_kind

VIT = {"image_size": SIDE, "patch_size": PATCH, "width": WIDTH, "layers": 2, "mlp_ratio": 2.0}
TEXT = "a bridge over a river"


class Mobile(torch.nn.Module):
    """MobileCLIP2's kind: a net of timm's, and a text tower whose tokens all see each other."""

    def __init__(self) -> None:
        super().__init__()
        text = {"width": WIDTH, "heads": 1, "layers": 2, "mlp_ratio": 2.0, "no_causal_mask": True}
        sizes = {"context_length": LENGTH, "vocab_size": TOKENS}
        vision = {**MOBILE, "image_size": 64}
        data = {"embed_dim": DIMENSION, "vision_cfg": vision, "text_cfg": {**text, **sizes}}
        config = decoded(OpenClipModelConfig, data)
        self.visual, self.text = TimmTower(config), OpenClipTextTower(config)
        for tensor in self.text.parameters():
            torch.nn.init.normal_(tensor, std=0.1)


@pytest.fixture
def original() -> OpenClip:
    torch.manual_seed(0)
    return OpenClip().eval()


@pytest.fixture
def folder(tmp_path: Path, original: OpenClip) -> Path:
    return open_clip(tmp_path / "tiny-open-clip", original, VIT, embed_dim=DIMENSION)


def change(folder: Path, part: str, **changes: object) -> None:
    place = folder / "open_clip_config.json"
    config: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
    target = config["model_cfg"][part] if part else config["model_cfg"]
    target.update(changes)
    place.write_text(json.dumps(config), encoding="utf-8")


@torch.inference_mode()
def test_a_folder_of_open_clip_embeds_as_its_network_does(folder: Path, original: OpenClip) -> None:
    encoder = load_encoder(folder, "cpu", 1)
    tokenizer = encoder._tokenizer  # type: ignore[attr-defined]
    ids = torch.tensor([tokenizer.encode(TEXT).ids])
    assert ids.shape[1] == LENGTH
    assert encoder.encode_texts([TEXT, TEXT.upper()]) == pytest.approx(
        original.text(ids).numpy().repeat(2, axis=0), abs=1e-5
    )
    tiles = np.random.default_rng(0).integers(0, 256, (2, SIDE, SIDE, 3), dtype=np.uint8)
    pixels = (torch.from_numpy(tiles).permute(0, 3, 1, 2) / 255 - 0.5) / 0.25
    cosines = (encoder.encode_tiles(tiles) * original.visual(pixels).numpy()).sum(axis=1)
    assert cosines == pytest.approx(1, abs=2e-3)
    assert checkpoint_identity(folder) == ("tiny-open-clip", encoder.sha256, DIMENSION)


@pytest.mark.slow
def test_a_mobile_clip_reads_a_text_the_same_beside_a_longer_one(tmp_path: Path) -> None:
    torch.manual_seed(0)
    vision = {**MOBILE, "image_size": 64}
    folder = open_clip(tmp_path / "mobile", Mobile(), vision, embed_dim=DIMENSION, custom_text=True)
    change(folder, "text_cfg", no_causal_mask=True)
    encoder = load_encoder(folder, "cpu", 1)
    alone = encoder.encode_texts([TEXT])[0]
    assert encoder.encode_texts([f"{TEXT} with many boats near the old town", TEXT])[1] == pytest.approx(
        alone, abs=1e-6
    )
    assert encoder.encode_tiles(np.zeros((1, 256, 256, 3), np.uint8)).shape == (1, DIMENSION)
    change(folder, "text_cfg", no_causal_mask=False)
    assert load_encoder(folder, "cpu", 1).encode_texts([TEXT])[0] @ alone < 0.999


def test_the_activation_of_the_config_is_taken(folder: Path) -> None:
    plain = load_encoder(folder, "cpu", 1).encode_texts([TEXT])[0]
    change(folder, "", quick_gelu=True)
    assert load_encoder(folder, "cpu", 1).encode_texts([TEXT])[0] != pytest.approx(plain, abs=1e-4)


@pytest.mark.parametrize(
    ("part", "changes", "message"),
    [
        ("vision_cfg", {"attentional_pool": True}, "unknown key 'model_cfg.vision_cfg.attentional_pool'"),
        ("vision_cfg", {"layers": [3, 4, 6, 3]}, "'model_cfg.vision_cfg.layers' should be int"),
        ("text_cfg", {"hf_model_name": "roberta-base"}, "unknown key 'model_cfg.text_cfg.hf_model_name'"),
        ("text_cfg", {"width": 10**9}, "'width' cannot be 1000000000"),
        ("text_cfg", {"heads": 7}, "no multiple of the heads' width"),
        ("vision_cfg", {"timm_model_name": "fastvit_mci99"}, "timm has no backbone 'fastvit_mci99'"),
        ("vision_cfg", {"timm_model_name": "hf-hub:somebody/model"}, "timm has no backbone 'hf-hub:"),
        ("vision_cfg", {"layers": 1}, "do not fit its config"),
        ("vision_cfg", {"patch_size": 4}, "do not fit its config"),
    ],
)
def test_a_config_that_means_another_network_is_refused_by_name(
    folder: Path, part: str, changes: dict[str, Any], message: str
) -> None:
    change(folder, part, **changes)
    with raises_kind("checkpoint_of_other_architecture", match=message):
        load_encoder(folder, "cpu")


def test_missing_weights_are_refused_and_a_pickle_is_not_opened(folder: Path) -> None:
    weights = folder / "open_clip_model.safetensors"
    tensors = load_file(weights)
    save_open_clip(folder, {name: t for name, t in tensors.items() if name != "ln_final.bias"})
    with raises_kind("checkpoint_of_other_architecture", match=r"do not fit its config.*ln_final\.bias"):
        load_encoder(folder, "cpu")
    weights.rename(folder / "open_clip_pytorch_model.bin")
    with raises_kind("checkpoint_of_other_architecture", match=r"model\.bin is not opened: convert it"):
        load_encoder(folder, "cpu")
    (folder / "tokenizer.json").unlink()
    (folder / "open_clip_pytorch_model.bin").unlink()
    with raises_kind("checkpoint_missing", match=r"open_clip_model\.safetensors does not exist"):
        load_encoder(folder, "cpu")
