"""What a batch writes for a query on a raster: the hits that count, and their summary."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import shapely

from msa_model.index.batch_file import BatchHit, PairSummary
from msa_model.jobs.search import Judge, judged
from msa_model.protocol.batch import BatchRequest, WatchedQuery
from msa_model.protocol.hit_fields import hit_values
from msa_model.protocol.hit_filter import Filters, depth_of
from msa_model.protocol.hit_table import HitTable
from msa_model.protocol.messages import Aoi, SearchRequest
from msa_model.protocol.ranking import RankReply
from msa_model.raster.aoi import aoi_in
from msa_model.raster.geodesy import area_ha
from msa_model.raster.placing import polygon_in, polygons_of

Rank = Callable[[SearchRequest], tuple[RankReply, bytes]]


@dataclass(frozen=True)
class AnswerTarget:
    """Where results go: `crs` of the file, `source` and `index` of the raster."""

    crs: str
    source: str
    index: str


@dataclass(frozen=True)
class Answers:
    """Answers queries on indexes through the engine's own ranking and verdicts."""

    rank: Rank
    judge: Judge

    def answer(
        self, request: BatchRequest, watched: WatchedQuery, place: AnswerTarget, signature: str
    ) -> tuple[PairSummary, tuple[BatchHit, ...]]:
        """Summary and hits, best first; errors as of the search."""
        filters = Filters(watched.min_score, honest=True, merge=request.merge, limit=request.k)
        asked = SearchRequest(watched.query, (place.index,), depth_of(filters), request.aoi)
        table, rows = judged(HitTable.of(*self.rank(asked)), asked, filters, self.judge)
        verdict = table.verdict.reply if table.verdict else None
        hits = tuple(_hit(table, row, rank, watched, place) for rank, row in enumerate(rows, start=1))
        summary = PairSummary(
            query=watched.query,
            name=watched.name,
            source=place.source,
            hits=len(hits),
            area_ha=_area(table, rows, request.aoi),
            verdict=verdict.level if verdict else "nothing",
            standing=verdict.standing if verdict else None,
            runner_up=verdict.runner_up if verdict else "",
            tiles=table.reply.tiles,
            signature=signature,
        )
        return summary, hits


def _hit(table: HitTable, row: int, rank: int, watched: WatchedQuery, place: AnswerTarget) -> BatchHit:
    hit = replace(table.hit(row), rank=rank, source=place.source)
    polygon = polygon_in(hit.ring, hit.crs, place.crs)
    return BatchHit(polygon, watched.name, **hit_values(hit, watched.query))


def _area(table: HitTable, rows: Sequence[int], aoi: Aoi | None) -> float:
    """Hectares inside the area of interest that the hits cover, what they share counted once."""
    if not rows:
        return 0.0
    crs = table.index(rows[0]).crs
    covered = shapely.union_all([shapely.Polygon(table.ring(row)) for row in rows])
    if aoi is not None:
        inside = aoi_in(aoi, crs, shapely.box(*covered.bounds))
        covered = shapely.union_all(polygons_of(shapely.intersection(covered, inside)))
    return area_ha(covered, crs)
