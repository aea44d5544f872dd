"""Coverage, and the index manager's requests, to a real worker."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

import pyarrow.parquet as pq
import pyogrio
import pytest
import rasterio
import shapely

from msa_model.index.store import TileIndex
from msa_model.protocol.codec import from_wire
from msa_model.protocol.indexes import (
    CoverageReply,
    CoverageRequest,
    IndexChanged,
    IndexDeleteRequest,
    IndexExportReply,
    IndexExportRequest,
    IndexInfo,
    IndexListReply,
    IndexListRequest,
    IndexMoveRequest,
)
from msa_model.protocol.messages import Aoi, RasterRef, ScanRequest, ScanSummary, SearchRequest
from msa_model.protocol.rpc import BUILD, COVERAGE, DELETE, EXPORT, LIST, MOVE, RANK
from tests.map_server import map_server
from tests.worker.client import WorkerProcess
from tests.worker.conftest import EAST, GSD_M, NORTH, write_scene


@pytest.fixture
def own_index(worker: WorkerProcess, indexed: ScanSummary, scene: Path, tmp_path: Path) -> Path:
    """The small scene's index and raster, in a folder of their own."""
    shutil.copy(scene, tmp_path / scene.name)
    return Path(shutil.copy(indexed.index, tmp_path / "small.msa-00000000.gpkg"))


def listed(worker: WorkerProcess, *folders: Path, rasters: tuple[str, ...] = ()) -> dict[str, IndexInfo]:
    request = IndexListRequest(tuple(str(folder) for folder in folders), rasters)
    reply = from_wire(IndexListReply, worker.call(LIST, request).result)
    beside = [*folders, *(Path(raster).parent for raster in rasters)]
    return {
        Path(info.index).name: info for info in reply.indexes if Path(info.index).parent in beside
    }  # the user's cache is listed as well


def kind(worker: WorkerProcess, method: str, request: object) -> str:
    return worker.refusal(method, request).error.kind


def test_a_whole_scan_covers_the_whole_raster_at_every_scale(
    worker: WorkerProcess, indexed: ScanSummary
) -> None:
    reply = from_wire(CoverageReply, worker.call(COVERAGE, CoverageRequest(indexed.index)).result)
    outline = shapely.from_wkt(reply.raster)
    assert reply.crs == "EPSG:32633"
    assert outline.area == pytest.approx((768 * GSD_M) ** 2)
    assert len(reply.areas) >= 2
    assert sum(area.tiles for area in reply.areas) == indexed.tiles
    for area in reply.areas:
        covered = shapely.from_wkt(area.wkt)
        assert covered.geom_type == "MultiPolygon"
        assert covered.symmetric_difference(outline).area == pytest.approx(0, abs=1e-6)


def test_the_coverage_of_a_part_is_that_part(worker: WorkerProcess, tmp_path: Path) -> None:
    raster = write_scene(tmp_path / "part.tif", 832)  # of no other test: indexes follow a raster's content
    x, y = EAST + 10, NORTH - 10
    area = Aoi(f"POLYGON(({x} {y}, {x + 5} {y}, {x + 5} {y - 5}, {x} {y - 5}, {x} {y}))", "EPSG:32633")
    worker.call(BUILD, ScanRequest(RasterRef(str(raster)), area))
    reply = from_wire(
        CoverageReply, worker.call(COVERAGE, CoverageRequest(raster=RasterRef(str(raster)))).result
    )
    assert Path(reply.index).parent == tmp_path
    assert reply.source == str(raster)
    finest = min(reply.areas, key=lambda area: area.scale_m)
    side = 256 * GSD_M
    assert shapely.from_wkt(finest.wkt).bounds == pytest.approx((EAST, NORTH - side, EAST + side, NORTH))


def test_without_an_index_there_is_no_coverage(worker: WorkerProcess, tmp_path: Path) -> None:
    assert kind(worker, COVERAGE, CoverageRequest(str(tmp_path / "none.gpkg"))) == "path_missing"
    assert kind(worker, COVERAGE, CoverageRequest()) == "bad_argument"


