"""What was measured of the engines on this machine, kept for later starts. Imports no torch.

A machine that does other work slows one engine more than another: threads that wait for one another suffer
most. So each engine is timed in turns with torch in float32, and the record says what share of the processor
that got. Below `QUIET_SHARE` it holds for this start only; of `MOST_TRIES` such records the quietest stays.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from msa_model.files.folders import user_cache_folder
from msa_model.files.replacing import replacing
from msa_model.model.processor import processor_name, usable_cores
from msa_model.protocol.bounded_files import read_json
from msa_model.protocol.codec import from_wire
from msa_model.protocol.engines import ENGINES, TORCH_FLOAT32, Trial, is_openvino
from msa_model.protocol.errors import MsaError
from msa_model.shipped import version

QUIET_SHARE, MOST_TRIES = 0.75, 3

_FOLDER, _FORMAT, _MAX_BYTES = "engines", 2, 2**16
_WORTH = 1.1  # times the rate of torch, for vectors that are not quite torch's


@dataclass(frozen=True)
class Record:
    """Trials of one checkpoint on this machine; `tries`: how often they were made until one was quiet."""

    trials: tuple[Trial, ...]
    tries: int = 1

    @property
    def share(self) -> float:
        """The least that any trial got of the processor."""
        return min((trial.share for trial in self.trials), default=1.0)

    @property
    def is_settled(self) -> bool:
        """Whether it holds for later starts, too."""
        return self.share >= QUIET_SHARE or self.tries >= MOST_TRIES

    def or_quieter(self, earlier: Record | None) -> Record:
        """This one after an earlier one: the quieter of the two, with the tries of both."""
        if earlier is None:
            return self
        return replace(max(self, earlier, key=lambda record: record.share), tries=earlier.tries + self.tries)

    def trial(self, name: str) -> Trial | None:
        """That of an engine."""
        return next((trial for trial in self.trials if trial.name == name), None)

    def fastest(self) -> str:
        """The engine to use: OpenVINO's where it is worth it."""
        usable = [trial for trial in self.trials if trial.is_usable]
        own = [trial for trial in usable if not is_openvino(trial.name)]
        best = max(usable, key=lambda trial: trial.tiles_per_second, default=Trial(TORCH_FLOAT32))
        torchs = max(own, key=lambda trial: trial.tiles_per_second, default=best)
        return best.name if best.tiles_per_second > _WORTH * torchs.tiles_per_second else torchs.name


def circumstances(sha256: str, threads: int | None) -> tuple[str, ...]:
    """What a measurement holds for: the processor, the versions, the checkpoint, and its threads."""
    versions = (f"{package} {_version(package)}" for package in ("torch", "openvino"))
    return (
        processor_name(),
        *versions,
        f"msa {version()}",
        sha256,
        f"{threads or usable_cores()} threads",
        *ENGINES,
    )


def read_record(about: Sequence[str]) -> Record | None:
    """What was measured under these circumstances; None where nothing was, or it cannot be read."""
    try:
        found = read_json(_file_of(about), _MAX_BYTES)
        if found.pop("format") != _FORMAT or found.pop("about") != list(about):
            return None
        record = from_wire(Record, found)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, MsaError):
        return None
    return record if all(map(_is_sound, record.trials)) and record.tries > 0 else None


def write_record(about: Sequence[str], record: Record) -> bool:
    """Keep it in the user's cache folder; False where that cannot be written to."""
    path = _file_of(about)
    content = {"format": _FORMAT, "about": list(about), **asdict(record)}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path, _is_ours) as part:
            part.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    except (OSError, MsaError):
        return False
    return True


def _is_sound(trial: Trial) -> bool:
    """Whether `trial.py` can have found it."""
    return trial.name in ENGINES and trial.tiles_per_second >= 0 and 0 <= trial.share <= 1


def _file_of(about: Sequence[str]) -> Path:
    name = hashlib.sha256("\n".join(about).encode()).hexdigest()[:16]
    return user_cache_folder() / _FOLDER / f"{name}.json"


def _is_ours(path: Path) -> bool:
    try:
        return "trials" in read_json(path, _MAX_BYTES)
    except (OSError, ValueError, TypeError):
        return False


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "missing"
