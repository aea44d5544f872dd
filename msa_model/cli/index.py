"""`msa index`: cut rasters into tiles and encode them, here or on a cluster."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NoReturn, TypeVar

from tqdm import tqdm

from msa_model.cli.inputs import area_of, load_engine
from msa_model.cli.output import duration, facts, json_of, metres, note, print_json, size, visible
from msa_model.jobs.engine import Engine
from msa_model.jobs.steps import outcome
from msa_model.protocol.errors import BadArgument, MsaError
from msa_model.protocol.messages import Progress, RasterRef, ScanPlan, ScanRequest, ScanSettings, ScanSummary
from msa_model.protocol.plan_parts import STAGES, PartCost, Refine, ScanProfile
from msa_model.raster.copies import COPIES
from msa_model.raster.handles import is_plain_path
from msa_model.raster.source import RasterSource
from msa_model.raster.tiles import plan_tiles

_GEOTIFFS = (".tif", ".tiff")

Told = TypeVar("Told")


def run(args: argparse.Namespace) -> int:
    """Plans, then scans with a progress bar on stderr."""
    COPIES.keep_in(args.cache)
    requests = [_request(args, raster) for raster in rasters_of(args.rasters)]
    if args.index and len(requests) > 1:
        raise BadArgument(f"One index file holds one raster, but {len(requests)} were given with --index.")
    engine = load_engine(args)
    if args.plan:
        plans = [outcome(engine.plan(request)) for request in requests]
        _print(args, plans, _plan_text)
        return 0
    outcomes = list((_on_cluster if args.scheduler else _here)(args, engine, requests))
    _print(args, outcomes, partial(_summary_text, stages=args.profile))
    return 1 if any(isinstance(one, MsaError) for one in outcomes) else 0


def rasters_of(paths: Sequence[str]) -> list[str]:
    """The rasters, and for folders the GeoTIFFs in them.

    Raises:
        BadArgument: a folder holds none.
    """
    found: list[str] = []
    for path in paths:
        files = _geotiffs(Path(path)) if os.path.isdir(path) else [path]
        if not files:
            raise BadArgument(f"There is no GeoTIFF in the folder {path}.")
        found += files
    return list(dict.fromkeys(found))


def _geotiffs(folder: Path) -> list[str]:
    return sorted(str(file) for file in folder.iterdir() if file.suffix.lower() in _GEOTIFFS)


def _here(
    args: argparse.Namespace, engine: Engine, requests: Sequence[ScanRequest]
) -> Iterator[ScanSummary | MsaError]:
    """One raster after the other; of several, one that fails is told and the others go on."""
    for request in requests:
        try:
            plan = outcome(engine.plan(request))
            note(_plan_text(plan))
            yield scan_with_bar(engine.scan(request), plan.missing)
        except MsaError as error:
            if len(requests) == 1:
                raise
            yield error


def _on_cluster(
    args: argparse.Namespace, engine: Engine, requests: Sequence[ScanRequest]
) -> list[ScanSummary | MsaError]:
    """Of a single raster, a failure is raised."""
    from msa_model.cluster.connection import connected  # noqa: PLC0415  (Dask)
    from msa_model.cluster.jobs import index_rasters  # noqa: PLC0415
    from msa_model.cluster.tasks import Expected  # noqa: PLC0415

    expected = Expected.of(engine.encoder, args.model)
    with connected(args.scheduler, expected) as cluster:
        note(f"{cluster.workers} workers at {args.scheduler}")
        steps = index_rasters(cluster, engine.encoder, requests, args.cache)
        outcomes = _shown(steps, len(requests))
    if len(outcomes) == 1 and isinstance(outcomes[0], MsaError):
        raise outcomes[0]
    return outcomes


def _shown(
    steps: Generator[tuple[int, Progress], None, list[ScanSummary | MsaError]], count: int
) -> list[ScanSummary | MsaError]:
    """Takes the steps with one bar for all rasters."""
    done, total = [0] * count, [0] * count
    with tiles_bar() as bar:

        def tell(step: tuple[int, Progress]) -> None:
            number, progress = step
            done[number], total[number] = progress.done, progress.total
            bar.total = sum(total)
            bar.update(max(0, sum(done) - bar.n))

        return outcome(steps, tell)


def _print(args: argparse.Namespace, results: Sequence[Told | MsaError], text: Callable[[Told], str]) -> None:
    """Of one raster what there is to tell; of several a list, with what went wrong in its place."""
    wires = [_error_wire(one) if isinstance(one, MsaError) else json_of(one) for one in results]
    if args.json:
        print_json(wires[0] if len(wires) == 1 else {"rasters": wires})
        return
    print("\n\n".join(_said(one) if isinstance(one, MsaError) else text(one) for one in results))


def _said(error: MsaError) -> str:
    return visible(f"{error.sentence} {error.remedy}")


def _error_wire(error: MsaError) -> dict[str, str]:
    return {"error": error.kind, "sentence": error.sentence, "remedy": error.remedy}


def _request(args: argparse.Namespace, path: str) -> ScanRequest:
    """The request; what is wrong with raster or area shows before the model loads."""
    raster = RasterRef(os.path.abspath(path) if args.scheduler and is_plain_path(path) else path, args.bands)
    settings = ScanSettings(args.scales, args.overlap, args.min_valid, args.encoding)
    with RasterSource.open(raster) as source:
        aoi = area_of(args)
        plan_tiles(source, settings, aoi)
    refine = Refine(args.refine, args.refine_share) if args.refine is not None else None
    return ScanRequest(raster, aoi, settings, args.index, args.trust, args.coarse_first, refine)


def scan_with_bar(steps: Generator[Progress, None, ScanSummary], missing: int) -> ScanSummary:
    """Takes the steps of a scan of `missing` tiles, with a progress bar on stderr."""
    with tiles_bar(missing) as bar:
        return outcome(steps, lambda progress: bar.update(progress.done - bar.n))


def tiles_bar(total: int | None = None) -> tqdm[NoReturn]:
    """A progress bar on stderr that counts tiles; rarely renewed where nobody watches."""
    interval = 0.5 if sys.stderr.isatty() else 5
    return tqdm(total=total, unit=" tiles", file=sys.stderr, mininterval=interval)


def prepare_indexes(engine: Engine, indexes: Iterable[str]) -> None:
    """Makes the files by which very large indexes are searched, with a bar; mostly they are there."""
    for index in indexes:
        steps = engine.indexes.preparing([index])
        if (first := next(steps, None)) is not None:
            note(f"{Path(index).name} is opened for the first time; the next search of it begins at once.")
            with tiles_bar(first.total) as bar:
                for progress in steps:
                    bar.update(progress.done - bar.n)


def _plan_text(plan: ScanPlan) -> str:
    scales = ", ".join(f"{metres(s.scale_m)} ({s.tiles} tiles)" for s in plan.scales)
    lines = [
        ("pixel", metres(plan.gsd_m)),
        ("scales", scales),
        ("to encode", f"{plan.missing} of {plan.tiles} tiles"),
        ("time", f"about {duration(plan.seconds)}"),
        ("disk", f"about {size(plan.bytes)}"),
        *_parts_text(plan),
        ("index", plan.index),
        *(("warning", warning.sentence) for warning in plan.warnings),
    ]
    return facts(lines)


def _stages_text(profile: ScanProfile | None) -> str:
    if profile is None:
        return "not measured: other machines did the work"
    stages = ", ".join(f"{stage} {getattr(profile, stage):.1f} s" for stage in STAGES)
    return f"{stages}; {profile.limit} limits the scan ({100 * profile.share:.0f} % of its time)"


def _parts_text(plan: ScanPlan) -> list[tuple[str, str]]:
    """What of a whole scan could come first, where that is less."""
    if not (plan.coarse and plan.coarse.missing and plan.refined):
        return []
    return [
        ("coarse first", f"{_cost(plan.coarse)} (--coarse-first)"),
        ("then refined", f"at most {_cost(plan.refined)} (--refine QUESTION)"),
    ]


def _cost(part: PartCost) -> str:
    return f"{part.missing} tiles, about {duration(part.seconds)}"


def _summary_text(summary: ScanSummary, stages: bool = False) -> str:
    counts = (
        f"{summary.encoded} encoded, {summary.reused} known before, {summary.skipped} without enough pixels"
    )
    return facts(
        [
            ("index", summary.index),
            ("tiles", f"{summary.tiles}: {counts}"),
            ("time", duration(summary.seconds)),
            ("encoded", f"{summary.encoding}, by {summary.engine}"),
            *([("stages", _stages_text(summary.profile))] if stages else []),
        ]
    )
