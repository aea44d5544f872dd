"""Rasters to work on and a worker that is ready."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio import Affine

from msa_model.model.encoder import Encoder
from msa_model.protocol.codec import from_wire
from msa_model.protocol.messages import RasterRef, ScanRequest, ScanSettings, ScanSummary
from msa_model.protocol.rpc import BUILD
from tests.worker.client import WorkerProcess, started_worker
from tests.worker.drawing import Qgis
from tests.worker.machines import Machines, running

GSD_M = 0.5
EAST, NORTH = 500_000.0, 4_000_000.0  # UTM 33N, on the central meridian


def write_scene(path: Path, side: int) -> Path:
    """A square of coloured fields with some noise, tiled, in UTM."""
    random = np.random.default_rng(side)
    fields = random.integers(0, 255, (3, side // 64, side // 64), np.uint8).repeat(64, 1).repeat(64, 2)
    pixels = np.clip(fields.astype(np.int16) + random.integers(-20, 20, fields.shape), 0, 255).astype(
        np.uint8
    )
    profile = {
        "driver": "GTiff",
        "width": side,
        "height": side,
        "count": 3,
        "dtype": "uint8",
        "crs": "EPSG:32633",
        "transform": Affine(GSD_M, 0, EAST, 0, -GSD_M, NORTH),
        "tiled": True,
    }
    with rasterio.open(path, "w", **profile) as dataset:
        dataset.write(pixels)
    return path


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """768 px square: 25 tiles of 128 m and 9 of 192 m at the least."""
    return write_scene(tmp_path_factory.mktemp("scene") / "small.tif", 768)


@pytest.fixture(scope="session")
def large_scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """3072 px square: a scan of many seconds."""
    return write_scene(tmp_path_factory.mktemp("scene") / "large.tif", 3072)


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The shipped model in this process, for all tests that leave it as it is."""
    return Encoder.load(threads=1)


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    """A scheduler and its workers, for the tests of one file."""
    with running(tmp_path_factory.mktemp("machines")) as started:
        yield started


@pytest.fixture
def own_worker() -> Iterator[WorkerProcess]:
    """A worker for one test, model loaded."""
    with started_worker() as worker:
        worker.initialize()
        worker.ready()
        yield worker


@pytest.fixture(scope="session")
def worker() -> Iterator[WorkerProcess]:
    """A worker for all tests that leave it alive, model loaded."""
    with started_worker() as worker:
        worker.initialize()
        worker.ready()
        yield worker


def scan_of(raster: Path, index: Path, **settings: object) -> ScanRequest:
    return ScanRequest(RasterRef(str(raster)), settings=ScanSettings(**settings), index=str(index))  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def indexed(worker: WorkerProcess, scene: Path, tmp_path_factory: pytest.TempPathFactory) -> ScanSummary:
    """The small scene, indexed."""
    index = tmp_path_factory.mktemp("index") / "small.gpkg"
    return from_wire(ScanSummary, worker.call(BUILD, scan_of(scene, index), seconds=120).result)


@pytest.fixture
def qgis(worker: WorkerProcess) -> Iterator[Qgis]:
    """Draws what the ready worker asks for."""
    qgis = Qgis()
    worker.draw = qgis.draw
    yield qgis
    worker.draw = None
