"""`msa batch`: many queries over many rasters in one go."""

from __future__ import annotations

import argparse
from collections.abc import Generator
from pathlib import Path

from msa_model.cli.index import tiles_bar
from msa_model.cli.inputs import area_of, load_engine
from msa_model.cli.output import duration, facts, json_of, print_json, size, table
from msa_model.jobs.steps import outcome
from msa_model.protocol.batch import (
    BatchCost,
    BatchPlan,
    BatchRaster,
    BatchRequest,
    BatchSummary,
    DatedPair,
    WatchedQuery,
    read_watch_list,
)
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.messages import Progress, RasterRef, ScanSettings

EXIT_SOME_FAILED = 1


def run(args: argparse.Namespace) -> int:
    """Scans and answers, or with `--plan` tells what that costs; 1 where a raster failed."""
    request = _request(args)  # what is wrong with area or watch-list shows before the model loads
    engine = load_engine(args)
    if args.plan:
        plan = outcome(engine.plan_batch(request))
        print_json(json_of(plan)) if args.json else print(_costs(plan))
        return EXIT_SOME_FAILED if any(cost.error for cost in plan.rasters) else 0
    summary = _shown(engine.batch.steps(request))
    print_json(json_of(summary)) if args.json else print(_text(summary))
    return EXIT_SOME_FAILED if any(raster.error for raster in summary.rasters) else 0


def _costs(plan: BatchPlan) -> str:
    rows = [
        (
            _name(cost),
            str(cost.tiles),
            str(cost.tiles - cost.missing),
            str(cost.missing),
            duration(cost.seconds),
            cost.sentence,
        )
        for cost in plan.rasters
    ]
    costs = table(("raster", "tiles", "indexed", "to scan", "time", ""), rows, left=(0, 5))
    whole = [
        ("tiles", f"{plan.tiles}, {plan.tiles - plan.missing} of them indexed"),
        ("time", duration(plan.seconds)),
        ("on disk", size(plan.bytes)),
    ]
    return f"{costs}\n\n{facts(whole)}"


def _name(row: BatchCost | BatchRaster) -> str:
    """The raster's name, of a pair both."""
    return " → ".join(Path(path).name for path in (row.path, row.path_after) if path)


def _request(args: argparse.Namespace) -> BatchRequest:
    if args.watch_list:
        read_watch_list(args.watch_list)
    return BatchRequest(
        rasters=tuple(RasterRef(str(path), args.bands) for path in args.rasters),
        pairs=_pairs(args),
        out=args.out,
        queries=tuple(WatchedQuery(text) for text in args.query),
        watch_list=args.watch_list,
        report=args.report,
        aoi=area_of(args),
        settings=ScanSettings(args.scales, args.overlap),
        k=args.k,
        merge=not args.all,
        min_score=args.min_score,
    )


def _pairs(args: argparse.Namespace) -> tuple[DatedPair, ...]:
    """Each `--before` with the `--after` that stands at the same place."""
    if len(args.before) != len(args.after):
        raise BadArgument("Each --before needs its --after.")
    return tuple(
        DatedPair(RasterRef(before, args.bands), RasterRef(after, args.bands))
        for before, after in zip(args.before, args.after, strict=True)
    )


def _shown(steps: Generator[Progress, None, BatchSummary]) -> BatchSummary:
    """Takes the steps with a progress bar on stderr."""
    with tiles_bar() as bar:

        def tell(progress: Progress) -> None:
            bar.total = progress.total or bar.total
            bar.set_description_str(progress.label, refresh=False)
            bar.update(max(0, progress.done - bar.n))

        return outcome(steps, tell)


def _text(summary: BatchSummary) -> str:
    rows = [
        (_name(r), str(r.tiles), str(r.encoded), str(r.hits), r.sentence or "done") for r in summary.rasters
    ]
    places = [("results", summary.out), ("time", duration(summary.seconds))]
    if summary.report:
        places.insert(1, ("report", summary.report))
    counts = table(("raster", "tiles", "encoded", "hits", "state"), rows, left=(0, 4))
    return f"{counts}\n\n{facts(places)}"
