"""A checkpoint is one folder: config.json, model.safetensors and manifest.json with their sha256.

The weights file holds the network's tensors, those of the text encoder's tuned layers under `sentences.`,
and `background`.

Imports no torch: who only wants to know which model it is must not wait for it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from msa_model.files.folders import writing
from msa_model.files.replacing import check_replaceable, replacing_together
from msa_model.model.clip_files import model_kind, read_clip
from msa_model.model.config import ModelConfig, read_config, write_config
from msa_model.model.foreign_files import file_sha256, joint_sha256
from msa_model.protocol.errors import MsaError
from msa_model.protocol.tables import read_json
from msa_model.shipped import resource

CONFIG, WEIGHTS, MANIFEST = "config.json", "model.safetensors", "manifest.json"
BACKGROUND = "background"
DELTAS = "sentences."  # prefix of the text encoder's tuned tensors
DEFAULT = "msa-small"
MAX_BYTES = 20_000_000
_MAX_MANIFEST_BYTES = 2**20

Tensors = dict[str, NDArray[np.generic]]


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint folder holds, verified; `background` is the mean training image embedding [d].

    `deltas` are the tensors of the text encoder's tuned layers, keyed as in its own state_dict.
    """

    config: ModelConfig
    tensors: Tensors
    deltas: Tensors
    background: NDArray[np.float32]
    sha256: str


def default_checkpoint() -> Path:
    """The shipped checkpoint: in the installed package, the repository, or the plugin around the package.

    Raises:
        checkpoint_missing: neither is there.
    """
    folder = resource(f"checkpoints/{DEFAULT}")
    if folder.is_dir():
        return folder
    raise MsaError.of("checkpoint_missing", f"This installation carries no checkpoint '{DEFAULT}'.")


def checkpoint_identity(folder: Path | None = None) -> tuple[str, str, int]:
    """Name, sha256 and embedding dimension of a checkpoint, as its manifest and config state them.

    Of a CLIP folder, which has no manifest, every byte is hashed: about a second for 600 MB.

    Raises:
        checkpoint_missing, checkpoint_corrupt, checkpoint_of_other_architecture: see `read_checkpoint`.
    """
    folder = _existing(folder or default_checkpoint())
    if model_kind(folder) != "msa":
        clip = read_clip(folder)
        return clip.name, clip.sha256, clip.dimension
    config = read_config(folder / CONFIG)
    return config.name, joint_sha256(_read_manifest(folder)), config.dimension


def read_checkpoint(folder: Path | None = None) -> Checkpoint:
    """The checkpoint in `folder`, every byte compared with the manifest.

    Raises:
        checkpoint_missing: the folder or one of its files is not there.
        checkpoint_corrupt: a file's sha256 is not the manifest's, or the weights are no safetensors.
        checkpoint_of_other_architecture: this version cannot read the config, or the background does not
            fit it.
    """
    folder = _existing(folder or default_checkpoint())
    if model_kind(folder) != "msa":
        raise MsaError.of(
            "checkpoint_of_other_architecture", f"{folder} is a CLIP or SigLIP model, which is used as it is."
        )
    digests = _read_manifest(folder)
    for name in (CONFIG, WEIGHTS):
        if _sha256(folder / name) != digests[name]:
            raise MsaError.of(
                "checkpoint_corrupt", f"{folder / name} is not the file that {MANIFEST} describes."
            )
    tensors, config = read_tensors(folder / WEIGHTS), read_config(folder / CONFIG)
    background = _background(tensors, config, folder / WEIGHTS)
    deltas = {
        name.removeprefix(DELTAS): tensors.pop(name) for name in list(tensors) if name.startswith(DELTAS)
    }
    return Checkpoint(config, tensors, deltas, background, joint_sha256(digests))


