"""Many queries over many rasters, asked of a real worker."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely

from msa_model.index.lock import WriterLock
from msa_model.protocol.batch import BatchRequest, BatchSummary, WatchedQuery
from msa_model.protocol.codec import from_wire
from msa_model.protocol.match import match_of
from msa_model.protocol.messages import Aoi, RasterRef, ScanSettings
from msa_model.protocol.rpc import BATCH, Failure
from msa_model.shipped import resource
from tests.present import as_a
from tests.worker.client import WorkerProcess, started_worker
from tests.worker.conftest import EAST, NORTH, write_scene

QUERIES = (WatchedQuery("green fields", "fields"), WatchedQuery("a wide river"))


@pytest.fixture
def rasters(tmp_path: Path) -> tuple[RasterRef, ...]:
    """Two scenes of 768 and 512 px, not indexed yet."""
    return tuple(RasterRef(str(write_scene(tmp_path / f"scene{side}.tif", side))) for side in (768, 512))


@pytest.fixture
def request_(rasters: tuple[RasterRef, ...], tmp_path: Path) -> BatchRequest:
    return BatchRequest(rasters, str(tmp_path / "results.gpkg"), QUERIES, k=5)


def run(worker: WorkerProcess, request: BatchRequest) -> BatchSummary:
    return from_wire(BatchSummary, worker.call(BATCH, request, seconds=120).result)


def refused(worker: WorkerProcess, request: BatchRequest) -> tuple[str, str]:
    error = worker.refusal(BATCH, request).error
    return error.kind, error.sentence


def paths_of(request: BatchRequest) -> list[str]:
    return [as_a(RasterRef, raster).path for raster in request.rasters]


def rows(out: str, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(out)) as connection:
        return connection.execute(sql).fetchall()


def encoded(summary: BatchSummary) -> int:
    return sum(raster.encoded for raster in summary.rasters)


def test_every_query_is_answered_on_every_raster(worker: WorkerProcess, request_: BatchRequest) -> None:
    summary = run(worker, request_)
    assert [(r.path, r.error, r.encoded) for r in summary.rasters] == [
        (path, "", r.tiles) for path, r in zip(paths_of(request_), summary.rasters, strict=True)
    ]
    assert (summary.queries, summary.hits) == (2, sum(raster.hits for raster in summary.rasters))
    meta, _, geometry, fields = pyogrio.raw.read(summary.out, layer="hits")
    table = dict(zip(meta["fields"].tolist(), fields, strict=True))
    assert meta["crs"] == "EPSG:32633"
    assert len(geometry) == summary.hits
    pairs = set(zip(table["query"], table["source"], strict=True))
    assert pairs == {(q.query, path) for q in QUERIES for path in paths_of(request_)}
    assert set(table["name"]) == {"fields", ""}
    first = shapely.from_wkb(geometry[0])
    assert first.area == pytest.approx(table["scale_m"][0] ** 2, rel=0.01)
    assert all(np.isfinite(table["match_score"]))
    assert table["match"].tolist() == [match_of(match_score) for match_score in table["match_score"]]
    phrases = resource("phrases.csv").read_text(encoding="utf-8").splitlines()
    shipped = {line.rpartition(",")[0].strip('"') for line in phrases}
    assert set(filter(None, table["phrase"])) <= shipped  # where one is believed


def test_each_pair_has_a_summary_with_its_area(worker: WorkerProcess, request_: BatchRequest) -> None:
    run(worker, replace(request_, merge=False, k=1))
    found = rows(
        request_.out,
        "SELECT s.hits, s.area_ha, h.scale_m, s.verdict FROM summary s JOIN hits h USING (query, source)",
    )
    assert len(found) == 4
    for hits, area, side, verdict in found:
        assert hits == 1
        assert area == pytest.approx(side**2 / 10_000, rel=0.01)
        assert verdict in ("good", "doubtful", "nothing")


def test_progress_counts_the_tiles_of_all_rasters_and_names_what_is_done(
    worker: WorkerProcess, request_: BatchRequest
) -> None:
    asked = worker.request(BATCH, request_)
    summary = from_wire(BatchSummary, getattr(worker.outcome(asked, 120), "result", None))
    reports = [report for report in worker.progress(asked) if report.total]
    assert {report.total for report in reports} == {encoded(summary)}
    assert [report.done for report in reports] == sorted(report.done for report in reports)
    assert reports[-1].done == encoded(summary)
    assert any("scene768.tif" in report.label for report in reports)


def test_the_same_batch_again_does_nothing_even_without_the_indexes(
    worker: WorkerProcess, request_: BatchRequest
) -> None:
    first = run(worker, request_)
    before = rows(request_.out, "SELECT * FROM hits ORDER BY fid")
    for raster in first.rasters:
        Path(raster.index).unlink()
    again = run(worker, request_)
    assert encoded(again) == 0
    assert [raster.tiles for raster in again.rasters] == [raster.tiles for raster in first.rasters]
    assert again.hits == first.hits
    assert rows(request_.out, "SELECT * FROM hits ORDER BY fid") == before


def test_a_query_more_is_answered_without_scanning(worker: WorkerProcess, request_: BatchRequest) -> None:
    run(worker, request_)
    before = rows(request_.out, "SELECT fid FROM hits")
    more = run(worker, replace(request_, queries=(*QUERIES, WatchedQuery("a car park"))))
    assert encoded(more) == 0
    assert more.queries == 3
    fids = rows(request_.out, "SELECT fid FROM hits")
    assert set(before) < set(fids)  # earlier answers are not written again


def test_what_is_asked_otherwise_replaces_the_earlier_answer(
    worker: WorkerProcess, request_: BatchRequest
) -> None:
    run(worker, request_)
    run(worker, replace(request_, k=2, merge=False))
    counts = rows(request_.out, "SELECT count(*) FROM hits GROUP BY query, source")
    assert counts == [(2,)] * 4
    assert rows(request_.out, "SELECT hits FROM summary") == [(2,)] * 4


def test_a_bad_raster_stops_no_other(worker: WorkerProcess, request_: BatchRequest, tmp_path: Path) -> None:
    broken = tmp_path / "broken.tif"
    data = Path(paths_of(request_)[0]).read_bytes()
    broken.write_bytes(data[: len(data) // 2])
    bad = (RasterRef("/nowhere/none.tif"), RasterRef(str(broken)))
    report = tmp_path / "report.html"
    summary = run(worker, replace(request_, rasters=(*bad, *request_.rasters), report=str(report)))
    assert [raster.error for raster in summary.rasters] == ["raster_missing", "raster_unreadable", "", ""]
    assert all(raster.sentence for raster in summary.rasters[:2])
    assert all(raster.hits for raster in summary.rasters[2:])
    assert "/nowhere/none.tif" in report.read_text(encoding="utf-8")
    assert len(rows(request_.out, "SELECT * FROM rasters WHERE error <> ''")) == 2


def test_an_area_limits_scan_and_answers(worker: WorkerProcess, request_: BatchRequest) -> None:
    x, y = EAST + 10, NORTH - 10
    area = Aoi(f"POLYGON(({x} {y}, {x + 5} {y}, {x + 5} {y - 5}, {x} {y - 5}, {x} {y}))", "EPSG:32633")
    summary = run(worker, replace(request_, aoi=area, merge=False, k=100))
    assert all(raster.encoded <= 4 for raster in summary.rasters)
    _, _, geometry, _ = pyogrio.raw.read(summary.out, layer="hits")
    assert all(shapely.from_wkb(shape).intersects(shapely.from_wkt(area.wkt)) for shape in geometry)
    elsewhere = replace(area, wkt="POLYGON((0 0, 1 0, 1 1, 0 0))")
    outside = run(worker, replace(request_, aoi=elsewhere))
    assert {raster.error for raster in outside.rasters} == {"aoi_outside"}


def test_rasters_of_several_crs_meet_in_longitude_and_latitude(
    worker: WorkerProcess, request_: BatchRequest, tmp_path: Path
) -> None:
    other = tmp_path / "other.tif"
    shutil.copy(paths_of(request_)[1], other)
    with rasterio.open(other, "r+") as dataset:
        dataset.crs = "EPSG:32634"
    run(worker, replace(request_, rasters=(request_.rasters[0], RasterRef(str(other)))))
    meta, _, geometry, _ = pyogrio.raw.read(request_.out, layer="hits")
    assert meta["crs"] == "EPSG:4326"
    bounds = shapely.total_bounds(shapely.from_wkb(geometry))
    assert bounds[[0, 2]] == pytest.approx((15, 21), abs=0.02)
    assert bounds[[1, 3]] == pytest.approx((36.1, 36.1), abs=0.1)


def test_hits_below_the_least_score_are_left_out(worker: WorkerProcess, request_: BatchRequest) -> None:
    picky = replace(request_, queries=(WatchedQuery("a wide river", min_score=1e6), WatchedQuery("fields")))
    assert run(worker, replace(picky, min_score=-1e6)).hits > 0
    assert rows(request_.out, "SELECT hits > 0, area_ha > 0 FROM summary ORDER BY query") == [
        *[(0, 0)] * 2,
        *[(1, 1)] * 2,
    ]
    assert run(worker, replace(picky, min_score=1e6)).hits == 0


def test_a_watch_list_is_read_besides_the_queries(
    worker: WorkerProcess, request_: BatchRequest, tmp_path: Path
) -> None:
    watch_list = tmp_path / "list.csv"
    watch_list.write_text("query;name;min_score\na car park;parking;-50\ngreen fields;;\n", encoding="utf-8")
    summary = run(worker, replace(request_, watch_list=str(watch_list)))
    assert summary.queries == 3
    assert set(rows(request_.out, "SELECT query, name FROM summary")) == {
        ("green fields", ""),
        ("a wide river", ""),
        ("a car park", "parking"),
    }


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({"queries": ()}, "bad_argument", "no query"),
        ({"rasters": ()}, "bad_argument", "no raster"),
        ({"k": 0}, "bad_argument", "at least 1"),
        ({"queries": (WatchedQuery("पुल"),)}, "query_not_understood", "पुल"),
        ({"queries": (WatchedQuery("trees +"),)}, "query_not_understood", "trees +"),
        ({"queries": (WatchedQuery(" "),)}, "query_empty", ""),
        ({"watch_list": "/nowhere.csv"}, "watch_list_unreadable", "/nowhere.csv"),
        ({"out": "/nowhere/out.gpkg"}, "folder_read_only", "/nowhere"),
        ({"out": "results.shp"}, "bad_argument", ".gpkg"),
        ({"report": "report.pdf"}, "bad_argument", ".html"),
    ],
    ids=str,
)
def test_a_batch_that_makes_no_sense_costs_no_scan(
    worker: WorkerProcess, request_: BatchRequest, changes: dict[str, Any], kind: str, words: str
) -> None:
    told, sentence = refused(worker, replace(request_, **changes))
    assert told == kind
    assert words in sentence
    assert list(Path(request_.out).parent.glob("*.msa-*")) == []


def test_a_file_that_is_something_else_is_not_touched(
    worker: WorkerProcess, request_: BatchRequest, tmp_path: Path
) -> None:
    taken = tmp_path / "roads.gpkg"
    with closing(sqlite3.connect(taken)) as connection:
        connection.execute("CREATE TABLE roads (fid INTEGER)")
    before = taken.read_bytes()
    assert refused(worker, replace(request_, out=str(taken)))[0] == "file_not_ours"
    assert taken.read_bytes() == before
    page = tmp_path / "page.html"
    page.write_text("my page", encoding="utf-8")
    assert refused(worker, replace(request_, report=str(page)))[0] == "file_not_ours"
    assert page.read_text(encoding="utf-8") == "my page"


def test_two_batches_do_not_write_one_file(worker: WorkerProcess, request_: BatchRequest) -> None:
    lock = WriterLock(Path(request_.out))
    try:
        assert refused(worker, request_)[0] == "index_locked"
    finally:
        lock.release()


def test_the_report_stands_alone(worker: WorkerProcess, request_: BatchRequest, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    summary = run(worker, replace(request_, report=str(report), queries=(WatchedQuery("<b> & fields"),)))
    assert summary.report == str(report)
    page = report.read_text(encoding="utf-8")
    assert "&lt;b&gt; &amp; fields" in page
    assert "<b> & fields" not in page
    assert page.count('<svg class="map"') == 2
    assert page.count("<polygon") == summary.hits
    assert page.count('src="data:image/jpeg;base64,') == summary.hits
    assert "http" not in page.replace("http-equiv", "")
    for hits, area in rows(request_.out, "SELECT hits, area_ha FROM summary"):
        assert f"the best {hits} tiles on {area:,.1f} ha" in page


def test_a_cancelled_batch_goes_on_where_it_stopped(
    worker: WorkerProcess, request_: BatchRequest, large_scene: Path, tmp_path: Path
) -> None:
    raster = RasterRef(str(shutil.copy(large_scene, tmp_path / "large.tif")))
    slow = replace(request_, rasters=(*request_.rasters, raster), settings=ScanSettings(overlap=0.75))
    asked = worker.request(BATCH, slow)
    worker.wait_for_progress(asked, done=60)
    worker.cancel(asked)
    assert as_a(Failure, worker.outcome(asked)).error.kind == "cancelled"
    assert list(tmp_path.glob("*.msa-lock")) == []
    done = rows(slow.out, "SELECT count(*) FROM summary")[0][0]
    small = replace(slow, rasters=request_.rasters)
    assert encoded(run(worker, small)) < 60 or done == 4


def test_a_batch_killed_in_the_middle_is_finished_by_the_next_worker(
    request_: BatchRequest, large_scene: Path, tmp_path: Path
) -> None:
    raster = RasterRef(str(shutil.copy(large_scene, tmp_path / "large.tif")))
    asked = replace(request_, rasters=(request_.rasters[1], raster))
    with started_worker() as first:
        first.initialize()
        first.ready()
        progress = first.wait_for_progress(first.request(BATCH, asked), done=100)
        os.kill(first.process.pid, signal.SIGKILL)
        first.process.wait(10)
    with started_worker() as second:
        second.initialize()
        second.ready()
        summary = run(second, asked)
    tiles = sum(raster.tiles for raster in summary.rasters)
    assert progress.total == tiles
    assert 0 < encoded(summary) <= tiles - 100
    assert encoded(summary) + sum(raster.reused for raster in summary.rasters) == tiles
    counts = rows(
        asked.out, "SELECT s.hits, count(*) FROM summary s JOIN hits USING (query, source) GROUP BY s.fid"
    )
    assert len(counts) == 4
    assert all(told == found for told, found in counts)


SCRIPT = "<script>alert(1)</script>"


def test_what_a_foreign_results_file_says_is_text_in_the_report(
    worker: WorkerProcess, request_: BatchRequest, tmp_path: Path
) -> None:
    request = replace(request_, report=str(tmp_path / "report.html"))
    run(worker, request)
    with closing(sqlite3.connect(request.out)) as connection:
        connection.execute("UPDATE summary SET verdict = ?, runner_up = ?", (f'">{SCRIPT}', SCRIPT))
        connection.execute("UPDATE hits SET phrase = ?", (f'"{SCRIPT}',))
        connection.commit()
    run(worker, request)
    page = Path(request.report or "").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert page.count("<figure>") > 0


@pytest.mark.parametrize(
    ("table", "column"),
    [("hits", "rank"), ("hits", "match_score"), ("summary", "tiles"), ("rasters", "encoded")],
)
def test_text_in_a_column_of_numbers_is_refused(
    worker: WorkerProcess, request_: BatchRequest, table: str, column: str, tmp_path: Path
) -> None:
    request = replace(request_, report=str(tmp_path / "report.html"))
    run(worker, request)
    with closing(sqlite3.connect(request.out)) as connection:
        connection.execute(f"UPDATE {table} SET {column} = ?", (SCRIPT,))  # noqa: S608
        connection.commit()
    kind, sentence = refused(worker, request)
    assert kind == "bad_argument"
    assert "no batch wrote" in sentence
