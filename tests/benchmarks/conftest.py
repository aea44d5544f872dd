"""Figures are collected while the benchmarks run and printed as one table at the end; none fails a run."""

from __future__ import annotations

import os
from dataclasses import dataclass

import pytest

from msa_model.cli.output import table


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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _figures.rows:
        load = ", ".join(f"{value:.1f}" for value in os.getloadavg()) if hasattr(os, "getloadavg") else "?"
        terminalreporter.write_sep("-", f"figures ({os.cpu_count()} cores, load {load})")
        terminalreporter.write_line(table(("what", "measured", "target"), _figures.rows, left=(0, 2)))
