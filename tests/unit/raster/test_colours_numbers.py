"""Bands of every type, and what of them becomes colour."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray

from msa_model.protocol.messages import RasterRef
from msa_model.raster.source import RasterSource

MakeRaster = Callable[..., Path]
Textured = Callable[..., NDArray[np.uint8]]


def opened(path: Path, *bands: int) -> RasterSource:
    return RasterSource.open(RasterRef(str(path), bands))


def test_one_band_may_be_shown_twice(make_raster: MakeRaster, textured: Textured) -> None:
    values = textured(256, 256, 2).astype(np.uint16) * 40
    values[1] += 3000
    with opened(make_raster(values), 1, 2, 1) as source:
        rgb = source.read_window(0, 0, 256).rgb
        assert source.bands == (1, 2, 1)
        assert not source.grey
        assert source.stretch.low[0] == source.stretch.low[2] < source.stretch.low[1]
    np.testing.assert_array_equal(rgb[..., 0], rgb[..., 2])
    assert rgb[..., 0].std() > 30
    assert np.abs(rgb[..., 0].astype(int) - rgb[..., 1]).max() > 100


def test_one_band_of_eight_bits_may_be_shown_twice(make_raster: MakeRaster, textured: Textured) -> None:
    values = textured(256, 256, 2)
    with opened(make_raster(values), 2, 1, 1) as source:
        rgb = source.read_window(0, 0, 256).rgb
    np.testing.assert_array_equal(rgb, np.moveaxis(values[[1, 0, 0]], 0, -1))


@pytest.mark.parametrize("bands", [(), (1, 2, 3), (4, 4, 4), (3, 4, 1)])
def test_bands_of_different_types_are_shown_together(
    make_raster: MakeRaster, textured: Textured, bands: tuple[int, ...]
) -> None:
    colours = textured(256, 256)
    classes = textured(256, 256, 1, seed=5).astype(np.float32) * 1000 - 9
    make_raster(colours, "colours.tif")
    make_raster(classes, "classes.tif")
    path = make_raster(colours, "stack.tif").with_name("stack.vrt")
    sources = [("Byte", "colours.tif", 1), ("Byte", "colours.tif", 2), ("Byte", "colours.tif", 3)]
    path.write_text(
        '<VRTDataset rasterXSize="256" rasterYSize="256"><SRS>EPSG:32633</SRS>'
        "<GeoTransform>500000, 1, 0, 5000000, 0, -1</GeoTransform>"
        + "".join(
            f'<VRTRasterBand dataType="{kind}" band="{i}"><SimpleSource>'
            f'<SourceFilename relativeToVRT="1">{name}</SourceFilename><SourceBand>{band}</SourceBand>'
            "</SimpleSource></VRTRasterBand>"
            for i, (kind, name, band) in enumerate([*sources, ("Float32", "classes.tif", 1)], 1)
        )
        + "</VRTDataset>"
    )
    with opened(path, *bands) as source:
        rgb = source.read_window(0, 0, 256).rgb
        assert len(source.fingerprint) == 64
        shown = source.bands
    for channel, band in enumerate(shown):
        if band < 4:
            np.testing.assert_array_equal(rgb[..., channel], colours[band - 1])
        else:
            assert np.corrcoef(rgb[..., channel].ravel(), classes[0].ravel())[0, 1] > 0.99


def test_nodata_of_one_band_takes_no_part_in_the_stretch_of_any(
    make_raster: MakeRaster, textured: Textured
) -> None:
    values = textured(400, 400).astype(np.int16) + 500
    values[0, :150] = -9999
    values[2, 300:] = -9999
    with opened(make_raster(values, nodata=-9999)) as source:
        assert min(source.stretch.low) > 500
        assert source.read_window(0, 0, 256).valid == 1


@pytest.mark.parametrize("top", [1, 3, 15, 40])
def test_grey_that_fills_little_of_eight_bits_is_spread(make_raster: MakeRaster, top: int) -> None:
    values = np.random.default_rng(0).integers(0, top + 1, (1, 300, 300)).astype(np.uint8)
    with opened(make_raster(values)) as source:
        tile = source.read_window(20, 20, 256)
        assert (tile.rgb.min(), tile.rgb.max()) == (0, 255)
        assert tile.valid == 1


def test_dark_colours_keep_their_hue_when_spread(make_raster: MakeRaster, textured: Textured) -> None:
    values = textured(300, 300) // np.array([8, 16, 16], np.uint8)[:, None, None]
    with opened(make_raster(values)) as source:
        rgb = source.read_window(0, 0, 256).rgb.astype(float)
    assert rgb[..., 0].mean() == pytest.approx(2 * rgb[..., 1].mean(), rel=0.15)
    assert rgb.max() == 255


@pytest.mark.parametrize(
    ("dtype", "base"),
    [
        ("int8", -100),
        ("uint16", 40_000),
        ("int16", -20_000),
        ("int32", -2_000_000_000),
        ("uint32", 4_000_000_000),
        ("int64", 2**50),
        ("uint64", 2**50),
        ("float32", -0.5),
        ("float64", 4e9),
    ],
)
@pytest.mark.parametrize("step", [1, 2])
def test_numbers_of_every_type_become_the_same_picture(
    make_raster: MakeRaster, textured: Textured, dtype: str, base: float, step: int
) -> None:
    plain = textured(256, 256, 3) // 2  # 20 … 115
    values = plain.astype(dtype) + np.dtype(dtype).type(base)
    with opened(make_raster(values)) as source:
        rgb = source.read_region(0, 0, step, 256 // step, 256 // step).rgb
    means = plain.reshape(3, 256 // step, step, 256 // step, step).mean(axis=(2, 4))
    low, high = np.percentile(plain.reshape(3, -1), (2, 98), axis=1)
    wanted = np.clip((means - low[:, None, None]) / (high - low)[:, None, None], 0, 1) * 255
    assert np.abs(rgb - np.moveaxis(wanted, 0, -1)).max() < 3


def test_numbers_next_to_nothing_become_the_same_picture(make_raster: MakeRaster, textured: Textured) -> None:
    plain = textured(256, 256).astype(np.float32)
    with (
        opened(make_raster(plain)) as source,
        opened(make_raster((plain * 1e-40).astype(np.float32), "tiny.tif")) as tiny,
    ):
        seen, same = (each.read_region(0, 0, 1, 256, 256).rgb for each in (source, tiny))
    assert np.abs(seen.astype(int) - same.astype(int)).max() <= 1


def test_a_falling_scale_shows_large_numbers_dark(make_raster: MakeRaster, textured: Textured) -> None:
    values = textured(256, 256, 1).astype(np.int16)
    path = make_raster(values)
    with rasterio.open(path, "r+") as dataset:
        dataset.scales = (-0.5,)
    with opened(path) as source:
        rgb = source.read_window(0, 0, 256).rgb
    assert np.corrcoef(rgb[..., 0].ravel(), values[0].ravel())[0, 1] < -0.99


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "float32", "float64"])
@pytest.mark.parametrize("value", [0, 7, 100])
def test_constant_bands_are_read(make_raster: MakeRaster, dtype: str, value: int) -> None:
    with opened(make_raster(np.full((3, 300, 300), value, dtype))) as source:
        assert source.read_window(0, 0, 256).rgb.std() == 0


def test_a_picture_that_is_not_a_number_anywhere_has_no_valid_pixel(make_raster: MakeRaster) -> None:
    with opened(make_raster(np.full((3, 300, 300), np.nan, np.float32))) as source:
        assert source.read_window(0, 0, 256).valid == 0
        assert not source.sample.valid.any()
