"""What a checkpoint's config.json says: the network, its input and its text encoder."""

from __future__ import annotations

import dataclasses
import difflib
import json
import math
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from msa_model.protocol.bounded_files import read_json
from msa_model.protocol.errors import MsaError

FORMAT = 1
MAX_BYTES = 2**20
_MOST_STAGES, _LONGEST_NAME = 16, 200
Config = TypeVar("Config")


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
        config = parse_config(ModelConfig, data)
        _check_sizes(config)
    except ValueError as error:
        raise MsaError.of("checkpoint_of_other_architecture", f"{path}: {error}.") from error
    if config.format != FORMAT:
        raise MsaError.of(
            "checkpoint_of_other_architecture",
            f"{path} has format {config.format}; this version reads {FORMAT}.",
        )
    return config


def parse_config(cls: type[Config], data: object, where: str = "") -> Config:
    """The dataclass `cls` from parsed JSON or TOML, strictly.

    Raises:
        ValueError: a key is missing, unknown (the nearest one is named) or of another type.
    """
    if not isinstance(data, dict):
        raise ValueError(f"'{where or cls.__name__}' should be an object")
    fields = {field.name: field for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
    for key in data:
        if key not in fields:
            raise ValueError(_unknown_key(f"{where}{key}", key, list(fields)))
    for name, field in fields.items():
        if name not in data and field.default is dataclasses.MISSING:
            raise ValueError(f"'{where}{name}' is missing")
    hints = get_type_hints(cls)
    return cls(**{key: _parse_value(hints[key], value, f"{where}{key}") for key, value in data.items()})


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


def _unknown_key(where: str, key: str, known: list[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.0)
    return f"unknown key '{where}' (did you mean '{near[0]}'?)" if near else f"unknown key '{where}'"


def _parse_value(hint: Any, value: Any, where: str) -> Any:  # noqa: ANN401  (walks type hints)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return parse_config(hint, value, f"{where}.")
    if get_origin(hint) is tuple:
        return _parse_tuple(get_args(hint), value, where)
    if get_origin(hint) is Literal:
        return _parse_choice(get_args(hint), value, where)
    if get_origin(hint) in (Union, UnionType):  # of a Literal it is the former
        return None if value is None else _parse_value(get_args(hint)[0], value, where)
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is not hint:
        raise ValueError(f"'{where}' should be {hint.__name__}, not {type(value).__name__}")
    return value


def _parse_choice(choices: tuple[str, ...], value: Any, where: str) -> str:  # noqa: ANN401
    if value not in choices:
        near = difflib.get_close_matches(str(value), choices, n=1, cutoff=0.0)[0]
        raise ValueError(f"'{where}' cannot be '{value}' (did you mean '{near}'?)")
    return str(value)


def _parse_tuple(args: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:  # noqa: ANN401
    if not isinstance(value, list):
        raise ValueError(f"'{where}' should be a list")
    hints = [args[0]] * len(value) if args[-1] is Ellipsis else list(args)
    if len(hints) != len(value):
        raise ValueError(f"'{where}' should have {len(hints)} items, not {len(value)}")
    return tuple(_parse_value(hint, item, where) for hint, item in zip(hints, value, strict=True))


def write_config(path: Path, config: ModelConfig) -> None:
    """Write `config` as indented JSON."""
    text = json.dumps(dataclasses.asdict(config), indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
