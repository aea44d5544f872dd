from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from rasterio import open as open_raster

from msa_model.protocol.messages import RasterRef
from msa_model.raster.source import RasterSource

MakeRaster = Callable[..., Path]
Textured = Callable[..., NDArray[np.uint8]]


def valid_share(path: Path, side: int) -> float:
    with RasterSource.open(RasterRef(str(path))) as source:
        return source.read_window(0, 0, side, side).valid


def triangle(size: int) -> NDArray[np.bool_]:
    rows, cols = np.mgrid[:size, :size]
    return np.asarray(rows + cols < size * 0.8)


@pytest.mark.parametrize("fill", [0, 255])
def test_an_untagged_corner_is_masked(make_raster: MakeRaster, textured: Textured, fill: float) -> None:
    values, corner = textured(1000, 1000), triangle(1000)
    values[:, corner] = fill
    assert valid_share(make_raster(values), 1000) == pytest.approx(1 - corner.mean(), abs=0.003)


@pytest.mark.parametrize("nodata", [None, 0])
def test_a_corner_blurred_by_jpeg_is_masked(
    make_raster: MakeRaster, textured: Textured, nodata: float | None
) -> None:
    values, corner = textured(1000, 1000), triangle(1000)
    values[:, corner] = 0
    path = make_raster(values, compress="jpeg", photometric="ycbcr", jpeg_quality=60, nodata=nodata)
    with open_raster(path) as dataset:
        assert dataset.read()[:, corner].max() > 0  # the compression did leave noise
    assert valid_share(path, 1000) == pytest.approx(1 - corner.mean(), abs=0.004)


@pytest.mark.parametrize(("dtype", "fill"), [("uint16", 0), ("int16", -9999), ("float32", -3.4e38)])
def test_a_corner_of_wider_types_is_masked_and_stays_out_of_the_stretch(
    make_raster: MakeRaster, textured: Textured, dtype: str, fill: float
) -> None:
    values, corner = textured(600, 600).astype(dtype) + 300, triangle(600)
    values[:, corner] = fill
    path = make_raster(values)
    assert valid_share(path, 600) == pytest.approx(1 - corner.mean(), abs=0.005)
    with RasterSource.open(RasterRef(str(path))) as source:
        assert min(source.stretch.low) > 300


def test_a_grey_fill_is_masked_where_nothing_else_is_flat(
    make_raster: MakeRaster, textured: Textured
) -> None:
    values, corner = textured(800, 800), triangle(800)
    values[:, corner] = 128
    assert valid_share(make_raster(values), 800) == pytest.approx(1 - corner.mean(), abs=0.005)


def test_flat_fields_of_a_drawn_map_are_no_collar(make_raster: MakeRaster) -> None:
    values = np.random.default_rng(3).integers(30, 220, (3, 10, 10)).astype(np.uint8)
    values = values.repeat(80, axis=1).repeat(80, axis=2)
    assert valid_share(make_raster(values), 800) == 1


def test_a_dark_lake_inside_is_no_collar(make_raster: MakeRaster, textured: Textured) -> None:
    values = textured(800, 800)
    values[:, 200:500, 200:500] = 0
    assert valid_share(make_raster(values), 800) == 1


def test_a_dark_noisy_shore_at_the_edge_is_no_collar(make_raster: MakeRaster, textured: Textured) -> None:
    values = textured(800, 800)
    values[:, :300] = np.random.default_rng(1).integers(0, 9, (3, 300, 800))
    assert valid_share(make_raster(values), 800) == 1


def test_black_pixels_beyond_the_collar_stay_valid(make_raster: MakeRaster, textured: Textured) -> None:
    values, corner = textured(1024, 1024), triangle(1024)
    values[:, corner] = 0
    values[:, 900:1000, 900:1000] = 0
    assert valid_share(make_raster(values), 1024) == pytest.approx(1 - corner.mean(), abs=0.004)


def test_a_winding_collar_is_followed(make_raster: MakeRaster, textured: Textured) -> None:
    values = textured(512, 512)
    maze = np.zeros((512, 512), bool)
    for i in range(8):
        maze[i * 64 : i * 64 + 32] = True
        maze[i * 64 : i * 64 + 64, slice(480, 512) if i % 2 == 0 else slice(0, 32)] = True
    values[:, maze] = 0
    assert valid_share(make_raster(values), 512) == pytest.approx(1 - maze.mean(), abs=0.001)


def test_a_large_raster_without_overviews_is_sampled_not_decoded(
    make_raster: MakeRaster, textured: Textured
) -> None:
    path = make_raster(np.zeros((1, 256, 256), np.uint8), "corner.tif")
    big = path.with_name("big.tif")
    profile = {"driver": "GTiff", "width": 16_384, "height": 8_192, "count": 1, "dtype": "uint8"}
    with open_raster(path) as dataset:
        profile |= {"crs": dataset.crs, "transform": dataset.transform}
    with open_raster(big, "w", tiled=True, compress="deflate", zlevel=1, **profile) as out:
        strip = textured(1024, 16_384, bands=1)
        for row in range(0, 8_192, 1024):
            strip[0, :, :12_100] = 0
            out.write(strip, window=((row, row + 1024), (0, 16_384)))
    with RasterSource.open(RasterRef(str(big))) as source:
        assert source.read_window(0, 0, 8192, 1024).valid < 0.01
        assert source.read_window(8192, 0, 8192, 1024).valid == pytest.approx(1 - 3908 / 8192, abs=0.01)


@pytest.mark.parametrize("ink", [1, 255])
def test_paper_and_ink_are_both_picture(make_raster: MakeRaster, ink: int) -> None:
    values = np.full((1, 600, 600), ink, np.uint8)
    for start in range(40, 560, 60):
        values[0, start : start + 20, 100:500] = 0
    path = make_raster(values)
    assert valid_share(path, 600) == 1
    with RasterSource.open(RasterRef(str(path))) as source:
        assert source.sample.gaps == ()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_no_class_of_a_map_is_a_gap(make_raster: MakeRaster, dtype: type[np.generic]) -> None:
    values = np.zeros((1, 600, 600), dtype)
    for number in range(1, 5):
        values[0, 100 * number : 100 * number + 60, 50:500] = number
    path = make_raster(values)
    assert valid_share(path, 600) == 1
    with RasterSource.open(RasterRef(str(path))) as source:
        assert source.sample.gaps == ()


def test_a_collar_of_dark_eight_bits_is_no_wider_than_its_own_colour(make_raster: MakeRaster) -> None:
    values = np.random.default_rng(2).integers(1, 8, (1, 600, 600)).astype(np.uint8)
    corner = triangle(600)
    values[:, corner] = 0
    assert valid_share(make_raster(values), 600) == pytest.approx(1 - corner.mean(), abs=0.005)


def test_the_share_that_a_collar_takes_is_told(make_raster: MakeRaster, textured: Textured) -> None:
    values = textured(600, 600)
    values[:, :150] = 255  # saturated snow, perhaps
    with RasterSource.open(RasterRef(str(make_raster(values)))) as source:
        (gap,) = source.sample.gaps
    assert (gap.value, gap.at_edge) == ("255", True)
    assert gap.share == pytest.approx(0.25, abs=0.01)


def test_white_at_the_edge_is_picture_where_a_mask_says_so(
    make_raster: MakeRaster, textured: Textured
) -> None:
    values = textured(600, 600, bands=4)
    values[:3, :150] = 255
    values[3] = 255
    assert valid_share(make_raster(values, alpha="yes"), 600) == 1
