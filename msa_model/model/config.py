"""What a checkpoint's config.json says: the network, its input and its text encoder."""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from msa_model.protocol.codec import decoded
from msa_model.protocol.errors import MsaError
from msa_model.protocol.tables import read_json

FORMAT = 1
MAX_BYTES = 2**20
_MOST_STAGES, _LONGEST_NAME = 16, 200


@dataclass(frozen=True)
class ImageConfig:
    """The image tower: a timm backbone, which of its feature stages are read, and its input.

    `mean` and `std` are on the 0..255 scale. `stages` count from 0, as timm's `out_indices`; of the last the
    average is taken, of the others the maximum. `linear_layers` names activations that the initial weights
    were trained without; `pad_type` is passed to timm when set, for the families that take it.
    """

    backbone: str
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    size: int = 224
    stages: tuple[int, ...] = (1, 2, 3, 4)
    pad_type: str = ""
    linear_layers: tuple[str, ...] = ()


@dataclass(frozen=True)
class TextConfig:
    """The text encoder: a folder of an installed package, else a pinned Hugging Face revision.

    Without a package, `folder` is a path. An empty `sha256` takes the weights as they are found.
    `pooling` makes the sentence vector of the token states: their "mean", or the first one ("cls"). The last
    `tuned_layers` layers were trained: their weights are the checkpoint's, all before stay as published.
    """

    package: str
    folder: str
    hub_name: str
    hub_revision: str
    sha256: str
    width: int
    max_tokens: int = 64
    pooling: Literal["mean", "cls"] = "mean"
    tuned_layers: int = 0


@dataclass(frozen=True)
class FineConfig:
    """MSCMAT, the per-scale matching heads of a training loss: their common width and attention heads.

    `weight` stands in checkpoints of versions that re-ranked by them (docs/adr/0007); nothing uses it.
    """

    width: int
    heads: int
    weight: float = 0.0


@dataclass(frozen=True)
class ModelConfig:
    """One model: `width` is that of v and h, `dimension` that of the shared embedding space.

    `mode` follows the authors' code ("released") or repairs it ("corrected"). `text_head` maps the sentence
    vector into the shared space: an "mlp", or "none" (the paper's: dimension = text width).
    """

    name: str
    image: ImageConfig
    text: TextConfig
    width: int
    dimension: int
    mode: Literal["corrected", "released"] = "corrected"
    text_head: Literal["mlp", "none"] = "mlp"
    fine: FineConfig | None = None
    format: int = FORMAT


def read_config(path: Path) -> ModelConfig:
    """The config at `path`.

    Raises:
        checkpoint_missing: there is no such file.
        checkpoint_of_other_architecture: it is no JSON, or a key, type, size or the format is wrong.
    """
    try:
        data = read_json(path, MAX_BYTES)
    except FileNotFoundError as error:
        raise MsaError.of(
            "checkpoint_missing", f"The checkpoint has no {path.name}: {path} does not exist."
        ) from error
    except (OSError, ValueError) as error:
        raise MsaError.of(
            "checkpoint_of_other_architecture", f"{path} cannot be read as JSON: {error}."
        ) from error
    try:
        config = decoded(ModelConfig, data)
        _check_sizes(config)
    except ValueError as error:
        raise MsaError.of("checkpoint_of_other_architecture", f"{path}: {error}.") from error
    if config.format != FORMAT:
        raise MsaError.of(
            "checkpoint_of_other_architecture",
            f"{path} has format {config.format}; this version reads {FORMAT}.",
        )
    return config


def _check_sizes(config: ModelConfig) -> None:
    """Sizes that some model has; with others, building the network could take all memory."""
    image, text, fine = config.image, config.text, config.fine or FineConfig(1, 1)
    for name, size, largest in (
        ("width", config.width, 16_384),
        ("dimension", config.dimension, 16_384),
        ("image.size", image.size, 1024),
        ("text.width", text.width, 16_384),
        ("text.max_tokens", text.max_tokens, 8192),
        ("text.tuned_layers", text.tuned_layers + 1, 200),
        ("fine.width", fine.width, 16_384),
        ("fine.heads", fine.heads, 256),
    ):
        if not 1 <= size <= largest:
            raise ValueError(f"'{name}' cannot be {size}")
    numbers = (*image.mean, *image.std, fine.weight)
    if not all(map(math.isfinite, numbers)) or min(image.std) <= 0:
        raise ValueError("'image.mean', 'image.std' or 'fine.weight' is out of range")
    if len(image.stages) > _MOST_STAGES or len(config.name) > _LONGEST_NAME:
        raise ValueError(f"there are more than {_MOST_STAGES} stages, or the name is too long")


def write_config(path: Path, config: ModelConfig) -> None:
    """Write `config` as indented JSON."""
    text = json.dumps(dataclasses.asdict(config), indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
