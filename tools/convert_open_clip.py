"""Convert weights of an open_clip ViT (RemoteCLIP, GeoRSCLIP …) to a Hugging Face CLIP folder.

    python tools/convert_open_clip.py RemoteCLIP-ViT-B-32.pt --like clip-vit-base-patch32 --out remoteclip

`--like` is a folder with the tokenizer.json and preprocessor_config.json of an OpenAI CLIP of the same kind.
A .pt file is read as bare tensors only (`weights_only`); what needs more than that is refused.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from msa_model.model.operators import declare_vision_operators

RENAMED = {
    "token_embedding.": "text_model.embeddings.token_embedding.",
    "ln_final.": "text_model.final_layer_norm.",
    "transformer.resblocks.": "text_model.encoder.layers.",
    "visual.transformer.resblocks.": "vision_model.encoder.layers.",
    "visual.conv1.": "vision_model.embeddings.patch_embedding.",
    "visual.class_embedding": "vision_model.embeddings.class_embedding",
    "visual.ln_pre.": "vision_model.pre_layrnorm.",
    "visual.ln_post.": "vision_model.post_layernorm.",
    "visual.positional_embedding": "vision_model.embeddings.position_embedding.weight",
    "positional_embedding": "text_model.embeddings.position_embedding.weight",
}
INSIDE = {
    ".ln_1.": ".layer_norm1.",
    ".ln_2.": ".layer_norm2.",
    ".attn.out_proj.": ".self_attn.out_proj.",
    ".mlp.c_fc.": ".mlp.fc1.",
    ".mlp.c_proj.": ".mlp.fc2.",
}
TRANSPOSED = {"text_projection": "text_projection.weight", "visual.proj": "visual_projection.weight"}
HEAD_WIDTH = 64  # of every published ViT of this kind


def converted(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of an open_clip model under the names and shapes of transformers' CLIPModel."""
    found: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        if name in TRANSPOSED:
            found[TRANSPOSED[name]] = tensor.T.contiguous()
        elif ".attn.in_proj_" in name:
            base, _, kind = _renamed(name).partition(".attn.in_proj_")
            for part, piece in zip("qkv", tensor.chunk(3), strict=True):
                found[f"{base}.self_attn.{part}_proj.{kind}"] = piece.clone()
        elif name != "attn_mask":
            found[_renamed(name)] = tensor
    return found


def settings(tensors: dict[str, Tensor], activation: str) -> dict[str, object]:
    """What a CLIPConfig says, read off the tensors' shapes."""
    text_width, dimension = tensors["text_projection"].shape
    patches, width = tensors["visual.positional_embedding"].shape
    patch = tensors["visual.conv1.weight"].shape[-1]
    tokens = tensors["token_embedding.weight"].shape[0]
    text = _layers(tensors, "transformer.", text_width) | {
        "hidden_act": activation,
        "vocab_size": tokens,
        "max_position_embeddings": tensors["positional_embedding"].shape[0],
        "bos_token_id": tokens - 2,
        "eos_token_id": tokens - 1,
    }
    side = round((patches - 1) ** 0.5) * patch
    vision = _layers(tensors, "visual.transformer.", width) | {
        "hidden_act": activation,
        "image_size": side,
        "patch_size": patch,
    }
    return {"projection_dim": dimension, "text_config": text, "vision_config": vision}


def read(path: Path) -> dict[str, Tensor]:
    """The tensors of a .safetensors or .pt file, in float32."""
    if path.suffix == ".safetensors":
        loaded = load_file(path)
    else:
        loaded = torch.load(path, map_location="cpu", weights_only=True)
        loaded = loaded.get("state_dict", loaded)
    return {name.removeprefix("module."): tensor.float() for name, tensor in loaded.items()}


def convert(weights: Path, like: Path, out: Path, activation: str) -> None:
    """Write the folder `out`."""
    declare_vision_operators()
    from transformers import CLIPConfig, CLIPModel  # noqa: PLC0415  (after the operators are declared)

    tensors = read(weights)
    model = CLIPModel(CLIPConfig(**settings(tensors, activation)))
    model.load_state_dict(converted(tensors), strict=True)
    model.save_pretrained(out)
    for name in ("tokenizer.json", "preprocessor_config.json"):
        shutil.copyfile(like / name, out / name)


def _renamed(name: str) -> str:
    for old in sorted(RENAMED, key=len, reverse=True):
        if name.startswith(old):
            name = RENAMED[old] + name.removeprefix(old)
            break
    for old, new in INSIDE.items():
        name = name.replace(old, new)
    return name


def _layers(tensors: dict[str, Tensor], prefix: str, width: int) -> dict[str, object]:
    start = f"{prefix}resblocks."
    count = len({name[len(start) :].partition(".")[0] for name in tensors if name.startswith(start)})
    return {
        "hidden_size": width,
        "num_hidden_layers": count,
        "num_attention_heads": width // HEAD_WIDTH,
        "intermediate_size": tensors[f"{start}0.mlp.c_fc.bias"].shape[0],
    }


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("weights", type=Path, help=".safetensors or .pt file")
    parser.add_argument("--like", type=Path, required=True, help="folder with tokenizer and pixel settings")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument(
        "--activation",
        choices=("gelu", "quick_gelu"),
        default="gelu",
        help="quick_gelu for models that open_clip builds with 'quickgelu' or pretrained='openai'",
    )
    args = parser.parse_args()
    convert(args.weights, args.like, args.out, args.activation)


if __name__ == "__main__":
    main()
