"""Runs of `msa` and of the worker that are ended from outside, and what they leave on the disk."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from msa_model.index.store import TileIndex
from msa_model.protocol.errors import IndexMissing
from msa_model.protocol.messages import RasterRef, ScanRequest
from msa_model.protocol.rpc import BUILD, PLAN, Failure
from tests.desktop.movement import LONGEST_S, Movement
from tests.harness.warm import Forked, Order, Server
from tests.worker.client import served

RESULTS = "results.gpkg"
PATIENCE_S = 300.0  # without a change of a file or a tick of processor time
LEAST_COSINE = 0.9999
_HITS = "SELECT query, source, rank, factor, row, col, score, match_score FROM hits"

Tile = tuple[str, int, int, int]  # the index file's name, factor, row, column
Numbers = NDArray[np.float32]


@dataclass(frozen=True)
class Ended:
    """A run that came to its end: its status (0 is success) and what it said."""

    status: int
    said: str


@dataclass(frozen=True)
class Run:
    """A process at work; `end` is set when it has answered."""

    server: Server
    process: Forked
    end: Future[Ended]

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self.process.kill()
        self.process.wait()

    def wait(self, folder: Path) -> Ended:
        """Its end; AssertionError once nothing moves any more."""
        self.changes(folder, sys.maxsize)
        return self.end.result()

    def still_runs_after(self, folder: Path, changes: int, seconds: float) -> bool:
        """Whether it is at work when the folder's files have changed so many times, and then a moment."""
        self.changes(folder, changes)
        time.sleep(seconds)
        return not self.end.done()

    def changes(self, folder: Path, most: int) -> int:
        """How often the folder's files were seen to change before the end, or before `most` was reached."""
        movement, seen, found = Movement(self.server.pid, PATIENCE_S), stamps(folder), 0
        while found < most and not self.end.done():
            time.sleep(0.002)
            now = stamps(folder)
            found += now != seen
            seen = now
            assert not movement.is_over(now), "The run has come to a standstill."
        return found


def stamps(folder: Path) -> list[tuple[str, int, int]]:
    """Name, size and time of every file of the folder."""
    found = []
    for entry in os.scandir(folder):
        with suppress(OSError):  # SQLite deletes files of its own
            status = entry.stat()
            found.append((entry.name, status.st_size, status.st_mtime_ns))
    return sorted(found)


@contextmanager
def command(server: Server, order: Order) -> Iterator[Run]:
    """`msa` as ordered, killed at the end if it still lives."""
    process = server.fork(order)
    with ThreadPoolExecutor(1) as pool:
        run = Run(server, process, pool.submit(_said_by, process))
        try:
            yield run
        finally:
            run.kill()


def _said_by(process: Forked) -> Ended:
    said = process.stdout.read() + process.stderr.read()
    return Ended(process.wait(), said.decode(errors="replace"))


@contextmanager
def worker_scan(server: Server, order: Order, raster: Path, another: Path) -> Iterator[Run]:
    """The worker ordered scans this raster, and plans another one however that has ended."""
    process = server.fork(order)
    with served(process) as worker, ThreadPoolExecutor(1) as pool:
        worker.initialize()
        worker.ready(LONGEST_S)
        request, other = (ScanRequest(RasterRef(str(place))) for place in (raster, another))
        build = worker.request(BUILD, request)

        def answer() -> Ended:
            outcome = worker.outcome(build, LONGEST_S)
            worker.call(PLAN, other, seconds=LONGEST_S)  # whatever became of the scan, the worker serves
            return Ended(1, str(outcome)) if isinstance(outcome, Failure) else Ended(0, "")

        run = Run(server, process, pool.submit(answer))
        try:
            yield run
        finally:
            run.kill()


@dataclass
class Held:
    """What a folder's files hold: the vector of every tile, the scores of every hit, tiles stored twice."""

    tiles: dict[Tile, Numbers] = field(default_factory=dict)
    hits: dict[tuple[object, ...], tuple[float, float]] = field(default_factory=dict)
    doubled: int = 0

    @property
    def size(self) -> int:
        return len(self.tiles) + len(self.hits)

    def missing(self, other: Held) -> int:
        """How much of `other` is not here, or not the same here; what is here twice counts too."""
        tiles = sum(not _same_way(v, self.tiles.get(key)) for key, v in other.tiles.items())
        hits = sum(not _same_scores(v, self.hits.get(key)) for key, v in other.hits.items())
        return tiles + hits + self.doubled

    def differences(self, other: Held) -> int:
        """Tiles and hits that only one of the two holds, or that differ."""
        return self.missing(other) + other.missing(self)


def _same_way(one: Numbers, other: Numbers | None) -> bool:
    if other is None:
        return False
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other)) >= LEAST_COSINE


def _same_scores(one: tuple[float, float], other: tuple[float, float] | None) -> bool:
    return other is not None and bool(np.allclose(one, other, atol=0.01))


def held(folder: Path) -> Held:
    """What lies in the folder, read from a copy: the next writer finds what the dead one left."""
    found = Held()
    with tempfile.TemporaryDirectory() as place:
        for file in folder.glob("*.gpkg*"):
            if not file.name.endswith(("-shm", ".msa-lock")):
                shutil.copy(file, place)
        for index in Path(place).glob("*.msa-*.gpkg"):
            _read_index(index, found)
        if (results := Path(place) / RESULTS).exists():
            _read_results(results, found)
    return found


def _read_index(index: Path, found: Held) -> None:
    with suppress(IndexMissing), TileIndex.open_for_reading(index) as opened:  # a file not begun yet
        table = opened.load()
        keys = [(index.name, *key) for key in table.keys.tolist()]
        found.tiles.update(zip(keys, table.vectors, strict=True))
        found.doubled += len(keys) - len(set(keys))


def _read_results(results: Path, found: Held) -> None:
    with closing(sqlite3.connect(results)) as connection:
        begun = connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'hits'").fetchone()[0]
        for *key, score, match_score in connection.execute(_HITS) if begun else ():
            found.doubled += tuple(key) in found.hits
            found.hits[tuple(key)] = (score, match_score)
