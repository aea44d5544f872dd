"""Layers that QGIS draws, with a real worker that asks for each block: scanned, searched, described."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from msa_model.protocol.codec import from_wire
from msa_model.protocol.describing import DescribeRequest
from msa_model.protocol.errors import MsaError
from msa_model.protocol.hit_table import HeatmapReply
from msa_model.protocol.messages import (
    ScanPlan,
    ScanRequest,
    ScanSettings,
    ScanSummary,
    SearchRequest,
    ThumbnailReply,
    ThumbnailRequest,
    TileRef,
)
from msa_model.protocol.pixels import DrawRequest, Picture, PixelBlock
from msa_model.protocol.rpc import (
    BUILD,
    DESCRIBE,
    DRAW,
    HEATMAP,
    PLAN,
    THUMBNAILS,
    Failure,
    Request,
)
from tests.present import as_a
from tests.worker.client import WorkerProcess
from tests.worker.drawing import AREA, CENTRE, LAYER, WEST, Qgis, stripes

LONG_S = 120.0


@pytest.fixture
def request_(tmp_path: Path) -> ScanRequest:
    """Some 300 m of a layer without end, in an index of its own."""
    return ScanRequest(LAYER, AREA, ScanSettings(scales_m=(128.0, 256.0)), str(tmp_path / "index.gpkg"))


def planned(worker: WorkerProcess, request: ScanRequest) -> ScanPlan:
    return from_wire(ScanPlan, worker.call(PLAN, request).result)


def scanned(worker: WorkerProcess, request: ScanRequest) -> ScanSummary:
    return from_wire(ScanSummary, worker.call(BUILD, request, seconds=LONG_S).result)


def test_a_plan_counts_the_blocks_and_asks_for_none(
    worker: WorkerProcess, qgis: Qgis, request_: ScanRequest
) -> None:
    plan = planned(worker, request_)
    assert plan.tiles == plan.missing > 30
    assert [scale.factor for scale in plan.scales] == [1, 2]
    assert plan.blocks > 1
    assert qgis.asked == []
    assert not Path(plan.index).exists()


def test_a_scan_asks_for_each_block_once_coarse_ones_first(
    worker: WorkerProcess, qgis: Qgis, request_: ScanRequest
) -> None:
    plan = planned(worker, request_)
    summary = scanned(worker, request_)
    assert (summary.encoded, summary.skipped, summary.reused) == (plan.tiles, 0, 0)
    blocks = [request.block for request in qgis.asked]
    assert len(set(blocks)) == len(blocks) == plan.blocks
    assert {request.layer for request in qgis.asked} == {LAYER}
    sides = [(b.bounds[2] - b.bounds[0]) / b.width for b in blocks]
    assert sides == sorted(sides, reverse=True)
    assert set(sides) == {0.5, 1.0}
    assert max(max(b.width, b.height) for b in blocks) <= 1280
    assert min(b.bounds[0] for b in blocks) <= WEST


def test_what_is_scanned_is_found_shown_and_not_drawn_again(
    worker: WorkerProcess, qgis: Qgis, request_: ScanRequest
) -> None:
    summary, drawn = scanned(worker, request_), len(qgis.asked)
    assert planned(worker, request_).missing == 0
    assert scanned(worker, request_).reused == summary.tiles
    assert len(qgis.asked) == drawn
    found = worker.ranked(SearchRequest("stripes", (summary.index,), 5))
    assert found.reply.tiles == summary.tiles
    hit = found.hit(0)
    assert (hit.source, hit.crs) == (LAYER.source, LAYER.crs)
    tile = TileRef(summary.index, hit.factor, hit.row, hit.col)
    reply = worker.call(THUMBNAILS, ThumbnailRequest((tile,), 64))
    assert from_wire(ThumbnailReply, reply.result).side == 64
    shown = np.frombuffer(reply.attachment, np.uint8).reshape(64, 64, 3).astype(int)
    meant = stripes(PixelBlock(256, 256, hit.bounds))[2::4, 2::4, :3].astype(int)
    assert np.abs(shown - meant).mean() < 25


def test_the_heat_map_of_a_layer_without_end_is_that_of_its_tiles(
    worker: WorkerProcess, qgis: Qgis, request_: ScanRequest
) -> None:
    reply = worker.call(HEATMAP, SearchRequest("stripes", (scanned(worker, request_).index,)))
    heat = from_wire(HeatmapReply, reply.result)
    assert 20 < heat.width < 80
    assert 20 < heat.height < 80


def test_empty_tiles_are_skipped_for_good_and_an_empty_block_needs_no_bytes(
    worker: WorkerProcess, qgis: Qgis, request_: ScanRequest
) -> None:
    qgis.alpha = 0
    summary = scanned(worker, request_)
    assert (summary.encoded, summary.skipped) == (0, summary.tiles)
    assert planned(worker, request_).missing == 0


def test_a_layer_that_draws_nothing_and_asks_nobody_is_named_and_nothing_is_kept(
    worker: WorkerProcess, qgis: Qgis, request_: ScanRequest
) -> None:
    qgis.silent = True
    refusal = worker.refusal(BUILD, request_, seconds=LONG_S)
    assert as_a(Failure, refusal).error.kind == "layer_silent"
    assert "aerial" in refusal.error.sentence
    plan = planned(worker, request_)
    assert plan.missing == plan.tiles


def test_empty_blocks_before_the_first_sign_of_life_are_skipped_for_good_then(
    worker: WorkerProcess, qgis: Qgis, request_: ScanRequest
) -> None:
    first = []

    def draw(request: DrawRequest) -> Picture | MsaError:
        first.append(request)
        return Picture(b"", asked=False) if len(first) == 1 else qgis.draw(request)

    worker.draw = draw
    summary = scanned(worker, request_)
    assert 0 < summary.skipped < summary.tiles
    assert planned(worker, request_).missing == 0


def test_of_a_block_with_holes_only_whole_tiles_are_taken_and_the_rest_is_asked_for_again(
    worker: WorkerProcess, qgis: Qgis, request_: ScanRequest
) -> None:
    before = planned(worker, request_).missing

    def torn(request: DrawRequest) -> Picture:
        rgba = stripes(request.block)
        rgba[:, : request.block.width // 2, 3] = 0
        return Picture(rgba.tobytes(), "HTTP 503")

    worker.draw = torn
    refusal = worker.refusal(BUILD, request_, seconds=LONG_S)
    assert as_a(Failure, refusal).error.kind == "layer_unavailable"
    assert "HTTP 503" in refusal.error.sentence
    left = planned(worker, request_).missing
    assert 0 < left < before
    worker.draw = qgis.draw
    assert scanned(worker, request_).encoded == left


def test_tiles_skipped_for_their_gaps_are_asked_for_when_less_is_enough(
    worker: WorkerProcess, qgis: Qgis, request_: ScanRequest
) -> None:
    def thin(request: DrawRequest) -> Picture:
        rgba = stripes(request.block)
        rgba[..., 3] = 0
        rgba[:, ::4, 3] = 255  # a quarter of every tile
        return Picture(rgba.tobytes())

    worker.draw = thin
    assert scanned(worker, request_).encoded == 0
    lenient = replace(request_, settings=replace(request_.settings, min_valid=0.1))
    assert planned(worker, lenient).missing == planned(worker, request_).tiles
    assert scanned(worker, lenient).encoded == planned(worker, request_).tiles


def test_what_qgis_refuses_to_draw_ends_the_job_by_that_name(
    worker: WorkerProcess, qgis: Qgis, request_: ScanRequest
) -> None:
    qgis.error = MsaError.of("layer_changed", "The layer 'aerial' looks otherwise than when its scan began.")
    for method, params in ((BUILD, request_), (DESCRIBE, DescribeRequest(LAYER, LAYER.crs, CENTRE))):
        refusal = worker.refusal(method, params, seconds=LONG_S)
        assert as_a(Failure, refusal).error.kind == "layer_changed"
        assert refusal.error.sentence == qgis.error.sentence


def test_pixels_that_are_no_block_end_the_job_by_name(worker: WorkerProcess, request_: ScanRequest) -> None:
    worker.draw = lambda request: Picture(b"123")
    refusal = worker.refusal(BUILD, request_, seconds=LONG_S)
    worker.draw = None
    assert as_a(Failure, refusal).error.kind == "bad_argument"
    assert "3 bytes" in refusal.error.sentence


def test_others_are_answered_while_a_job_waits_for_its_pixels_and_it_can_be_cancelled(
    worker: WorkerProcess, request_: ScanRequest
) -> None:
    call = worker.request(BUILD, request_)
    own = worker.wait_for(lambda m: isinstance(m, Request) and m.params["id"] == call)
    assert isinstance(own, Request)
    assert own.method == DRAW
    planned(worker, request_)
    worker.cancel(call)
    refusal = worker.outcome(call)
    assert as_a(Failure, refusal).error.kind == "cancelled"
    worker.answer(own, Picture(b""))  # late: nobody waits for it
    assert planned(worker, request_).missing > 0


def test_another_look_replaces_an_index_that_was_named_and_another_layer_does_not(
    worker: WorkerProcess, qgis: Qgis, request_: ScanRequest
) -> None:
    scanned(worker, request_)
    restyled = replace(request_, raster=replace(LAYER, version="v2"))
    plan = planned(worker, restyled)
    assert plan.missing == plan.tiles
    assert any("looks otherwise" in warning.sentence for warning in plan.warnings)
    assert planned(worker, replace(request_, raster=replace(LAYER, title="renamed"))).missing == 0
    other = replace(request_, raster=replace(LAYER, source="qgis:wms:url=https://other.example"))
    assert "choose another file" in worker.refusal(PLAN, other).error.sentence
    assert scanned(worker, restyled).encoded == plan.tiles


def test_more_tiles_than_are_fair_are_refused(
    worker: WorkerProcess, qgis: Qgis, request_: ScanRequest
) -> None:
    for method in (PLAN, BUILD):
        refusal = worker.refusal(method, replace(request_, raster=replace(LAYER, most=20)))
        assert as_a(Failure, refusal).error.kind == "too_many_tiles"
        assert "at most 20" in refusal.error.sentence
    assert qgis.asked == []
