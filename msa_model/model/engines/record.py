"""What was measured of the engines on this machine, kept for later starts. Imports no torch.

A machine that does other work slows one engine more than another: threads that wait for one another suffer
most. So each engine is timed in turns with torch in float32, and the record says what share of the processor
that got. Below `QUIET_SHARE` it holds for this start only; of `MOST_TRIES` such records the quietest stays.

What an engine's rate is made of: times of it and of torch in float32, taken by turns. Imports no torch.
What the processor is called and how much of it may be used. Imports no torch.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from msa_model.files.folders import user_cache_folder
from msa_model.files.replacing import replacing
from msa_model.model.engines.crashes import crash_told, forget_crash, note_beside
from msa_model.protocol.codec import from_wire
from msa_model.protocol.errors import MsaError
from msa_model.protocol.models import ENGINES, TORCH_FLOAT32, Trial, is_engine, is_openvino
from msa_model.protocol.tables import read_json
from msa_model.protocol.warning_table import EngineWarning
from msa_model.shipped import version

_CPUINFO = Path("/proc/cpuinfo")
_UNITS = (
    "avx2",
    "avx512f",
    "avx512_vnni",
    "avx_vnni",
    "avx512_bf16",
    "amx_bf16",
    "amx_int8",
    "asimd",
    "i8mm",
)


def processor_name() -> str:
    """The model name, as the system tells it."""
    return _told("model name") or platform.processor() or platform.machine()


def vector_units() -> tuple[str, ...]:
    """Those of the instruction sets that matter here which Linux tells of; empty elsewhere."""
    flags = set((_told("flags") or _told("Features")).split())
    return tuple(unit for unit in _UNITS if unit in flags)


def usable_cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _told(field: str) -> str:
    if not _CPUINFO.is_file():
        return ""
    for line in _CPUINFO.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith(field):
            return line.partition(":")[2].strip()
    return ""


QUIET_SHARE, MOST_TRIES = 0.75, 3

_FOLDER, _FORMAT, _MAX_BYTES = "engines", 2, 2**16
_WORTH = 1.1  # times the rate of torch, for vectors that are not quite torch's


@dataclass(frozen=True)
class Record:
    """Trials of one checkpoint on this machine; `tries`: how often they were made until one was quiet."""

    trials: tuple[Trial, ...]
    tries: int = 1
    told: bool = False  # why an engine of the processor does not run here

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
        quieter = max(self, earlier, key=lambda record: record.share)
        return replace(
            quieter,
            tries=earlier.tries + self.tries,
            told=earlier.told and earlier.refused == quieter.refused,
        )

    @property
    def refused(self) -> dict[str, str]:
        """The engines of the processor that do not run here, and why."""
        return {trial.name: trial.fault for trial in self.trials if trial.fault and ":" not in trial.name}

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
    if not all(map(_is_sound, record.trials)) or record.tries < 1:
        return None
    return _after_crashes(about, record)


def crash_note(about: Sequence[str], engine: str) -> Path:
    """The file that tells of the engine's crash under these circumstances."""
    return note_beside(_file_of(about), engine)


def _crashed(name: str, how: str) -> Trial:
    cause = EngineWarning("engine_crashed", texts=(name, how))
    return Trial(name, fault=f"It crashed while it was in use ({how}).", cause=cause)


def _after_crashes(about: Sequence[str], record: Record) -> Record:
    """An engine that has crashed while it was in use is one that does not run here."""
    crashed = {name: crash_told(crash_note(about, name)) for name in (trial.name for trial in record.trials)}
    if not any(crashed.values()):
        return record
    trials = (
        _crashed(trial.name, crashed[trial.name]) if crashed[trial.name] else trial for trial in record.trials
    )
    record = replace(record, trials=tuple(trials), told=False)
    if write_record(about, record):
        for name in filter(crashed.get, crashed):
            forget_crash(crash_note(about, name))
    return record


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
    return is_engine(trial.name) and trial.tiles_per_second >= 0 and 0 <= trial.share <= 1


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


@dataclass(frozen=True)
class Timing:
    """Seconds by the clock, and of this process's threads on the processor."""

    wall: float
    processor: float


@dataclass(frozen=True)
class Comparison:
    """Rounds of (torch in float32, engine) with `threads` threads, and the least cosine of their vectors."""

    rounds: tuple[tuple[Timing, Timing], ...]
    threads: int
    cosine: float

    @property
    def share(self) -> float:
        """What torch got of its threads' processors."""
        return share_of([torch for torch, _ in self.rounds], self.threads)

    def rate(self, tiles: int, *, by_clock: bool) -> float:
        """Tiles a second, by the clock or by the processor's time.

        Torch's best, times the median of how many times as fast the engine was: whatever else the machine
        did met both.
        """
        pairs = [tuple(t.wall if by_clock else t.processor for t in pair) for pair in self.rounds]
        times_as_fast = statistics.median(torch / engine for torch, engine in pairs)
        return tiles / min(torch for torch, _ in pairs) * times_as_fast


def share_of(timings: Sequence[Timing], threads: int) -> float:
    """What the threads got of their processors, in the timing where they got most; 1 on a quiet machine."""
    return min(1.0, max(timing.processor / (timing.wall * threads) for timing in timings))


def timed(job: Callable[[], object]) -> Timing:
    """How long a job takes."""
    wall, processor = time.perf_counter(), time.process_time()
    job()
    return Timing(time.perf_counter() - wall, time.process_time() - processor)
