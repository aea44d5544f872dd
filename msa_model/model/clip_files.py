"""What is in the folder of a CLIP or SigLIP model. Imports no torch.

Such a folder is what `save_pretrained()` of transformers writes: config.json, preprocessor_config.json,
tokenizer.json and model.safetensors; or what open_clip puts on the hub (`foreign_files.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from msa_model.model import foreign_files
from msa_model.model.foreign_files import (
    MAX_BYTES,
    OpenClipConfig,
    check_foreign,
    check_open_clip,
    file_sha256,
    joint_sha256,
)
from msa_model.protocol.codec import decoded
from msa_model.protocol.errors import MsaError
from msa_model.protocol.tables import read_json

CONFIG, TOKENIZER, WEIGHTS = "config.json", "tokenizer.json", "model.safetensors"
PREPROCESSORS = ("preprocessor_config.json", "processor_config.json")
TOKENIZER_CONFIG = "tokenizer_config.json"  # says what a text is filled up with
_BICUBIC = 3  # as Pillow counts its filters
_CONVERT = "convert it to the Hugging Face layout with safetensors (docs/models.md)"
_NAFLEX = "siglip2"  # images of any shape; the models of fixed size are of type siglip
_PICKLES = ("*.pt", "*.pth", "*.bin")

Triple = tuple[float, float, float]
ForeignKind = Literal["clip", "siglip", "open_clip"]
KINDS: dict[object, ForeignKind] = {"clip": "clip", "siglip": "siglip"}  # by transformers' `model_type`


@dataclass(frozen=True)
class ClipFiles:
    """A folder of a CLIP or SigLIP: name, joint sha256, embedding dimension, how pixels and texts go in.

    `size` is in px; `mean` and `std` are on the 0..255 scale. `open_clip` is the config of that kind.
    """

    kind: ForeignKind
    folder: Path
    name: str
    sha256: str
    dimension: int
    size: int
    mean: Triple
    std: Triple
    bicubic: bool
    max_tokens: int
    open_clip: OpenClipConfig | None = None


def model_kind(folder: Path) -> Literal["msa"] | ForeignKind:
    """Whose layout a folder has; what is not known to be something else counts as ours.

    Raises:
        checkpoint_of_other_architecture: it is another kind of model, or one that must be converted first.
        checkpoint_missing: it is a file.
    """
    if folder.is_file():
        raise MsaError.of("checkpoint_missing", f"A model is a folder, and {folder} is a file: {_CONVERT}.")
    kind = _json_or_nothing(folder / CONFIG).get("model_type")
    if kind in KINDS:
        return KINDS[kind]
    if (folder / foreign_files.CONFIG).is_file():
        return "open_clip"
    if kind == _NAFLEX:
        raise MsaError.of(
            "checkpoint_of_other_architecture",
            f"{folder} holds a SigLIP 2 for images of any shape (NaFlex); use one for a fixed size, "
            "such as siglip2-base-patch16-256.",
        )
    if kind is not None:
        raise MsaError.of(
            "checkpoint_of_other_architecture",
            f"{folder} holds a Hugging Face model of type '{kind}', not 'clip' or 'siglip': "
            "it cannot stand alone.",
        )
    if not (folder / CONFIG).exists() and any(_foreign_weights(folder)):
        found = next(iter(_foreign_weights(folder)))
        raise MsaError.of("checkpoint_of_other_architecture", f"{found} is of another layout: {_CONVERT}.")
    return "msa"


def read_clip(folder: Path) -> ClipFiles:
    """The facts about a folder that is not ours, every byte of its files hashed.

    Raises:
        checkpoint_missing: a file is not there.
        checkpoint_of_other_architecture: the weights are a pickle, or a setting makes no sense.
        checkpoint_corrupt: a file cannot be read.
    """
    kind = model_kind(folder)
    if kind == "open_clip":
        return _read_open_clip(folder)
    config = _object(folder / CONFIG)
    preprocessor = next((name for name in PREPROCESSORS if (folder / name).is_file()), PREPROCESSORS[0])
    pixels = _object(folder / preprocessor)
    try:
        check_foreign(config, folder)
        sha256 = _sha256(folder, (CONFIG, preprocessor, TOKENIZER), "model*.safetensors")
        facts = _clip_facts if kind == "clip" else _siglip_facts
        return facts(folder, config, pixels.get("image_processor", pixels), sha256)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise MsaError.of(
            "checkpoint_of_other_architecture",
            f"{folder / CONFIG} and {preprocessor} do not describe a CLIP: {error!r}.",
        ) from error


def _clip_facts(folder: Path, config: dict[str, Any], pixels: dict[str, Any], sha256: str) -> ClipFiles:
    unit = 1 / float(pixels.get("rescale_factor", 1 / 255))
    return ClipFiles(
        kind="clip",
        folder=folder,
        name=folder.resolve().name,
        sha256=sha256,
        dimension=int(config.get("projection_dim", 512)),
        size=int(config["vision_config"].get("image_size", 224)),
        mean=_triple(pixels["image_mean"], unit),
        std=_triple(pixels["image_std"], unit),
        bicubic=pixels.get("resample", _BICUBIC) == _BICUBIC,
        max_tokens=int(config["text_config"].get("max_position_embeddings", 77)),
    )


def _siglip_facts(folder: Path, config: dict[str, Any], pixels: dict[str, Any], sha256: str) -> ClipFiles:
    """A SigLIP has no projection: its vectors are as wide as its image tower."""
    text = config.get("text_config", {})
    return replace(
        _clip_facts(folder, {**config, "text_config": text}, pixels, sha256),
        kind="siglip",
        dimension=int(config["vision_config"].get("hidden_size", 768)),
        max_tokens=int(text.get("max_position_embeddings", 64)),
    )


def _read_open_clip(folder: Path) -> ClipFiles:
    file = folder / foreign_files.CONFIG
    try:
        config = decoded(OpenClipConfig, _object(file))
        check_open_clip(config)
    except ValueError as error:
        raise MsaError.of("checkpoint_of_other_architecture", f"{file}: {error}.") from error
    pixels, model = config.preprocess_cfg, config.model_cfg
    return ClipFiles(
        kind="open_clip",
        folder=folder,
        name=folder.resolve().name,
        sha256=_sha256(folder, (file.name, TOKENIZER), foreign_files.WEIGHTS),
        dimension=model.embed_dim,
        size=model.vision_cfg.image_size,
        mean=_triple(list(pixels.mean), 255),
        std=_triple(list(pixels.std), 255),
        bicubic=pixels.interpolation == "bicubic",
        max_tokens=model.text_cfg.context_length,
        open_clip=config,
    )


def _triple(values: list[float], unit: float) -> Triple:
    red, green, blue = (float(value) * unit for value in values)
    return red, green, blue


def _sha256(folder: Path, needed: tuple[str, ...], weights: str) -> str:
    found = sorted(path.name for path in folder.glob(weights))
    if not found:
        raise _without_weights(folder, weights.replace("*", ""))
    for name in needed:
        if not (folder / name).is_file():
            raise MsaError.of(
                "checkpoint_missing", f"The CLIP model has no {name}: {folder / name} does not exist."
            )
    names = (*needed, *found, *(name for name in (TOKENIZER_CONFIG,) if (folder / name).is_file()))
    try:
        return joint_sha256({name: file_sha256(folder / name) for name in names})
    except OSError as error:
        raise MsaError.of("checkpoint_corrupt", f"{folder} cannot be read: {error}.") from error


def _without_weights(folder: Path, weights: str) -> MsaError:
    for found in _foreign_weights(folder):
        return MsaError.of(
            "checkpoint_of_other_architecture",
            f"There is no {weights} in {folder}, and {found.name} is not opened: {_CONVERT}.",
        )
    return MsaError.of(
        "checkpoint_missing", f"The CLIP model has no weights: {folder / weights} does not exist."
    )


def _foreign_weights(folder: Path) -> list[Path]:
    return sorted(path for pattern in (*_PICKLES, "open_clip*.safetensors") for path in folder.glob(pattern))


def _object(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise MsaError.of("checkpoint_missing", f"The CLIP model has no {path.name}: {path} does not exist.")
    try:
        found = read_json(path, MAX_BYTES)
    except (OSError, ValueError) as error:
        raise MsaError.of("checkpoint_corrupt", f"{path} cannot be read as JSON: {error}.") from error
    if not isinstance(found, dict):
        raise MsaError.of("checkpoint_corrupt", f"{path} holds no JSON object.")
    return found


def _json_or_nothing(path: Path) -> dict[str, Any]:
    try:
        found = read_json(path, MAX_BYTES)
    except (OSError, ValueError):
        return {}  # whoever reads it as ours says what is wrong
    return found if isinstance(found, dict) else {}
