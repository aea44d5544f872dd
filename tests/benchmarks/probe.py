"""Figures of the worker of whichever checkout this runs in, as JSON; processor time, as others use the cores.

    cd CHECKOUT; .venv/worker/bin/python PROBE INDEX RASTER

INDEX is of 100,000 tiles (`tests.benchmarks.large_index`). Uses only what every checkout's worker speaks.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, os.getcwd())

import numpy as np

from msa_model.model.encoder import Encoder
from msa_model.protocol.messages import RasterRef, ScanRequest, SearchRequest
from msa_model.protocol.rpc import BUILD, RANK
from tests.worker.client import WorkerProcess, started_worker

QUERIES = [
    f"{colour} {thing}" for colour in ("blue", "green", "red") for thing in ("roofs", "fields", "boats")
]
BARE_TILES = 64
HITS = 10_000
LONG_S = 1800.0


def cpu_s(worker: WorkerProcess) -> float:
    """Processor seconds of the worker's process so far."""
    fields = Path(f"/proc/{worker.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def bare_s() -> float:
    """Processor seconds of the bare model for a tile, on one thread."""
    encoder = Encoder.load(threads=1)
    tiles = np.random.default_rng(0).integers(0, 255, (16, 256, 256, 3), np.uint8)
    encoder.encode_tiles(tiles)
    began = time.process_time()
    for _ in range(BARE_TILES // 16):
        encoder.encode_tiles(tiles)
    return (time.process_time() - began) / BARE_TILES


def measure(index: str, raster: str) -> dict[str, float]:
    """Every figure once."""
    before = bare_s()
    began = time.perf_counter()
    with started_worker() as worker, tempfile.TemporaryDirectory() as folder:
        worker.initialize(threads=1)
        worker.ready(LONG_S)
        figures = {"worker ready, wall s": time.perf_counter() - began, "worker ready, cpu s": cpu_s(worker)}
        times, at = [], 0.0
        for number, query in enumerate(["a street", *QUERIES]):
            if number == 1:
                at = cpu_s(worker)
            began = time.perf_counter()
            worker.call(RANK, SearchRequest(query, (index,), HITS), seconds=LONG_S)
            times.append(1e3 * (time.perf_counter() - began))
        figures["query on 100,000 tiles, cpu ms"] = 1e3 * (cpu_s(worker) - at) / len(QUERIES)
        figures["query on 100,000 tiles, wall ms (median)"] = statistics.median(times[1:])
        at = cpu_s(worker)
        scan = ScanRequest(RasterRef(raster), index=str(Path(folder) / "i.gpkg"))
        encoded = worker.call(BUILD, scan, seconds=LONG_S).result["encoded"]
        figures["scan, cpu ms a tile"] = 1e3 * (cpu_s(worker) - at) / encoded
    bare = (before + bare_s()) / 2
    figures["bare model, cpu ms a tile"] = 1e3 * bare
    figures["scan ÷ bare model (cpu)"] = figures["scan, cpu ms a tile"] / (1e3 * bare)
    return figures


if __name__ == "__main__":
    print(json.dumps(measure(*sys.argv[1:3])))
