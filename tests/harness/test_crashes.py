"""`make harness`: jobs killed at random moments, and disks that fail, lose no tile and no hit.

KILLS says how often each kind is killed in mid-scan: when the run has stored something itself, and not all.
A disk fails a quarter as often, for each way to fail.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from tests.harness.runs import RESULTS, Ended, Held, Run, command, held, worker_scan
from tests.harness.warm import Order, Server, start_server
from tests.worker.conftest import write_scene

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("KILLS", "8"))
FAILURES = max(1, KILLS // 4)
MOST_IN_VAIN = 5  # for each one that counts: kills before the first tile or hit, or after the last
SHIM = Path(__file__).with_name("refusing_writes.c")
QUERIES = ("-q", "green fields", "-q", "a wide river")
NAMED = re.compile(
    r"no room left|could not be (read or )?written|cannot be written"
    r"|larger than its disk allows|not enough room"
)


@dataclass(frozen=True)
class Hindrance:
    """What a job's disk refuses: files beyond so many bytes, or what the shim reads in the environment."""

    largest_file: int | None = None
    environment: Mapping[str, str] = field(default_factory=dict)

    def order(self, *words: str | Path) -> Order:
        return Order([*map(str, words)], self.environment, self.largest_file)


UNHINDERED = Hindrance()
Job = Callable[[Server, Path, Hindrance], AbstractContextManager[Run]]


def index(server: Server, folder: Path, hindrance: Hindrance) -> AbstractContextManager[Run]:
    return command(server, hindrance.order("index", folder / "one.tif"))


def batch(server: Server, folder: Path, hindrance: Hindrance) -> AbstractContextManager[Run]:
    rasters = (folder / "two.tif", folder / "three.tif")
    out = ("--out", folder / RESULTS, "--all", "-k", "30")
    return command(server, hindrance.order("batch", *rasters, *QUERIES, *out))


def worker(server: Server, folder: Path, hindrance: Hindrance) -> AbstractContextManager[Run]:
    return worker_scan(server, hindrance.order("worker"), folder / "one.tif", folder / "three.tif")


def write_scenes(folder: Path, *sides: int) -> Path:
    """Three rasters, nothing indexed yet."""
    for name, side in zip(("one", "two", "three"), sides, strict=True):
        write_scene(folder / f"{name}.tif", side)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_scenes(tmp_path_factory.mktemp("harness"), 1536, 1024, 768)


@pytest.fixture(scope="module")
def small_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_scenes(tmp_path_factory.mktemp("small"), 768, 640, 512)


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path | None:
    """A library that makes writes fail where it is told to; None without a C compiler."""
    if not (compiler := shutil.which("cc")):
        return None
    library = tmp_path_factory.mktemp("shim") / "refusing_writes.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, SHIM, "-ldl"], check=True)
    return library


@pytest.fixture(scope="module")
def server(shim: Path | None) -> Server:
    return start_server(shim)


@pytest.fixture(scope="module")
def table() -> Iterator[list[str]]:
    """Lines of the table, printed at the end."""
    lines = [f"{'kind':<20}{'injected':>10}{'survived':>10}{'lost':>6}{'in vain':>9}  % stored at the end"]
    yield lines
    print("", *lines, sep="\n")


