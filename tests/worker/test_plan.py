"""What a plan costs itself."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.enums import Resampling
from rasterio.transform import from_origin

from msa_model.jobs.plan import planning
from msa_model.jobs.scan import scan
from msa_model.jobs.steps import outcome
from msa_model.model.encoder import Encoder
from msa_model.protocol.codec import from_wire
from msa_model.protocol.messages import RasterRef, ScanPlan, ScanRequest, ScanSummary, SearchRequest
from msa_model.protocol.rpc import BUILD, PLAN, RANK, Failure
from tests.worker.client import WorkerProcess
from tests.worker.conftest import scan_of


def test_the_rate_is_measured_only_where_there_is_something_to_encode(
    scene: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = Encoder.load(threads=1)
    request = scan_of(scene, tmp_path / "scene.gpkg")
    assert outcome(planning(encoder, request, None)).seconds > 0
    list(scan(encoder, request, None))

    def refuse() -> float:
        raise AssertionError("the rate was measured")

    monkeypatch.setattr(encoder, "tiles_per_second", refuse)
    assert outcome(planning(encoder, request, None)).seconds == 0


def test_a_plan_is_made_while_a_scan_goes_on(
    worker: WorkerProcess, scene: Path, large_scene: Path, tmp_path: Path
) -> None:
    build = worker.request(BUILD, scan_of(large_scene, tmp_path / "large.gpkg"))
    worker.wait_for_progress(build)
    plan = from_wire(ScanPlan, worker.call(PLAN, scan_of(scene, tmp_path / "scene.gpkg")).result)
    assert plan.missing == plan.tiles > 0
    so_far = worker.progress(build)[-1]
    assert so_far.done < so_far.total
    worker.cancel(build)
    assert isinstance(worker.outcome(build), Failure)


def test_looking_at_a_slow_raster_is_cancelled_at_once_and_holds_up_nobody(
    worker: WorkerProcess, indexed: ScanSummary, tmp_path: Path
) -> None:
    with slow_server() as url:
        plan = worker.request(
            PLAN, ScanRequest(RasterRef(f"/vsicurl/{url}"), index=str(tmp_path / "slow.gpkg"))
        )
        worker.wait_for_progress(plan, done=0)
        worker.call(RANK, SearchRequest("river", (indexed.index,)))
        worker.cancel(plan)
        assert isinstance(worker.outcome(plan), Failure)


@contextmanager
def slow_server() -> Iterator[str]:
    """An address that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/slow.tif"


def without_overviews(path: Path, side: int) -> Path:
    """A raster of noise, which takes its time to decode."""
    noise = np.random.default_rng(0).integers(0, 255, (3, side, side), np.uint8)
    shape = {
        "width": side,
        "height": side,
        "count": 3,
        "dtype": "uint8",
        "tiled": True,
        "compress": "deflate",
    }
    place = {"crs": "EPSG:32645", "transform": from_origin(340_000, 3_050_000, 0.3, 0.3)}
    with rasterio.open(path, "w", "GTiff", **shape, **place) as raster:
        raster.write(noise)
    return path


def test_a_plan_tells_what_overviews_would_spare_until_there_are_some(tmp_path: Path) -> None:
    encoder = Encoder.load(threads=1)
    raster = without_overviews(tmp_path / "town.tif", 2304)
    request = scan_of(raster, tmp_path / "town.gpkg")
    plan = outcome(planning(encoder, request, None))
    assert plan.overviews is not None
    factors = [scale.factor for scale in plan.scales]
    spared = 1 - sum(factor**-2 for factor in factors) / len(factors)  # every scale reads all of the raster
    assert plan.overviews.read_share == pytest.approx(spared, abs=0.1)
    assert plan.overviews.read_seconds > 0
    assert 0 <= plan.overviews.seconds < plan.overviews.read_seconds
    with rasterio.open(raster, "r+") as whole:
        whole.build_overviews([2, 4, 8], Resampling.average)
    assert outcome(planning(encoder, request, None)).overviews is None


def test_a_small_raster_needs_no_overviews(tmp_path: Path) -> None:
    raster = without_overviews(tmp_path / "corner.tif", 1024)
    request = scan_of(raster, tmp_path / "corner.gpkg")
    assert outcome(planning(Encoder.load(threads=1), request, None)).overviews is None
