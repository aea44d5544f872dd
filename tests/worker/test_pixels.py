"""Indexing what QGIS draws, with a real worker: blocks planned, encoded, left out, and searched."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from msa_model.protocol.codec import from_wire
from msa_model.protocol.messages import (
    Aoi,
    ScanSettings,
    SearchReply,
    SearchRequest,
    ThumbnailReply,
    ThumbnailRequest,
    TileRef,
)
from msa_model.protocol.pixels import (
    PixelBlock,
    PixelEncoded,
    PixelEncodeRequest,
    PixelGrid,
    PixelPlan,
    PixelPlanRequest,
)
from msa_model.protocol.ranking import HeatmapReply
from msa_model.protocol.rpc import HEATMAP, PIXELS_ENCODE, PIXELS_PLAN, SEARCH, THUMBNAILS
from tests.worker.client import WorkerProcess

ZONE = (0.5, 0.0, -200_000.0, 0.0, -0.5, 9_400_000.0)
SOURCE = "qgis:wms:url=https://maps.example"
GRID = PixelGrid(SOURCE, "aerial", "v1", "EPSG:32633", ZONE, 2_800_000, 20_800_000)
WEST, SOUTH, SIDE = 500_100.0, 5_200_100.0, 300.0


@pytest.fixture
def request_(tmp_path: Path) -> PixelPlanRequest:
    """Some 300 m of a layer without end, in an index of its own."""
    east, north = WEST + SIDE, SOUTH + SIDE
    ring = ((WEST, SOUTH), (east, SOUTH), (east, north), (WEST, north), (WEST, SOUTH))
    area = Aoi(f"POLYGON (({', '.join(f'{x} {y}' for x, y in ring)}))", GRID.crs)
    return PixelPlanRequest(GRID, area, ScanSettings(scales_m=(128.0, 256.0)), str(tmp_path / "index.gpkg"))


def planned(worker: WorkerProcess, request: PixelPlanRequest) -> PixelPlan:
    return from_wire(PixelPlan, worker.call(PIXELS_PLAN, request).result)


def picture(block: PixelBlock, alpha: int = 255) -> np.ndarray:
    """Stripes whose colours depend on the place alone."""
    x = np.arange(block.width) * block.factor + block.col * 32 * block.factor
    y = np.arange(block.height) * block.factor + block.row * 32 * block.factor
    rgba = np.empty((block.height, block.width, 4), np.uint8)
    rgba[..., 0], rgba[..., 1] = (x // 64 * 37 % 251)[None, :], (y // 64 * 53 % 251)[:, None]
    rgba[..., 2], rgba[..., 3] = 90, alpha
    return rgba


def encoded(
    worker: WorkerProcess, request: PixelPlanRequest, block: PixelBlock, pixels: bytes, complete: bool = True
) -> PixelEncoded:
    reply = worker.call(PIXELS_ENCODE, PixelEncodeRequest(request, block, complete), pixels, seconds=120)
    return from_wire(PixelEncoded, reply.result)


@pytest.fixture
def filled(worker: WorkerProcess, request_: PixelPlanRequest) -> PixelPlan:
    """The plan, once all of it is encoded."""
    plan = planned(worker, request_)
    for block in plan.blocks:
        encoded(worker, request_, block, picture(block).tobytes())
    return plan


def test_a_plan_names_the_blocks_that_hold_its_tiles(
    worker: WorkerProcess, request_: PixelPlanRequest
) -> None:
    plan = planned(worker, request_)
    assert plan.tiles == plan.missing == sum(block.tiles for block in plan.blocks) > 30
    assert [scale.factor for scale in plan.scales] == [1, 2]
    assert plan.blocks[0].factor == 2, "coarse ones first"
    for block in plan.blocks:
        west, south, east, north = block.bounds
        assert east - west == pytest.approx(block.width * 0.5 * block.factor)
        assert north - south == pytest.approx(block.height * 0.5 * block.factor)
        assert max(block.width, block.height) <= 1280
    assert min(block.bounds[0] for block in plan.blocks) <= WEST
    assert not Path(plan.index).exists()


def test_what_is_encoded_is_found_shown_and_not_planned_again(
    worker: WorkerProcess, request_: PixelPlanRequest, filled: PixelPlan
) -> None:
    assert planned(worker, request_).blocks == ()
    found = from_wire(SearchReply, worker.call(SEARCH, SearchRequest("stripes", (filled.index,), 5)).result)
    assert found.tiles == filled.tiles
    hit = found.results[0]
    assert (hit.source, hit.crs) == (GRID.source, GRID.crs)
    tile = TileRef(filled.index, hit.factor, hit.row, hit.col)
    reply = worker.call(THUMBNAILS, ThumbnailRequest((tile,), 64))
    assert from_wire(ThumbnailReply, reply.result).side == 64
    shown = np.frombuffer(reply.attachment, np.uint8).reshape(64, 64, 3).astype(int)
    block = PixelBlock(hit.factor, hit.row, hit.col, 256, 256, (0.0, 0.0, 0.0, 0.0), 1)
    meant = picture(block)[2::4, 2::4, :3].astype(int)
    assert np.abs(shown - meant).mean() < 25


def test_the_heat_map_of_a_layer_without_end_is_that_of_its_tiles(
    worker: WorkerProcess, filled: PixelPlan
) -> None:
    reply = worker.call(HEATMAP, SearchRequest("stripes", (filled.index,)))
    heat = from_wire(HeatmapReply, reply.result)
    assert 20 < heat.width < 80
    assert 20 < heat.height < 80


def test_empty_tiles_are_skipped_for_good_and_an_empty_block_needs_no_bytes(
    worker: WorkerProcess, request_: PixelPlanRequest
) -> None:
    plan = planned(worker, request_)
    done = [encoded(worker, request_, block, b"") for block in plan.blocks]
    assert sum(reply.encoded for reply in done) == 0
    assert sum(reply.skipped for reply in done) == plan.tiles
    assert planned(worker, request_).missing == 0


def test_of_a_block_with_holes_only_whole_tiles_are_taken_and_the_rest_is_asked_for_again(
    worker: WorkerProcess, request_: PixelPlanRequest
) -> None:
    plan = planned(worker, request_)
    block = plan.blocks[-1]
    torn = picture(block)
    torn[:, : block.width // 2, 3] = 0
    reply = encoded(worker, request_, block, torn.tobytes(), complete=False)
    assert reply.skipped == 0
    assert 0 < reply.encoded < block.tiles
    assert planned(worker, request_).missing == plan.missing - reply.encoded


def test_tiles_skipped_for_their_gaps_are_asked_for_when_less_is_enough(
    worker: WorkerProcess, request_: PixelPlanRequest
) -> None:
    block = planned(worker, request_).blocks[-1]
    thin = picture(block)
    thin[..., 3] = 0
    thin[:, ::4, 3] = 255  # a quarter of every tile
    assert encoded(worker, request_, block, thin.tobytes()).encoded == 0
    lenient = replace(request_, settings=replace(request_.settings, min_valid=0.1))
    assert planned(worker, lenient).missing - planned(worker, request_).missing == block.tiles
    assert encoded(worker, lenient, block, thin.tobytes()).encoded == block.tiles


def test_the_same_block_sent_twice_is_encoded_once(worker: WorkerProcess, request_: PixelPlanRequest) -> None:
    block = planned(worker, request_).blocks[-1]
    assert encoded(worker, request_, block, picture(block).tobytes()).encoded == block.tiles
    assert encoded(worker, request_, block, picture(block).tobytes()).encoded == 0


def test_a_search_is_answered_while_a_block_is_encoded(
    worker: WorkerProcess, request_: PixelPlanRequest
) -> None:
    first, *others = planned(worker, request_).blocks
    encoded(worker, request_, first, picture(first).tobytes())
    block = others[-1]
    call = worker.request(PIXELS_ENCODE, PixelEncodeRequest(request_, block), picture(block).tobytes())
    worker.wait_for_progress(call)
    worker.call(SEARCH, SearchRequest("stripes", (request_.index,), 5))
    worker.cancel(call)
    worker.outcome(call)
    assert planned(worker, request_).missing > 0


def test_what_is_no_block_is_refused(worker: WorkerProcess, request_: PixelPlanRequest) -> None:
    block = planned(worker, request_).blocks[0]
    wrong = (replace(block, width=block.width + 1), replace(block, factor=0))
    for bad in wrong:
        refusal = worker.refusal(PIXELS_ENCODE, PixelEncodeRequest(request_, bad), b"")
        assert refusal.error.kind == "bad_argument"
    short = worker.refusal(PIXELS_ENCODE, PixelEncodeRequest(request_, block), b"123")
    assert "3 bytes" in short.error.sentence


def test_another_look_replaces_an_index_that_was_named_and_another_layer_does_not(
    worker: WorkerProcess, request_: PixelPlanRequest, filled: PixelPlan
) -> None:
    restyled = replace(request_, grid=replace(GRID, version="v2"))
    plan = planned(worker, restyled)
    assert plan.missing == plan.tiles
    assert any("looks otherwise" in warning for warning in plan.warnings)
    assert planned(worker, replace(request_, grid=replace(GRID, title="renamed"))).missing == 0
    other = replace(request_, grid=replace(GRID, source="qgis:wms:url=https://other.example"))
    assert "choose another file" in worker.refusal(PIXELS_PLAN, other).error.sentence


def test_more_tiles_than_are_fair_are_refused(worker: WorkerProcess, request_: PixelPlanRequest) -> None:
    refusal = worker.refusal(PIXELS_PLAN, replace(request_, most=20))
    assert refusal.error.kind == "too_many_tiles"
    assert "at most 20" in refusal.error.sentence
