"""What is in the folder of a Hugging Face CLIP model. Imports no torch.

Such a folder is what `save_pretrained()` of transformers writes: config.json, preprocessor_config.json,
tokenizer.json and model.safetensors.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from msa_model.model.digests import file_sha256, joint_sha256
from msa_model.model.foreign_config import MAX_BYTES, check_foreign
from msa_model.protocol.bounded_files import read_json
from msa_model.protocol.errors import CheckpointCorrupt, CheckpointMissing, CheckpointOfOtherArchitecture

CONFIG, TOKENIZER, WEIGHTS = "config.json", "tokenizer.json", "model.safetensors"
PREPROCESSORS = ("preprocessor_config.json", "processor_config.json")
CLIP = "clip"
_BICUBIC = 3  # as Pillow counts its filters
_CONVERT = "convert it to the Hugging Face layout with safetensors (docs/models.md)"
_PICKLES = ("*.pt", "*.pth", "*.bin")

Triple = tuple[float, float, float]


@dataclass(frozen=True)
class ClipFiles:
    """A CLIP folder: its name, joint sha256 and embedding dimension, and how pixels and texts go in.

    `size` is in px; `mean` and `std` are on the 0..255 scale.
    """

    folder: Path
    name: str
    sha256: str
    dimension: int
    size: int
    mean: Triple
    std: Triple
    bicubic: bool
    max_tokens: int


def model_kind(folder: Path) -> Literal["msa", "clip"]:
    """Whose layout a folder has; what is neither CLIP nor known to be something else counts as ours.

    Raises:
        CheckpointOfOtherArchitecture: it is another kind of model, or a CLIP that must be converted first.
        CheckpointMissing: it is a file.
    """
    if folder.is_file():
        raise CheckpointMissing(f"A model is a folder, and {folder} is a file: {_CONVERT}.")
    kind = _json_or_nothing(folder / CONFIG).get("model_type")
    if kind == CLIP:
        return "clip"
    if kind is not None:
        raise CheckpointOfOtherArchitecture(
            f"{folder} holds a Hugging Face model of type '{kind}', not '{CLIP}': it cannot stand alone."
        )
    if not (folder / CONFIG).exists() and any(_foreign_weights(folder)):
        found = next(iter(_foreign_weights(folder)))
        raise CheckpointOfOtherArchitecture(f"{found} is of another layout: {_CONVERT}.")
    return "msa"


def read_clip(folder: Path) -> ClipFiles:
    """The facts about a CLIP folder, every byte of its files hashed.

    Raises:
        CheckpointMissing: a file is not there.
        CheckpointOfOtherArchitecture: the weights are a pickle, or a setting makes no sense.
        CheckpointCorrupt: a file cannot be read.
    """
    config = _object(folder / CONFIG)
    place = next((name for name in PREPROCESSORS if (folder / name).is_file()), PREPROCESSORS[0])
    pixels = _object(folder / place)
    try:
        check_foreign(config, folder)
        return _facts(folder, config, pixels.get("image_processor", pixels), _sha256(folder, place))
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise CheckpointOfOtherArchitecture(
            f"{folder / CONFIG} and {place} do not describe a CLIP: {error!r}."
        ) from error


def _facts(folder: Path, config: dict[str, Any], pixels: dict[str, Any], sha256: str) -> ClipFiles:
    unit = 1 / float(pixels.get("rescale_factor", 1 / 255))
    return ClipFiles(
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


def _triple(values: list[float], unit: float) -> Triple:
    red, green, blue = (float(value) * unit for value in values)
    return red, green, blue


def _sha256(folder: Path, preprocessor: str) -> str:
    weights = sorted(path.name for path in folder.glob("model*.safetensors"))
    if not weights:
        raise _without_weights(folder)
    names = (CONFIG, preprocessor, TOKENIZER, *weights)
    for name in names:
        if not (folder / name).is_file():
            raise CheckpointMissing(f"The CLIP model has no {name}: {folder / name} does not exist.")
    try:
        return joint_sha256({name: file_sha256(folder / name) for name in names})
    except OSError as error:
        raise CheckpointCorrupt(f"{folder} cannot be read: {error}.") from error


def _without_weights(folder: Path) -> CheckpointMissing | CheckpointOfOtherArchitecture:
    for found in _foreign_weights(folder):
        return CheckpointOfOtherArchitecture(
            f"There is no {WEIGHTS} in {folder}, and {found.name} is not opened: {_CONVERT}."
        )
    return CheckpointMissing(f"The CLIP model has no weights: {folder / WEIGHTS} does not exist.")


def _foreign_weights(folder: Path) -> list[Path]:
    return sorted(path for pattern in (*_PICKLES, "open_clip*") for path in folder.glob(pattern))


def _object(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise CheckpointMissing(f"The CLIP model has no {path.name}: {path} does not exist.")
    try:
        found = read_json(path, MAX_BYTES)
    except (OSError, ValueError) as error:
        raise CheckpointCorrupt(f"{path} cannot be read as JSON: {error}.") from error
    if not isinstance(found, dict):
        raise CheckpointCorrupt(f"{path} holds no JSON object.")
    return found


def _json_or_nothing(path: Path) -> dict[str, Any]:
    try:
        found = read_json(path, MAX_BYTES)
    except (OSError, ValueError):
        return {}  # whoever reads it as ours says what is wrong
    return found if isinstance(found, dict) else {}
