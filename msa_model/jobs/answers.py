"""What a batch writes for a query on a raster: the hits that count, and their summary."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import shapely

from msa_model.index.batch_changes import BatchChange, ChangeSummary
from msa_model.index.batch_file import BatchHit, PairSummary
from msa_model.jobs.search import Judge, judged
from msa_model.protocol.batch import BatchRequest, WatchedQuery
from msa_model.protocol.changing import ChangeReply, ChangeRequest
from msa_model.protocol.hit_filter import CHANGE_FIELDS, HIT_FIELDS, Filters, depth_of, hit_values
from msa_model.protocol.hit_table import HitTable, RankReply
from msa_model.protocol.messages import Aoi, Hit, SearchRequest
from msa_model.raster.aoi import aoi_in
from msa_model.raster.coordinates import area_ha, polygon_in, polygons_of

Changed = Callable[[ChangeRequest], ChangeReply]
Rank = Callable[[SearchRequest], tuple[RankReply, bytes]]
Row = TypeVar("Row", bound=BatchHit)


@dataclass(frozen=True)
class AnswerTarget:
    """Where results go: `crs` of the file, `source` and `index` of the raster."""

    crs: str
    source: str
    index: str


@dataclass(frozen=True)
class PairTarget(AnswerTarget):
    """The same of two dates; `source` and `index` are those before, `dates` as `DatedPair` has them."""

    source_after: str
    index_after: str
    dates: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Answers:
    """Answers queries on indexes through the engine's own ranking and verdicts."""

    rank: Rank
    judge: Judge

    def answer(
        self, request: BatchRequest, watched: WatchedQuery, target: AnswerTarget, signature: str
    ) -> tuple[PairSummary, tuple[BatchHit, ...]]:
        """Summary and hits, best first; errors as of the search."""
        filters = Filters(watched.min_score, by_match=True, merge=request.merge, limit=request.k)
        asked = SearchRequest(watched.query, (target.index,), depth_of(filters), request.aoi)
        table, rows = judged(HitTable.of(*self.rank(asked)), asked, filters, self.judge)
        verdict = table.verdict.reply if table.verdict else None
        found = [
            replace(table.hit(row), rank=rank, source=target.source) for rank, row in enumerate(rows, start=1)
        ]
        summary = PairSummary(
            query=watched.query,
            name=watched.name,
            source=target.source,
            hits=len(found),
            area_ha=_area(found, request.aoi),
            verdict=verdict.level if verdict else "nothing",
            best_score=verdict.best_score if verdict else None,
            runner_up=verdict.runner_up if verdict else "",
            tiles=table.reply.tiles,
            signature=signature,
        )
        return summary, tuple(_row(BatchHit, hit, watched, target) for hit in found)


@dataclass(frozen=True)
class ChangeAnswers:
    """The same of questions about two dates."""

    changed: Changed

    def answer(
        self, request: BatchRequest, watched: WatchedQuery, target: PairTarget, signature: str
    ) -> tuple[ChangeSummary, tuple[BatchChange, ...]]:
        """Summary and changes, best first, those below the least one left out; errors as of the search."""
        indexes = (target.index, target.index_after)
        asked = ChangeRequest(
            watched.query, *indexes, request.k, request.aoi, *target.dates, merge=request.merge
        )
        reply = self.changed(asked)
        least = -math.inf if watched.min_score is None else watched.min_score
        found = [
            replace(hit, source=target.source, source_after=target.source_after)
            for hit in reply.results
            if hit.change >= least
        ]
        summary = ChangeSummary(
            query=watched.query,
            name=watched.name,
            source=target.source,
            hits=len(found),
            area_ha=_area(found, request.aoi),
            verdict=reply.verdict.level,
            best_score=reply.verdict.best_score,
            runner_up="",
            tiles=reply.tiles,
            signature=signature,
            source_after=target.source_after,
        )
        return summary, tuple(_row(BatchChange, hit, watched, target, CHANGE_FIELDS) for hit in found)


def _row(
    kind: type[Row],
    hit: Hit,
    watched: WatchedQuery,
    target: AnswerTarget,
    fields: Mapping[str, str] = HIT_FIELDS,
) -> Row:
    """A hit as the results file holds it."""
    polygon = polygon_in(hit.ring, hit.crs, target.crs)
    return kind(polygon, watched.name, **hit_values(hit, watched.query, fields))


def _area(hits: Sequence[Hit], aoi: Aoi | None) -> float:
    """Hectares inside the area of interest that hits on one raster cover, what they share counted once."""
    if not hits:
        return 0.0
    crs, covered = hits[0].crs, shapely.union_all([shapely.Polygon(hit.ring) for hit in hits])
    if aoi is not None:
        inside = aoi_in(aoi, crs, shapely.box(*covered.bounds))
        covered = shapely.union_all(polygons_of(shapely.intersection(covered, inside)))
    return area_ha(covered, crs)
