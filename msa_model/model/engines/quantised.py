"""The int8 tower beside a checkpoint: two files of OpenVINO's, listed in manifest.json with their digests.

It belongs to one checkpoint: training that anew writes a manifest that does not list it any more.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from msa_model.files.replacing import replacing_together
from msa_model.model.checkpoint import MANIFEST, checkpoint_identity, is_own_file
from msa_model.model.digests import file_sha256
from msa_model.model.engines.stages import EngineUnusable

GRAPH, WEIGHTS = "image-int8.xml", "image-int8.weights"
_KEY, _FILES, _CHECKPOINT, _AGREEMENT = "quantised", "files", "checkpoint", "agreement"


@dataclass(frozen=True)
class Int8Agreement:
    """Cosines of int8 vectors to float32 ones, of `tiles` validation tiles."""

    tiles: int
    mean: float
    first_percentile: float
    least: float


def quantised_files(folder: Path, sha256: str) -> tuple[Path, Path]:
    """Graph and weights of the tower that was quantised from the checkpoint `sha256`, the files compared.

    Raises:
        EngineUnusable: there is none, its files are not those that the manifest describes, or it was made of
            another checkpoint.
    """
    listed = listed_in(folder)
    if not listed:
        raise EngineUnusable("The model has no int8 tower.")
    if listed.get(_CHECKPOINT) != sha256:
        raise EngineUnusable("The int8 tower was made of another checkpoint.")
    digests = listed.get(_FILES)
    for name in (GRAPH, WEIGHTS):
        path = folder / name
        if not path.is_file() or not isinstance(digests, dict) or file_sha256(path) != digests.get(name):
            raise EngineUnusable(f"{path} is not the file that {MANIFEST} describes.")
    return folder / GRAPH, folder / WEIGHTS


def listed_in(folder: Path) -> dict[str, Any]:
    """What the checkpoint's manifest says of an int8 tower; empty where it has none."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    found = manifest.get(_KEY) if isinstance(manifest, dict) else None
    return found if isinstance(found, dict) else {}


def write_quantised(folder: Path, graph: Path, agreement: Int8Agreement) -> None:
    """Copy a saved OpenVINO model (`graph` and the .bin beside it) to a checkpoint, and list it there.

    Raises:
        DiskFull, folder_read_only: it cannot be written.
        And what `checkpoint_identity` raises.
    """
    _, sha256, _ = checkpoint_identity(folder)
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    files = {folder / name: is_own_file for name in (GRAPH, WEIGHTS, MANIFEST)}
    with replacing_together(files) as (xml, weights, listing):
        shutil.copyfile(graph, xml)
        shutil.copyfile(graph.with_suffix(".bin"), weights)
        manifest[_KEY] = {
            _FILES: {GRAPH: file_sha256(xml), WEIGHTS: file_sha256(weights)},
            _CHECKPOINT: sha256,
            _AGREEMENT: asdict(agreement),
        }
        listing.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
