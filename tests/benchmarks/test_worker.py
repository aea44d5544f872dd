"""How fast a worker greets, loads and answers, how fast it scans, and what memory that takes."""

from __future__ import annotations

import dataclasses
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import rasterio
from rasterio import Affine
from rasterio.windows import Window

from msa_model.index.blocks import EncodedTiles
from msa_model.index.store import TileIndex
from msa_model.jobs.threads import wait_passively
from msa_model.protocol.codec import from_wire
from msa_model.protocol.messages import (
    RasterRef,
    ScanRequest,
    ScanSettings,
    ScanSummary,
    SearchRequest,
)
from msa_model.protocol.rpc import BUILD, RANK
from msa_model.raster.grid import TileGrid
from tests.benchmarks.conftest import Figures
from tests.benchmarks.sizes import TINY, sized
from tests.worker.client import WorkerProcess, started_worker

if TYPE_CHECKING:
    from msa_model.model.encoder import Encoder

pytestmark = pytest.mark.slow

QUERIES = [
    f"{colour} {thing}"
    for colour in ("blue", "green", "grey", "red", "white")
    for thing in (
        "roofs",
        "fields",
        "road with cars",
        "trees beside a river",
        "buildings around a square",
        "bare soil",
    )
]


def milliseconds(since: float) -> float:
    return (time.perf_counter() - since) * 1000


