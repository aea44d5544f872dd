import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from rasterio import Affine
from rasterio.enums import ColorInterp, Resampling

from msa_model.protocol.errors import BadArgument, PointOutsideRaster
from msa_model.protocol.messages import RasterRef
from msa_model.raster.colours import IDENTITY
from msa_model.raster.source import RasterSource

MakeRaster = Callable[..., Path]
Textured = Callable[..., NDArray[np.uint8]]


def opened(path: Path, *bands: int) -> RasterSource:
    return RasterSource.open(RasterRef(str(path), bands))


def test_eight_bit_pixels_come_as_they_are(make_raster: MakeRaster, textured: Textured) -> None:
    values = textured(600, 500)
    with opened(make_raster(values)) as source:
        tile = source.read_window(64, 32, 256)
    np.testing.assert_array_equal(tile.rgb, np.moveaxis(values[:, 32:288, 64:320], 0, -1))
    assert tile.valid == 1
    assert source.stretch == IDENTITY


def test_several_threads_read_the_same_pixels_as_one(make_raster: MakeRaster, textured: Textured) -> None:
    corners = [(17 * i % 700, 29 * i % 700) for i in range(60)]
    with (
        opened(make_raster(textured(1000, 1000), compress="deflate")) as source,
        ThreadPoolExecutor(8) as pool,
    ):
        together = list(pool.map(lambda corner: source.read_window(corner[0], corner[1], 256).rgb, corners))
        for corner, rgb in zip(corners, together, strict=True):
            np.testing.assert_array_equal(rgb, source.read_window(*corner, 256).rgb)


@pytest.mark.parametrize("factor", [2, 3, 4, 7])
def test_decimated_pixels_are_means_of_the_pixels_they_cover(
    make_raster: MakeRaster, textured: Textured, factor: int
) -> None:
    values = textured(600, 600)
    side = 64
    with opened(make_raster(values)) as source:
        tile = source.read_window(factor * 2, factor, side * factor, side)
    part = values[:, factor : factor * (side + 1), factor * 2 : factor * (side + 2)]
    means = part.reshape(3, side, factor, side, factor).mean(axis=(2, 4))
    assert np.abs(tile.rgb - np.moveaxis(means, 0, -1)).max() <= 1


def test_decimated_reading_goes_through_the_overviews(make_raster: MakeRaster, textured: Textured) -> None:
    path = make_raster(textured(2048, 2048))
    with rasterio.open(path, "r+") as dataset:
        dataset.build_overviews([4], Resampling.average)
    with rasterio.open(path, overview_level=0) as overview:
        there = overview.read()
    with rasterio.open(path, "r+") as dataset:
        dataset.write(np.zeros((3, 2048, 2048), np.uint8))  # full resolution only; overviews stay
    with opened(path) as source:
        region = source.read_region(0, 0, 4, 512, 512)
    np.testing.assert_array_equal(region.rgb, np.moveaxis(there, 0, -1))


def test_the_far_side_of_the_edge_is_invalid_and_filled_with_the_mean(
    make_raster: MakeRaster, textured: Textured
) -> None:
    values = textured(300, 300)
    with opened(make_raster(values)) as source:
        tile = source.read_window(200, 0, 256)
    assert tile.valid == pytest.approx(100 / 256)
    mean = values[:, :256, 200:300].mean(axis=(1, 2))
    assert np.abs(tile.rgb[:, 100:] - mean).max() <= 0.51


def test_a_window_before_the_origin_is_placed_right(make_raster: MakeRaster, textured: Textured) -> None:
    values = textured(300, 300)
    with opened(make_raster(values)) as source:
        tile = source.read_window(-56, -16, 256)
    np.testing.assert_array_equal(tile.rgb[16:, 56:], np.moveaxis(values[:, :240, :200], 0, -1))


def test_a_window_wholly_outside_has_nothing_valid(make_raster: MakeRaster, textured: Textured) -> None:
    with opened(make_raster(textured(300, 300))) as source:
        assert source.read_window(1000, 1000, 256).valid == 0