class Trial:
    """A job that is broken off again and again, and what it lost by that."""

    def __init__(self, folder: Path, server: Server, job: Job) -> None:
        self.folder, self._server, self._job = folder, server, job
        self.survived = self.lost = self.in_vain = 0
        self._shares: list[float] = []  # of all tiles and hits, stored when it was broken off
        self.anew()
        with self.started() as run:
            self.changes = run.changes(folder, sys.maxsize)
            assert run.end.result().status == 0
        self._whole = held(folder)
        assert len(self._whole.tiles) > 20
        self.anew()

    def started(self, hindrance: Hindrance = UNHINDERED) -> AbstractContextManager[Run]:
        """The job at work."""
        return self._job(self._server, self.folder, hindrance)

    @property
    def injected(self) -> int:
        return len(self._shares)

    def anew(self) -> None:
        """Take away all but the rasters."""
        for file in self.folder.iterdir():
            if file.suffix != ".tif":
                file.unlink()
        self._before = Held()

    def broken_off(self, *, midway: bool) -> None:
        """What was there before a run that was broken off is there still; count it.

        With `midway`, it counts only if the run had stored something, and not all.
        """
        now = held(self.folder)
        lost = now.missing(self._before) + sum(key not in self._whole.tiles for key in now.tiles)
        before, self._before = self._before, now
        self.lost += lost
        if midway and not before.size < now.size < self._whole.size:
            self.in_vain += 1
            return
        self._shares.append(now.size / self._whole.size)
        self.survived += not lost

    def finished(self, status: int | None = None) -> None:
        """Check that the job, run to its end where it is not yet, leaves what an undisturbed one leaves."""
        ended = self._finish() if status is None else None
        assert ended is None or ended.status == 0, ended
        self.lost += held(self.folder).differences(self._whole)
        self.anew()

    def line(self, kind: str) -> str:
        quarters = " ".join(f"{100 * share:.0f}" for share in np.quantile(self._shares, np.linspace(0, 1, 5)))
        counts = f"{self.injected:>10}{self.survived:>10}{self.lost:>6}{self.in_vain:>9}"
        return f"{kind:<20}{counts}  {quarters}"

    def _finish(self) -> Ended:
        with self.started() as run:
            return run.wait(self.folder)


@pytest.mark.parametrize("job", [index, worker, batch])
def test_a_job_that_is_killed_again_and_again_in_mid_scan_loses_nothing(
    job: Job, server: Server, folder: Path, table: list[str]
) -> None:
    rng, trial = np.random.default_rng(KILLS), Trial(folder, server, job)
    while trial.injected < KILLS:
        with trial.started() as run:
            if run.still_runs_after(folder, int(rng.integers(5, trial.changes // 2)), rng.uniform(0, 0.1)):
                run.kill()
                trial.broken_off(midway=True)
                assert trial.in_vain <= MOST_IN_VAIN * KILLS
                continue
            assert run.wait(folder).status == 0
        trial.finished(status=0)
    trial.finished()
    table.append(trial.line(f"{job.__name__}, SIGKILL"))
    assert (trial.survived, trial.lost) == (KILLS, 0)


def fail_by_turns(trial: Trial, failing: Callable[[int], Hindrance], most: int) -> None:
    """Let the disk fail after a random part of the work, then finish the job; FAILURES times."""
    rng = np.random.default_rng(FAILURES)
    while trial.injected < FAILURES:
        after = int(rng.integers(most))
        with trial.started(failing(after)) as run:
            ended = run.wait(trial.folder)
        if ended.status == 0:  # all was written before
            trial.finished(status=0)
            most = max(1, after)
            continue
        assert NAMED.search(ended.said), ended.said
        assert "Traceback" not in ended.said
        assert "foreseen" not in ended.said
        trial.broken_off(midway=False)
        trial.finished()


@pytest.mark.parametrize("job", [index, worker, batch])
def test_a_job_that_meets_a_limit_on_the_size_of_files_names_it_and_goes_on(
    job: Job, server: Server, small_folder: Path, table: list[str]
) -> None:
    trial = Trial(small_folder, server, job)
    fail_by_turns(trial, lambda after: Hindrance(largest_file=after), 400_000)
    table.append(trial.line(f"{job.__name__}, size limit"))
    assert (trial.survived, trial.lost) == (FAILURES, 0)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO], ids=errno.errorcode.get)
@pytest.mark.parametrize("job", [index, worker, batch])
def test_a_job_whose_disk_fails_names_it_and_goes_on(  # noqa: PLR0917  (fixtures)
    job: Job, code: int, shim: Path | None, server: Server, small_folder: Path, table: list[str]
) -> None:
    if shim is None:
        pytest.skip("there is no C compiler (cc) to make a disk fail with")
    trial = Trial(small_folder, server, job)

    def failing(after: int) -> Hindrance:
        return Hindrance(environment={"FAIL_AFTER": str(after), "FAIL_WITH": str(code)})

    fail_by_turns(trial, failing, 600)
    table.append(trial.line(f"{job.__name__}, {errno.errorcode[code]}"))
    assert (trial.survived, trial.lost) == (FAILURES, 0)
