"""One batch scan as it is remembered: what was asked, how far it is, how it ended. Knows no Qt.

The jobs on disk, a file each, so that two QGIS of one profile never write the same one by accident.
"""

from __future__ import annotations

import json
import uuid
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Callable, Optional

from msa_model.protocol.batch import BatchRequest, BatchSummary
from msa_model.protocol.codec import for_storage, to_wire
from msa_model.protocol.errors import MsaError, ProtocolError
from msa_model.protocol.messages import Progress, WireError
from msa_model.protocol.tables import read_bytes
from qgis_msa_plugin.checked import UNREADABLE, FileLimits, made
from qgis_msa_plugin.whole_file import write_whole

FORMAT = 1


class JobState(Enum):
    """The states of a job; `PAUSING` is never on disk: the worker has been asked to stop."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSING = "pausing"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"

    @property
    def active(self) -> bool:
        """Whether the job is, or will be, with the worker without anybody asking again."""
        return self in (JobState.WAITING, JobState.RUNNING, JobState.PAUSING)

    @property
    def resumable(self) -> bool:
        """Whether asking again makes sense."""
        return self in (JobState.PAUSED, JobState.FAILED)


@dataclass(frozen=True)
class BatchJob:
    """`interrupted`: QGIS ended while it was active; `elsewhere`: another QGIS has it in hand."""

    id: str
    name: str
    request: BatchRequest
    state: JobState = JobState.WAITING
    progress: Optional[Progress] = None
    summary: Optional[BatchSummary] = None
    error: Optional[MsaError] = None
    interrupted: bool = False
    elsewhere: bool = False

    def enter(self, state: JobState, error: Optional[MsaError] = None) -> BatchJob:
        """The job in another state."""
        return replace(self, state=state, error=error, interrupted=False)

    def taken_up(self) -> BatchJob:
        """The job as the next QGIS finds it: what was active has been interrupted."""
        if not self.state.active:
            return self
        return replace(self, state=JobState.PAUSED, interrupted=True)


@dataclass(frozen=True)
class _Record:
    """A job as its file spells it."""

    format: int
    id: str
    name: str
    state: str
    request: BatchRequest
    progress: Optional[Progress] = None
    summary: Optional[BatchSummary] = None
    error: Optional[WireError] = None
    interrupted: bool = False


def new_job(name: str, request: BatchRequest, now: Optional[datetime] = None) -> BatchJob:
    """A job that waits; ids sort by time."""
    stamp = (now or datetime.now()).strftime("%Y%m%d-%H%M%S-%f")
    return BatchJob(f"{stamp}-{uuid.uuid4().hex[:6]}", name, request)


def job_text(job: BatchJob) -> str:
    """The job as JSON."""
    state = JobState.RUNNING if job.state is JobState.PAUSING else job.state
    error = WireError(job.error.kind, job.error.sentence, job.error.remedy) if job.error else None
    record = _Record(
        FORMAT,
        job.id,
        job.name,
        state.value,
        for_storage(job.request),
        job.progress,
        job.summary,
        error,
        job.interrupted,
    )
    return json.dumps(to_wire(record), ensure_ascii=False, indent=1)


def job_of(text: str) -> BatchJob:
    """The job that `job_text` spelled.

    Raises:
        ProtocolError: it is none, or of a later version.
    """
    try:
        record = made(_Record, json.loads(text), FileLimits())
        state = JobState(record.state)
    except UNREADABLE as fault:
        raise ProtocolError("This is no batch job.") from fault
    if record.format != FORMAT:
        raise ProtocolError(f"The batch job has format {record.format}; this version reads {FORMAT}.")
    error = MsaError.of(record.error.kind, record.error.sentence) if record.error else None
    return BatchJob(
        record.id,
        record.name,
        record.request,
        state,
        record.progress,
        record.summary,
        error,
        record.interrupted,
    )


_ENDING = ".json"
_MOST_BYTES = 64_000_000  # some hundred thousand rasters


class JobFiles:
    """`say` hears of files that are no jobs; they are left alone."""

    def __init__(self, folder: Path, say: Callable[[str], None] = lambda _: None) -> None:
        self.folder = folder
        self._say = say
        self._complained: set[Path] = set()

    def all(self) -> tuple[BatchJob, ...]:
        """Every job, oldest first."""
        files = sorted(self.folder.glob(f"*{_ENDING}")) if self.folder.is_dir() else []
        jobs = (self._read(file) for file in files)
        return tuple(job for job in jobs if job is not None)

    def load(self, job_id: str) -> Optional[BatchJob]:
        """The job as it is on disk now; nothing if it has gone."""
        return self._read(self._file(job_id))

    def save(self, job: BatchJob, flush: bool = True) -> None:
        """Write the job whole or not at all; `flush` brings it through a power cut.

        Raises:
            OSError: it cannot be written.
        """
        write_whole(self._file(job.id), job_text(job).encode(), flush)

    def remove(self, job_id: str) -> None:
        """Forget the job; its results stay where they are, and so does a file that is no job."""
        if self.load(job_id) is None:
            return
        with suppress(FileNotFoundError):
            self._file(job_id).unlink()

    def lock_path(self, job_id: str) -> Path:
        """The file by which a QGIS has the job in hand."""
        return self._file(job_id).with_suffix(".lock")

    def _file(self, job_id: str) -> Path:
        return self.folder / f"{job_id}{_ENDING}"

    def _read(self, file: Path) -> Optional[BatchJob]:
        try:
            job = job_of(read_bytes(file, _MOST_BYTES).decode("utf-8"))
            if job.id != file.stem:  # it would be kept under another name, wherever that leads
                raise ProtocolError("This batch job is not the one that its file is named after.")
            return job
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError, ProtocolError) as error:
            if file not in self._complained:
                self._complained.add(file)
                self._say(f"{file}: {error}")
            return None
