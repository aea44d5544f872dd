from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from rasterio import open as open_raster
from rasterio.enums import Resampling

from msa_model.protocol.messages import RasterRef
from msa_model.raster.source import RasterSource

MakeRaster = Callable[..., Path]
Textured = Callable[..., NDArray[np.uint8]]


def opened(path: Path, *bands: int) -> RasterSource:
    return RasterSource.open(RasterRef(str(path), bands))


@pytest.mark.parametrize(
    ("dtype", "fill"),
    [
        ("float32", 1.7e38),
        ("float32", -3.4028234663852886e38),
        ("float64", 1e20),
        ("float64", -1.7976931348623157e308),
        ("float32", np.inf),
        ("float32", -np.inf),
        ("float32", np.nan),
        ("float32", -9999),
        ("float64", -32768),
        ("int16", -32768),
        ("int16", -9999),
        ("uint16", 65535),
        ("int32", -9999),
        ("int32", -(2**31)),
        ("uint32", 2**32 - 1),
        ("int64", -(2**63)),
        ("uint64", 2**64 - 1),
    ],
)
def test_a_fill_without_a_tag_is_no_data_inside_a_picture_either(
    make_raster: MakeRaster, textured: Textured, dtype: str, fill: float
) -> None:
    plain = textured(512, 512).astype(dtype)
    values = plain.copy()
    values[:, 200:300, 100:301] = fill
    with opened(make_raster(values)) as source, opened(make_raster(plain, "plain.tif")) as whole:
        assert min(source.stretch.low) > 20
        assert max(source.stretch.high) < 260
        small, large = source.read_region(0, 0, 1, 512, 512), source.read_region(0, 0, 2, 256, 256)
        assert small.valid.mean() == pytest.approx(1 - 100 * 201 / 512**2)
        assert large.valid.mean() == pytest.approx(1 - 50 * 100 / 256**2)
        # A pixel that is half fill shows what the other half holds, not a mean of both.
        beside = whole.read_region(301, 200, 1, 1, 100).rgb[:, 0].reshape(50, 2, 3).mean(axis=1)
        assert np.abs(large.rgb[100:150, 150].astype(float) - beside).max() < 30
        assert large.valid[100:150, 150].all()


@pytest.mark.parametrize(
    ("dtype", "fills"), [("int16", (-9999, -32768)), ("float32", (-9999, -999)), ("float32", (9999, 1.7e38))]
)
def test_two_fills_of_one_picture_do_not_hide_each_other(
    make_raster: MakeRaster, textured: Textured, dtype: str, fills: tuple[float, float]
) -> None:
    values = textured(512, 512).astype(dtype)
    values[:, 200:300, 100:300], values[:, 400:450, 50:250] = fills
    with opened(make_raster(values)) as source:
        assert max(source.stretch.high) < 260
        valid = source.read_region(0, 0, 1, 512, 512).valid
    assert not valid[200:300, 100:300].any()
    assert not valid[400:450, 50:250].any()
    assert valid.mean() == pytest.approx(1 - (100 * 200 + 50 * 200) / 512**2)


def test_numbers_near_the_data_are_data(make_raster: MakeRaster) -> None:
    rng = np.random.default_rng(0)
    trench = rng.normal(-9000, 600, (1, 400, 400)).astype(np.int16)
    trench[0, 60:110, 60:110] = -9999
    bright = np.minimum(rng.lognormal(8, 1.5, (3, 400, 400)), 65535).astype(np.uint16)  # saturates
    for name, values in (("trench.tif", trench), ("bright.tif", bright)):
        with opened(make_raster(values, name)) as source:
            assert source.read_window(100, 100, 256).valid == 1
            assert source.sample.gaps == ()


def test_a_mask_of_two_wide_numbers_loses_neither(make_raster: MakeRaster) -> None:
    values = np.zeros((1, 300, 300), np.uint16)
    values[0, 50:200, 80:220] = 65535
    with opened(make_raster(values)) as source:
        tile = source.read_window(0, 0, 300, 300)
    assert tile.valid == 1
    assert tile.rgb[100, 100].tolist() == [255, 255, 255]
    assert tile.rgb[10, 10].tolist() == [0, 0, 0]


def test_the_share_that_a_fill_takes_is_told(make_raster: MakeRaster, textured: Textured) -> None:
    values = textured(512, 512).astype(np.float32)
    values[:, 128:256, 256:512] = -9999
    with opened(make_raster(values)) as source:
        (gap,) = source.sample.gaps
    assert (gap.value, gap.at_edge) == ("-9999", False)
    assert gap.share == pytest.approx(1 / 8)


def test_means_that_an_overview_made_of_fill_and_data_do_not_hide_the_fill(
    make_raster: MakeRaster, textured: Textured
) -> None:
    values = textured(2048, 2048).astype(np.float32)
    values[:, 300:1500, 300:1500] = -9999
    path = make_raster(values)
    with open_raster(path, "r+") as dataset:
        dataset.build_overviews([2, 4], Resampling.average)
    with opened(path) as source:
        assert source.read_region(320, 320, 4, 200, 200).valid.mean() == 0
        assert min(source.stretch.low) > 20
