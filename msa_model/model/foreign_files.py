"""Files of models from elsewhere, looked at before any library acts on them. Imports no torch."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any, Literal

from msa_model.protocol.tables import open_regular

MAX_BYTES = 2**20
_MOST_BYTES, _MOST_HEADER = 2**35, 100_000_000
# What some model has; a network of other sizes could take all memory, or for ever to build.
_LARGEST = {
    "hidden_size": 16_384,
    "intermediate_size": 65_536,
    "embedding_size": 16_384,
    "projection_dim": 16_384,
    "num_hidden_layers": 200,
    "num_attention_heads": 256,
    "num_channels": 64,
    "vocab_size": 2_000_000,
    "type_vocab_size": 1024,
    "max_position_embeddings": 65_536,
    "image_size": 1024,
    "patch_size": 1024,
}
_LARGEST_NUMBER = 2**31
_DIMENSIONS = ("hidden_size", "intermediate_size", "vocab_size")


def check_foreign(config: dict[str, Any], folder: Path) -> None:
    """Looks at all numbers of a config, and for what would bring code or other weights into play.

    Raises:
        ValueError: a size is out of range, or larger than any tensor of the weights in `folder`.
    """
    largest = _largest_dimension(folder)
    for key, value in _leaves(config):
        if type(value) in (int, float) and not -_LARGEST_NUMBER <= value <= _LARGEST.get(
            key, _LARGEST_NUMBER
        ):
            raise ValueError(f"'{key:.80}' cannot be {value!r:.40}")
        if key in _LARGEST and type(value) is int and value < 1:
            raise ValueError(f"'{key}' cannot be {value}")
        if key in _DIMENSIONS and type(value) is int and largest is not None and value > largest:
            raise ValueError(f"'{key}' is {value}; no tensor of the weights is that large")
        if "attn_implementation" in key and "/" in str(value):
            raise ValueError(f"'{key:.80}' names code from elsewhere")
    if "quantization_config" in config:
        raise ValueError("quantised weights are not read")


def _leaves(value: dict[str, Any] | list[Any], key: str = "") -> Iterator[tuple[str, Any]]:
    """Keys and plain values; those of a list under the list's own key."""
    items = value.items() if isinstance(value, dict) else ((key, inner) for inner in value)
    for name, inner in items:
        if isinstance(inner, (dict, list)):
            yield from _leaves(inner, name)
        else:
            yield name, inner


def _largest_dimension(folder: Path) -> int | None:
    """The longest side of any tensor in the folder's safetensors files, by their headers; None: unknown."""
    from safetensors import SafetensorError, safe_open  # noqa: PLC0415

    sizes: list[int] = []
    for path in filter(Path.is_file, folder.glob("model*.safetensors")):
        try:
            with safe_open(path, framework="np") as file:
                sizes += [size for name in file.keys() for size in file.get_slice(name).get_shape()]  # noqa: SIM118
        except (SafetensorError, OSError):
            return None  # whoever loads it says what is wrong
    return max(sizes, default=None)


def _told_bytes(file: BufferedReader) -> int:
    """How long a safetensors file is by its header; as long as any where that tells nothing."""
    try:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(min(length, _MOST_HEADER)))
        ends = [told["data_offsets"][1] for name, told in header.items() if name != "__metadata__"]
        return int(8 + length + max(ends, default=0))
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError):
        return _MOST_BYTES
    finally:
        file.seek(0)


def file_sha256(path: Path) -> str:
    """The sha256 of a regular file, read in pieces.

    Raises:
        OSError: it cannot be read, or is longer than its tensors, or any model.
    """
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > min(_MOST_BYTES, _told_bytes(file) if path.suffix == ".safetensors" else size):
            raise OSError(errno.EFBIG, "It is longer than what it holds", str(path))
        return hashlib.file_digest(file, "sha256").hexdigest()


def joint_sha256(digests: Mapping[str, str]) -> str:
    """The sha256 of the list that `sha256sum` would print, sorted by name."""
    lines = "".join(f"{digests[name]}  {name}\n" for name in sorted(digests))
    return hashlib.sha256(lines.encode()).hexdigest()


CONFIG, WEIGHTS = "open_clip_config.json", "open_clip_model.safetensors"
_LARGEST_TOWER = {"width": 16_384, "heads": 256, "layers": 200, "image_size": 1024, "patch_size": 1024}
_LARGEST_TEXT = {"vocab_size": 2_000_000, "context_length": 65_536}