def test_a_list_tells_size_tiles_and_state(
    worker: WorkerProcess, own_index: Path, indexed: ScanSummary
) -> None:
    info = listed(worker, own_index.parent)[own_index.name]
    assert (info.state, info.tiles, info.skipped) == ("current", indexed.encoded, indexed.skipped)
    assert info.bytes == own_index.stat().st_size
    assert info.scales_m == tuple(sorted(info.scales_m))
    assert len(info.scales_m) >= 2
    assert info.modified == pytest.approx(own_index.stat().st_mtime)


def test_a_list_tells_what_is_wrong_with_an_index(
    worker: WorkerProcess, own_index: Path, scene: Path
) -> None:
    folder = own_index.parent
    (folder / "broken.msa-11111111.gpkg").write_bytes(b"junk" * 5000)
    (folder / "roads.gpkg").write_bytes(b"something else")
    states = {name: info.state for name, info in listed(worker, folder).items()}
    assert states == {own_index.name: "current", "broken.msa-11111111.gpkg": "unreadable"}
    raster = Path(listed(worker, folder)[own_index.name].source)
    assert raster == scene  # the recorded place goes before the neighbour


def test_a_changed_raster_makes_its_index_stale_in_the_list(worker: WorkerProcess, tmp_path: Path) -> None:
    raster = write_scene(tmp_path / "changing.tif", 512)
    index = from_wire(ScanSummary, worker.call(BUILD, ScanRequest(RasterRef(str(raster)))).result).index
    name = Path(index).name
    assert listed(worker, tmp_path)[name].state == "current"
    with rasterio.open(raster, "r+") as dataset:
        dataset.write(255 - dataset.read())
    assert listed(worker, tmp_path)[name].state == "stale"
    raster.unlink()
    assert listed(worker, tmp_path)[name].state == "raster_missing"


def test_indexes_beside_a_raster_are_listed(worker: WorkerProcess, tmp_path: Path) -> None:
    raster = write_scene(tmp_path / "beside.tif", 576)  # of a content of its own
    worker.call(BUILD, ScanRequest(RasterRef(str(raster))))
    found = listed(worker, rasters=(str(raster),))
    assert [info.source for info in found.values() if info.source == str(raster)] == [str(raster)]


def test_a_deleted_index_is_gone_and_says_so(worker: WorkerProcess, own_index: Path) -> None:
    size = own_index.stat().st_size
    query = SearchRequest("river", (str(own_index),))
    worker.call(RANK, query)
    changed = from_wire(IndexChanged, worker.call(DELETE, IndexDeleteRequest(str(own_index))).result)
    assert changed == IndexChanged("", size)
    assert not own_index.exists()
    assert list(own_index.parent.glob("*.msa-lock")) == []
    assert kind(worker, RANK, query) == "path_missing"


def test_only_indexes_can_be_deleted(worker: WorkerProcess, scene: Path, tmp_path: Path) -> None:
    other = tmp_path / "roads.gpkg"
    other.write_bytes(b"precious" * 1000)
    assert kind(worker, DELETE, IndexDeleteRequest(str(other))) == "index_unreadable"
    assert kind(worker, DELETE, IndexDeleteRequest(str(scene))) == "index_unreadable"
    assert other.exists()
    assert kind(worker, DELETE, IndexDeleteRequest(str(tmp_path / "none.gpkg"))) == "path_missing"
    broken = tmp_path / "broken.tif.msa-11111111.gpkg"
    broken.write_bytes(b"junk")
    assert kind(worker, DELETE, IndexDeleteRequest(str(broken))) == "index_unreadable"
    assert broken.read_bytes() == b"junk"  # nothing in it proves that it is ours
    broken.write_bytes(b"")  # as a scan killed at its start leaves it
    worker.call(DELETE, IndexDeleteRequest(str(broken)))
    assert not broken.exists()


