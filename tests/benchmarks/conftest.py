"""Figures are collected while the benchmarks run and printed as one table at the end; none fails a run."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import dataclass
from pathlib import Path

import pytest

from msa_model.cli.output import table
from msa_model.jobs.threads import wait_passively

wait_passively()  # as a worker does; before anything imports torch

UNITS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "asimd")


@dataclass
class Figures:
    """Rows of (what, measured, target)."""

    def __post_init__(self) -> None:
        self.rows: list[tuple[str, str, str]] = []

    def add(self, what: str, measured: str, target: str = "") -> None:
        self.rows.append((what, measured, target))

    def below(self, what: str, value: float, unit: str, limit: float) -> None:
        self.add(what, f"{value:.3g} {unit}", f"≤ {limit:g} {unit}: {'met' if value <= limit else 'MISSED'}")

    def above(self, what: str, value: float, unit: str, limit: float) -> None:
        self.add(what, f"{value:.3g} {unit}", f"≥ {limit:g} {unit}: {'met' if value >= limit else 'MISSED'}")


_figures = Figures()


@pytest.fixture(scope="session")
def figures() -> Figures:
    return _figures


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One table, ratios first, and the same as JSON in the file that MSA_BENCH_JSON names."""
    if not _figures.rows:
        return
    rows = sorted(_figures.rows, key=lambda row: not row[1].endswith("×"))
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg()) if hasattr(os, "getloadavg") else "?"
    machine = f"{processor()}, {os.cpu_count()} cores, load {load}"
    terminalreporter.write_sep("-", f"figures ({machine})")
    terminalreporter.write_line(table(("what", "measured", "target"), rows, left=(0, 2)))
    if place := os.environ.get("MSA_BENCH_JSON"):
        told = [dict(zip(("what", "measured", "target"), row, strict=True)) for row in rows]
        Path(place).parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"machine": machine, "figures": told}, indent=2, ensure_ascii=False)
        Path(place).write_text(text + "\n")


def processor() -> str:
    """The processor's name and its vector units, as far as the system tells."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    told = dict(line.split(":", 1) for line in lines if ":" in line)
    fields = {name.strip(): value.strip() for name, value in told.items()}
    units = [unit for unit in UNITS if unit in fields.get("flags", "").split()]
    return " ".join((fields.get("model name", platform.processor() or "a processor"), *units))