@pytest.fixture(scope="module")
def banepa(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    town = shared_data / "rasters" / "banepa_town.tif"
    return sized(town, cut_out(town, tmp_path_factory.mktemp("cut") / town.name) if TINY else town)


def cut_out(raster: Path, target: Path, side: int = 600) -> Path:
    """The upper left corner of a raster."""
    with rasterio.open(raster) as source:
        pixels, place = source.read(window=Window(0, 0, side, side)), {"transform": source.transform}
        profile = {"driver": "GTiff", "width": side, "height": side, "count": len(pixels), "dtype": "uint8"}
        with rasterio.open(target, "w", **profile, **place, crs=source.crs) as out:
            out.write(pixels)
    return target


@pytest.fixture(scope="module")
def worker() -> Iterator[WorkerProcess]:
    with started_worker() as worker:
        worker.initialize()
        worker.ready()
        yield worker


@pytest.fixture(scope="module")
def banepa_index(worker: WorkerProcess, banepa: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    index = tmp_path_factory.mktemp("banepa") / "banepa.gpkg"
    request = ScanRequest(RasterRef(str(banepa)), index=str(index))
    return from_wire(ScanSummary, worker.call(BUILD, request, seconds=600).result).index


def test_repeated_queries(figures: Figures, worker: WorkerProcess, banepa_index: str) -> None:
    times = [_query_ms(worker, banepa_index, query) for query in QUERIES]
    tiles = worker.ranked(SearchRequest(QUERIES[0], (banepa_index,))).reply.tiles
    figures.add(f"first query on an indexed Banepa ({tiles} tiles)", f"{times[0]:.0f} ms")
    figures.below(f"{len(times) - 1} different queries, median", statistics.median(times[1:]), "ms", 30)
    figures.add("the slowest of them", f"{max(times[1:]):.0f} ms")


def _query_ms(worker: WorkerProcess, index: str, query: str) -> float:
    began = time.perf_counter()
    worker.call(RANK, SearchRequest(query, (index,)))
    return milliseconds(began)


def test_queries_during_a_scan(
    figures: Figures, worker: WorkerProcess, banepa: Path, banepa_index: str, tmp_path: Path
) -> None:
    request = ScanRequest(RasterRef(str(banepa)), index=str(tmp_path / "second.gpkg"))
    build = worker.request(BUILD, request)
    worker.wait_for_progress(build)
    times = [_query_ms(worker, banepa_index, query) for query in QUERIES]
    worker.cancel(build)
    worker.outcome(build)
    figures.below("a query in the middle of a scan, median", statistics.median(times), "ms", 250)
    figures.add("the slowest of them", f"{max(times):.0f} ms")


class Rate:
    """Tiles per second of wall time and of processor time, which other programs do not disturb."""

    def __init__(self) -> None:
        self._began, self._processor = time.perf_counter(), time.process_time()

    def of(self, tiles: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return tiles / np.array(
            [time.perf_counter() - self._began, time.process_time() - self._processor], np.float64
        )


def test_scan_rate(figures: Figures, banepa: Path, tmp_path: Path) -> None:
    """The bare model is timed before and after each scan, in the same process, with its batches."""
    wait_passively()
    from msa_model.model.encoder import Encoder

    encoder = Encoder.load()
    batch = max(1, int(encoder.tiles_per_second() * 0.15))  # as in a scan
    times: list[float] = []
    bare, scans = [_bare_rate(encoder.encode_tiles, batch)], []
    for number in range(sized(5, 1)):
        scans.append(_scan_rate(encoder, banepa, tmp_path / f"{number}.gpkg", times))
        bare.append(_bare_rate(encoder.encode_tiles, batch))
    around = (np.array(bare[1:]) + bare[:-1]) / 2
    shares = 100 * np.array(scans) / around
    figures.add("bare model, median of the rounds", f"{np.median(around[:, 0]):.1f} tiles/s")
    figures.add("indexing Banepa, JPEG, 4 scales, median", f"{np.median(scans, axis=0)[0]:.1f} tiles/s")
    for name, column in (("indexing, share of the bare model", 0), ("the same by processor time", 1)):
        low, median, high = np.percentile(shares[:, column], (0, 50, 100))
        figures.above(f"{name}: median, {low:.0f} to {high:.0f}", float(median), "%", 90)
    figures.below("a scan's step, 95th percentile", float(np.percentile(times, 95)), "ms", 250)


def _scan_rate(
    encoder: Encoder, raster: Path, index: Path, times: list[float]
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """What its steps take, but the first, is added to the times in ms."""
    from msa_model.jobs.scan import scan

    steps = scan(encoder, ScanRequest(RasterRef(str(raster)), index=str(index)), None)
    clock = Rate()
    next(steps)
    try:
        while True:
            step = time.perf_counter()
            next(steps)
            times.append(milliseconds(step))
    except StopIteration as end:
        return clock.of(end.value.encoded)


def _bare_rate(
    encode: Callable[[np.ndarray], np.ndarray], batch: int, seconds: float = sized(4.0, 0.1)
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    tiles = np.random.default_rng(0).integers(0, 255, (batch, 256, 256, 3), np.uint8)
    done, began, clock = 0, time.perf_counter(), Rate()
    while time.perf_counter() - began < seconds:
        encode(tiles)
        done += batch
    return clock.of(done)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
def test_memory(figures: Figures, tmp_path: Path) -> None:
    small, large = (
        _peak_mb(_noise(tmp_path / f"{side}.tif", side)) for side in sized((4096, 11585), (1024, 1100))
    )
    figures.add(
        "peak memory, raster of 4096² px", f"{small[1]:.0f} MB, {small[0]:.0f} MB of it before the scan"
    )
    figures.add(
        "peak memory, raster of 11585² px", f"{large[1]:.0f} MB, {large[0]:.0f} MB of it before the scan"
    )
    figures.below("peak memory for an 8 times larger raster, ratio", large[1] / small[1], "", 1.15)


def _noise(path: Path, side: int) -> Path:
    """A raster without overviews, written in strips of blocks."""
    random = np.random.default_rng(side)
    profile = {"driver": "GTiff", "width": side, "height": side, "count": 3, "dtype": "uint8", "tiled": True}
    place = {"crs": "EPSG:32633", "transform": Affine(0.5, 0, 5e5, 0, -0.5, 4e6), "photometric": "rgb"}
    with rasterio.open(path, "w", **profile, **place) as dataset:
        for top in range(0, side, 256):
            strip = random.integers(0, 255, (3, min(256, side - top), side), np.uint8)
            dataset.write(strip, window=Window(0, top, side, strip.shape[1]))
    return path


def _peak_mb(raster: Path) -> tuple[float, float]:
    """(when ready, after a scan of the whole raster at 1:4 and 1:8)."""
    scales = ScanSettings(scales_m=(512.0, 1024.0))
    with started_worker() as worker:
        worker.initialize()
        worker.ready()
        before = _high_water_mb(worker)
        request = ScanRequest(RasterRef(str(raster)), settings=scales, index=f"{raster}.gpkg")
        worker.call(BUILD, request, seconds=600)
        return before, _high_water_mb(worker)


def _high_water_mb(worker: WorkerProcess) -> float:
    status = Path(f"/proc/{worker.process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def test_cold_index(figures: Figures, banepa_index: str, tmp_path: Path) -> None:
    side, batch = sized(41_000, 3_000), 2_000  # px: 102,400 tiles
    with TileIndex.open_for_reading(banepa_index) as index:
        kept = index.manifest
    manifest = dataclasses.replace(kept, width=side, height=side)
    random = np.random.default_rng(0)
    vectors = random.standard_normal((batch, kept.dimension), np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    places = TileGrid(side, side, 1).keys()
    keys = np.column_stack((np.ones(len(places), np.int32), places))
    with TileIndex.open_for_writing(tmp_path / "big.gpkg", manifest) as index:
        for start in range(0, len(keys), batch):
            part = keys[start : start + batch]
            size = len(part)
            index.append(EncodedTiles(part, vectors[:size], np.ones(size, np.float32)))
    began = time.perf_counter()
    with TileIndex.open_for_reading(tmp_path / "big.gpkg") as index:
        index.load()
    figures.below(
        "cold load of an index, per million tiles", milliseconds(began) / 1000 * 1e6 / len(keys), "s", 4
    )
