"""Searching: one text against the tiles of any number of indexes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from msa_model.index.rank import cosines, rank_tiles
from msa_model.jobs.fine import Found, check_rerank, reranked
from msa_model.jobs.open_indexes import OpenIndex, OpenIndexes
from msa_model.jobs.words import QueryWords
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.messages import Aoi, Hit, SearchReply, SearchRequest, SearchTimings
from msa_model.raster.aoi import aoi_in
from msa_model.raster.tiles import box_rings, ring_bounds, tile_boxes, tile_ring

if TYPE_CHECKING:
    from msa_model.model.dual_encoder import DualEncoder


@dataclass(frozen=True)
class Ranked:
    """The best tiles of one index: `positions` int64 [n] in its table, `scores` float32 [n]."""

    index: OpenIndex
    positions: NDArray[np.int64]
    scores: NDArray[np.float32]
    candidates: int


def search(encoder: DualEncoder, indexes: OpenIndexes, request: SearchRequest) -> SearchReply:
    """The `k` tiles nearest to the query by cosine, over all indexes; no tile is encoded.

    With `rerank`, the fine stage orders the best that many anew before the list is cut to `k`.

    Raises:
        RerankUnavailable: the model has no fine stage, or an index nothing for it.
        QueryEmpty, QueryNotUnderstood, BadArgument: the request.
        IndexMissing, IndexUnreadable, IndexOfOtherModel, IndexStale: one of the indexes.
        AoiInvalid: the area cannot be expressed in a raster's CRS.
    """
    query = encoder.check_query(request.query)
    if request.k < 1:
        raise BadArgument(f"The number of results must be at least 1, not {request.k}.")
    if not request.indexes:
        raise BadArgument("There is no index to search in.")
    check_rerank(encoder, request.rerank)
    clock = _Stopwatch()
    opened = [indexes.get(path) for path in dict.fromkeys(request.indexes)]
    load_ms = clock.lap_ms()
    vector = encoder.encode_texts([query])[0]
    encode_ms = clock.lap_ms()
    ranked = [_rank(index, vector, request) for index in opened]
    found = _merged(ranked, max(request.k, request.rerank))
    rank_ms = clock.lap_ms()
    if request.rerank:
        found = reranked(encoder, found, query, request.rerank)
    rerank_ms = clock.lap_ms()
    hits = _with_words(encoder, found[: request.k], query) if request.words else _hits(found[: request.k])
    timings = SearchTimings(load_ms, encode_ms, rank_ms, rerank_ms, clock.lap_ms())
    return SearchReply(query, hits, sum(part.candidates for part in ranked), timings)


def score_tiles(encoder: DualEncoder, index: OpenIndex, query: str) -> NDArray[np.float32]:
    """The cosine of every tile of an index with a query, float32 [n]; errors as in `search`."""
    vector = encoder.encode_texts([encoder.check_query(query)])[0]
    return cosines(index.table.vectors, vector)


class _Stopwatch:
    def __init__(self) -> None:
        self._at = time.perf_counter()

    def lap_ms(self) -> float:
        before, self._at = self._at, time.perf_counter()
        return (self._at - before) * 1000


def _rank(index: OpenIndex, vector: NDArray[np.float32], request: SearchRequest) -> Ranked:
    keep = None if request.aoi is None else _meeting(index, request.aoi)
    wanted = max(request.k, request.rerank)
    positions, scores = rank_tiles(index.table.vectors, vector, wanted, keep)
    candidates = len(index.table.keys) if keep is None else int(keep.sum())
    return Ranked(index, positions, scores, candidates)


def _meeting(index: OpenIndex, aoi: Aoi) -> NDArray[np.bool_]:
    """Which tiles meet the area, bool [n]."""
    area = aoi_in(aoi, index.manifest.crs)
    rings = box_rings(index.manifest.affine, tile_boxes(index.table.keys))
    low, high = rings.min(axis=1), rings.max(axis=1)
    x0, y0, x1, y1 = area.bounds
    near: NDArray[np.bool_] = (low[:, 0] < x1) & (high[:, 0] > x0) & (low[:, 1] < y1) & (high[:, 1] > y0)
    shapely.prepare(area)
    near[near] = shapely.intersects(area, shapely.polygons(rings[near]))
    return near


def _merged(ranked: list[Ranked], k: int) -> list[Found]:
    """The best of all, ties in the order of the indexes and their tiles."""
    found = [(part, i) for part in ranked for i in range(len(part.positions))]
    found.sort(key=lambda place: -place[0].scores[place[1]])
    return [
        (part.index, int(part.positions[i]), _hit(rank, part, i))
        for rank, (part, i) in enumerate(found[:k], start=1)
    ]


def _hits(found: Sequence[Found]) -> tuple[Hit, ...]:
    return tuple(hit for _, _, hit in found)


def _with_words(encoder: DualEncoder, found: Sequence[Found], query: str) -> tuple[Hit, ...]:
    words = QueryWords.of(encoder, query)
    return tuple(
        replace(hit, words=words.for_tile(index.table.vectors[position])) for index, position, hit in found
    )


def _hit(rank: int, part: Ranked, place: int) -> Hit:
    manifest = part.index.manifest
    factor, row, col = part.index.table.keys[part.positions[place]].tolist()
    ring = tile_ring(manifest.affine, (factor, row, col))
    return Hit(
        rank=rank,
        score=float(part.scores[place]),
        bounds=ring_bounds(ring),
        ring=ring,
        crs=manifest.crs,
        scale_m=manifest.scale_m(factor),
        source=part.index.raster.path,
        index=str(part.index.path),
        factor=factor,
        row=row,
        col=col,
    )
