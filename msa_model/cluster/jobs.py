"""What a cluster does for this machine.

Rasters are indexed: parts of their tiles are encoded there, and stored here by one writer. Index files are
searched: ranked there, and merged here as one list.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from msa_model.cluster.connection import Cluster
from msa_model.cluster.tasks import Ranked, encode_part, rank_part
from msa_model.index.blocks import EncodedTiles
from msa_model.index.store import TileIndex
from msa_model.jobs.limits import Limits
from msa_model.jobs.questions import Questions
from msa_model.jobs.ranked import Grid, places_on
from msa_model.jobs.scan import scan
from msa_model.jobs.search import SearchReply, hit_columns
from msa_model.jobs.steps import ProgressMeter
from msa_model.protocol.errors import AoiOutsideRaster, BadArgument, MsaError
from msa_model.protocol.hit_filter import Filters, choose, depth_of
from msa_model.protocol.hit_table import HitTable, RankReply
from msa_model.protocol.messages import (
    Progress,
    RasterRef,
    ScanRequest,
    ScanSummary,
    SearchRequest,
    SearchTimings,
)
from msa_model.raster.grid import Keys
from msa_model.raster.source import Readable

if TYPE_CHECKING:
    from msa_model.model.dual_encoder import DualEncoder

_MOST_TILES, _LEAST_TILES = 512, 16  # of a part
_PARTS_EACH = 4  # that a worker gets of a small raster, so that none waits for another at the end
_AHEAD = 3  # parts for each worker that are handed out
_WAIT_SECONDS = 0.2
_SILENT_ROUNDS = 50  # without a part, after which it is asked whether anybody is there
_AT_ONCE = 8  # rasters
_FILES = 32  # of a part of a search
_SEARCH_PARTS_EACH = 2  # for each worker, where there are few files


@dataclass
class ClusterEncoding:
    """Has the missing tiles of one raster encoded by a cluster; see `jobs.scan.StoreMissing`."""

    cluster: Cluster
    raster: RasterRef
    _running: dict[Any, int] = field(default_factory=dict)

    def __call__(
        self, source: Readable, encoder: DualEncoder, index: TileIndex, missing: Keys, min_valid: float
    ) -> Generator[Progress, None, int]:
        """Parts of lost workers are done again by others; what is stored, is stored whole."""
        meter, skipped, silent = ProgressMeter(len(missing)), 0, 0
        waiting = deque(_parts(missing, self.cluster.workers))
        yield meter.progress()
        try:
            while waiting or self._running:
                self._hand_out(waiting, index, min_valid)
                done = self._finished()
                for future in done:
                    skipped += _store(index, future.result())
                    yield meter.advance(self._running.pop(future))
                silent = 0 if done else silent + 1
                if silent % _SILENT_ROUNDS == _SILENT_ROUNDS - 1:
                    self.cluster.check_alive()
                yield meter.progress()
        finally:
            self.cluster.client.cancel(list(self._running))
        return skipped

    def _hand_out(self, waiting: deque[Keys], index: TileIndex, min_valid: float) -> None:
        while waiting and len(self._running) < _AHEAD * max(self.cluster.workers, 1):
            keys = waiting.popleft()
            future = self.cluster.client.submit(
                encode_part,
                self.cluster.expected,
                self.raster,
                index.manifest,
                keys,
                min_valid,
                pure=False,
            )
            self._running[future] = len(keys)

    def _finished(self) -> list[Any]:
        wait = import_module("distributed").wait
        try:
            return list(wait(list(self._running), timeout=_WAIT_SECONDS, return_when="FIRST_COMPLETED").done)
        except TimeoutError:
            return []


def _parts(missing: Keys, workers: int) -> Iterator[Keys]:
    """Runs of tiles as they lie beside each other."""
    fair = math.ceil(len(missing) / max(1, workers * _PARTS_EACH))
    size = min(max(fair, _LEAST_TILES), _MOST_TILES)
    for start in range(0, len(missing), size):
        yield missing[start : start + size]


def _store(index: TileIndex, parts: Sequence[EncodedTiles]) -> int:
    """Returns how many tiles were skipped."""
    for part in parts:
        index.append(part)
    return sum(len(part.skipped) for part in parts)


def index_rasters(
    cluster: Cluster, encoder: DualEncoder, requests: Sequence[ScanRequest], cache_folder: str | None
) -> Generator[tuple[int, Progress], None, list[ScanSummary | MsaError]]:
    """Index several rasters at a time; yields (number of a raster, how far it is).

    A raster that fails is told in its place; the others go on.

    Raises:
        not_shared: a machine does not see one of the rasters.
    """
    rasters = [request.raster for request in requests if isinstance(request.raster, RasterRef)]
    cluster.check_seen([raster.path for raster in rasters])
    outcomes: dict[int, ScanSummary | MsaError] = {}
    waiting = deque(enumerate(zip(requests, rasters, strict=True)))
    running: dict[int, Generator[Progress, None, ScanSummary]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < _AT_ONCE:
                number, (request, raster) = waiting.popleft()
                running[number] = scan(encoder, request, cache_folder, store=ClusterEncoding(cluster, raster))
            for number in tuple(running):
                yield from _step(number, running, outcomes)
    finally:
        for steps in running.values():
            steps.close()
    return [outcomes[number] for number in range(len(requests))]


def _step(
    number: int,
    running: dict[int, Generator[Progress, None, ScanSummary]],
    outcomes: dict[int, ScanSummary | MsaError],
) -> Iterator[tuple[int, Progress]]:
    try:
        yield number, next(running[number])
    except StopIteration as end:
        outcomes[number] = end.value
        del running[number]
    except MsaError as error:
        outcomes[number] = error
        del running[number]


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
    size = min(_FILES, -(-len(paths) // max(1, _SEARCH_PARTS_EACH * cluster.workers)))
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
