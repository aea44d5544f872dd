"""A search whose index files are ranked by a cluster, and merged here as one list."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from msa_model.cluster.connection import Cluster
from msa_model.cluster.tasks import Ranked, rank_part
from msa_model.jobs.limits import Limits
from msa_model.jobs.questions import Questions
from msa_model.jobs.ranked import Grid, places_on
from msa_model.jobs.search import SearchReply, hit_columns
from msa_model.protocol.errors import AoiOutsideRaster, BadArgument
from msa_model.protocol.hit_filter import Filters, choose, depth_of
from msa_model.protocol.hit_table import HitTable, RankReply
from msa_model.protocol.messages import SearchRequest, SearchTimings

_FILES = 32  # of a part
_PARTS_EACH = 2  # for each worker, where there are few files


def search_on(
    cluster: Cluster, questions: Questions, request: SearchRequest, merge: bool = False
) -> SearchReply:
    """What `jobs.search.search` answers, of texts; without words and verdict.

    Raises:
        BadArgument: what is asked needs the indexes on this machine.
        QueryEmpty, QueryNotUnderstood, IndexUnreadable … : as of `jobs.search.find`.
        not_shared, cluster_worker_differs: see `tasks.rank_part`.
    """
    if request.examples:
        raise BadArgument("With --scheduler, texts are searched for; --like needs the index here.")
    filters, started = Filters(merge=merge, limit=request.k), time.perf_counter()
    asked = questions.ask(request)
    encoded = time.perf_counter()
    depth = depth_of(filters)
    paths = list(dict.fromkeys(request.indexes))
    parts = _ranked(cluster, paths, asked.vector, replace(request, k=depth))
    if all(part.outside for part in parts):
        raise AoiOutsideRaster(f"The area of interest meets none of the {len(paths)} rasters.")
    rank_ms = 1000 * (time.perf_counter() - encoded)
    timings = SearchTimings(0.0, 1000 * (encoded - started), rank_ms)
    table = _table(parts, depth, asked.query, timings)
    rows = choose(table, filters).rows
    hits = tuple(replace(table.hit(row), rank=rank) for rank, row in enumerate(rows, start=1))
    warnings = questions.warnings(asked.terms)
    return SearchReply(asked.query, hits, table.reply.tiles, timings, warnings, asked.language)


def _ranked(
    cluster: Cluster, paths: Sequence[str], vector: NDArray[np.float32], request: SearchRequest
) -> list[Ranked]:
    limits = Limits.of(request)
    size = min(_FILES, -(-len(paths) // max(1, _PARTS_EACH * cluster.workers)))
    runs = [list(paths[start : start + size]) for start in range(0, len(paths), size)]
    futures = [
        cluster.client.submit(rank_part, cluster.expected, run, vector, request.k, limits, pure=False)
        for run in runs
    ]
    try:
        parts: list[Ranked] = cluster.client.gather(futures)
        return parts
    finally:
        cluster.client.cancel(futures)


def _table(parts: Sequence[Ranked], k: int, query: str, timings: SearchTimings) -> HitTable:
    """The `k` best of all parts; ties in the order of the index files."""
    indexes = tuple(index for part in parts for index in part.indexes)
    firsts = np.cumsum([0, *(len(part.indexes) for part in parts)])
    owners = np.concatenate([part.owners + first for part, first in zip(parts, firsts, strict=False)])
    keys, scores, valid = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("keys", "scores", "valid")
    )
    best = np.argsort(-scores, kind="stable")[:k]
    owners, keys = owners[best].astype(np.int32), keys[best]
    grids = [Grid(index.crs, Affine(*index.transform)) for index in indexes]
    columns = hit_columns(scores[best], valid[best], places_on(grids, owners, keys), owners, keys)
    reply = RankReply(query, len(best), sum(part.tiles for part in parts), indexes, timings)
    return HitTable.of(reply, columns)
