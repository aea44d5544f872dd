"""How long the verdict on a search of 100,000 tiles takes, and its heat map."""

from __future__ import annotations

import statistics
import time
from dataclasses import replace

import pytest

from msa_model.protocol.messages import Example, SearchRequest
from msa_model.protocol.rpc import HEATMAP, RANK, VERDICT
from tests.benchmarks.conftest import Figures
from tests.benchmarks.test_search_latency import ask, index, keys, worker
from tests.benchmarks.test_worker import QUERIES
from tests.worker.client import WorkerProcess

__all__ = ["index", "keys", "worker"]  # fixtures

pytestmark = pytest.mark.slow

LIMIT_MS = 300


def took(worker: WorkerProcess, method: str, request: SearchRequest) -> float:
    began = time.perf_counter()
    worker.call(method, request, seconds=120)
    return (time.perf_counter() - began) * 1000


def test_verdict(figures: Figures, worker: WorkerProcess, index: str) -> None:
    first = took(worker, VERDICT, SearchRequest("warm", (index,), k=1_000))
    figures.add("the first verdict on an index, phrases encoded", f"{first:.0f} ms")
    for k in (200, 10_000):
        requests = [SearchRequest(f"{query}, {k}", (index,), k=k) for query in QUERIES[:8]]
        after = []
        for request in requests:
            worker.call(RANK, request, seconds=120)
            after.append(took(worker, VERDICT, request))
        figures.below(f"verdict after the ranking, k = {k}: median", statistics.median(after), "ms", LIMIT_MS)


def test_verdict_by_example(figures: Figures, worker: WorkerProcess, index: str) -> None:
    request = SearchRequest("warm", (index,), k=1_000)
    _, table = ask(worker, request)
    liked = [replace(request, examples=(Example(tile=table.tile(row)),)) for row in range(0, 40, 8)]
    figures.add(
        "by example: median", f"{statistics.median(took(worker, VERDICT, like) for like in liked):.0f} ms"
    )


def test_heat_map(figures: Figures, worker: WorkerProcess, index: str) -> None:
    maps = [took(worker, HEATMAP, SearchRequest(query, (index,))) for query in QUERIES[:5]]
    figures.add("heat map: median", f"{statistics.median(maps):.0f} ms")
