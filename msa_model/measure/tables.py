"""Figures as tables: a header and rows of text, for the terminal or as Markdown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from msa_model.measure.describing import Described, DescribeEvaluation
from msa_model.measure.verdict import Separation, VerdictEvaluation

Row = tuple[str, ...]


@dataclass(frozen=True)
class ReportTable:
    """`words` of its columns are text, the others numbers."""

    header: Row
    rows: tuple[Row, ...]
    words: int = 1

    def markdown(self) -> str:
        """A pipe table; numbers stand to the right."""
        rule = ["---" if i < self.words else "--:" for i in range(len(self.header))]
        return "\n".join(f"| {' | '.join(row)} |" for row in (self.header, tuple(rule), *self.rows))


def separation_tables(result: VerdictEvaluation) -> list[ReportTable]:
    """How well the verdict tells what is there from what is not, by source and by size of the raster."""
    figures = ("AUROC", "there: nothing", "good", "not there: nothing", "good", "cases there", "not there")
    seeds = np.array(result.seeds)
    spread = (("AUROC of each seed, mean ± deviation", f"{seeds.mean():.3f} ± {seeds.std():.3f}", *[""] * 6),)
    return [
        ReportTable(("source", *figures), (*map(_judged, result.sources), *spread)),
        ReportTable(("raster", *figures), tuple(map(_judged, result.sizes))),
    ]


def _judged(row: Separation) -> Row:
    percent = (row.nothing_present, row.good_present, row.nothing_absent, row.good_absent)
    counts = (str(row.present), str(row.absent))
    return (row.name, f"{row.auroc:.3f}", *(f"{value:.1f}" for value in percent), *counts)


def described_tables(result: DescribeEvaluation) -> list[ReportTable]:
    """How much descriptions show, and how much of it is true, by source."""
    figures = (
        "places",
        "shown",
        "strong",
        "phrases",
        "true",
        "doubt",
        "false",
        "right",
        "first right",
        "unknown",
    )
    return [ReportTable(("source", *figures), tuple(map(_described, result.sources)))]


def _described(row: Described) -> Row:
    percent = (row.true, row.doubt, row.false, row.right, row.first_right, row.unknown_shown)
    shown = (f"{row.shown:.1f}", f"{row.strong:.1f}", f"{row.told:.2f}")
    return (
        row.name,
        str(row.places),
        *shown,
        *("" if value is None else f"{value:.1f}" for value in percent),
    )
