"""What a batch writes for a query on a raster: the hits that count, and their summary."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import shapely

from msa_model.index.batch_changes import BatchChange, ChangeSummary
from msa_model.index.batch_file import BatchHit, PairSummary
from msa_model.jobs.search import Judge, judged
from msa_model.protocol.batch import BatchRequest, WatchedQuery
from msa_model.protocol.changing import ChangeHit, ChangeReply, ChangeRequest
from msa_model.protocol.hit_filter import CHANGE_FIELDS, Filters, depth_of, hit_values
from msa_model.protocol.hit_table import HitTable, RankReply
from msa_model.protocol.messages import Aoi, Ring, SearchRequest
from msa_model.raster.aoi import aoi_in
from msa_model.raster.coordinates import area_ha, polygon_in, polygons_of

Changed = Callable[[ChangeRequest], ChangeReply]
Rank = Callable[[SearchRequest], tuple[RankReply, bytes]]


@dataclass(frozen=True)
class AnswerTarget:
    """Where results go: `crs` of the file, `source` and `index` of the raster."""

    crs: str
    source: str
    index: str


@dataclass(frozen=True)
class PairTarget(AnswerTarget):
    """The same of two dates; `source` and `index` are those before."""

    source_after: str
    index_after: str


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
            area_ha=_area([table.ring(row) for row in rows], table.index(rows[0]).crs, request.aoi)
            if rows
            else 0.0,
            verdict=verdict.level if verdict else "nothing",
            standing=verdict.standing if verdict else None,
            runner_up=verdict.runner_up if verdict else "",
            tiles=table.reply.tiles,
            signature=signature,
        )
        return summary, hits


@dataclass(frozen=True)
class ChangeAnswers:
    """The same of questions about two dates."""

    changed: Changed

    def answer(
        self, request: BatchRequest, watched: WatchedQuery, place: PairTarget, signature: str
    ) -> tuple[ChangeSummary, tuple[BatchChange, ...]]:
        """Summary and changes, best first, those below the least one left out; errors as of the search."""
        asked = ChangeRequest(
            watched.query, place.index, place.index_after, request.k, request.aoi, merge=request.merge
        )
        reply = self.changed(asked)
        least = -math.inf if watched.min_score is None else watched.min_score
        found = [hit for hit in reply.results if hit.change >= least]
        rings = [hit.ring for hit in found]
        summary = ChangeSummary(
            query=watched.query,
            name=watched.name,
            source=place.source,
            hits=len(found),
            area_ha=_area(rings, found[0].crs, request.aoi) if found else 0.0,
            verdict=reply.verdict.level,
            standing=reply.verdict.standing,
            runner_up="",
            tiles=reply.tiles,
            signature=signature,
            source_after=place.source_after,
        )
        return summary, tuple(_change(hit, watched, place) for hit in found)


def _change(hit: ChangeHit, watched: WatchedQuery, place: PairTarget) -> BatchChange:
    found = replace(hit, source=place.source, source_after=place.source_after)
    polygon = polygon_in(hit.ring, hit.crs, place.crs)
    return BatchChange(polygon, watched.name, **hit_values(found, watched.query, CHANGE_FIELDS))


def _hit(table: HitTable, row: int, rank: int, watched: WatchedQuery, place: AnswerTarget) -> BatchHit:
    hit = replace(table.hit(row), rank=rank, source=place.source)
    polygon = polygon_in(hit.ring, hit.crs, place.crs)
    return BatchHit(polygon, watched.name, **hit_values(hit, watched.query))


def _area(rings: Sequence[Ring], crs: str, aoi: Aoi | None) -> float:
    """Hectares inside the area of interest that the hits cover, what they share counted once."""
    covered = shapely.union_all([shapely.Polygon(ring) for ring in rings])
    if aoi is not None:
        inside = aoi_in(aoi, crs, shapely.box(*covered.bounds))
        covered = shapely.union_all(polygons_of(shapely.intersection(covered, inside)))
    return area_ha(covered, crs)
