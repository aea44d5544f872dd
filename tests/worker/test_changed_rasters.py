"""Which tiles are encoded anew when a raster has changed since it was indexed."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.shutil import copy as copy_raster
from rasterio.windows import Window

from msa_model.index.store import TileIndex
from msa_model.jobs.plan import planning
from msa_model.jobs.scan import scan
from msa_model.jobs.steps import outcome
from msa_model.model.encoder import Encoder
from msa_model.protocol.messages import RasterRef, ScanPlan, ScanRequest, ScanSummary
from msa_model.raster.grid import packed
from msa_model.raster.source import RasterSource
from tests.present import as_a
from tests.worker.conftest import scan_of, write_scene

TILES = 10  # of 512 px: 9 and 1


@pytest.fixture
def request_(tmp_path: Path) -> ScanRequest:
    """Of a raster of this test's own."""
    return scan_of(write_scene(tmp_path / "own.tif", 512), tmp_path / "own.gpkg")


def scanned(encoder: Encoder, request: ScanRequest) -> ScanSummary:
    return outcome(scan(encoder, request, None))


def planned(encoder: Encoder, request: ScanRequest) -> ScanPlan:
    return outcome(planning(encoder, request, None))


def vectors(request: ScanRequest) -> dict[int, np.ndarray]:
    assert request.index
    with TileIndex.open_for_reading(request.index) as index:
        table = index.load()
    assert len(np.unique(packed(table.keys))) == len(table.keys)
    return dict(zip(packed(table.keys).tolist(), table.vectors, strict=True))


def repaint(request: ScanRequest, col: int, row: int, side: int) -> None:
    with rasterio.open(as_a(RasterRef, request.raster).path, "r+") as dataset:
        dataset.write(np.full((3, side, side), 250, np.uint8), window=Window(col, row, side, side))


def age(request: ScanRequest, seconds: int) -> None:
    path = Path(as_a(RasterRef, request.raster).path)
    then = path.stat().st_mtime + seconds
    os.utime(path, (then, then))


def test_only_tiles_that_look_otherwise_are_encoded_anew(encoder: Encoder, request_: ScanRequest) -> None:
    assert scanned(encoder, request_).encoded == TILES
    before = vectors(request_)
    repaint(request_, 40, 40, 60)  # inside the first tile of each scale
    plan = planned(encoder, request_)
    assert plan.missing == TILES
    assert any("compared" in warning.sentence for warning in plan.warnings)
    summary = scanned(encoder, request_)
    assert (summary.encoded, summary.reused) == (2, TILES - 2)
    after = vectors(request_)
    assert after.keys() == before.keys()
    assert sum(not np.array_equal(after[key], before[key]) for key in before) == 2
    assert planned(encoder, request_).missing == 0


def test_a_new_time_stamp_alone_encodes_nothing(encoder: Encoder, request_: ScanRequest) -> None:
    scanned(encoder, request_)
    before = vectors(request_)
    age(request_, 60)
    assert scanned(encoder, request_).encoded == 0
    assert {key: value.tolist() for key, value in vectors(request_).items()} == {
        key: value.tolist() for key, value in before.items()
    }
    assert planned(encoder, request_).missing == 0


def test_trust_skips_the_comparison(encoder: Encoder, request_: ScanRequest) -> None:
    scanned(encoder, request_)
    repaint(request_, 40, 40, 60)
    trusting = replace(request_, trust=True)
    assert planned(encoder, trusting).missing == 0
    assert scanned(encoder, trusting).encoded == 0
    assert planned(encoder, request_).missing == 0


def test_pixels_that_come_into_a_gap_are_encoded(encoder: Encoder, tmp_path: Path) -> None:
    path = write_scene(tmp_path / "gap.tif", 512)
    with rasterio.open(path, "r+") as dataset:
        whole = dataset.read()
        dataset.nodata = 0
        dataset.write(np.zeros((3, 300, 300), np.uint8), window=Window(0, 0, 300, 300))
    request = scan_of(path, tmp_path / "gap.gpkg")
    skipped = scanned(encoder, request).skipped
    assert skipped > 0
    with rasterio.open(path, "r+") as dataset:
        dataset.write(whole)
    summary = scanned(encoder, request)
    assert summary.skipped == 0
    assert summary.encoded >= skipped
    assert len(vectors(request)) == TILES


def test_a_comparison_that_is_broken_off_is_made_again(encoder: Encoder, request_: ScanRequest) -> None:
    scanned(encoder, request_)
    repaint(request_, 40, 40, 60)
    steps = scan(encoder, request_, None)
    while next(steps).label != "comparing":
        pass
    steps.close()
    assert planned(encoder, request_).missing == TILES
    assert scanned(encoder, request_).encoded == 2


def test_a_raster_of_another_stretch_is_encoded_as_a_whole(encoder: Encoder, tmp_path: Path) -> None:
    path = write_scene(tmp_path / "wide.tif", 512)
    with rasterio.open(path) as dataset:
        values, profile = dataset.read().astype(np.uint16) * 9, dataset.profile | {"dtype": "uint16"}
    for factor in (1, 2):
        with rasterio.open(path, "w", **profile) as dataset:
            dataset.write(values * factor)
        request = scan_of(path, tmp_path / "wide.gpkg")
        assert scanned(encoder, request).encoded == TILES


def make_old(request: ScanRequest) -> None:
    """Turn an index into what version 0.2 wrote."""
    with RasterSource.open(RasterRef(as_a(RasterRef, request.raster).path)) as source:
        fingerprint = source.first_fingerprint
    with closing(sqlite3.connect(str(request.index))) as database:
        database.execute("DROP TABLE msa_pixels")
        database.execute(
            "DELETE FROM msa_manifest WHERE name IN ('fingerprint_version', 'stamp', 'revision')"
        )
        database.execute("ALTER TABLE msa_blocks DROP COLUMN checks")
        database.execute(
            "DELETE FROM msa_manifest WHERE name IN ('check', 'identity', 'totals', 'totals_check')"
        )
        database.execute("UPDATE msa_manifest SET value = '1' WHERE name = 'version'")
        database.execute(
            "UPDATE msa_manifest SET value = json_quote(?) WHERE name = 'fingerprint'", (fingerprint,)
        )
        database.commit()


def test_an_index_of_an_earlier_version_is_kept_and_learns_what_its_tiles_look_like(
    encoder: Encoder, request_: ScanRequest
) -> None:
    scanned(encoder, request_)
    make_old(request_)
    age(request_, 60)
    assert planned(encoder, request_).missing == 0
    assert scanned(encoder, request_).encoded == 0
    repaint(request_, 40, 40, 60)
    assert scanned(encoder, request_).encoded == 2


def test_an_index_of_an_earlier_version_is_replaced_where_its_raster_has_changed(
    encoder: Encoder, request_: ScanRequest
) -> None:
    scanned(encoder, request_)
    make_old(request_)
    repaint(request_, 40, 40, 60)
    assert scanned(encoder, request_).encoded == TILES


def test_parts_of_a_virtual_raster_count_as_its_file(encoder: Encoder, tmp_path: Path) -> None:
    part = write_scene(tmp_path / "part.tif", 512)
    copy_raster(str(part), str(tmp_path / "all.vrt"), driver="VRT")
    request = scan_of(tmp_path / "all.vrt", tmp_path / "all.gpkg")
    scanned(encoder, request)
    repaint(scan_of(part, tmp_path / "x"), 40, 40, 60)
    assert scanned(encoder, request).encoded == 2
