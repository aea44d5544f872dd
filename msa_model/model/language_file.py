"""The head for other languages beside a checkpoint: languages.safetensors, listed in manifest.json.

It belongs to one checkpoint: training that anew writes a manifest that does not list the head any more.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from msa_model.files.replacing import replacing_together
from msa_model.model.checkpoint import (
    MANIFEST,
    Tensors,
    checkpoint_identity,
    is_own_file,
    read_tensors,
)
from msa_model.model.digests import file_sha256
from msa_model.protocol.errors import MsaError

LANGUAGES = "languages.safetensors"
_KEY, _SHA256, _CHECKPOINT, _TAUGHT = "languages", "sha256", "checkpoint", "taught"


@dataclass(frozen=True)
class LanguageFile:
    """The head's tensors, and the English words that the checkpoint was taught with pictures."""

    tensors: Tensors
    taught: frozenset[str]


def read_languages(folder: Path, sha256: str) -> LanguageFile | None:
    """The head that goes with the checkpoint `sha256` in `folder`; None where its manifest lists none.

    Raises:
        checkpoint_missing, checkpoint_corrupt: the file is not there, is not what the manifest describes, or
            was learned from another checkpoint.
    """
    listed = _listed(folder)
    if listed is None:
        return None
    path = folder / LANGUAGES
    if not path.is_file():
        raise MsaError.of("checkpoint_missing", f"The checkpoint has no {LANGUAGES}: {path} does not exist.")
    if file_sha256(path) != listed.get(_SHA256):
        raise MsaError.of("checkpoint_corrupt", f"{path} is not the file that {MANIFEST} describes.")
    if listed.get(_CHECKPOINT) != sha256:
        raise MsaError.of(
            "checkpoint_corrupt",
            f"{path} was learned from another checkpoint: run 'msa train-languages' again.",
        )
    return LanguageFile(read_tensors(path), frozenset(_taught(path)))


def write_languages(
    folder: Path, tensors: Mapping[str, NDArray[np.generic]], taught: Collection[str]
) -> None:
    """Write the head of the checkpoint in `folder` and list it in the manifest.

    Raises:
        DiskFull, folder_read_only: it cannot be written.
        And what `checkpoint_identity` raises.
    """
    from safetensors.numpy import save  # noqa: PLC0415

    _, sha256, _ = checkpoint_identity(folder)
    stored = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    files = {folder / name: is_own_file for name in (LANGUAGES, MANIFEST)}
    with replacing_together(files) as (head, listing):
        head.write_bytes(save(stored, metadata={_TAUGHT: " ".join(sorted(taught))}))
        manifest[_KEY] = {_SHA256: file_sha256(head), _CHECKPOINT: sha256}
        listing.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def _listed(folder: Path) -> dict[str, Any] | None:
    manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    found = manifest.get(_KEY)
    return found if isinstance(found, dict) else None


def _taught(path: Path) -> list[str]:
    from safetensors import safe_open  # noqa: PLC0415

    with safe_open(str(path), framework="numpy") as file:
        return str((file.metadata() or {}).get(_TAUGHT, "")).split()
