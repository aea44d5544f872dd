"""Batches: many queries over many rasters, each raster encoded once.

What is done stands in the results file, so that the same request goes on where an earlier one ended, however
that one ended.

What a batch would cost, raster by raster, before anything is scanned.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from msa_model.index.batch_changes import ChangesFile, PairRow
from msa_model.index.batch_file import PairSummary, RasterRow
from msa_model.jobs.answers import Answers, AnswerTarget, ChangeAnswers, PairTarget
from msa_model.jobs.batch_tasks import (
    BatchTask,
    PairTask,
    check_places,
    check_seen,
    pairs_of,
    tasks_of,
    words_of,
)
from msa_model.jobs.open_files import OpenSources
from msa_model.jobs.pairing import paired
from msa_model.jobs.report import check_report, write_report
from msa_model.jobs.scan import scan
from msa_model.jobs.scan_work import scan_state
from msa_model.jobs.steps import relayed
from msa_model.protocol.batch import (
    BatchCost,
    BatchPlan,
    BatchRequest,
    BatchSummary,
    DatedPair,
    WatchedQuery,
    read_watch_list,
)
from msa_model.protocol.changing import PairReply, PairRequest
from msa_model.protocol.errors import BadArgument, DiskFull, MsaError, QueryEmpty, QueryNotUnderstood
from msa_model.protocol.messages import Progress, ScanPlan, ScanRequest, Source
from msa_model.protocol.pixels import Draw
from msa_model.protocol.query import parse_query
from msa_model.raster.drawn import open_source, undrawn

if TYPE_CHECKING:
    from msa_model.model.dual_encoder import DualEncoder

_MIXED_CRS = "EPSG:4326"

Steps = Generator[Progress, None, BatchSummary]
Part = Generator[Progress, None, None]
Result = TypeVar("Result")


class Batch:
    """Runs batches under one model."""

    def __init__(
        self,
        encoder: DualEncoder,
        answers: Answers,
        changes: ChangeAnswers,
        sources: OpenSources,
        cache_folder: str | None,
    ) -> None:
        self._encoder = encoder
        self._answers, self._changes = answers, changes
        self._sources = sources
        self._cache_folder = cache_folder

    def steps(self, request: BatchRequest, draw: Draw = undrawn) -> Steps:
        """Scan, then answer; a raster that fails stops no other.

        Progress counts tiles of all rasters. Closing the generator keeps all that is written.

        Raises:
            BadArgument, watch_list_unreadable, QueryEmpty, QueryNotUnderstood: the request; nothing is done.
            RasterMissing: as `check_seen`; the same.
            index_locked, folder_read_only, DiskFull: results cannot be written.
        """
        check_seen(request)
        queries = self.queries(request)
        check_places(request, queries)
        if request.report:
            check_report(Path(request.report))
        yield Progress.at(0, 0)
        return (yield from self._run(replace(request, queries=queries, watch_list=None), draw))

    def queries(self, request: BatchRequest) -> tuple[WatchedQuery, ...]:
        """All queries of a request, once each; errors as of `steps`."""
        listed = read_watch_list(request.watch_list) if request.watch_list else ()
        asked = (replace(watched, query=watched.query.strip()) for watched in (*request.queries, *listed))
        queries = {(watched.query, watched.before, watched.after): watched for watched in asked}
        if not queries:
            raise BadArgument("There is no query to answer.")
        for watched in queries.values():
            self._check(watched)
        if request.k < 1:
            raise BadArgument(f"The number of results must be at least 1, not {request.k}.")
        return tuple(_settled(watched, request) for watched in queries.values())

    def laid_over(self, pair: DatedPair) -> PairReply:
        """What to scan of the later of two dates; errors as of `pairing.paired`."""
        return paired(PairRequest(pair.before, pair.after), self._encoder.sha256, self._cache_folder)

    def _check(self, watched: WatchedQuery) -> None:
        try:
            for text in words_of(watched):
                for term in parse_query(text):
                    self._encoder.check_query(term.text)
        except (QueryEmpty, QueryNotUnderstood) as error:
            told = f"The query '{watched.query}' cannot be asked: {error.sentence}"
            raise MsaError.of(error.kind, told) from error

    def _run(self, request: BatchRequest, draw: Draw) -> Steps:
        started = time.monotonic()
        tasks = tasks_of(request, draw)
        for task in tasks:
            self._look(task)
            yield Progress.at(0, 0, label=task.name)
        with ChangesFile(Path(request.out), _crs_of(tasks)) as out:
            yield from self._work(request, tasks, out)
            if request.report:
                yield from write_report(Path(request.report), request, tasks, out, self._sources)
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
            for ref in task.sources:
                with open_source(ref, task.draw) as source:
                    task.crs = task.crs or source.crs
                    task.fingerprint += source.fingerprint + source.stamp
            if isinstance(task, PairTask):
                task.laid = self.laid_over(task.pair)
        except Exception as error:
            task.outcome = task.failed(error)

    def _work(self, request: BatchRequest, tasks: Sequence[BatchTask], out: ChangesFile) -> Part:
        for task in tasks:
            if task.outcome is None:
                self._plan(request, task, out)
            yield Progress.at(0, 0, label=task.name)
        progress = BatchProgress(sum(task.missing for task in tasks))
        for task in tasks:
            if task.outcome is None:
                yield from self._finish(request, task, out, progress)
            if task.outcome is not None and task.outcome.error:
                told = task.outcome
                task.write(out, RasterRow(told.path, told.index, 0, 0, 0, told.error, told.sentence))

    def _plan(self, request: BatchRequest, task: BatchTask, out: ChangesFile) -> None:
        """Count the tiles that are missing, none where every query has its answer."""
        wanted = [task.signature(request, w, self._encoder.sha256) for w in task.queries]
        done = [task.done(out, w) for w in task.queries]
        row = task.known_row(out)
        if row and not row.error and all(d and d.signature == s for d, s in zip(done, wanted, strict=True)):
            hits = sum(pair.hits for pair in done if pair)
            task.outcome = task.ended(replace(row, encoded=0, reused=row.tiles), hits)
            return
        try:
            for watched, pair, signature in zip(task.queries, done, wanted, strict=True):
                if pair is not None and pair.signature != signature:
                    task.check_replaceable(out, watched)
            for asked in task.scans(request):
                with open_source(asked.raster, task.draw) as source:
                    task.missing += len(scan_state(source, self._encoder, asked, self._cache_folder).missing)
        except Exception as error:
            task.outcome = task.failed(error)

    def _finish(
        self, request: BatchRequest, task: BatchTask, out: ChangesFile, progress: BatchProgress
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
        self, request: BatchRequest, task: BatchTask, out: ChangesFile, progress: BatchProgress
    ) -> Part:
        scans = []
        for asked in task.scans(request):
            steps = scan(self._encoder, asked, self._cache_folder, task.draw)
            scans.append((yield from progress.through(steps, task.name)))
        row = task.row(scans)
        task.write(out, row)
        hits = 0
        for watched in task.queries:
            yield progress.now(f"{task.name} · {watched.name or watched.query}")
            signature = task.signature(request, watched, self._encoder.sha256)
            pair = task.done(out, watched)
            if pair is None or pair.signature != signature:
                pair = self._answered(request, watched, task, row, signature, out)
            hits += pair.hits
        task.outcome = task.ended(row, hits)

    def _answered(  # noqa: PLR0917  (all that an answer depends on, and where it goes)
        self,
        request: BatchRequest,
        watched: WatchedQuery,
        task: BatchTask,
        row: RasterRow,
        signature: str,
        out: ChangesFile,
    ) -> PairSummary:
        """Answer a query, and write that."""
        if isinstance(row, PairRow) and isinstance(task, PairTask):
            dates = (task.pair.date_before, task.pair.date_after)
            both = PairTarget(out.crs, row.source, row.index, row.source_after, row.index_after, dates)
            changed, changes = self._changes.answer(request, watched, both, signature)
            out.write_changes(changed, changes)
            return changed
        place = AnswerTarget(out.crs, row.source, row.index)
        pair, found = self._answers.answer(request, watched, place, signature)
        out.write_pair(pair, found)
        return pair


class BatchProgress:
    """Progress over all rasters, made of the progress of each."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._before = 0
        self._last = Progress.at(0, total)

    def through(
        self, steps: Generator[Progress, None, Result], label: str
    ) -> Generator[Progress, None, Result]:
        """Take the steps of a scan, whose tiles are some of all: after others of the same task, if any."""
        before = self._last.done

        def progress(part: Progress) -> Progress:
            self._last = part.within(before, self._total, label)
            return self._last

        return relayed(steps, progress)

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


def _settled(watched: WatchedQuery, request: BatchRequest) -> WatchedQuery:
    least = request.min_score if watched.min_score is None else watched.min_score
    return replace(watched, min_score=least)


PlanSteps = Generator[Progress, None, BatchPlan]
Planning = Callable[[ScanRequest, Draw], Generator[Progress, None, ScanPlan]]


def planned_batch(batch: Batch, plan: Planning, request: BatchRequest, draw: Draw) -> PlanSteps:
    """The cost of a batch; one without queries is planned, too. A raster that fails stops no other.

    Raises:
        BadArgument, watch_list_unreadable, QueryEmpty, QueryNotUnderstood: the request.
        RasterMissing: as `check_seen`.
    """
    check_seen(request)
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
    after, task = pair.after.address, PairTask(pair.before, draw, (), pair=pair)
    try:
        task.laid = batch.laid_over(pair)
    except MsaError as error:
        return replace(_refused(pair.before, error), path_after=after)
    both = []
    for asked in task.scans(request):
        own = yield from _cost(plan, asked, draw)
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
