"""An index of millions of tiles searched by a worker that may take little memory, as `ulimit -d` limits it.

    .venv/worker/bin/python -m tests.benchmarks.large_index FOLDER 212000     # 3.6 million tiles
    .venv/worker/bin/python -m tests.benchmarks.more_than_memory FOLDER/large.tif.msa-….gpkg [MB]

MB is what the worker may take beyond what it has when it is ready. Linux. Its cache lies beside the index.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from msa_model.protocol.messages import SearchRequest
from msa_model.protocol.methods import EXPLORE
from msa_model.protocol.rpc import HEATMAP, RANK, VERDICT, Reply
from msa_model.protocol.tile_groups import ExploreRequest
from tests.worker.client import started_worker
from tests.worker.test_more_than_memory import limited

LONG_S = 3600.0


def measure(index: str, megabytes: int = 350) -> dict[str, str]:
    """What each question took, or why it was refused, and the most memory of the worker's own."""
    told = {"file": f"{Path(index).stat().st_size / 1e9:.2f} GB", "allowed": f"{megabytes} MB"}
    first = SearchRequest("green fields", (index,), k=100)
    questions = (
        ("first search", RANK, first),
        ("second search", RANK, SearchRequest("blue roofs", (index,), k=100)),
        ("search, best 10,000", RANK, SearchRequest("blue roofs", (index,), k=10_000)),
        ("verdict", VERDICT, first),
        ("heat map", HEATMAP, first),
        ("explore", EXPLORE.name, ExploreRequest((index,))),
    )
    with started_worker() as worker:
        worker.initialize(threads=1, cache_folder=str(Path(index).parent / "cache"))
        worker.ready(LONG_S)
        status = Path(f"/proc/{worker.process.pid}/status")
        before = status.read_text()
        limited(worker, megabytes * 1_000_000)
        for name, method, request in questions:
            began = time.perf_counter()
            outcome = worker.outcome(worker.request(method, request), LONG_S)
            took = f"{time.perf_counter() - began:.2f} s"
            said = took if isinstance(outcome, Reply) else outcome.error.sentence
            own = _mb(status.read_text(), "RssAnon") - _mb(before, "RssAnon")
            told[name] = f"{said} ({own:+.0f} MB of its own)"
    return told


def _mb(status: str, name: str) -> float:
    return int(status.partition(f"{name}:")[2].split()[0]) / 1024


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], *map(int, sys.argv[2:])), indent=2))
