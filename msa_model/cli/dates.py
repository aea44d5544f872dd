"""The indexes of several dates of one place, found, or made where the user agrees."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from msa_model.cli.index import scan_with_bar
from msa_model.cli.inputs import load_engine
from msa_model.cli.output import duration, note
from msa_model.jobs.engine import Engine
from msa_model.jobs.index_files import check_outputs
from msa_model.jobs.models import checkpoint_folder
from msa_model.jobs.pairing import Other, check_comparable, check_different, first_date, other_date
from msa_model.jobs.steps import outcome
from msa_model.model.checkpoint import checkpoint_identity
from msa_model.protocol.errors import IndexMissing


def indexed_dates(args: argparse.Namespace, rasters: Sequence[str]) -> tuple[Engine, list[str]]:
    """The engine, and the index of each raster (or index) on the lattice of the first.

    Raises:
        IndexMissing: one has none, and `--scan` is not given; the sentence tells what it would cost.
        not_comparable, RasterMissing and the other errors of `first_date` and `other_date`.
        BadArgument: `--out` would replace one of them.
    """
    sha256 = checkpoint_identity(checkpoint_folder(args.model))[1]
    first, engine = first_date(rasters[0], sha256, args.cache), None
    if first.scan is not None:
        check_comparable(first.raster, rasters[1:])
        engine = load_engine(args)
        _scan(engine, first, agreed=args.scan)
    others = [other_date(first.index, raster, sha256, args.cache) for raster in rasters[1:]]
    check_different([first.raster, *(other.raster for other in others)])
    known = [first, *(other for other in others if other.scan is None)]
    check_outputs([args.out] if args.out else [], [date.index for date in known])
    engine = engine or load_engine(args)
    for other in others:
        _scan(engine, other, agreed=args.scan or other.laid_over)
    return engine, [first.index, *(other.index for other in others)]


def _scan(engine: Engine, date: Other, *, agreed: bool) -> None:
    """Encodes what a date lacks, and tells what that costs.

    Raises:
        IndexMissing: nobody agreed to it.
    """
    if date.scan is None:
        return
    plan = outcome(engine.plan(date.scan))
    cost = f"{plan.missing} tiles, about {duration(plan.seconds)}"
    if not agreed:
        raise IndexMissing(
            f"{date.raster} has not been indexed with this model ({cost}); --scan does it here."
        )
    if plan.missing:
        why = "Other pixels: tiles are read on those of the first" if date.laid_over else "Not indexed yet"
        note(f"{Path(date.raster).name}: {why} ({cost}). Index: {date.index}")
        scan_with_bar(engine.scan(date.scan), plan.missing)
