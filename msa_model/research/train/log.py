"""The log of a run: one CSV row for each step, validation figures in the row of the step they follow."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from msa_model.files.failures import writing
from msa_model.files.replacing import replacing
from msa_model.research.train.state import RUN

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
