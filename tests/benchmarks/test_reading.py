"""How fast tiles are read, and in how much memory; an encoder takes some 60 to 100 a second on two cores."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from pytest_benchmark.fixture import BenchmarkFixture

from msa_model.protocol.messages import Aoi, RasterRef, ScanSettings
from msa_model.raster.source import RasterSource
from msa_model.raster.tiles import TilePlan, plan_tiles, read_tiles
from tests.benchmarks.sizes import TINY, sized

MakeRaster = Callable[..., Path]
Textured = Callable[..., NDArray[np.uint8]]

PEAK = """
import sys
from msa_model.protocol.messages import RasterRef, ScanSettings
from msa_model.raster.source import RasterSource
from msa_model.raster.tiles import plan_tiles, read_tiles
with RasterSource.open(RasterRef(sys.argv[1])) as source:
    for batch in read_tiles(source, plan_tiles(source, ScanSettings(), None).keys, 32):
        pass
status = open("/proc/self/status").read().split()  # ru_maxrss would start at the parent's peak
print(int(status[status.index("VmHWM:") + 1]) / 1024)
"""


def read_all(path: Path) -> int:
    with RasterSource.open(RasterRef(str(path))) as source:
        keys = plan_tiles(source, ScanSettings(), None).keys
        return sum(len(batch.keys) for batch in read_tiles(source, keys, 32))


@pytest.mark.shared
def test_reading_all_scales_of_a_town(benchmark: BenchmarkFixture, shared_data: Path) -> None:
    tiles = benchmark.pedantic(read_all, (shared_data / "rasters" / "banepa_town.tif",), rounds=sized(5, 1))
    print(f"\nbanepa_town.tif: {tiles / benchmark.stats['min']:.0f} tiles/s")


def test_reading_all_scales_without_overviews(
    benchmark: BenchmarkFixture, make_raster: MakeRaster, textured: Textured
) -> None:
    side, place = sized(4096, 512), rasterio.Affine(0.15, 0, 5e5, 0, -0.15, 5e6)
    path = make_raster(textured(side, side), compress="deflate", transform=place)
    tiles = benchmark.pedantic(read_all, (path,), rounds=sized(3, 1))
    print(f"\n4096² px, deflate, no overviews: {tiles / benchmark.stats['min']:.0f} tiles/s")


@pytest.mark.slow
@pytest.mark.skipif(TINY, reason="only large rasters show what memory a raster takes")
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_hardly_grows_with_the_raster(make_raster: MakeRaster, textured: Textured) -> None:
    transform = rasterio.Affine(0.15, 0, 5e5, 0, -0.15, 5e6)
    small = make_raster(
        textured(4096, 3072), "small.tif", compress="jpeg", photometric="ycbcr", transform=transform
    )
    large = small.with_name("large.tif")
    tile_over(small, large, 2, 4)
    peaks = [peak_megabytes(path) for path in (small, large)]
    print(f"\npeak memory: {peaks[0]:.0f} MB at 12.6 Mpx, {peaks[1]:.0f} MB at 100.7 Mpx")
    assert peaks[1] - peaks[0] < 150


def tile_over(path: Path, target: Path, rows: int, cols: int) -> None:
    with rasterio.open(path) as source:
        strip, profile = np.tile(source.read(), (1, 1, cols)), source.profile
    height = profile["height"]
    profile |= {"width": profile["width"] * cols, "height": height * rows}
    with rasterio.open(target, "w", **profile) as out:
        for row in range(rows):
            out.write(strip, window=((row * height, (row + 1) * height), (0, profile["width"])))


def peak_megabytes(path: Path) -> float:
    child = subprocess.run(
        [sys.executable, "-c", PEAK, str(path)], capture_output=True, text=True, check=True
    )
    return float(child.stdout)


def plan_million(source: RasterSource, aoi: Aoi | None) -> TilePlan:
    return plan_tiles(source, ScanSettings(scales_m=(256,)), aoi)


@pytest.mark.parametrize("with_aoi", [False, True])
def test_planning_a_million_tiles(benchmark: BenchmarkFixture, tmp_path: Path, with_aoi: bool) -> None:
    path = tmp_path / "wide.vrt"
    path.write_text(
        '<VRTDataset rasterXSize="128000" rasterYSize="128000"><SRS>EPSG:32633</SRS>'
        "<GeoTransform>500000, 1, 0, 5000000, 0, -1</GeoTransform>"
        '<VRTRasterBand dataType="Byte" band="1"/></VRTDataset>'
    )
    circle = np.linspace(0, 2 * np.pi, 200)
    ring = ", ".join(f"{564_000 + 60_000 * np.cos(a)} {4_936_000 + 60_000 * np.sin(a)}" for a in circle[:-1])
    first = f"{564_000 + 60_000} {4_936_000}"
    aoi = Aoi(f"POLYGON (({ring}, {first}))", "EPSG:32633") if with_aoi else None
    with RasterSource.open(RasterRef(str(path))) as source:
        plan = benchmark.pedantic(plan_million, (source, aoi), rounds=sized(3, 1))
    print(f"\n{len(plan.keys):,} tiles planned in {benchmark.stats['min']:.2f} s")
