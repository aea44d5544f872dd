"""`msa index`: cut a raster into tiles and encode them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Generator

from tqdm import tqdm

from msa_model.cli.engine import load_engine
from msa_model.cli.output import duration, facts, metres, note, print_json, size
from msa_model.jobs.steps import outcome
from msa_model.protocol.codec import to_wire
from msa_model.protocol.messages import Progress, RasterRef, ScanPlan, ScanRequest, ScanSettings, ScanSummary
from msa_model.raster.aoi import parse_aoi
from msa_model.raster.copies import COPIES
from msa_model.raster.source import RasterSource
from msa_model.raster.tiles import plan_tiles


def run(args: argparse.Namespace) -> int:
    """Plans, then scans with a progress bar on stderr."""
    COPIES.keep_in(args.cache)
    request = _request(args)
    engine = load_engine(args)
    plan = outcome(engine.plan(request))
    if args.plan:
        print_json(to_wire(plan)) if args.json else print(_plan_text(plan))
        return 0
    note(_plan_text(plan))
    summary = _scan(engine.scan(request), plan.missing)
    print_json(to_wire(summary)) if args.json else print(_summary_text(summary))
    return 0


def _request(args: argparse.Namespace) -> ScanRequest:
    """The request; what is wrong with raster or area shows before the model loads."""
    raster = RasterRef(args.raster, args.bands)
    settings = ScanSettings(args.scales, args.overlap, args.min_valid)
    with RasterSource.open(raster) as source:
        aoi = parse_aoi(args.aoi, args.aoi_crs) if args.aoi is not None else None
        plan_tiles(source, settings, aoi)
    return ScanRequest(raster, aoi, settings, args.index, args.trust)


def _scan(steps: Generator[Progress, None, ScanSummary], missing: int) -> ScanSummary:
    with tqdm(
        total=missing, unit=" tiles", file=sys.stderr, mininterval=0.5 if sys.stderr.isatty() else 5
    ) as bar:
        try:
            while True:
                progress = next(steps)
                bar.update(progress.done - bar.n)
        except StopIteration as end:
            summary: ScanSummary = end.value
            return summary
        finally:
            steps.close()


def _plan_text(plan: ScanPlan) -> str:
    scales = ", ".join(f"{metres(s.scale_m)} ({s.tiles} tiles)" for s in plan.scales)
    lines = [
        ("pixel", metres(plan.gsd_m)),
        ("scales", scales),
        ("to encode", f"{plan.missing} of {plan.tiles} tiles"),
        ("time", f"about {duration(plan.seconds)}"),
        ("disk", f"about {size(plan.bytes)}"),
        ("index", plan.index),
        *(("warning", warning) for warning in plan.warnings),
    ]
    return facts(lines)


def _summary_text(summary: ScanSummary) -> str:
    counts = (
        f"{summary.encoded} encoded, {summary.reused} known before, {summary.skipped} without enough pixels"
    )
    return facts(
        [
            ("index", summary.index),
            ("tiles", f"{summary.tiles}: {counts}"),
            ("time", duration(summary.seconds)),
        ]
    )
