"""`msa batch`: many queries over many rasters in one go."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Generator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msa_model.cli.engine import load_encoder
from msa_model.cli.options import Commands, add_aoi, add_bands, add_cache, add_json, add_model, numbers
from msa_model.cli.output import duration, facts, print_json, table
from msa_model.protocol.batch import BatchRequest, BatchSummary, WatchedQuery
from msa_model.protocol.codec import to_wire
from msa_model.protocol.messages import Progress, RasterRef, ScanSettings

if TYPE_CHECKING:
    from msa_model.jobs.batch import Batch
    from msa_model.model.dual_encoder import DualEncoder

_DEFAULTS = ScanSettings()
EXIT_SOME_FAILED = 1


def add_parser(commands: Commands) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "batch",
        help="answer many queries over many rasters",
        epilog="The same command again goes on where it stopped, however it ended.",
    )
    parser.add_argument("rasters", nargs="+", metavar="RASTER", help="anything GDAL opens")
    parser.add_argument(
        "--query", "-q", action="append", default=[], metavar="TEXT", help="may be given several times"
    )
    parser.add_argument(
        "--watch-list", metavar="FILE", help="a CSV with a 'query' column, or a .txt with a query a line"
    )
    parser.add_argument(
        "--min-score",
        type=float,
        metavar="S",
        help="least honest score of a hit, where a watch-list gives none (default: any)",
    )
    parser.add_argument("--out", required=True, metavar="FILE.gpkg", help="where results go as they come")
    parser.add_argument("--report", metavar="FILE.html", help="write a page with counts, areas and pictures")
    parser.add_argument("-k", type=int, default=100, metavar="N", help="most hits of a query on a raster")
    parser.add_argument("--all", action="store_true", help="keep all of overlapping tiles, not only the best")
    add_bands(parser)
    add_aoi(parser)
    parser.add_argument("--scales", type=numbers(), default=(), metavar="M,M", help="tile sides in metres")
    parser.add_argument("--overlap", type=float, default=_DEFAULTS.overlap, help="of a tile (default: 0.5)")
    add_model(parser)
    add_cache(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Scans and answers; 1 where a raster failed."""
    request = _request(args)  # what is wrong with area or watch-list shows before the model loads
    encoder = load_encoder(args)
    summary = _shown(batch_of(encoder, args.cache).steps(request))
    print_json(to_wire(summary)) if args.json else print(_text(summary))
    return EXIT_SOME_FAILED if any(raster.error for raster in summary.rasters) else 0


def batch_of(encoder: DualEncoder, cache: str | None) -> Batch:
    """The engine behind the command, put together as the worker does it."""
    from msa_model.jobs.answers import Answers  # noqa: PLC0415  (rasterio)
    from msa_model.jobs.batch import Batch  # noqa: PLC0415
    from msa_model.jobs.open_indexes import OpenIndexes  # noqa: PLC0415
    from msa_model.jobs.phrases import PhraseBanks  # noqa: PLC0415
    from msa_model.jobs.questions import Questions  # noqa: PLC0415
    from msa_model.jobs.search import rank  # noqa: PLC0415
    from msa_model.jobs.sources import OpenSources  # noqa: PLC0415
    from msa_model.jobs.verdict import Verdicts  # noqa: PLC0415
    from msa_model.raster.copies import COPIES  # noqa: PLC0415

    COPIES.keep_in(cache)
    sources = OpenSources()
    questions = Questions(encoder, OpenIndexes(encoder.sha256, sources), sources)
    verdicts = Verdicts(questions, PhraseBanks(encoder))
    return Batch(encoder, Answers(partial(rank, questions), verdicts.verdict), sources, cache)


def _request(args: argparse.Namespace) -> BatchRequest:
    from msa_model.jobs.watch_list import read_watch_list  # noqa: PLC0415
    from msa_model.raster.aoi import parse_aoi  # noqa: PLC0415  (rasterio)

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
    from tqdm import tqdm  # noqa: PLC0415

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