def test_nodata_is_masked_only_where_every_band_has_it(make_raster: MakeRaster, textured: Textured) -> None:
    values = textured(256, 256)
    values[:, :64] = 0
    values[0, 64:128] = 0  # a shadow that is black in red only
    with opened(make_raster(values, nodata=0)) as source:
        tile = source.read_window(0, 0, 256)
    assert tile.valid == pytest.approx(192 / 256)


def test_an_alpha_band_masks_and_is_no_colour(make_raster: MakeRaster, textured: Textured) -> None:
    values = textured(256, 256, bands=4)
    values[3] = 255
    values[3, :, :128] = 0
    with opened(make_raster(values, alpha="yes")) as source:
        assert source.bands == (1, 2, 3)
        assert source.read_window(0, 0, 256).valid == pytest.approx(0.5)


def test_an_internal_mask_masks(make_raster: MakeRaster, textured: Textured) -> None:
    path = make_raster(textured(256, 256))
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "r+") as dataset:
        mask = np.full((256, 256), 255, np.uint8)
        mask[:64] = 0
        dataset.write_mask(mask)
    with opened(path) as source:
        assert source.read_window(0, 0, 256).valid == pytest.approx(0.75)


def test_a_mask_without_overviews_masks_decimated_reads_too(
    make_raster: MakeRaster, textured: Textured
) -> None:
    path = make_raster(textured(1001, 1001))
    with rasterio.open(path, "r+") as dataset:
        dataset.build_overviews([2, 4], Resampling.average)
    with rasterio.open(path, "r+") as dataset:
        mask = np.full((1001, 1001), 255, np.uint8)
        mask[:400] = 0
        dataset.write_mask(mask)
    with opened(path) as source:
        assert source.read_window(0, 0, 1000, 250).valid == pytest.approx(0.6, abs=0.003)
        assert source.read_window(0, 0, 900, 256).valid == pytest.approx(5 / 9, abs=0.003)


def test_sixteen_bit_is_stretched_between_percentiles_of_the_whole_raster(
    make_raster: MakeRaster, textured: Textured
) -> None:
    values = textured(600, 600).astype(np.uint16) * 20 + 1000
    values[:, :2, :2] = 65535  # a hot pixel must not darken everything
    with opened(make_raster(values)) as source:
        low, high = source.stretch.low, source.stretch.high
        rgb = source.read_window(0, 0, 600, 600).rgb
    for band in range(3):
        assert low[band] == pytest.approx(np.percentile(values[band], 2), rel=0.05)
        assert high[band] == pytest.approx(np.percentile(values[band], 98), rel=0.05)
    assert 0.01 < (rgb == 0).mean() < 0.04
    assert 0.01 < (rgb == 255).mean() < 0.04


def test_nodata_takes_no_part_in_the_stretch(make_raster: MakeRaster, textured: Textured) -> None:
    values = textured(400, 400).astype(np.int16) + 500
    values[:, :150] = -32768
    with opened(make_raster(values, nodata=-32768)) as source:
        assert min(source.stretch.low) > 500


def test_nan_and_infinity_are_invalid_and_do_no_harm(make_raster: MakeRaster, textured: Textured) -> None:
    values = textured(256, 256).astype(np.float32) / 255
    values[0, :64] = np.nan
    values[1, 64:128] = np.inf
    with opened(make_raster(values)) as source:
        tile = source.read_window(0, 0, 256)
        assert all(map(math.isfinite, source.stretch.low + source.stretch.high))
    assert tile.valid == pytest.approx(0.5)
    assert tile.rgb[128:].std() > 10


def test_a_raster_of_one_value_is_read_without_division_by_zero(make_raster: MakeRaster) -> None:
    with opened(make_raster(np.full((1, 300, 300), 7, np.float32), nodata=-1)) as source:
        assert source.read_window(0, 0, 256).rgb.std() == 0


