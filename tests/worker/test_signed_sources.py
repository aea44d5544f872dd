"""A raster behind a login and a signed URL: read by a real worker, and told without secrets."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from msa_model.protocol.batch import BatchRequest, WatchedQuery
from msa_model.protocol.indexes import IndexListRequest
from msa_model.protocol.messages import (
    RasterRef,
    ScanRequest,
    ScanSettings,
    SearchRequest,
    ThumbnailRequest,
    TileRef,
)
from msa_model.protocol.rpc import BATCH, BUILD, LIST, RANK, THUMBNAILS
from tests.map_server import MapServer, map_server
from tests.worker.client import ROOT, WorkerProcess, started_worker
from tests.worker.conftest import write_scene

LOGIN = "Ann:Pa55w0rd"
SETTINGS = ScanSettings(scales_m=(128.0,))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MapServer]:
    with map_server(lambda *_: b"") as served:
        served.login, served.fault = LOGIN, lambda path: None if path.startswith("/small.tif?") else 404
        served.files["/small.tif"] = write_scene(tmp_path / "small.tif", 512).read_bytes()
        yield served


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def signing_worker(cache: Path) -> Iterator[WorkerProcess]:
    with started_worker() as worker:
        worker.initialize(cache_folder=str(cache))
        worker.ready()
        yield worker


def signed(server: MapServer, signature: str) -> RasterRef:
    query = f"v=1&X-Amz-Credential=AKIA%2F{signature}&X-Amz-Signature={signature}&token={signature}"
    return RasterRef(f"/vsicurl/http://{LOGIN}@127.0.0.1:{server.port}/small.tif?{query}")


def test_nothing_that_is_written_or_told_holds_a_secret(
    server: MapServer, signing_worker: WorkerProcess, tmp_path: Path
) -> None:
    raster = signed(server, "S3cretOne")
    missing = RasterRef(raster.path.replace("small", "missing"))
    request = BatchRequest(
        (raster, missing),
        str(tmp_path / "out.gpkg"),
        (WatchedQuery("green fields"),),
        settings=SETTINGS,
        report=str(tmp_path / "out.html"),
    )
    told = [repr(signing_worker.call(BATCH, request, seconds=120).result)]
    (index,) = (tmp_path / "cache").glob("*.gpkg")
    told.append(repr(signing_worker.call(LIST, IndexListRequest(()))))
    told.append(repr(signing_worker.call(RANK, SearchRequest("green fields", (str(index),)))))
    told.append(repr(signing_worker.refusal(BUILD, ScanRequest(missing))))
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.name for path in written} > {"out.gpkg", "out.html", index.name}
    text = "\n".join([*told, *map(str, written), signing_worker.log()])
    content = b"\n".join([text.encode(), *(path.read_bytes() for path in written)])
    assert b"small.tif?v=1" in content
    assert [secret for secret in ("Pa55w0rd", "S3cretOne") if secret.encode() in content] == []


def test_commands_about_several_dates_neither_write_nor_tell_a_secret(
    server: MapServer, tmp_path: Path
) -> None:
    dates = [f"/small_{year}-06-01.tif" for year in (2015, 2020)]
    server.files |= dict.fromkeys(dates, server.files["/small.tif"])
    server.fault = lambda path: None if path.partition("?")[0] in dates else 404
    place = f"/vsicurl/http://{LOGIN}@127.0.0.1:{server.port}"
    before, after = (f"{place}{date}?v=1&jwt=S3cretOne&X-Amz-Credential=S3cretOne" for date in dates)
    told = [
        _said(
            tmp_path, "search", "--before", before, "--after", after, "changed", "--scan", "--out", "c.gpkg"
        ),
        _said(tmp_path, "series", before, after, "green fields", "--out", "s.geojson"),
        _said(tmp_path, "explore", before, "--groups", "2", "--out", "e.gpkg"),
        _said(tmp_path, "coverage", before, "--out", "a.gpkg"),
        _said(tmp_path, "indexes", "export", after, "x.parquet"),
        _said(tmp_path, "series", before, after.replace("small", "missing"), "green fields", status=1),
    ]
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.name for path in written} > {"c.gpkg", "s.geojson", "e.gpkg", "e.qml", "a.gpkg", "x.parquet"}
    content = b"\n".join([*told, *(bytes(path) + path.read_bytes() for path in written)])
    assert b"small_2020-06-01.tif?v=1" in content
    assert [secret for secret in (b"Pa55w0rd", b"S3cretOne") if secret in content] == []


def _said(folder: Path, *words: str, status: int = 0) -> bytes:
    """What `msa` says in this folder, its cache there too."""
    program = [sys.executable, "-m", "msa_model.cli.main"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*program, *words, "--cache", "cache", "--json"],
        cwd=folder,
        env=environment,
        capture_output=True,
        check=False,
    )
    assert done.returncode == status, done.stderr.decode()
    return done.stdout + done.stderr


def test_a_raster_signed_anew_has_the_same_index_and_its_pictures_can_be_had(
    server: MapServer, signing_worker: WorkerProcess, cache: Path
) -> None:
    first, again = (
        signing_worker.call(BUILD, ScanRequest(signed(server, signature), settings=SETTINGS), seconds=120)
        for signature in ("S3cretOne", "S3cretTwo")
    )
    assert first.result["encoded"] == again.result["reused"] > 0
    (index,) = cache.glob("*.gpkg")
    tile = TileRef(str(index), *_first_key(signing_worker, index))
    assert signing_worker.call(THUMBNAILS, ThumbnailRequest((tile,))).result["count"] == 1


def _first_key(worker: WorkerProcess, index: Path) -> tuple[int, int, int]:
    tile = worker.ranked(SearchRequest("fields", (str(index),), 1)).tile(0)
    return tile.factor, tile.row, tile.col
