"""Describing layers that QGIS draws, and batches over them, with a real worker that asks for each block."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio

from msa_model.protocol.batch import BatchRequest, BatchSummary, WatchedQuery
from msa_model.protocol.codec import from_wire
from msa_model.protocol.describing import (
    DescribeManyReply,
    DescribeManyRequest,
    DescribeReply,
    DescribeRequest,
)
from msa_model.protocol.errors import MsaError
from msa_model.protocol.layers import DrawnLayer
from msa_model.protocol.messages import (
    Example,
    RasterRef,
    ScanPlan,
    ScanRequest,
    ScanSettings,
    ScanSummary,
    SearchRequest,
)
from msa_model.protocol.pixels import DrawRequest, Picture
from msa_model.protocol.rpc import (
    BATCH,
    BUILD,
    DESCRIBE,
    DESCRIBE_MANY,
    HEATMAP,
    PLAN,
    RANK,
    VERDICT,
    Reply,
)
from tests.present import as_a
from tests.worker.client import WorkerProcess
from tests.worker.conftest import EAST, NORTH
from tests.worker.drawing import AREA, CENTRE, LAYER, Qgis, rectangle

LONG_S = 120.0


def described(worker: WorkerProcess, request: DescribeRequest) -> DescribeReply:
    return from_wire(DescribeReply, worker.call(DESCRIBE, request).result)


def test_a_point_is_described_at_every_scale_of_a_scan(worker: WorkerProcess, qgis: Qgis) -> None:
    request = DescribeRequest(LAYER, LAYER.crs, CENTRE, every_scale=True, k=2)
    reply = from_wire(DescribeReply, worker.call(DESCRIBE, request).result)
    sides = [reply.scale_m, *(scale.scale_m for scale in reply.scales)]
    plan = from_wire(ScanPlan, worker.call(PLAN, ScanRequest(LAYER, AREA)).result)
    assert sides == pytest.approx([scale.scale_m for scale in plan.scales], rel=1e-6)
    assert len(sides) > 1
    assert (len(reply.phrases), reply.valid) == (2, 1.0)
    drawn = [request.block for request in qgis.asked]
    assert len(drawn) == len(sides), "each window once"
    assert all((block.width, block.height) == (256, 256) for block in drawn)
    widths = sorted(block.bounds[2] - block.bounds[0] for block in drawn)
    assert widths == pytest.approx(sides, rel=0.001)


def test_a_polygon_and_many_features_are_described(worker: WorkerProcess, qgis: Qgis) -> None:
    request = DescribeRequest(LAYER, AREA.crs, polygon=AREA.wkt, every_scale=True)
    reply = from_wire(DescribeReply, worker.call(DESCRIBE, request).result)
    assert reply.scales[0].windows > 1
    areas = (AREA.wkt, f"POINT ({CENTRE[0]} {CENTRE[1]})", rectangle(-300_000, 0, -299_000, 1_000))
    many = DescribeManyRequest(LAYER, areas, AREA.crs, scale_m=128.0)
    polygon, point, away = from_wire(
        DescribeManyReply, worker.call(DESCRIBE_MANY, many, seconds=LONG_S).result
    ).descriptions
    assert polygon.windows > point.windows == 1
    assert "not on aerial" in away.problem


def test_a_place_that_is_empty_or_fails_is_named(worker: WorkerProcess, qgis: Qgis) -> None:
    request = DescribeRequest(LAYER, LAYER.crs, CENTRE)
    qgis.alpha = 0
    assert worker.refusal(DESCRIBE, request).error.kind == "point_outside"
    qgis.silent = True
    assert worker.refusal(DESCRIBE, request).error.kind == "layer_silent"
    qgis.silent, qgis.problem = False, "HTTP 500"
    failure = worker.refusal(DESCRIBE, request)
    assert failure.error.kind == "layer_unavailable"
    assert "HTTP 500" in failure.error.sentence


def test_a_batch_runs_over_layers_and_goes_on_where_one_fails(
    worker: WorkerProcess, qgis: Qgis, tmp_path: Path
) -> None:
    layer = replace(LAYER, version=str(tmp_path))
    broken = replace(layer, source="qgis:wms:url=https://broken.example", title="broken")

    def draw(request: DrawRequest) -> Picture | MsaError:
        return Picture(b"", "HTTP 500") if request.layer == broken else qgis.draw(request)

    worker.draw = draw
    request = BatchRequest(
        (broken, layer),
        str(tmp_path / "results.gpkg"),
        (WatchedQuery("stripes"),),
        report=str(tmp_path / "report.html"),
        aoi=AREA,
        settings=ScanSettings(scales_m=(256.0,)),
    )
    call = worker.request(BATCH, request)
    summary = from_wire(BatchSummary, as_a(Reply, worker.outcome(call, LONG_S)).result)
    failed, found = summary.rasters
    assert (failed.path, failed.error) == (broken.source, "layer_unavailable")
    assert (found.path, found.error) == (LAYER.source, "")
    assert found.hits > 0
    assert found.encoded == found.tiles
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "aerial" in page
    assert page.count("data:image/jpeg") >= min(found.hits, 3)
    assert 'class="hit"' in page
    drawn = len(qgis.asked)
    again = from_wire(BatchSummary, worker.call(BATCH, request, seconds=LONG_S).result)
    assert again.rasters[1].hits == found.hits
    assert len(qgis.asked) == drawn, "the answer is in the results file"


def test_pixels_drawn_elsewhere_are_described_like_the_raster(worker: WorkerProcess, scene: Path) -> None:
    """The same pixels by path and as QGIS sends them: the same words at every scale."""
    with rasterio.open(scene) as dataset:
        pixels = np.moveaxis(dataset.read(), 0, -1)
        transform, size = tuple(dataset.transform)[:6], (dataset.width, dataset.height)

    def draw(request: DrawRequest) -> Picture:
        west, _, east, north = request.block.bounds
        side, step = request.block.width, transform[0]
        rows, cols = round((NORTH - north) / step), round((west - EAST) / step)
        factor = round((east - west) / step) // side
        part = pixels[rows : rows + side * factor, cols : cols + side * factor]
        part = part.reshape(side, factor, side, factor, 3).mean(axis=(1, 3)).round().astype(np.uint8)
        return Picture(np.dstack((part, np.full(part.shape[:2], 255, np.uint8))).tobytes())

    bounds = (EAST + 128, NORTH - 256, EAST + 256, NORTH - 128)
    layer = DrawnLayer("qgis:gdal:scene", "scene", "1", "EPSG:32633", transform, *size)
    worker.draw = draw
    sent = described(worker, DescribeRequest(layer, "", bounds=bounds, every_scale=True))
    worker.draw = None
    read = described(worker, DescribeRequest(RasterRef(str(scene)), "", bounds=bounds, every_scale=True))
    assert sent.bounds == read.bounds
    assert [scale.scale_m for scale in sent.scales] == [scale.scale_m for scale in read.scales]
    assert {p.phrase: p.cosine for p in sent.phrases} == pytest.approx(
        {p.phrase: p.cosine for p in read.phrases}, abs=0.01
    )


def test_an_example_is_the_window_of_the_layer_that_was_pointed_at(
    worker: WorkerProcess, qgis: Qgis, tmp_path: Path
) -> None:
    index = str(tmp_path / "index.gpkg")
    built = worker.call(BUILD, ScanRequest(LAYER, AREA, ScanSettings((128.0,)), index), seconds=LONG_S)
    assert from_wire(ScanSummary, built.result).tiles > 1
    east = Example(raster=LAYER, crs=LAYER.crs, point=(CENTRE[0] + 5_000, CENTRE[1]), scale_m=128.0)
    before = len(qgis.asked)
    for method in (RANK, VERDICT, HEATMAP):
        asked = SearchRequest("", (index,), examples=(east,))
        reply = worker.call(method, asked, seconds=LONG_S)
        assert reply.attachment
    (drawn,) = qgis.asked[before:]
    assert drawn.block.bounds[0] == pytest.approx(CENTRE[0] + 5_000 - 64.0), "outside of what is indexed"
    qgis.problem = "HTTP 500"
    other = replace(east, point=(CENTRE[0] + 6_000, CENTRE[1]))
    failure = worker.refusal(RANK, replace(asked, examples=(other,)))
    assert failure.error.kind == "layer_unavailable"
