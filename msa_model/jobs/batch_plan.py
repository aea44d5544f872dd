"""What a batch would cost, raster by raster, before anything is scanned."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace

from msa_model.jobs.batch import Batch
from msa_model.jobs.batch_tasks import pairs_of
from msa_model.protocol.batch import BatchCost, BatchPlan, BatchRequest, DatedPair
from msa_model.protocol.errors import BadArgument, MsaError
from msa_model.protocol.messages import Progress, ScanPlan, ScanRequest, Source
from msa_model.protocol.pixels import Draw

Steps = Generator[Progress, None, BatchPlan]
Planning = Callable[[ScanRequest, Draw], Generator[Progress, None, ScanPlan]]


def planned_batch(batch: Batch, plan: Planning, request: BatchRequest, draw: Draw) -> Steps:
    """The cost of a batch; one without queries is planned, too. A raster that fails stops no other.

    Raises:
        BadArgument, watch_list_unreadable, QueryEmpty, QueryNotUnderstood: the request.
    """
    queries = batch.queries(request) if request.queries or request.watch_list else ()
    pairs = pairs_of(request, queries) if queries else dict.fromkeys(request.pairs)
    if not (request.rasters or pairs):
        raise BadArgument("There is no raster to search in.")
    costs: list[BatchCost] = []
    for raster in dict.fromkeys(request.rasters):
        yield Progress.at(0, 0, label=raster.name)
        costs.append((yield from _cost(plan, ScanRequest(raster, request.aoi, request.settings), draw)))
    for pair in pairs:
        yield Progress.at(0, 0, label=pair.after.name)
        costs.append((yield from _pair_cost(plan, batch, pair, request, draw)))
    return BatchPlan(
        rasters=tuple(costs),
        queries=len(queries),
        tiles=sum(cost.tiles for cost in costs),
        missing=sum(cost.missing for cost in costs),
        seconds=sum(cost.seconds for cost in costs),
        bytes=sum(cost.bytes for cost in costs),
    )


def _cost(plan: Planning, asked: ScanRequest, draw: Draw) -> Generator[Progress, None, BatchCost]:
    try:
        found = yield from plan(asked, draw)
    except MsaError as error:
        return _refused(asked.raster, error)
    grown = found.bytes if found.missing else 0
    return BatchCost(asked.raster.address, found.tiles, found.missing, found.seconds, grown, found.warnings)


def _pair_cost(
    plan: Planning, batch: Batch, pair: DatedPair, request: BatchRequest, draw: Draw
) -> Generator[Progress, None, BatchCost]:
    """Of both dates, the later one on the pixels of the other."""
    after = pair.after.address
    try:
        laid = batch.laid_over(pair)
    except MsaError as error:
        return replace(_refused(pair.before, error), path_after=after)
    both = []
    for raster, index in ((pair.before, None), (laid.after, laid.index or None)):
        own = yield from _cost(plan, ScanRequest(raster, request.aoi, request.settings, index), draw)
        if own.error:
            return replace(own, path=pair.before.address, path_after=after)
        both.append(own)
    return BatchCost(
        path=pair.before.address,
        tiles=sum(own.tiles for own in both),
        missing=sum(own.missing for own in both),
        seconds=sum(own.seconds for own in both),
        bytes=sum(own.bytes for own in both),
        warnings=tuple(dict.fromkeys(warning for own in both for warning in own.warnings)),
        path_after=after,
    )


def _refused(raster: Source, error: MsaError) -> BatchCost:
    return BatchCost(raster.address, 0, 0, 0.0, 0, error=error.kind, sentence=error.sentence)
