"""What a batch would cost, raster by raster, before anything is scanned."""

from __future__ import annotations

from collections.abc import Callable, Generator

from msa_model.jobs.batch import Batch
from msa_model.protocol.batch import BatchCost, BatchPlan, BatchRequest
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
    if not request.rasters:
        raise BadArgument("There is no raster to search in.")
    queries = batch.queries(request) if request.queries or request.watch_list else ()
    costs: list[BatchCost] = []
    for raster in dict.fromkeys(request.rasters):
        yield Progress.at(0, 0, label=raster.name)
        costs.append((yield from _cost(plan, raster, request, draw)))
    return BatchPlan(
        rasters=tuple(costs),
        queries=len(queries),
        tiles=sum(cost.tiles for cost in costs),
        missing=sum(cost.missing for cost in costs),
        seconds=sum(cost.seconds for cost in costs),
        bytes=sum(cost.bytes for cost in costs),
    )


def _cost(
    plan: Planning, raster: Source, request: BatchRequest, draw: Draw
) -> Generator[Progress, None, BatchCost]:
    try:
        found = yield from plan(ScanRequest(raster, request.aoi, request.settings), draw)
    except MsaError as error:
        return BatchCost(raster.address, 0, 0, 0.0, 0, error=error.kind, sentence=error.sentence)
    grown = found.bytes if found.missing else 0
    return BatchCost(raster.address, found.tiles, found.missing, found.seconds, grown, found.warnings)
