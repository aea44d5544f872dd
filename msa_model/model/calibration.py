"""What a model's match scores are made of, fitted to it by `msa calibrate`: files in its folder.

`calibration.json` is for searches, `describing.json` for phrases at one place. A file names the model by its
sha256: beside other weights it does not count. Imports no torch.
"""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import dataclass
from pathlib import Path

from msa_model.files.replacing import replacing
from msa_model.protocol.codec import decoded
from msa_model.protocol.errors import MsaError

CALIBRATION = "calibration.json"
DESCRIBING = "describing.json"
_FORMAT = 1


@dataclass(frozen=True)
class Calibration:
    """What `msa_model.index.background.Constants` tells, of which model, and what it was fitted on.

    `background` [d] is the mean embedding of the images, where the model itself knows none; else empty.
    """

    model_sha256: str
    own: float
    level: float
    spread: float
    growth: float
    zero: float
    width: float
    sources: tuple[str, ...]
    cases: int
    background: tuple[float, ...] = ()
    nearest: float = 0.0
    format: int = _FORMAT


def read_calibration(folder: Path, sha256: str, name: str = CALIBRATION) -> Calibration | None:
    """That of the model `sha256` in its folder; None where there is none, or one of other weights.

    Raises:
        checkpoint_corrupt: the file is there, and is no calibration.
    """
    path = folder / name
    try:
        found = decoded(Calibration, json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise MsaError.of(
            "checkpoint_corrupt", f"{path} is no calibration ({error}): run msa calibrate, or delete it."
        ) from error
    if found.format != _FORMAT or found.model_sha256 != sha256:
        return None
    if not found.width > 0 or not all(map(math.isfinite, _numbers(found))):
        raise MsaError.of(
            "checkpoint_corrupt", f"{path} has constants that make no sense: run msa calibrate, or delete it."
        )
    return found


def write_calibration(folder: Path, calibration: Calibration, name: str = CALIBRATION) -> None:
    """Write it into the folder of its model, whole or not at all.

    Raises:
        FileNotOurs: a file of that name is there, and is no calibration.
        DiskFull, folder_read_only, storage_failed: it cannot be written.
    """
    with replacing(folder / name, _is_own_file) as part:
        part.write_text(json.dumps(dataclasses.asdict(calibration), indent=2) + "\n", encoding="utf-8")


def _is_own_file(path: Path) -> bool:
    try:
        return {"model_sha256", "growth", "width"} <= set(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, RecursionError):
        return False


def _numbers(found: Calibration) -> tuple[float, ...]:
    constants = (found.own, found.level, found.spread, found.nearest, found.growth, found.zero, found.width)
    return (*constants, *found.background)
