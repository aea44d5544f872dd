"""Lowering the least share of valid pixels looks again at the tiles that were skipped for it."""

from __future__ import annotations

from pathlib import Path

import rasterio

from msa_model.protocol.codec import from_wire
from msa_model.protocol.messages import ScanPlan, ScanSummary
from msa_model.protocol.rpc import BUILD, PLAN
from tests.worker.client import WorkerProcess
from tests.worker.conftest import scan_of, write_scene


def half_empty(path: Path) -> Path:
    raster = write_scene(path, 768)
    with rasterio.open(raster, "r+") as dataset:
        pixels = dataset.read()
        pixels[:, :, :384] = 0
        dataset.write(pixels)
        dataset.nodata = 0
    return raster


def test_a_lower_least_share_encodes_what_was_skipped_and_nothing_else(
    worker: WorkerProcess, tmp_path: Path
) -> None:
    raster, index = half_empty(tmp_path / "half.tif"), tmp_path / "index.gpkg"

    def planned(least: float) -> int:
        request = scan_of(raster, index, min_valid=least)
        return from_wire(ScanPlan, worker.call(PLAN, request).result).missing

    def scanned(least: float) -> ScanSummary:
        request = scan_of(raster, index, min_valid=least)
        return from_wire(ScanSummary, worker.call(BUILD, request, seconds=120).result)

    strict = scanned(0.9)
    assert strict.skipped > 0
    assert [planned(least) for least in (1.0, 0.9, 0.1)] == [0, 0, strict.skipped]
    loose = scanned(0.1)
    assert 0 < loose.encoded == strict.skipped - loose.skipped
    assert (planned(0.1), planned(0.9)) == (0, 0)
    again = scanned(0.1)
    assert (again.encoded, again.skipped) == (0, 0)
