"""Indexes whose vectors are more than the worker may take of memory: a real process under a real limit."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio import Affine

from msa_model.cli.main import main
from msa_model.index.blocks import EncodedTiles
from msa_model.index.manifest import Manifest
from msa_model.index.store import TileIndex
from msa_model.model.checkpoint import read_checkpoint
from msa_model.protocol import methods
from msa_model.protocol.changing import SeriesRequest
from msa_model.protocol.messages import RasterRef, ScanRequest, ScanSettings, SearchRequest
from msa_model.protocol.rpc import PLAN, RANK, Failure
from msa_model.protocol.tile_groups import ExploreRequest
from msa_model.raster.grid import TileGrid
from msa_model.raster.source import RasterSource
from tests.present import as_a
from tests.worker.client import WorkerProcess, started_worker

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits and what is taken are Linux's")

SIDE = 81_152  # px: 400,689 tiles of one scale, whose vectors and bytes are 470 MB
ROOM = 350_000_000  # bytes that the worker may take beyond what it has when it is ready
QUERY = "green fields"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    raster = tmp_path_factory.mktemp("large") / "large.tif"
    place = {"crs": "EPSG:32633", "transform": Affine(0.5, 0, 5e5, 0, -0.5, 4e6), "BIGTIFF": "YES"}
    shape = {"width": SIDE, "height": SIDE, "count": 3, "dtype": "uint8", "tiled": True, "sparse_ok": True}
    with rasterio.open(raster, "w", driver="GTiff", **shape, **place):
        pass
    model = read_checkpoint()
    named = {"model": model.config.name, "model_sha256": model.sha256}
    with RasterSource.open(RasterRef(str(raster))) as source:
        manifest = Manifest.of(source, dimension=model.config.dimension, **named)
    places, batch = TileGrid(SIDE, SIDE, 1).keys(), 8192
    keys = np.column_stack((np.ones(len(places), np.int32), places))
    drawn = np.random.default_rng(0).standard_normal((batch, manifest.dimension), np.float32)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    path = raster.with_name("large.gpkg")
    with TileIndex.open_for_writing(path, manifest) as opened:
        for start in range(0, len(keys), batch):
            part = keys[start : start + batch]
            vectors = np.roll(drawn[: len(part)], start // batch, axis=1)
            opened.append(EncodedTiles(part, vectors, np.ones(len(part), np.float32)))
    return path


def limited(worker: WorkerProcess, room: int = ROOM) -> None:
    """As `ulimit -d` does: from now on it may take so much more."""
    import resource

    pid = worker.process.pid
    taken = Path(f"/proc/{pid}/status").read_text().partition("VmData:")[2].split()[0]
    resource.prlimit(pid, resource.RLIMIT_DATA, (int(taken) * 1024 + room,) * 2)


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[WorkerProcess]:
    with started_worker() as worker:
        worker.initialize(threads=1, cache_folder=str(tmp_path / "cache"))
        worker.ready()
        yield worker


def test_an_index_that_does_not_fit_is_searched_by_mapping(
    worker: WorkerProcess, index: Path, tmp_path: Path
) -> None:
    limited(worker)
    found = worker.ranked(SearchRequest(QUERY, (str(index),), k=50), seconds=300)
    assert found.reply.tiles == len(TileGrid(SIDE, SIDE, 1).keys())
    assert [file.suffix for file in (tmp_path / "cache" / "vectors").iterdir()] == [".msa-vectors"]
    with started_worker() as free:
        free.initialize(threads=1, cache_folder=str(tmp_path / "other"))
        free.ready()
        expected = free.ranked(SearchRequest(QUERY, (str(index),), k=50), seconds=300)
    assert [found.tile(row) for row in range(50)] == [expected.tile(row) for row in range(50)]


@pytest.mark.parametrize("method", [RANK, methods.EXPLORE.name, methods.SERIES.name])
def test_the_first_opening_tells_how_far_it_is_and_can_be_called_off(
    worker: WorkerProcess, index: Path, tmp_path: Path, method: str
) -> None:
    limited(worker)
    whole = len(TileGrid(SIDE, SIDE, 1).keys())
    requests = {
        RANK: SearchRequest(QUERY, (str(index),)),
        methods.EXPLORE.name: ExploreRequest((str(index),)),
        methods.SERIES.name: SeriesRequest(QUERY, (str(index),) * 2),
    }
    asked = worker.request(method, requests[method])
    found = worker.wait_for_progress(asked, seconds=300)
    assert 0 < found.done < found.total == whole
    assert found.rate > 0
    assert found.seconds_left is not None
    worker.cancel(asked)
    assert as_a(Failure, worker.outcome(asked, seconds=60)).error.kind == "cancelled"
    assert list((tmp_path / "cache" / "vectors").iterdir()) == []


def test_the_command_shows_a_bar_the_first_time(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("msa_model.jobs.open_files._MOST_READ", 100_000)
    command = ["search", str(index), QUERY, "--cache", str(tmp_path / "cache")]
    assert main(command) == 0
    said = capsys.readouterr().err
    assert "large.gpkg is opened for the first time" in said
    assert "400689/400689" in said
    assert main(command) == 0
    assert "for the first time" not in capsys.readouterr().err


def test_where_nothing_can_be_mapped_it_is_refused_and_the_worker_goes_on(
    worker: WorkerProcess, index: Path, tmp_path: Path
) -> None:
    (tmp_path / "cache").mkdir(exist_ok=True)
    (tmp_path / "cache" / "vectors").write_text("in the way")
    limited(worker)
    for _ in range(2):
        refused = worker.refusal(RANK, SearchRequest(QUERY, (str(index),)), seconds=300)
        assert refused.error.kind == "not_enough_memory"
        assert "400,689 tiles of large.gpkg takes 0.47 GB of memory" in refused.error.sentence


def test_tiles_to_be_grouped_and_a_plan_of_too_many_are_refused_before_they_are_begun(
    worker: WorkerProcess, index: Path
) -> None:
    limited(worker)
    explored = worker.refusal(methods.EXPLORE.name, ExploreRequest((str(index),)), seconds=300)
    assert explored.error.kind == "not_enough_memory"
    assert "400,689 tiles" in explored.error.sentence
    fine = ScanSettings(overlap=0.875)
    refused = worker.refusal(PLAN, ScanRequest(RasterRef(str(index.with_suffix(".tif"))), settings=fine))
    assert refused.error.kind == "not_enough_memory"
    assert "choose larger tiles or a smaller area" in refused.error.sentence
