"""How long a worker takes from its start to its greeting, to ready, and to the first answered search."""

from __future__ import annotations

import os
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from msa_model.protocol.messages import SearchRequest
from tests.benchmarks.conftest import Figures
from tests.benchmarks.large_index import write_large
from tests.benchmarks.sizes import sized
from tests.worker.client import WorkerProcess, started_worker

pytestmark = pytest.mark.slow

SIDE = 3_000  # px: 729 tiles of four scales
STARTS = sized(5, 1)


@dataclass(frozen=True)
class Start:
    """Seconds from the start to each mark; `processor` is what the process had of it, where that is told."""

    greeted: float
    ready: float
    answered: float
    processor: float | None


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_large(tmp_path_factory.mktemp("start"), SIDE))


@pytest.fixture(scope="module")
def starts(index: str) -> list[Start]:
    """Of workers one after the other; the first finds files that are not in the system's cache yet."""
    return [started(index) for _ in range(1 + STARTS)][1:]


def started(index: str) -> Start:
    began = time.perf_counter()
    with started_worker() as worker:
        worker.initialize()
        greeted = time.perf_counter() - began
        worker.ready()
        ready = time.perf_counter() - began
        assert worker.ranked(SearchRequest("blue roofs beside a river", (index,))).reply.tiles
        return Start(greeted, ready, time.perf_counter() - began, processor_seconds(worker))


def processor_seconds(worker: WorkerProcess) -> float | None:
    """What the worker's process has computed so far, of all its threads."""
    status = Path(f"/proc/{worker.process.pid}/stat")
    if not status.exists():
        return None
    fields = status.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_greeting_and_ready(figures: Figures, starts: list[Start]) -> None:
    greeted = statistics.median(start.greeted for start in starts)
    ready = statistics.median(start.ready for start in starts)
    figures.below("process start to initialize answered (median)", greeted, "s", 1)
    figures.below("process start to ready (median, warm)", ready, "s", 8)


def test_a_search_answered(figures: Figures, starts: list[Start]) -> None:
    """Target of the issue; processor time tells what a quiet machine would need at most."""
    figures.below(
        "process start to the first search answered, least", min(s.answered for s in starts), "s", 2
    )
    spent = [start.processor for start in starts if start.processor is not None]
    if spent:
        figures.below("  the worker's processor time of it, least", min(spent), "s", 2)
