"""The batch scans of this profile: one at a time with the worker, each step of their lives on disk first."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Callable, Optional

from qgis.core import QgsProject
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from msa_model.protocol import methods
from msa_model.protocol.batch import BatchRequest, BatchSummary
from msa_model.protocol.errors import (
    BadArgument,
    Cancelled,
    MsaError,
    WorkerDied,
    WorkerMissing,
)
from msa_model.protocol.messages import Progress
from qgis_msa_plugin.batch.costs import BatchCosts
from qgis_msa_plugin.batch.job import BatchJob, JobState, new_job
from qgis_msa_plugin.batch.job_store import JobStore
from qgis_msa_plugin.batch.remote import (
    by_paths,
    for_worker_elsewhere,
    is_written,
    keep_results,
    sendable,
    with_results_sent,
)
from qgis_msa_plugin.render.feeder import Feeder
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.newest import NewestCall

LOOK_MS = 2000  # between two looks at jobs that another QGIS has in hand
SAVE_MS = 2000  # progress on disk is at most this old


class BatchQueue(QObject):
    """What was active when QGIS went down is found paused and `interrupted`; `resume` goes on with it."""

    jobs_changed = pyqtSignal()  # jobs came, went, or changed their state
    advanced = pyqtSignal(object)  # BatchJob
    finished = pyqtSignal(object)  # BatchJob
    failed = pyqtSignal(object)  # BatchJob, with its error

    def __init__(
        self, client: WorkerClient, folder: Optional[Path] = None, parent: Optional[QObject] = None
    ) -> None:
        super().__init__(parent)
        self._client = client
        self.costs = BatchCosts(client, self)
        self.gsd_m: Optional[float] = None  # at which layers without pixels of their own are drawn
        self._store = JobStore(folder)
        self._feeder = Feeder(parent=self)
        self._call = NewestCall(client)
        self._running = ""
        self._sent = False  # whether the worker sends the results
        self._dropped: set[str] = set()  # to be forgotten once the worker has let them go
        self._look = _timer(self, LOOK_MS, self.look)
        self._save = _timer(self, SAVE_MS, self._save_progress)
        self.look()

    @property
    def jobs(self) -> tuple[BatchJob, ...]:
        """Every job of the profile, oldest first."""
        return self._store.jobs

    @property
    def interrupted(self) -> tuple[BatchJob, ...]:
        """Jobs that a QGIS left behind when it went down."""
        return self._store.interrupted

    @property
    def running(self) -> bool:
        """Whether the worker is at one of them."""
        return bool(self._running)

    @property
    def shares_files(self) -> bool:
        """Whether the worker sees this machine's files."""
        return self._client.shares_files

    def job(self, job_id: str) -> Optional[BatchJob]:
        """The job of that id."""
        return self._store.job(job_id)

    def look(self) -> None:
        """Read again what is on disk: another QGIS of this profile may have written it."""
        changed = self._store.look()
        if any(job.elsewhere for job in self.jobs):
            self._look.start()
        else:
            self._look.stop()
        if changed:
            self.jobs_changed.emit()

    def add(self, name: str, request: BatchRequest) -> BatchJob:
        """Queue a job; it runs as soon as those before it have ended.

        Raises:
            BadArgument: a job that is not done writes to the same file.
            MsaError: a worker elsewhere cannot do it, see `for_worker_elsewhere`.
            OSError: the job cannot be kept.
        """
        self.look()
        self._sendable(request)
        for other in self.jobs:
            if other.request.out == request.out and other.state is not JobState.DONE:
                text = tr(
                    "'{name}' writes its results to {out}: resume or remove it, or choose another file."
                )
                raise BadArgument(text.format(name=other.name, out=request.out))
        job = new_job(name, request)
        self._store.hold(job.id)
        self._store.keep(job)
        self.jobs_changed.emit()
        self._go_on()
        return job

    def pause(self, job_id: str) -> None:
        """Stop the job; what it has scanned and found is kept."""
        job = self.job(job_id)
        if job is None or not self._store.holds(job_id):
            return
        if job.state is JobState.WAITING:
            self._close(job.enter(JobState.PAUSED))
        elif job.state is JobState.RUNNING and self._call.open:
            self._set(job.enter(JobState.PAUSING))
            self._call.cancel()

    def resume(self, job_id: str) -> None:
        """Queue the job again; it goes on where it ended."""
        self.look()
        job = self.job(job_id)
        if job is None or job.elsewhere or not job.state.resumable:
            return
        if self._store.hold(job_id):
            self._set(job.enter(JobState.WAITING))
            self._go_on()

    def remove(self, job_id: str) -> None:
        """Forget the job, stopping it first; its results stay on disk."""
        job = self.job(job_id)
        if job is None or job.elsewhere:
            return
        if job_id == self._running:
            self._dropped.add(job_id)
            self.pause(job_id)
        else:
            self._forget(job_id)

    def release(self) -> None:
        """QGIS ends, or the plugin goes: what is active is found interrupted at the next start."""
        self._look.stop()
        self._save.stop()
        self._save_progress()
        self._running = ""
        self._feeder.rest()
        self._call.drop()
        self.costs.forget()
        self._store.let_all_go()

    def _sendable(self, request: BatchRequest) -> BatchRequest:
        """The request as this worker can do it."""
        return sendable(request, QgsProject.instance(), self._client.shares_files)

    def _go_on(self) -> None:
        waiting = (job for job in self.jobs if job.state is JobState.WAITING and self._store.holds(job.id))
        job = next(waiting, None)
        if not self._running and job is not None:
            self._start(job)

    def _start(self, job: BatchJob) -> None:
        # What was begun by paths goes on by paths: its results lie here, and say which rasters are seen.
        begun = os.path.exists(job.request.out) and self._client.sees_some_files
        self._ask(job, partial(by_paths, project=QgsProject.instance()) if begun else self._sendable)

    def _ask(self, job: BatchJob, made: Callable[[BatchRequest], BatchRequest]) -> None:
        try:
            asked = made(job.request)
        except MsaError as error:
            self._give_up(job, error)
            self._go_on()
            return
        self._running, self._sent = job.id, asked.sent
        self._set(replace(job.enter(JobState.RUNNING), progress=None))  # it counts what is left now
        self._call.ask(
            methods.BATCH,
            asked,
            self._finish,
            self._fail,
            progress=self._advance,
            draw=self._feeder.draw,
        )

    def _advance(self, progress: Progress) -> None:
        job = self.job(self._running)
        if job is not None:
            job = replace(job, progress=progress)
            self._store.note(job)
            if not self._save.isActive():
                self._save.start()
            self.advanced.emit(job)

    def _finish(self, summary: BatchSummary, sent: bytes) -> None:
        job = self._ended()
        if job is None:
            return
        try:
            if self._sent:
                keep_results(job.request, summary, sent)
            elif not is_written(job.request):
                self._have_sent(job)
                return
        except MsaError as error:  # the worker has the results still: they come again when the job is resumed
            self._give_up(job, error)
        else:
            job = replace(job.enter(JobState.DONE), summary=summary)
            self._close(job)
            self.finished.emit(job)
        self._go_on()

    def _have_sent(self, job: BatchJob) -> None:
        """Once more, from what is indexed now: the results lie in a folder that is another one there."""
        if job.state is JobState.RUNNING:
            self._ask(job, lambda request: with_results_sent(by_paths(request, QgsProject.instance())))
        else:
            self._close(job.enter(JobState.PAUSED))
            self._go_on()

    def _fail(self, error: MsaError) -> None:
        job = self._ended()
        if job is None:
            return
        if job.state is JobState.PAUSING or isinstance(error, Cancelled):
            self._close(job.enter(JobState.PAUSED))
        elif self._call.may_go_on(error):
            self._start(job)  # what the dead worker had finished is kept
            return
        elif self._call.named_unseen(error):
            self._ask(job, partial(for_worker_elsewhere, project=QgsProject.instance()))
            return
        else:
            self._give_up(job, error)
        self._go_on()

    def _give_up(self, job: BatchJob, error: MsaError) -> None:
        lost = isinstance(error, (WorkerDied, WorkerMissing))
        job = job.enter(JobState.PAUSED if lost else JobState.FAILED, error)
        self._close(job)
        if lost:  # the jobs behind it would run into the same
            waiting = [other for other in self.jobs if other.state is JobState.WAITING]
            for other in waiting:
                self.pause(other.id)
        self.failed.emit(job)

    def _ended(self) -> Optional[BatchJob]:
        """The job whose call ended, where it is still known."""
        job = self.job(self._running)
        self._running = ""
        self._feeder.rest()
        return job

    def _close(self, job: BatchJob) -> None:
        """Put away a job that waits for nothing any more."""
        if job.id in self._dropped:
            self._dropped.discard(job.id)
            self._forget(job.id)
        else:
            self._set(job)
            self._store.let_go(job.id)

    def _forget(self, job_id: str) -> None:
        self._store.remove(job_id)
        self.jobs_changed.emit()

    def _set(self, job: BatchJob) -> None:
        self._store.put(job)
        self.jobs_changed.emit()

    def _save_progress(self) -> None:
        job = self.job(self._running)
        if job is not None:
            self._store.put(job, flush=False)


def _timer(parent: QObject, interval_ms: int, slot: object) -> QTimer:
    timer = QTimer(parent)
    timer.setInterval(interval_ms)
    timer.setSingleShot(True)
    timer.timeout.connect(slot)
    return timer