def test_a_damaged_index_can_be_deleted(worker: WorkerProcess, own_index: Path) -> None:
    content = own_index.read_bytes()
    own_index.write_bytes(content[: len(content) // 2])
    assert listed(worker, own_index.parent)[own_index.name].state == "unreadable"
    worker.call(DELETE, IndexDeleteRequest(str(own_index)))
    assert not own_index.exists()


def test_an_index_with_layers_of_somebody_else_is_not_deleted(worker: WorkerProcess, own_index: Path) -> None:
    mine = shapely.to_wkb([shapely.box(0, 0, 1, 1)])
    pyogrio.raw.write(
        own_index, mine, [], [], layer="mine", append=True, geometry_type="Polygon", crs="EPSG:4326"
    )
    assert kind(worker, DELETE, IndexDeleteRequest(str(own_index))) == "file_not_ours"
    assert own_index.exists()


def test_listing_makes_no_request_and_minds_no_odd_file(worker: WorkerProcess, tmp_path: Path) -> None:
    raster = write_scene(tmp_path / "served.tif", 512)
    with map_server(lambda *_: b"") as server:
        server.files["/served.tif"] = raster.read_bytes()
        source = RasterRef(f"/vsicurl/http://127.0.0.1:{server.port}/served.tif")
        index = str(tmp_path / "away.msa-00000000.gpkg")
        worker.call(BUILD, ScanRequest(source, index=index), seconds=120)
        before = len(server.requests)
        os.mkfifo(tmp_path / "pipe.msa-00000000.gpkg")
        (tmp_path / "loop.msa-00000000.gpkg").symlink_to("loop.msa-00000000.gpkg")
        (tmp_path / "empty.msa-00000000.gpkg").touch()
        with sqlite3.connect(tmp_path / "odd.msa-00000000.gpkg") as odd:
            odd.execute("CREATE TABLE msa_manifest (name, value)")
            odd.execute("INSERT INTO msa_manifest VALUES ('version', ?)", ("[" * 100_000,))
        found = {name: info.state for name, info in listed(worker, tmp_path).items()}
        assert len(server.requests) == before
    assert found.pop(Path(index).name) == "current"
    assert set(found.values()) == {"unreadable"}
    hits = worker.ranked(SearchRequest("river", (index,)), seconds=60)
    assert len(hits) > 0  # though the server is away now
    assert raster.exists()


def test_an_index_that_is_being_written_stays(worker: WorkerProcess, own_index: Path) -> None:
    with TileIndex.open_for_reading(own_index) as index:
        manifest = index.manifest
    with TileIndex.open_for_writing(own_index, manifest):
        assert kind(worker, DELETE, IndexDeleteRequest(str(own_index))) == "index_locked"
        assert kind(worker, MOVE, IndexMoveRequest(str(own_index), str(own_index.parent / "x"))) == (
            "index_locked"
        )
    assert own_index.exists()


@pytest.mark.parametrize("other_disk", [False, True])
def test_a_moved_index_is_searched_in_its_new_place(
    worker: WorkerProcess, own_index: Path, tmp_path: Path, other_disk: bool
) -> None:
    folder = Path("/dev/shm") / tmp_path.name if other_disk else tmp_path / "new" / "folder"  # noqa: S108
    if other_disk and (not folder.parent.is_dir() or folder.parent.stat().st_dev == tmp_path.stat().st_dev):
        pytest.skip("there is no second file system here")
    before = worker.ranked(SearchRequest("river", (str(own_index),)))
    try:
        changed = from_wire(
            IndexChanged, worker.call(MOVE, IndexMoveRequest(str(own_index), str(folder))).result
        )
        assert Path(changed.index) == folder / own_index.name
        assert not own_index.exists()
        after = worker.ranked(SearchRequest("river", (changed.index,)))
        assert after.scores == before.scores
        assert [p.name for p in folder.iterdir()] == [own_index.name]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_a_move_replaces_nothing(worker: WorkerProcess, own_index: Path, tmp_path: Path) -> None:
    folder = tmp_path / "taken"
    folder.mkdir()
    (folder / own_index.name).write_bytes(b"other")
    assert kind(worker, MOVE, IndexMoveRequest(str(own_index), str(folder))) == "bad_argument"
    assert (folder / own_index.name).read_bytes() == b"other"
    assert own_index.exists()


def test_an_exported_index_holds_every_tile(
    worker: WorkerProcess, indexed: ScanSummary, scene: Path, tmp_path: Path
) -> None:
    out = tmp_path / "tiles.parquet"
    request = IndexExportRequest(indexed.index, str(out))
    reply = from_wire(IndexExportReply, worker.call(EXPORT, request).result)
    assert (reply.tiles, reply.bytes) == (indexed.encoded, out.stat().st_size)
    assert pq.read_table(out).num_rows == indexed.encoded
    onto_the_raster = IndexExportRequest(indexed.index, str(scene))
    assert kind(worker, EXPORT, onto_the_raster) == "bad_argument"
