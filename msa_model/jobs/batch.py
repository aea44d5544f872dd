"""Batches: many queries over many rasters, each raster encoded once.

What is done stands in the results file, so that the same request goes on where an earlier one ended, however
that one ended.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from msa_model.index.batch_file import BatchFile, RasterRow
from msa_model.jobs.answers import Answers, AnswerTarget
from msa_model.jobs.report import check_report, write_report
from msa_model.jobs.scan import scan
from msa_model.jobs.sources import OpenSources
from msa_model.jobs.survey import scan_state
from msa_model.protocol.batch import BatchRaster, BatchRequest, BatchSummary, WatchedQuery
from msa_model.protocol.errors import BadArgument, DiskFull, MsaError, QueryEmpty, QueryNotUnderstood
from msa_model.protocol.messages import Progress, RasterRef, ScanRequest, Source
from msa_model.protocol.pixels import Draw
from msa_model.protocol.query import parse_query
from msa_model.protocol.watch_list import read_watch_list
from msa_model.raster.drawn import open_source, undrawn

if TYPE_CHECKING:
    from msa_model.model.dual_encoder import DualEncoder

_log = logging.getLogger(__name__)
_MIXED_CRS = "EPSG:4326"

Steps = Generator[Progress, None, BatchSummary]
Part = Generator[Progress, None, None]
Result = TypeVar("Result")


@dataclass
class BatchTask:
    """A raster of the batch: what it lacks, and in the end what became of it."""

    ref: Source
    draw: Draw
    crs: str = ""
    fingerprint: str = ""
    missing: int = 0
    outcome: BatchRaster | None = None

    @property
    def name(self) -> str:
        """For people."""
        return self.ref.name

    def failed(self, error: Exception) -> BatchRaster:
        """The outcome of a raster that cannot be worked on; an unforeseen error is logged."""
        if not isinstance(error, MsaError):
            _log.error("%s failed in a batch", self.ref.address, exc_info=error)
            error = MsaError(f"{self.ref.address} failed unexpectedly ({type(error).__name__}: {error}).")
        return BatchRaster(self.ref.address, "", 0, 0, 0, 0, error.kind, error.sentence)


class Batch:
    """Runs batches under one model."""

    def __init__(
        self, encoder: DualEncoder, answers: Answers, sources: OpenSources, cache_folder: str | None
    ) -> None:
        self._encoder = encoder
        self._answers = answers
        self._sources = sources
        self._cache_folder = cache_folder

    def steps(self, request: BatchRequest, draw: Draw = undrawn) -> Steps:
        """Scan, then answer; a raster that fails stops no other.

        Progress counts tiles of all rasters. Closing the generator keeps all that is written.

        Raises:
            BadArgument, watch_list_unreadable, QueryEmpty, QueryNotUnderstood: the request; nothing is done.
            index_locked, folder_read_only, DiskFull: results cannot be written.
        """
        queries = self.queries(request)
        if not request.rasters:
            raise BadArgument("There is no raster to search in.")
        if request.report:
            check_report(Path(request.report))
        yield Progress.at(0, 0)
        return (yield from self._run(replace(request, queries=queries, watch_list=None), draw))

    def queries(self, request: BatchRequest) -> tuple[WatchedQuery, ...]:
        """All queries of a request, once each; errors as of `steps`."""
        listed = read_watch_list(request.watch_list) if request.watch_list else ()
        queries = {watched.query.strip(): watched for watched in (*request.queries, *listed)}
        if not queries:
            raise BadArgument("There is no query to answer.")
        for text in queries:
            self._check(text)
        if request.k < 1:
            raise BadArgument(f"The number of results must be at least 1, not {request.k}.")
        return tuple(_settled(watched, text, request) for text, watched in queries.items())

    def _check(self, text: str) -> None:
        try:
            for term in parse_query(text):
                self._encoder.check_query(term.text)
        except (QueryEmpty, QueryNotUnderstood) as error:
            raise MsaError.of(error.kind, f"The query '{text}' cannot be asked: {error.sentence}") from error

    def _run(self, request: BatchRequest, draw: Draw) -> Steps:
        started = time.monotonic()
        tasks = [BatchTask(ref, draw) for ref in dict.fromkeys(request.rasters)]
        for task in tasks:
            self._look(task)
            yield Progress.at(0, 0, label=task.name)
        with BatchFile(Path(request.out), _crs_of(tasks)) as out:
            yield from self._work(request, tasks, out)
            if request.report:
                yield from write_report(Path(request.report), request, out, self._sources)
        outcomes = tuple(task.outcome for task in tasks if task.outcome is not None)
        return BatchSummary(
            out=request.out,
            report=request.report or "",
            rasters=outcomes,
            queries=len(request.queries),
            hits=sum(outcome.hits for outcome in outcomes),
            seconds=time.monotonic() - started,
        )

    def _look(self, task: BatchTask) -> None:
        """Find out which raster this is; what keeps it from being read is its outcome."""
        try:
            with open_source(task.ref, task.draw) as source:
                task.crs, task.fingerprint = source.crs, source.fingerprint + source.stamp
        except Exception as error:
            task.outcome = task.failed(error)

    def _work(self, request: BatchRequest, tasks: Sequence[BatchTask], out: BatchFile) -> Part:
        for task in tasks:
            if task.outcome is None:
                self._plan(request, task, out)
            yield Progress.at(0, 0, label=task.name)
        progress = BatchProgress(sum(task.missing for task in tasks))
        for task in tasks:
            if task.outcome is None:
                yield from self._finish(request, task, out, progress)
            if task.outcome is not None and task.outcome.error:
                out.write_raster(_row(task.outcome))

    def _plan(self, request: BatchRequest, task: BatchTask, out: BatchFile) -> None:
        """Count the tiles that are missing, none where every query has its answer."""
        wanted = [_signature(request, w, task, self._encoder.sha256) for w in request.queries]
        done = [out.done(w.query, task.ref.address) for w in request.queries]
        row = out.raster(task.ref.address)
        if row and all(d and d.signature == s for d, s in zip(done, wanted, strict=True)):
            hits = sum(pair.hits for pair in done if pair)
            task.outcome = BatchRaster(task.ref.address, row.index, row.tiles, 0, row.tiles, hits)
            return
        try:
            with open_source(task.ref, task.draw) as source:
                asked = ScanRequest(task.ref, request.aoi, request.settings)
                task.missing = len(scan_state(source, self._encoder, asked, self._cache_folder).missing)
        except Exception as error:
            task.outcome = task.failed(error)

    def _finish(
        self, request: BatchRequest, task: BatchTask, out: BatchFile, progress: BatchProgress
    ) -> Part:
        """Scan a raster and answer every query on it; its failure is its outcome."""
        try:
            yield from self._scan_and_answer(request, task, out, progress)
        except DiskFull:
            raise
        except Exception as error:
            out.check()
            task.outcome = task.failed(error)
        progress.add(task.missing)

    def _scan_and_answer(
        self, request: BatchRequest, task: BatchTask, out: BatchFile, progress: BatchProgress
    ) -> Part:
        asked = ScanRequest(task.ref, request.aoi, request.settings)
        steps = scan(self._encoder, asked, self._cache_folder, task.draw)
        summary = yield from progress.through(steps, task.name)
        hits, place = 0, AnswerTarget(out.crs, task.ref.address, summary.index)
        row = RasterRow(task.ref.address, summary.index, summary.tiles, summary.encoded, summary.reused)
        out.write_raster(row)
        for watched in request.queries:
            yield progress.now(f"{task.name} · {watched.name or watched.query}")
            signature = _signature(request, watched, task, self._encoder.sha256)
            pair = out.done(watched.query, task.ref.address)
            if pair is None or pair.signature != signature:
                pair, found = self._answers.answer(request, watched, place, signature)
                out.write_pair(pair, found)
            hits += pair.hits
        task.outcome = BatchRaster(
            task.ref.address, summary.index, summary.tiles, summary.encoded, summary.reused, hits
        )


class BatchProgress:
    """Progress over all rasters, made of the progress of each."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._before = 0
        self._last = Progress.at(0, total)

    def through(
        self, steps: Generator[Progress, None, Result], label: str
    ) -> Generator[Progress, None, Result]:
        """Take the steps of a scan, whose tiles are some of all."""
        try:
            while True:
                part = next(steps)
                self._last = part.within(self._before, self._total, label)
                yield self._last
        except StopIteration as end:
            result: Result = end.value
            return result
        finally:
            steps.close()

    def now(self, label: str) -> Progress:
        """The state, while something else than a scan is done."""
        return replace(self._last, label=label)

    def add(self, tiles: int) -> None:
        """Count a raster that is finished, well or not."""
        self._before += tiles
        self._last = replace(self._last, done=self._before)


def _crs_of(tasks: Sequence[BatchTask]) -> str:
    """The rasters' own CRS where it is one, else longitude and latitude."""
    known = {task.crs for task in tasks if task.crs}
    return known.pop() if len(known) == 1 else _MIXED_CRS


def _settled(watched: WatchedQuery, text: str, request: BatchRequest) -> WatchedQuery:
    least = request.min_score if watched.min_score is None else watched.min_score
    return replace(watched, query=text, min_score=least)


def _signature(request: BatchRequest, watched: WatchedQuery, task: BatchTask, model_sha256: str) -> str:
    """What an answer depends on, as one word."""
    parts = {
        "query": watched.query,
        "name": watched.name,
        "least": watched.min_score,
        "bands": task.ref.bands if isinstance(task.ref, RasterRef) else task.ref.transform,
        "raster": task.fingerprint,
        "aoi": asdict(request.aoi) if request.aoi else None,
        "settings": asdict(request.settings),
        "k": request.k,
        "merge": request.merge,
        "model": model_sha256,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def _row(outcome: BatchRaster) -> RasterRow:
    return RasterRow(outcome.path, outcome.index, 0, 0, 0, outcome.error, outcome.sentence)
