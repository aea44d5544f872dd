"""`msa batch`: many queries over many rasters in one go."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Generator
from pathlib import Path

from tqdm import tqdm

from msa_model.cli.engine import load_engine
from msa_model.cli.output import duration, facts, print_json, table
from msa_model.protocol.batch import BatchRequest, BatchSummary, WatchedQuery
from msa_model.protocol.codec import to_wire
from msa_model.protocol.messages import Progress, RasterRef, ScanSettings
from msa_model.protocol.watch_list import read_watch_list
from msa_model.raster.aoi import parse_aoi

EXIT_SOME_FAILED = 1


def run(args: argparse.Namespace) -> int:
    """Scans and answers; 1 where a raster failed."""
    request = _request(args)  # what is wrong with area or watch-list shows before the model loads
    summary = _shown(load_engine(args).batch.steps(request))
    print_json(to_wire(summary)) if args.json else print(_text(summary))
    return EXIT_SOME_FAILED if any(raster.error for raster in summary.rasters) else 0


def _request(args: argparse.Namespace) -> BatchRequest:
    if args.watch_list:
        read_watch_list(args.watch_list)
    return BatchRequest(
        rasters=tuple(RasterRef(str(path), args.bands) for path in args.rasters),
        out=args.out,
        queries=tuple(WatchedQuery(text) for text in args.query),
        watch_list=args.watch_list,
        report=args.report,
        aoi=parse_aoi(args.aoi, args.aoi_crs) if args.aoi is not None else None,
        settings=ScanSettings(args.scales, args.overlap),
        k=args.k,
        merge=not args.all,
        min_score=args.min_score,
    )


def _shown(steps: Generator[Progress, None, BatchSummary]) -> BatchSummary:
    """Takes the steps with a progress bar on stderr."""
    interval = 0.5 if sys.stderr.isatty() else 5
    with tqdm(total=None, unit=" tiles", file=sys.stderr, mininterval=interval) as bar:
        try:
            while True:
                progress = next(steps)
                bar.total = progress.total or bar.total
                bar.set_description_str(progress.label, refresh=False)
                bar.update(max(0, progress.done - bar.n))
        except StopIteration as end:
            summary: BatchSummary = end.value
            return summary
        finally:
            steps.close()


def _text(summary: BatchSummary) -> str:
    rows = [
        (Path(r.path).name, str(r.tiles), str(r.encoded), str(r.hits), r.sentence or "done")
        for r in summary.rasters
    ]
    places = [("results", summary.out), ("time", duration(summary.seconds))]
    if summary.report:
        places.insert(1, ("report", summary.report))
    counts = table(("raster", "tiles", "encoded", "hits", "state"), rows, left=(0, 4))
    return f"{counts}\n\n{facts(places)}"
