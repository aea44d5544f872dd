"""The jobs of a profile as one QGIS sees them: on disk, and in its own or another one's hand."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QLockFile

from qgis_msa_plugin.batch.job import BatchJob, JobFiles
from qgis_msa_plugin.logs import log_warning


def profile_folder() -> Path:
    """Where the jobs of this QGIS profile are kept."""
    return Path(QgsApplication.qgisSettingsDirPath()) / "msa_search" / "batch"


class JobStore:
    """A job that waits or runs is held by a lock file of its QGIS; a dead one's lock counts for nothing."""

    def __init__(self, folder: Optional[Path] = None) -> None:
        self._files = JobFiles(folder or profile_folder(), log_warning)
        self._locks: dict[str, QLockFile] = {}
        self._jobs: dict[str, BatchJob] = {}

    @property
    def jobs(self) -> tuple[BatchJob, ...]:
        """Every job, oldest first."""
        return tuple(self._jobs[job_id] for job_id in sorted(self._jobs))

    @property
    def interrupted(self) -> tuple[BatchJob, ...]:
        """Jobs that a QGIS left behind when it went down."""
        return tuple(job for job in self.jobs if job.interrupted)

    def job(self, job_id: str) -> Optional[BatchJob]:
        """The job of that id."""
        return self._jobs.get(job_id)

    def look(self) -> bool:
        """Read again what is on disk; whether it differs from what was known."""
        before = dict(self._jobs)
        found = {job.id: self._seen(job) for job in self._files.all()}
        held = {job_id: job for job_id, job in before.items() if job_id in self._locks}
        self._jobs = {**found, **held}
        return before != self._jobs

    def hold(self, job_id: str) -> bool:
        """Take the job in hand; not possible while another living QGIS has it."""
        if job_id in self._locks:
            return True
        path = self._files.lock_path(job_id)
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
        lock = QLockFile(str(path))
        lock.setStaleLockTime(0)  # stale only once its process has gone, which Qt itself finds out
        if not lock.tryLock(0):
            return False
        self._locks[job_id] = lock
        return True

    def holds(self, job_id: str) -> bool:
        """Whether the job is in this QGIS's hand."""
        return job_id in self._locks

    def let_go(self, job_id: str) -> None:
        """Leave the job to whoever wants it."""
        lock = self._locks.pop(job_id, None)
        if lock is not None:
            lock.unlock()

    def let_all_go(self) -> None:
        """Leave every job; what was active is found interrupted at the next look."""
        for job_id in tuple(self._locks):
            self.let_go(job_id)

    def keep(self, job: BatchJob) -> None:
        """Write the job to disk.

        Raises:
            OSError: it cannot be written.
        """
        self._files.save(job)
        self._jobs[job.id] = job

    def put(self, job: BatchJob, flush: bool = True) -> None:
        """Keep the job; where the disk refuses, in memory at least."""
        self._jobs[job.id] = job
        try:
            self._files.save(job, flush)
        except OSError as error:
            log_warning(f"The batch job '{job.name}' cannot be kept: {error}")

    def note(self, job: BatchJob) -> None:
        """Keep the job in memory for now."""
        self._jobs[job.id] = job

    def remove(self, job_id: str) -> None:
        """Forget the job."""
        self._files.remove(job_id)
        self.let_go(job_id)
        self._jobs.pop(job_id, None)

    def _seen(self, job: BatchJob) -> BatchJob:
        """A job of the disk as this QGIS sees it."""
        if job.id in self._locks or not job.state.active:
            return job
        if not self.hold(job.id):
            return replace(job, elsewhere=True)
        job = job.taken_up()
        self.put(job)
        self.let_go(job.id)
        return job
