"""What a batch costs, which tiles belong to its area, and how its report looks; asked of a real worker."""

from __future__ import annotations

import base64
import io
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from PIL import Image

from msa_model.protocol.batch import BatchPlan, BatchRequest, BatchSummary, WatchedQuery
from msa_model.protocol.codec import from_wire
from msa_model.protocol.messages import Aoi, MapStyle, RasterRef
from msa_model.protocol.rpc import BATCH, BATCH_PLAN
from tests.present import as_a
from tests.worker.client import WorkerProcess
from tests.worker.conftest import EAST, NORTH, write_scene


@pytest.fixture
def request_(tmp_path: Path) -> BatchRequest:
    """Two queries on two scenes of 768 and 512 px, not indexed yet."""
    scenes = (write_scene(tmp_path / f"scene{side}.tif", side) for side in (768, 512))
    queries = (WatchedQuery("green fields", "fields"), WatchedQuery("a wide river"))
    rasters = tuple(RasterRef(str(scene)) for scene in scenes)
    return BatchRequest(rasters, str(tmp_path / "results.gpkg"), queries, k=5)


def run(worker: WorkerProcess, request: BatchRequest) -> BatchSummary:
    return from_wire(BatchSummary, worker.call(BATCH, request, seconds=120).result)


def encoded(summary: BatchSummary) -> int:
    return sum(raster.encoded for raster in summary.rasters)


def planned(worker: WorkerProcess, request: BatchRequest) -> BatchPlan:
    return from_wire(BatchPlan, worker.call(BATCH_PLAN, request, seconds=120).result)


def polygons(out: str) -> list[shapely.Polygon]:
    return list(shapely.from_wkb(pyogrio.raw.read(out, layer="hits")[2]))


def areas(out: str) -> list[float]:
    with closing(sqlite3.connect(out)) as connection:
        return [area for (area,) in connection.execute("SELECT area_ha FROM summary")]


def sixteen_bit(source: Path, target: Path) -> str:
    """The raster in 16 bits that reach to 2,550 of 65,535."""
    with rasterio.open(source) as raster:
        values, profile = raster.read().astype(np.uint16) * 10, raster.profile | {"dtype": "uint16"}
    with rasterio.open(target, "w", **profile) as raster:
        raster.write(values)
    return str(target)


def pictures(report: Path) -> list[np.ndarray]:
    found = re.findall(r'base64,([^"]+)"', report.read_text(encoding="utf-8"))
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(text)))) for text in found]


def test_a_plan_tells_what_the_batch_then_costs(worker: WorkerProcess, request_: BatchRequest) -> None:
    plan = planned(worker, request_)
    assert [(cost.path, cost.missing) for cost in plan.rasters] == [
        (as_a(RasterRef, raster).path, cost.tiles)
        for raster, cost in zip(request_.rasters, plan.rasters, strict=True)
    ]
    assert plan.queries == 2
    assert plan.seconds > 0 < plan.bytes
    assert not Path(request_.out).exists()
    assert encoded(run(worker, request_)) == plan.missing == plan.tiles
    again = planned(worker, replace(request_, queries=()))
    assert (again.missing, again.tiles, again.seconds, again.bytes) == (0, plan.tiles, 0.0, 0)


def test_a_plan_names_a_raster_that_is_missing_and_plans_the_others(
    worker: WorkerProcess, request_: BatchRequest
) -> None:
    plan = planned(worker, replace(request_, rasters=(RasterRef("/nowhere/none.tif"), *request_.rasters)))
    assert [cost.error for cost in plan.rasters] == ["raster_missing", "", ""]
    assert "none.tif" in plan.rasters[0].sentence


def test_hits_lie_in_the_area_by_their_centres_and_only_what_is_inside_counts(
    worker: WorkerProcess, request_: BatchRequest
) -> None:
    area = shapely.box(EAST + 100, NORTH - 420, EAST + 420, NORTH - 100)
    asked = replace(request_, aoi=Aoi(area.wkt, "EPSG:32633"), merge=False, k=1000)
    whole = run(worker, asked)
    touching = polygons(whole.out)
    assert any(not area.contains(tile.centroid) for tile in touching)
    assert all(tile.intersects(area) for tile in touching)
    assert max(areas(whole.out)) <= area.area / 10_000 * 1.01
    by_centres = replace(asked, aoi=Aoi(area.wkt, "EPSG:32633", centres=True))
    inside = run(worker, by_centres)
    assert encoded(inside) == 0
    kept = polygons(inside.out)
    assert 0 < len(kept) == inside.hits < len(touching)
    assert all(area.contains(tile.centroid) for tile in kept)
    assert planned(worker, by_centres).tiles == sum(raster.tiles for raster in inside.rasters)


def test_pictures_of_the_report_have_the_maps_stretch(
    worker: WorkerProcess, request_: BatchRequest, tmp_path: Path
) -> None:
    deep = sixteen_bit(tmp_path / "scene768.tif", tmp_path / "deep.tif")
    asked = replace(request_, rasters=(RasterRef(deep),), report=str(tmp_path / "r.html"), k=1, merge=False)
    run(worker, asked)
    own = pictures(tmp_path / "r.html")
    dark = MapStyle(deep, (1, 2, 3), (0.0,) * 3, (65535.0,) * 3)
    run(worker, replace(asked, styles=(dark,)))
    assert max(picture.mean() for picture in pictures(tmp_path / "r.html")) < 20
    assert min(picture.mean() for picture in own) > 50
