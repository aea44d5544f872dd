"""Random SigLIP and open_clip models, small enough for a test, saved as their authors save them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from torch import Tensor, nn

from msa_model.model.backbone import declare_vision_operators
from tests.model.tiny_models import CLIP_MARKERS, CORPUS, WIDTH, bytewise_tokenizer

LENGTH = 16  # tokens
END, FILL, UNKNOWN = "<eos>", "<pad>", "<unk>"
MOBILE: dict[str, Any] = {"timm_model_name": "fastvit_mci0", "timm_pool": "avg", "timm_proj": None}


def siglip(folder: Path, seed: int = 0, **settings: object) -> Path:
    """google/siglip2-base-patch16-224 in small: two layers a side, patches of 8 px."""
    declare_vision_operators()
    from transformers import SiglipConfig, SiglipModel

    tokenizer = piecewise_tokenizer()
    layers = {"hidden_size": WIDTH, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    text = layers | {
        "vocab_size": tokenizer.get_vocab_size(),
        "max_position_embeddings": LENGTH,
        "projection_size": WIDTH,
    }
    torch.manual_seed(seed)
    vision = layers | {"image_size": 32, "patch_size": 8}
    SiglipModel(SiglipConfig(text_config=text, vision_config=vision)).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    own = {"pad_token": FILL, "eos_token": {"content": END}, "add_eos_token": True, **settings}
    (folder / "tokenizer_config.json").write_text(json.dumps(own), encoding="utf-8")
    pixels = {"image_mean": [0.5] * 3, "image_std": [0.5] * 3, "resample": 2}
    (folder / "preprocessor_config.json").write_text(json.dumps(pixels), encoding="utf-8")
    return folder


def open_clip(folder: Path, network: nn.Module, vision: dict[str, Any], **model: object) -> Path:
    """What open_clip puts on the hub, with the weights of `network`; `model` is added to the settings."""
    tokenizer = bytewise_tokenizer(CLIP_MARKERS, *CLIP_MARKERS, lower=True)
    own: Any = network
    tower: Any = own.text if hasattr(own, "text") and isinstance(own.text, nn.Module) else own
    size, width = tower.token_embedding.weight.shape
    text = {
        "context_length": len(tower.positional_embedding),
        "vocab_size": size,
        "width": width,
        "layers": 2,
    }
    config = {"vision_cfg": vision, "text_cfg": text | {"heads": 1, "mlp_ratio": 2.0}, **model}
    folder.mkdir(parents=True)
    save_open_clip(folder, network.state_dict())
    pixels = {"mean": [0.5] * 3, "std": [0.25] * 3, "interpolation": "bilinear", "resize_mode": "squash"}
    settings = {"model_cfg": config, "preprocess_cfg": pixels}
    (folder / "open_clip_config.json").write_text(json.dumps(settings), encoding="utf-8")
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def save_open_clip(folder: Path, tensors: dict[str, Tensor]) -> None:
    """The weights of a folder."""
    own = {name: tensor.contiguous().clone() for name, tensor in tensors.items()}
    save_file(own, folder / "open_clip_model.safetensors")


def piecewise_tokenizer() -> Tokenizer:
    """Gemma's kind: pieces with a sign for the blank before them; its post-processor adds no end marker."""
    tokenizer = Tokenizer(models.BPE(unk_token=UNKNOWN, byte_fallback=True))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
    tokenizer.decoder = decoders.Replace("▁", " ")
    trainer = trainers.BpeTrainer(
        vocab_size=300, special_tokens=[FILL, END, "<bos>", UNKNOWN], show_progress=False
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(single="$A")
    return tokenizer
