"""What a batch writes for a query on a raster: the hits that count, and their summary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import shapely

from msa_model.index.batch_file import BatchHit, PairSummary
from msa_model.protocol.batch import BatchRequest, WatchedQuery
from msa_model.protocol.hit_table import HitTable
from msa_model.protocol.messages import SearchRequest
from msa_model.protocol.ranking import RankReply, VerdictReply
from msa_model.raster.geodesy import area_ha
from msa_model.raster.placing import polygon_in

Rank = Callable[[SearchRequest], tuple[RankReply, bytes]]
Judge = Callable[[SearchRequest], tuple[VerdictReply, bytes]]

_DEEPER = 20  # hits ranked for each one wanted, where those of one place count once
_DEEPEST = 10_000


@dataclass(frozen=True)
class Place:
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
        self, request: BatchRequest, watched: WatchedQuery, place: Place, signature: str
    ) -> tuple[PairSummary, tuple[BatchHit, ...]]:
        """Summary and hits, best first; errors as of the search."""
        depth = min(request.k * _DEEPER, max(request.k, _DEEPEST)) if request.merge else request.k
        asked = SearchRequest(watched.query, (place.index,), depth, request.aoi)
        table = HitTable.of(*self.rank(asked))
        verdict = None
        if len(table):
            verdict, columns = self.judge(asked)
            table = table.with_verdict(verdict, columns)
        rows = _chosen(table, request, watched)
        hits = tuple(_hit(table, row, rank, watched, place) for rank, row in enumerate(rows, start=1))
        summary = PairSummary(
            query=watched.query,
            name=watched.name,
            source=place.source,
            hits=len(hits),
            area_ha=_area(table, rows),
            verdict=verdict.level if verdict else "nothing",
            standing=verdict.standing if verdict else None,
            runner_up=verdict.runner_up if verdict else "",
            tiles=table.reply.tiles,
            signature=signature,
        )
        return summary, hits


def _chosen(table: HitTable, request: BatchRequest, watched: WatchedQuery) -> list[int]:
    """The rows that count: one of each place where they are merged, none below the least score."""
    places: set[int] = set()
    rows = []
    for row in range(len(table)):
        honest = table.honest(row)
        if watched.min_score is not None and honest is not None and honest < watched.min_score:
            continue
        if request.merge and table.places[row] in places:
            continue
        places.add(table.places[row])
        rows.append(row)
        if len(rows) == request.k:
            break
    return rows


def _hit(table: HitTable, row: int, rank: int, watched: WatchedQuery, place: Place) -> BatchHit:
    hit = table.hit(row)
    return BatchHit(
        polygon=polygon_in(hit.ring, hit.crs, place.crs),
        query=watched.query,
        name=watched.name,
        rank=rank,
        score=hit.score,
        honest=table.honest(row),
        phrase=table.phrase(row),
        scale_m=hit.scale_m,
        valid=float(table.valid[row]),
        source=place.source,
        index=place.index,
        factor=hit.factor,
        row=hit.row,
        col=hit.col,
    )


def _area(table: HitTable, rows: list[int]) -> float:
    """Hectares that the hits cover, what they share counted once."""
    if not rows:
        return 0.0
    union = shapely.union_all([shapely.Polygon(table.ring(row)) for row in rows])
    return area_ha(union, table.index(rows[0]).crs)
