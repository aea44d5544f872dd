"""A run's state after a step: one safetensors file, replaced as a whole.

The log of a run: one CSV row for each step, validation figures in the row of the step they follow.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from msa_model.files.folders import writing
from msa_model.files.replacing import replacing

STATE = "state.safetensors"
RUN = "run"


@dataclass(frozen=True)
class RunKey:
    """What makes two runs the same one."""

    recipe: str
    seed: int
    init: str
    data: str
    ranks: int = 1


@dataclass(frozen=True)
class State:
    """Tensors after `steps` steps of the run `key`."""

    key: RunKey
    steps: int
    tensors: dict[str, Tensor]


def write_state(out: Path, state: State) -> None:
    """Replace the state in `out`.

    Raises:
        FileNotOurs: a file of that name is no state.
        DiskFull, storage_failed, folder_read_only: it cannot be written; the state before is as it was.
    """
    file = out / RUN / STATE
    about = {"key": json.dumps(asdict(state.key)), "steps": str(state.steps)}
    held = {name: tensor.detach().cpu().contiguous() for name, tensor in state.tensors.items()}
    with writing(file):
        file.parent.mkdir(parents=True, exist_ok=True)
    with replacing(file, is_own_state) as part:
        part.write_bytes(save(held, about))


def is_own_state(file: Path) -> bool:
    """Whether a file is a run's state, of whichever run."""
    try:
        with safe_open(file, framework="pt") as found:
            return {"key", "steps"} <= set(found.metadata() or {})
    except (OSError, SafetensorError):
        return False


def read_state(out: Path, key: RunKey) -> State | None:
    """The state in `out`, if there is one, it is whole, and it is of the run `key`."""
    file = out / RUN / STATE
    if not file.is_file():
        return None
    try:
        with safe_open(file, framework="pt") as found:
            about = found.metadata() or {}
            if about.get("key") != json.dumps(asdict(key)):
                return None
            return State(key, int(about["steps"]), {name: found.get_tensor(name) for name in found.keys()})  # noqa: SIM118
    except (OSError, SafetensorError, KeyError, ValueError):
        return None


FILE = "log.csv"
PARTS = ("heads", "fine", "backbone", "text")
TERMS = ("contrastive", "triplet", "mscma", "csmmc", "distillation", "features")
RATES = tuple(f"rate_{part}" for part in PARTS)
COLUMNS = ("step", "epoch", "loss", *TERMS, "gradient_norm", *RATES, "seconds")
VALIDATION_FILE = "validation.csv"
VALIDATION_COLUMNS = ("step", "set", "measure", "value")


@dataclass(frozen=True)
class StepRecord:
    """One step, counted from 1: `terms` add up to the loss, `rates` are the highest of each part."""

    step: int
    epoch: int
    loss: float
    terms: Mapping[str, float]
    gradient_norm: float
    rates: Mapping[str, float]
    seconds: float


class Log:
    """log.csv and validation.csv of a run, cut back to the step that it goes on from."""

    def __init__(self, out: Path, steps: int) -> None:
        self._folder = out / RUN
        with writing(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
        for name, columns in ((FILE, COLUMNS), (VALIDATION_FILE, VALIDATION_COLUMNS)):
            _cut_back(self._folder / name, columns, steps)

    def step(self, record: StepRecord) -> None:
        """Add a step."""
        rates = [f"{record.rates.get(part, 0.0):.3g}" for part in PARTS]
        losses = [f"{loss:.6g}" for loss in (record.loss, *(record.terms.get(term, 0.0) for term in TERMS))]
        figures = [*losses, f"{record.gradient_norm:.4g}", *rates, f"{record.seconds:.3f}"]
        self._append(FILE, [str(record.step), str(record.epoch), *figures])

    def validation(self, step: int, figures: Mapping[tuple[str, str], float]) -> None:
        """Add what was measured after a step, by set and measure."""
        for (name, figure), value in figures.items():
            self._append(VALIDATION_FILE, [str(step), name, figure, f"{value:.4f}"])

    def _append(self, name: str, row: list[str]) -> None:
        with writing(self._folder), (self._folder / name).open("a", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerow(row)


def _cut_back(file: Path, columns: tuple[str, ...], steps: int) -> None:
    rows = []
    if file.is_file():
        with file.open(encoding="utf-8", newline="") as found:
            whole = [row for row in csv.DictReader(found) if None not in row.values()]
        rows = [[row.get(name, "0") for name in columns] for row in whole if int(row["step"]) <= steps]
    with (
        replacing(file, lambda path: _is_log(path, columns)) as part,
        part.open("w", encoding="utf-8", newline="") as target,
    ):
        csv.writer(target, lineterminator="\n").writerows([columns, *rows])


def _is_log(file: Path, columns: tuple[str, ...]) -> bool:
    """Whether a table has a log's first columns; an earlier version's has fewer."""
    with file.open(encoding="utf-8", errors="replace", newline="") as found:
        header = next(csv.reader(found), [])
    return bool(header) and header[0] == columns[0] and set(header) <= set(columns)
