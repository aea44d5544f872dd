"""Rasters as they are found: the sample files beside the checkout."""

from pathlib import Path

import numpy as np
import pytest
from rasterio.shutil import copy as copy_raster

from msa_model.protocol.messages import RasterRef, ScanSettings
from msa_model.raster.source import RasterSource
from msa_model.raster.tiles import plan_tiles, read_tiles

pytestmark = pytest.mark.shared

SCENES = [
    # path, CRS, metres per pixel, valid share of the whole raster
    ("banepa_town.tif", "EPSG:3857", 0.1320, 1.0),
    ("orchard_village_nodata_corner.tif", "EPSG:3395", 0.0776, 0.741),
    ("naip_timeseries/naip_m_4709963_se_14_1_20200831.tif", "EPSG:26914", 5.0, 1.0),
    ("landsat_timeseries/landsat_2020.tif", "EPSG:4326", 89.2, 1.0),
]


@pytest.mark.parametrize(("name", "crs", "gsd_m", "valid"), SCENES)
def test_real_rasters_are_read_and_measured(
    shared_data: Path, name: str, crs: str, gsd_m: float, valid: float
) -> None:
    with RasterSource.open(RasterRef(str(shared_data / "rasters" / name))) as source:
        assert source.crs == crs
        assert source.gsd_m == pytest.approx(gsd_m, rel=0.01)
        assert source.bands == (1, 2, 3)
        step = max(source.width, source.height) / 512
        region = source.read_region(0, 0, step, int(source.width / step), int(source.height / step))
    assert region.valid.mean() == pytest.approx(valid, abs=0.005)


@pytest.mark.parametrize("name", [scene[0] for scene in SCENES])
def test_every_tile_planned_is_read_once(shared_data: Path, name: str) -> None:
    with RasterSource.open(RasterRef(str(shared_data / "rasters" / name))) as source:
        plan = plan_tiles(source, ScanSettings(), None)
        keys = np.concatenate([batch.keys for batch in read_tiles(source, plan.keys, 32)])
    assert len(plan.scales) >= 2
    assert sorted(map(tuple, keys.tolist())) == sorted(map(tuple, plan.keys.tolist()))


def test_the_black_corner_is_masked_and_the_orchard_is_not(shared_data: Path) -> None:
    path = shared_data / "rasters" / "orchard_village_nodata_corner.tif"
    with RasterSource.open(RasterRef(str(path))) as source:
        assert source.read_window(0, 0, 512).valid == 0
        corner = source.read_window(0, 0, 1024)
        assert corner.rgb[0, 0].tolist() == corner.rgb[50, 50].tolist() != [0, 0, 0]
        assert source.read_window(1000, 1000, 512).valid > 0.995  # dark shadows between the trees


def test_a_virtual_raster_of_it_has_the_same_tiles(shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / "rasters" / "orchard_village_nodata_corner.tif"
    copy_raster(str(path), str(tmp_path / "orchard.vrt"), driver="VRT")
    with (
        RasterSource.open(RasterRef(str(path))) as real,
        RasterSource.open(RasterRef(str(tmp_path / "orchard.vrt"))) as virtual,
    ):
        one, two = real.read_window(256, 512, 512), virtual.read_window(256, 512, 512)
    np.testing.assert_array_equal(one.rgb, two.rgb)
    assert one.valid == two.valid