def write_checkpoint(
    folder: Path,
    config: ModelConfig,
    tensors: Mapping[str, NDArray[np.generic]],
    background: NDArray[np.float32],
    deltas: Mapping[str, NDArray[np.generic]] | None = None,
    *,
    more: Mapping[str, object] | None = None,
) -> None:
    """Write a checkpoint; matrices and kernels are stored in float16, vectors in float32.

    `more` goes to the manifest.

    All is written and flushed beside the folder before any file of an earlier checkpoint is replaced.

    Raises:
        FileNotOurs: the folder holds another model, as of a CLIP.
        DiskFull, storage_failed, folder_read_only: it cannot be written; an earlier one is as it was.
    """
    named = {**tensors, **{f"{DELTAS}{name}": tensor for name, tensor in (deltas or {}).items()}}
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    files = {folder / name: is_own_file for name in (WEIGHTS, CONFIG, MANIFEST)}
    with replacing_together(files) as (weights, config_file, manifest_file):
        _write_weights(weights, {**named, BACKGROUND: background})
        write_config(config_file, config)
        digests = {CONFIG: _sha256(config_file), WEIGHTS: _sha256(weights)}
        manifest = {"name": config.name, "files": digests} | dict(more or {})
        manifest_file.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def check_target(folder: Path) -> None:
    """Whether a checkpoint may be written to a folder, before any work is done for it.

    Raises:
        FileNotOurs: the folder holds another model, as of a CLIP.
        folder_read_only: it cannot be written to.
    """
    if folder.is_dir():
        for name in (WEIGHTS, CONFIG, MANIFEST):
            check_replaceable(folder / name, is_own_file)


def is_own_file(path: Path) -> bool:
    """Whether a file is of a checkpoint that `write_checkpoint` wrote, even one of a killed process."""
    try:
        _read_manifest(path.parent)
        read_config(path.parent / CONFIG)
    except MsaError:
        return False
    return True


def _write_weights(path: Path, tensors: Mapping[str, NDArray[np.generic]]) -> None:
    from safetensors.numpy import save  # noqa: PLC0415  (save_file hides what the system said)

    stored = {name: np.ascontiguousarray(_halved(tensor)) for name, tensor in tensors.items()}
    path.write_bytes(save(stored, metadata={"format": "pt"}))


def read_tensors(path: Path) -> Tensors:
    """The tensors of a safetensors file.

    Raises:
        checkpoint_missing: there is no such file.
        checkpoint_corrupt: it cannot be read, or a weight is not a finite number.
    """
    from safetensors import SafetensorError  # noqa: PLC0415
    from safetensors.numpy import load_file  # noqa: PLC0415

    if not path.is_file():
        raise MsaError.of("checkpoint_missing", f"The weights {path} do not exist.")
    try:
        tensors = dict(load_file(path))
    except (SafetensorError, OSError, ValueError, KeyError, TypeError, AttributeError, MemoryError) as error:
        raise MsaError.of("checkpoint_corrupt", f"{path} cannot be read as safetensors: {error}.") from error
    for name, tensor in tensors.items():
        if not np.issubdtype(tensor.dtype, np.number) or not np.isfinite(tensor).all():
            raise MsaError.of(
                "checkpoint_corrupt", f"{path}: '{name:.200}' holds weights that are no finite numbers."
            )
    return tensors


def _background(tensors: Tensors, config: ModelConfig, path: Path) -> NDArray[np.float32]:
    """Taken out of `tensors`."""
    if BACKGROUND not in tensors:
        raise MsaError.of("checkpoint_of_other_architecture", f"{path} holds no '{BACKGROUND}' embedding.")
    background = tensors.pop(BACKGROUND).astype(np.float32)
    if background.shape != (config.dimension,):
        raise MsaError.of(
            "checkpoint_of_other_architecture",
            f"{path}: '{BACKGROUND}' is {list(background.shape)}, not [{config.dimension}] as configured.",
        )
    return background


def _halved(tensor: NDArray[np.generic]) -> NDArray[np.generic]:
    return tensor.astype(np.float16) if tensor.ndim > 1 and tensor.dtype == np.float32 else tensor


def _existing(folder: Path) -> Path:
    if not folder.exists():
        raise MsaError.of("checkpoint_missing", f"The checkpoint folder {folder} does not exist.")
    return folder


def _read_manifest(folder: Path) -> dict[str, str]:
    path = folder / MANIFEST
    try:
        files = read_json(path, _MAX_MANIFEST_BYTES)["files"]
        return {name: str(files[name]) for name in (CONFIG, WEIGHTS)}
    except FileNotFoundError as error:
        raise MsaError.of(
            "checkpoint_missing", f"The checkpoint has no {MANIFEST}: {path} does not exist."
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MsaError.of("checkpoint_corrupt", f"{path} does not list the checkpoint's files.") from error


def _sha256(path: Path) -> str:
    try:
        return file_sha256(path)
    except FileNotFoundError as error:
        raise MsaError.of(
            "checkpoint_missing", f"The checkpoint has no {path.name}: {path} does not exist."
        ) from error
    except OSError as error:
        raise MsaError.of("checkpoint_corrupt", f"{path} cannot be read: {error.strerror}.") from error