def test_one_band_is_grey(make_raster: MakeRaster, textured: Textured) -> None:
    values = textured(256, 256, bands=1)
    with opened(make_raster(values)) as source:
        rgb = source.read_window(0, 0, 256).rgb
        assert source.bands == (1, 1, 1)
    for channel in range(3):
        np.testing.assert_array_equal(rgb[..., channel], values[0])


def test_grey_with_alpha_is_grey(make_raster: MakeRaster, textured: Textured) -> None:
    values = textured(256, 256, bands=2)
    values[1] = 255
    path = make_raster(values)
    with rasterio.open(path, "r+") as dataset:
        dataset.colorinterp = [ColorInterp.gray, ColorInterp.alpha]
    with opened(path) as source:
        assert source.bands == (1, 1, 1)


def test_a_palette_shows_its_colours_and_averages_them_not_its_numbers(make_raster: MakeRaster) -> None:
    values = np.zeros((1, 512, 512), np.uint8)
    values[0, :, ::2] = 200
    path = make_raster(values)
    with rasterio.open(path, "r+") as dataset:
        dataset.write_colormap(1, {0: (255, 0, 0, 255), 100: (0, 255, 0, 255), 200: (0, 0, 255, 255)})
    with opened(path) as source:
        assert source.read_window(0, 0, 256).rgb[0, :2].tolist() == [[0, 0, 255], [255, 0, 0]]
        np.testing.assert_allclose(source.read_window(0, 0, 512).rgb[5, 5], (128, 0, 128), atol=1)
        assert not source.grey


def test_one_band_without_palette_is_grey(make_raster: MakeRaster, textured: Textured) -> None:
    with opened(make_raster(textured(256, 256, 1))) as source:
        assert source.grey


def test_whether_bands_had_to_be_guessed_is_known(make_raster: MakeRaster, textured: Textured) -> None:
    five = make_raster(textured(256, 256, 5), "five.tif", photometric="minisblack")
    with opened(five) as source:
        assert source.guessed
        assert source.bands == (1, 2, 3)
    with RasterSource.open(RasterRef(str(five), (3, 2, 1))) as source:
        assert not source.guessed
    with opened(make_raster(textured(256, 256, 3), "three.tif")) as source:
        assert not source.guessed
    with rasterio.open(five, "r+") as dataset:
        dataset.descriptions = ("blue", "green", "red", "nir", "swir")
    with opened(five) as source:
        assert not source.guessed
        assert source.bands == (3, 2, 1)


def test_colour_interpretation_decides_over_the_order_of_bands(
    make_raster: MakeRaster, textured: Textured
) -> None:
    path = make_raster(textured(256, 256))
    with rasterio.open(path, "r+") as dataset:
        dataset.colorinterp = [ColorInterp.blue, ColorInterp.green, ColorInterp.red]
    with opened(path) as source:
        assert source.bands == (3, 2, 1)


def test_band_names_decide_where_no_interpretation_does(make_raster: MakeRaster, textured: Textured) -> None:
    path = make_raster(textured(256, 256, bands=5).astype(np.uint16))
    with rasterio.open(path, "r+") as dataset:
        dataset.descriptions = ("coastal", "Blue", "Green", "Red", "nir")
    with opened(path) as source:
        assert source.bands == (4, 3, 2)


def test_bands_asked_for_are_taken(make_raster: MakeRaster, textured: Textured) -> None:
    values = textured(256, 256, bands=4)
    with opened(make_raster(values, photometric="minisblack"), 4, 1, 2) as source:
        np.testing.assert_array_equal(
            source.read_window(0, 0, 256).rgb, np.moveaxis(values[[3, 0, 1]], 0, -1)
        )


@pytest.mark.parametrize("bands", [(0,), (4, 5, 6), (1, 2), (1, 2, 3, 4)])
def test_bands_that_are_not_there_are_refused(
    make_raster: MakeRaster, textured: Textured, bands: tuple[int, ...]
) -> None:
    with pytest.raises(BadArgument, match="Bands"):
        opened(make_raster(textured(64, 64)), *bands)