@dataclass(frozen=True)
class Norms:
    """Options of the text tower's norms."""

    eps: float = 1e-5


@dataclass(frozen=True)
class Activations:
    """Options of the text tower's GELU."""

    approximate: Literal["none", "tanh"] = "none"


@dataclass(frozen=True)
class Cleaning:
    """What becomes of a text before it is cut into tokens; "canonicalize" drops punctuation and capitals."""

    clean: Literal["canonicalize", "lower", "whitespace"] = "whitespace"


NORMS, ACTIVATIONS, CLEANING = Norms(), Activations(), Cleaning()


@dataclass(frozen=True)
class TextTowerConfig:
    """`text_cfg`; with a `hf_tokenizer_name`, texts are filled up as the tokenizer says, else with 0."""

    context_length: int = 77
    vocab_size: int = 49_408
    width: int = 512
    heads: int = 8
    layers: int = 12
    mlp_ratio: float = 4.0
    no_causal_mask: bool = False
    proj_bias: bool = False
    pool_type: Literal["argmax", "last", "first"] = "argmax"
    norm_kwargs: Norms = NORMS
    act_kwargs: Activations = ACTIVATIONS
    hf_tokenizer_name: str | None = None
    tokenizer_kwargs: Cleaning = CLEANING


@dataclass(frozen=True)
class ImageTowerConfig:
    """`vision_cfg`: a ViT of open_clip's own, or a net of timm's."""

    image_size: int = 224
    layers: int = 12
    width: int = 768
    patch_size: int = 16
    head_width: int = 64
    mlp_ratio: float = 4.0
    timm_model_name: str | None = None
    timm_model_pretrained: bool = False
    timm_pool: Literal["", "avg", "map", "token"] = "avg"
    timm_proj: Literal["linear", "none"] | None = "linear"
    timm_proj_bias: bool = False
    timm_drop: float = 0.0
    timm_drop_path: float | None = None


@dataclass(frozen=True)
class OpenClipModelConfig:
    """`model_cfg`."""

    embed_dim: int
    vision_cfg: ImageTowerConfig
    text_cfg: TextTowerConfig
    quick_gelu: bool = False
    custom_text: bool = False
    init_logit_scale: float | None = None
    init_logit_bias: float | None = None


@dataclass(frozen=True)
class PixelConfig:
    """`preprocess_cfg`; a tile is resized as a whole whatever `resize_mode` says."""

    mean: tuple[float, float, float] = (0.48145466, 0.4578275, 0.40821073)
    std: tuple[float, float, float] = (0.26862954, 0.26130258, 0.27577711)
    interpolation: Literal["bicubic", "bilinear"] = "bicubic"
    resize_mode: Literal["shortest", "longest", "squash"] = "shortest"
    size: int | None = None
    mode: str | None = None
    fill_color: int | None = None


PIXELS = PixelConfig()


@dataclass(frozen=True)
class OpenClipConfig:
    """The whole file."""

    model_cfg: OpenClipModelConfig
    preprocess_cfg: PixelConfig = PIXELS


def check_open_clip(config: OpenClipConfig) -> None:
    """Refuse sizes that no model has.

    Raises:
        ValueError: the first one, by its name.
    """
    image, text = config.model_cfg.vision_cfg, config.model_cfg.text_cfg
    sizes = [("embed_dim", config.model_cfg.embed_dim, 16_384), ("head_width", image.head_width, 16_384)]
    for part in (image, text):
        known = _LARGEST_TOWER | (_LARGEST_TEXT if part is text else {})
        sizes += [(key, getattr(part, key), most) for key, most in known.items() if hasattr(part, key)]
    for key, size, most in sizes:
        if not 1 <= size <= most:
            raise ValueError(f"'{key}' cannot be {size}")
    if not (0 < image.mlp_ratio <= 16 and 0 < text.mlp_ratio <= 16):  # noqa: PLR2004  (of any transformer)
        raise ValueError("'mlp_ratio' is out of range")
    if text.width % text.heads or (image.timm_model_name is None and image.width % image.head_width):
        raise ValueError("'width' is no multiple of the heads' width")
    if not min(config.preprocess_cfg.std) > 0:
        raise ValueError("'std' should be above 0")
