"""The jobs on disk, a file each, so that two QGIS of one profile never write the same one by accident."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Callable, Optional

from msa_model.protocol.bounded_files import read_bytes
from msa_model.protocol.errors import ProtocolError
from qgis_msa_plugin.batch.job import BatchJob, job_of, job_text
from qgis_msa_plugin.whole_file import write_whole

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