@pytest.mark.parametrize(
    ("crs", "transform", "metres"),
    [
        ("EPSG:32633", Affine(0.5, 0, 500_000, 0, -0.5, 5_000_000), 0.5),
        ("EPSG:3857", Affine(0.15, 0, 9_519_926, 0, -0.15, 3_202_940), 0.15 * math.cos(math.radians(27.63))),
        ("EPSG:4326", Affine(0.001, 0, 10, 0, -0.001, 60), 111_320 * 0.001 * math.sqrt(0.5)),
        ("EPSG:2263", Affine(1, 0, 1_000_000, 0, -1, 200_000), 0.3048),  # New York, US feet
        ("EPSG:32633", Affine(3, 4, 500_000, 4, -3, 5_000_000), 5.0),  # rotated
    ],
)
def test_pixels_are_measured_on_the_ground_whatever_the_unit(
    make_raster: MakeRaster, textured: Textured, crs: str, transform: Affine, metres: float
) -> None:
    with opened(make_raster(textured(100, 100), crs=crs, transform=transform)) as source:
        assert source.gsd_m == pytest.approx(metres, rel=0.005)


def test_a_crs_without_a_number_is_told_as_wkt(make_raster: MakeRaster, textured: Textured) -> None:
    laea = "+proj=laea +lat_0=11 +lon_0=23 +datum=WGS84"
    transform = Affine(10, 0, 0, 0, -10, 0)
    with opened(make_raster(textured(64, 64), crs=laea, transform=transform)) as source:
        assert source.crs.startswith("PROJCS")
        assert source.gsd_m == pytest.approx(10, rel=0.001)


@pytest.mark.parametrize(
    ("crs", "told", "pixel"),
    [("EPSG:25832+7837", "EPSG:25832", 1.0), ("EPSG:4326+5773", "EPSG:4326", 1e-5)],
)
def test_of_a_crs_with_heights_the_part_for_places_counts(
    make_raster: MakeRaster, textured: Textured, crs: str, told: str, pixel: float
) -> None:
    corner = (500_000, 5_000_000) if pixel == 1 else (15, 45)
    transform = Affine(pixel, 0, corner[0], 0, -pixel, corner[1])
    with opened(make_raster(textured(64, 64), crs=crs, transform=transform)) as source:
        assert source.crs == told
        assert source.gsd_m == pytest.approx(1, rel=0.15)


def test_a_place_on_the_ground_is_found_in_pixels(make_raster: MakeRaster, textured: Textured) -> None:
    with opened(make_raster(textured(300, 300))) as source:
        assert source.pixel_of((500_010.5, 4_999_980), "EPSG:32633") == (10.5, 20)
        lon, lat = 15.000134, 45.153338  # of UTM 33's central meridian
        col, row = source.pixel_of((lon, lat), "EPSG:4326")
        assert (col, row) == pytest.approx((10.5, 20), abs=120)
        with pytest.raises(PointOutsideRaster):
            source.pixel_of((499_999, 4_999_980), "EPSG:32633")
        with pytest.raises(BadArgument, match="EPSG:0"):
            source.pixel_of((0, 0), "EPSG:0")


def test_the_fingerprint_survives_a_copy_but_not_a_change(
    make_raster: MakeRaster, textured: Textured
) -> None:
    values = textured(700, 700)
    first = make_raster(values, "a.tif")
    copy = make_raster(values, "b.tif")
    values[1, 650, 650] += 1
    changed = make_raster(values, "c.tif")
    moved = make_raster(textured(700, 700), "d.tif", transform=Affine(1, 0, 500_001, 0, -1, 5_000_000))
    prints = [opened(path).fingerprint for path in (first, copy, changed, moved)]
    assert prints[0] == prints[1]
    assert len(set(prints)) == 3
    assert all(len(text) == 64 for text in prints)
