"""Every request to a real worker with the shipped model, on a small synthetic raster."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
from pyproj import Transformer

from msa_model.protocol.codec import from_wire
from msa_model.protocol.describing import DescribeReply, DescribeRequest
from msa_model.protocol.hit_table import HitTable
from msa_model.protocol.match import match_of
from msa_model.protocol.messages import (
    Aoi,
    Hit,
    RasterRef,
    ScanPlan,
    ScanSummary,
    SearchRequest,
    ThumbnailReply,
    ThumbnailRequest,
    TileRef,
)
from msa_model.protocol.rpc import (
    BUILD,
    DESCRIBE,
    INITIALIZE,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    PLAN,
    RANK,
    THUMBNAILS,
)
from tests.worker.client import WorkerProcess, hits_of
from tests.worker.conftest import EAST, GSD_M, NORTH, scan_of, write_scene

CENTRE = (EAST + 384 * GSD_M, NORTH - 384 * GSD_M)


def search(worker: WorkerProcess, indexed: ScanSummary, **options: object) -> HitTable:
    return worker.ranked(SearchRequest("green fields", (indexed.index,), **options))  # type: ignore[arg-type]


def describe(worker: WorkerProcess, request: DescribeRequest) -> DescribeReply:
    return from_wire(DescribeReply, worker.call(DESCRIBE, request).result)


def refused_kind(worker: WorkerProcess, method: str, request: object, attachment: bytes = b"") -> str:
    failure = worker.refusal(method, request, attachment)
    assert failure.error.sentence
    assert failure.error.remedy
    return failure.error.kind


def test_ready_names_device_and_model(worker: WorkerProcess) -> None:
    ready = worker.ready()
    assert ready.device
    assert ready.device_name
    assert len(ready.model_sha256) == 64
    assert ready.dimension > 0


def test_a_plan_tells_tiles_time_and_disk_and_writes_nothing(
    worker: WorkerProcess, scene: Path, tmp_path: Path
) -> None:
    index = tmp_path / "not-made.gpkg"
    plan = from_wire(ScanPlan, worker.call(PLAN, scan_of(scene, index)).result)
    assert plan.tiles == plan.missing == sum(scale.tiles for scale in plan.scales) > 0
    assert len(plan.scales) >= 2
    assert plan.scales[0].scale_m == pytest.approx(256 * GSD_M * plan.scales[0].factor, rel=1e-3)
    assert plan.seconds > 0
    assert plan.bytes > 0
    assert plan.gsd_m == pytest.approx(GSD_M, rel=1e-3)
    assert list(tmp_path.iterdir()) == []


def test_an_indexed_raster_has_nothing_missing(
    worker: WorkerProcess, indexed: ScanSummary, scene: Path
) -> None:
    plan = from_wire(ScanPlan, worker.call(PLAN, scan_of(scene, Path(indexed.index))).result)
    assert (plan.missing, plan.seconds, plan.bytes) == (0, 0, 0)


def test_a_plan_foretells_the_size_of_the_index(
    worker: WorkerProcess, indexed: ScanSummary, scene: Path, tmp_path: Path
) -> None:
    plan = from_wire(ScanPlan, worker.call(PLAN, scan_of(scene, tmp_path / "none.gpkg")).result)
    assert plan.bytes == pytest.approx(Path(indexed.index).stat().st_size, rel=0.5)


def test_a_second_scan_encodes_only_what_is_missing(
    worker: WorkerProcess, scene: Path, tmp_path: Path
) -> None:
    index = tmp_path / "index.gpkg"
    half = from_wire(ScanSummary, worker.call(BUILD, scan_of(scene, index)).result)
    finer = from_wire(ScanSummary, worker.call(BUILD, scan_of(scene, index, overlap=0.75)).result)
    assert half.encoded == half.tiles
    assert finer.reused == half.tiles  # the lattice is the same, whatever the overlap
    assert finer.encoded == finer.tiles - half.tiles > 0


def test_progress_comes_at_most_five_times_a_second_and_ends_at_the_total(
    worker: WorkerProcess, scene: Path, tmp_path: Path
) -> None:
    request = worker.request(BUILD, scan_of(scene, tmp_path / "index.gpkg", overlap=0.75))
    summary = from_wire(ScanSummary, getattr(worker.outcome(request, 120), "result", None))
    reports = worker.progress(request)
    assert reports[0].done == 0
    assert reports[-1].done == reports[-1].total == summary.tiles
    assert [report.done for report in reports] == sorted(report.done for report in reports)
    assert reports[-1].rate > 0
    assert reports[-1].seconds_left == 0
    assert len(reports) <= summary.seconds * 5 + 2


def test_a_search_ranks_the_indexed_tiles(worker: WorkerProcess, indexed: ScanSummary, scene: Path) -> None:
    found = search(worker, indexed, k=5)
    hits = hits_of(found)
    scores = [hit.score for hit in hits]
    assert [hit.rank for hit in hits] == [1, 2, 3, 4, 5]
    assert scores == sorted(scores, reverse=True)
    assert found.reply.tiles == indexed.encoded
    assert {hit.source for hit in hits} == {str(scene)}
    assert {hit.crs for hit in hits} == {"EPSG:32633"}


def test_a_hit_lies_where_its_key_says(worker: WorkerProcess, indexed: ScanSummary) -> None:
    for hit in hits_of(search(worker, indexed)):
        unit = 32 * hit.factor * GSD_M
        left, top, side = EAST + hit.col * unit, NORTH - hit.row * unit, 8 * unit
        assert hit.bounds == pytest.approx((left, top - side, left + side, top))
        assert hit.ring[0] == pytest.approx((left, top))
        assert hit.scale_m == pytest.approx(side, rel=1e-3)


def test_a_search_keeps_to_its_area(worker: WorkerProcess, indexed: ScanSummary) -> None:
    x, y = EAST + 10, NORTH - 10
    area = Aoi(f"POLYGON(({x} {y}, {x + 5} {y}, {x + 5} {y - 5}, {x} {y - 5}, {x} {y}))", "EPSG:32633")
    hits = hits_of(search(worker, indexed, k=1000, aoi=area))
    assert {(hit.row, hit.col) for hit in hits} == {(0, 0)}
    assert len(hits) == len({hit.factor for hit in hits}) >= 2


def test_two_indexes_are_searched_as_one(worker: WorkerProcess, indexed: ScanSummary, tmp_path: Path) -> None:
    raster = write_scene(tmp_path / "other.tif", 512)
    other = from_wire(ScanSummary, worker.call(BUILD, scan_of(raster, tmp_path / "other.gpkg")).result)
    request = SearchRequest("green fields", (indexed.index, other.index), k=1000)
    both = worker.ranked(request)
    assert both.reply.tiles == len(hits_of(both)) == indexed.encoded + other.encoded
    assert {hit.index for hit in hits_of(both)} == {indexed.index, other.index}
    alone = [hit.score for hit in hits_of(both) if hit.index == indexed.index]
    assert alone == [hit.score for hit in hits_of(search(worker, indexed, k=1000))]


@pytest.mark.parametrize(
    ("request_", "kind"),
    [
        (SearchRequest("", ("x.gpkg",)), "query_empty"),
        (SearchRequest(" \t", ("x.gpkg",)), "query_empty"),
        (SearchRequest("नदी पर पुल", ("x.gpkg",)), "query_not_understood"),
        (SearchRequest("river", ("x.gpkg",), k=0), "bad_argument"),
        (SearchRequest("river", ()), "bad_argument"),
        (SearchRequest("river", ("x.gpkg",)), "path_missing"),
    ],
    ids=str,
)
def test_a_search_that_makes_no_sense_is_refused_by_name(
    worker: WorkerProcess, request_: SearchRequest, kind: str
) -> None:
    assert refused_kind(worker, RANK, request_) == kind


def test_a_search_in_a_file_that_is_no_index_is_refused(worker: WorkerProcess, tmp_path: Path) -> None:
    junk = tmp_path / "junk.gpkg"
    junk.write_bytes(b"junk" * 5000)
    assert refused_kind(worker, RANK, SearchRequest("river", (str(junk),))) == "index_unreadable"


def test_an_index_of_a_changed_raster_is_stale_until_it_is_scanned_again(
    worker: WorkerProcess, tmp_path: Path
) -> None:
    raster, index = write_scene(tmp_path / "scene.tif", 512), tmp_path / "index.gpkg"
    worker.call(BUILD, scan_of(raster, index))
    query = SearchRequest("river", (str(index),), k=1000)
    before = worker.ranked(query)
    with rasterio.open(raster, "r+") as dataset:
        dataset.write(255 - dataset.read())
    assert refused_kind(worker, RANK, query) == "index_stale"
    plan = from_wire(ScanPlan, worker.call(PLAN, scan_of(raster, index)).result)
    assert plan.missing == plan.tiles
    assert any("changed" in warning.sentence for warning in plan.warnings)
    worker.call(BUILD, scan_of(raster, index))
    after = worker.ranked(query)
    assert after.reply.tiles == before.reply.tiles
    assert [hit.score for hit in hits_of(after)] != [hit.score for hit in hits_of(before)]


def test_an_index_of_another_raster_is_not_overwritten(
    worker: WorkerProcess, indexed: ScanSummary, tmp_path: Path
) -> None:
    other = write_scene(tmp_path / "other.tif", 512)
    assert refused_kind(worker, BUILD, scan_of(other, Path(indexed.index))) == "bad_argument"
    assert search(worker, indexed).reply.tiles == indexed.encoded


def test_tiles_of_a_lost_raster_are_ranked_but_not_pictured(worker: WorkerProcess, tmp_path: Path) -> None:
    raster, index = write_scene(tmp_path / "scene.tif", 512), tmp_path / "index.gpkg"
    worker.call(BUILD, scan_of(raster, index))
    raster.unlink()
    reply = worker.ranked(SearchRequest("river", (str(index),)))
    assert hits_of(reply)
    pictures = ThumbnailRequest((tile_of(hits_of(reply)[0]),))
    assert refused_kind(worker, THUMBNAILS, pictures) == "raster_missing"


def tile_of(hit: Hit) -> TileRef:
    return TileRef(hit.index, hit.factor, hit.row, hit.col)


def test_thumbnails_show_the_tiles_pixels(worker: WorkerProcess, indexed: ScanSummary, scene: Path) -> None:
    hits = [hit for hit in hits_of(search(worker, indexed, k=100)) if hit.factor == 1][:3]
    reply = worker.call(THUMBNAILS, ThumbnailRequest(tuple(map(tile_of, hits)), side=256))
    assert from_wire(ThumbnailReply, reply.result) == ThumbnailReply(3, 256)
    pictures = np.frombuffer(reply.attachment, np.uint8).reshape(3, 256, 256, 3)
    with rasterio.open(scene) as dataset:
        for hit, picture in zip(hits, pictures, strict=True):
            y, x = hit.row * 32, hit.col * 32
            tile = dataset.read(window=((y, y + 256), (x, x + 256)))
            assert np.array_equal(picture, np.moveaxis(tile, 0, -1))


def test_too_many_thumbnails_are_refused(worker: WorkerProcess, indexed: ScanSummary) -> None:
    tiles = (TileRef(indexed.index, 1, 0, 0),) * 100
    assert refused_kind(worker, THUMBNAILS, ThumbnailRequest(tiles, side=1000)) == "bad_argument"
    assert refused_kind(worker, THUMBNAILS, ThumbnailRequest(tiles[:1], side=0)) == "bad_argument"


def test_a_description_is_centred_on_its_point(worker: WorkerProcess, scene: Path) -> None:
    reply = describe(worker, DescribeRequest(RasterRef(str(scene)), "EPSG:32633", CENTRE, scale_m=100.0))
    x0, y0, x1, y1 = reply.bounds
    assert ((x0 + x1) / 2, (y0 + y1) / 2) == pytest.approx(CENTRE)
    assert x1 - x0 == pytest.approx(100, rel=1e-3)
    assert reply.scale_m == pytest.approx(100)
    assert reply.valid == 1
    assert reply.crs == "EPSG:32633"
    assert len(reply.phrases) == 10
    scores = [phrase.match_score for phrase in reply.phrases]
    assert scores == sorted(scores, reverse=True)
    assert [phrase.match for phrase in reply.phrases] == [match_of(score) for score in scores]


def test_a_point_in_another_crs_finds_the_same_place(worker: WorkerProcess, scene: Path) -> None:
    own = DescribeRequest(RasterRef(str(scene)), "EPSG:32633", CENTRE, scale_m=100.0)
    to_degrees = Transformer.from_crs("EPSG:32633", "EPSG:4326", always_xy=True)
    other = replace(own, crs="EPSG:4326", point=to_degrees.transform(*CENTRE))
    assert describe(worker, other).bounds == pytest.approx(describe(worker, own).bounds, abs=0.01)


def test_beyond_the_edge_a_window_is_not_moved_but_partly_empty(worker: WorkerProcess, scene: Path) -> None:
    corner = (EAST + GSD_M, NORTH - GSD_M)
    reply = describe(worker, DescribeRequest(RasterRef(str(scene)), "", corner, scale_m=100.0))
    x0, y0, x1, y1 = reply.bounds
    assert ((x0 + x1) / 2, (y0 + y1) / 2) == pytest.approx(corner)
    assert 0.2 < reply.valid < 0.3


def test_bounds_are_described_as_they_are(worker: WorkerProcess, scene: Path) -> None:
    bounds = (CENTRE[0] - 40, CENTRE[1] - 40, CENTRE[0] + 40, CENTRE[1] + 40)
    reply = describe(worker, DescribeRequest(RasterRef(str(scene)), "EPSG:32633", bounds=bounds))
    assert reply.bounds == pytest.approx(bounds)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"point": (EAST - 10_000, NORTH)}, "point_outside"),
        ({"crs": "EPSG:0"}, "bad_argument"),
        ({"scale_m": 0.0}, "bad_argument"),
        ({"k": 0}, "bad_argument"),
        ({"point": None}, "bad_argument"),
        ({"point": None, "bounds": (EAST, NORTH, EAST - 10, NORTH + 10)}, "bad_argument"),
        ({"point": None, "bounds": (EAST - 50, NORTH, EAST - 10, NORTH + 40)}, "point_outside"),
        ({"raster": RasterRef("nowhere.tif")}, "raster_missing"),
        ({"phrases": "nowhere.csv"}, "phrases_unreadable"),
    ],
    ids=str,
)
def test_a_description_that_makes_no_sense_is_refused_by_name(
    worker: WorkerProcess, scene: Path, changes: dict[str, object], kind: str
) -> None:
    request = DescribeRequest(RasterRef(str(scene)), "EPSG:32633", CENTRE, scale_m=100.0)
    assert refused_kind(worker, DESCRIBE, replace(request, **changes)) == kind  # type: ignore[arg-type]


def test_phrases_of_the_users_file_are_read_again_when_it_changes(
    worker: WorkerProcess, scene: Path, tmp_path: Path
) -> None:
    bank = tmp_path / "mine.csv"
    request = DescribeRequest(RasterRef(str(scene)), "", CENTRE, phrases=str(bank))
    bank.write_text("phrase\na river\n")
    assert [p.phrase for p in describe(worker, request).phrases] == ["a river"]
    bank.write_text("phrase\na forest\n")
    assert [p.phrase for p in describe(worker, request).phrases] == ["a forest"]


def test_an_unknown_method_is_refused_by_its_code(worker: WorkerProcess) -> None:
    failure = worker.refusal("tile.paint")
    assert failure.code == METHOD_NOT_FOUND
    assert "tile.paint" in failure.error.sentence


def test_a_second_initialize_is_refused(worker: WorkerProcess) -> None:
    assert worker.refusal(INITIALIZE).code == INVALID_REQUEST


def test_params_of_another_shape_are_refused_by_their_field(worker: WorkerProcess) -> None:
    failure = worker.refusal(RANK, {"query": "river", "indexes": "x.gpkg"})
    assert failure.code == INVALID_PARAMS
    assert "indexes" in failure.error.sentence
