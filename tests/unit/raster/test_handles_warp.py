"""Images that only control points or RPCs place; that QGIS draws the same pixels is tested in tests/qgis."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from rasterio.control import GroundControlPoint
from rasterio.enums import Resampling
from rasterio.rpc import RPC

from msa_model.protocol.errors import RasterWithoutTransform
from msa_model.protocol.messages import RasterRef, ScanSettings
from msa_model.raster.handles import Accuracy
from msa_model.raster.source import RasterSource
from msa_model.raster.tiles import plan_tiles, read_tiles

MakeRaster = Callable[..., Path]
Textured = Callable[..., NDArray[np.uint8]]

NORTH_UP = [
    GroundControlPoint(row=row, col=col, x=500_000 + 2 * col, y=5_000_000 - 2 * row)
    for row in (0, 200, 400)
    for col in (0, 300, 600)
]


ONES = [1.0] + [0.0] * 19
SOUND: dict[str, object] = {
    "height_off": 100,
    "height_scale": 500,
    "err_bias": None,
    "err_rand": None,
    "lat_off": 45,
    "lat_scale": 0.02,
    "long_off": 15,
    "long_scale": 0.03,
    "line_off": 150,
    "line_scale": 150,
    "samp_off": 200,
    "samp_scale": 200,
    "line_num_coeff": [0.0, 0.0, -1.0, *[0.0] * 17],
    "line_den_coeff": ONES,
    "samp_num_coeff": [0.0, 1.0, 0.0, *[0.0] * 17],
    "samp_den_coeff": ONES,
}


def opened(path: Path) -> RasterSource:
    return RasterSource.open(RasterRef(str(path)))


def place(path: Path, points: list[GroundControlPoint], crs: int = 32633) -> Path:
    with rasterio.open(path, "r+") as dataset:
        dataset.gcps = (points, rasterio.CRS.from_epsg(crs))
    return path


def test_control_points_that_lie_on_a_grid_give_the_pixels_themselves(
    make_raster: MakeRaster, textured: Textured
) -> None:
    values = textured(400, 600)
    path = place(make_raster(values, crs=None, transform=None), NORTH_UP)
    with opened(path) as source:
        assert (source.width, source.height, source.crs) == (600, 400, "EPSG:32633")
        assert tuple(source.transform)[:6] == pytest.approx((2, 0, 500_000, 0, -2, 5_000_000))
        assert source.bands == (1, 2, 3)
        region = source.read_region(0, 0, 1, 600, 400)
        assert source.accuracy is not None
        assert (source.accuracy.points, round(source.accuracy.residual_px or 0, 1)) == (9, 0.0)
    assert region.valid.mean() > 0.99
    assert (region.rgb == np.moveaxis(values, 0, -1)).mean() > 0.99


@pytest.mark.parametrize("profile", [{}, {"nodata": 0}, {"dtype": "float32", "nodata": -9999}])
def test_what_lies_beside_a_turned_image_is_no_data(
    make_raster: MakeRaster, textured: Textured, profile: dict[str, object]
) -> None:
    values = textured(400, 600).astype(str(profile.get("dtype", "uint8")))
    turned = [
        GroundControlPoint(row=p.row, col=p.col, x=500_000 + p.col + p.row, y=5_000_000 + p.col - p.row)
        for p in NORTH_UP
    ]
    path = place(make_raster(values, crs=None, transform=None, **profile), turned)
    with rasterio.open(path, "r+") as dataset:
        dataset.build_overviews([2, 4], Resampling.average)
    with opened(path) as source:
        keys = plan_tiles(source, ScanSettings(), None).keys
        tiles = list(read_tiles(source, keys, 16))
        whole = source.read_region(0, 0, 1, source.width, source.height)
    assert 0.4 < whole.valid.mean() < 0.6  # 400 × 600 of 1,000 × 1,000 / 2
    assert not whole.valid[0, 0]
    assert whole.valid[source.height // 2, source.width // 2]
    assert sum(len(batch.keys) for batch in tiles) == len(keys)


@pytest.mark.parametrize(
    "dtype", ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"]
)
def test_black_at_the_edge_of_a_turned_image_is_picture_whatever_its_type(
    make_raster: MakeRaster, textured: Textured, dtype: str
) -> None:
    values = textured(400, 600).astype(dtype)
    values[:, :120, 100:300] = -128 if dtype == "int8" else 0
    turned = [
        GroundControlPoint(row, col, 5e5 + col + row / 3, 5e6 - row + col / 3)
        for row, col in ((point.row, point.col) for point in NORTH_UP)
    ]
    plain = make_raster(values, crs=None, transform=None)
    with opened(place(plain, turned)) as source:
        region = source.read_region(0, 0, 1, source.width, source.height)
        assert source.sample.gaps == ()
    turned_px = 600 * 400 * (1 + 1 / 9) / source.gsd_m**2
    assert region.valid.mean() == pytest.approx(turned_px / region.valid.size, abs=0.01)


def test_rpcs_place_an_image_by_longitude_and_latitude(make_raster: MakeRaster, textured: Textured) -> None:
    path = make_raster(textured(300, 400), crs=None, transform=None)
    with rasterio.open(path, "r+") as dataset:
        dataset.rpcs = RPC(**SOUND)
    with opened(path) as source:
        assert source.crs == "EPSG:4326"
        col, row = source.pixel_of((15.0, 45.0), "EPSG:4326")
        assert (col / source.width, row / source.height) == pytest.approx((0.5, 0.5), abs=0.01)
        assert source.accuracy == Accuracy(points=0)
        assert source.read_region(0, 0, 1, source.width, source.height).valid.mean() > 0.95


def points(*places: tuple[float, float, float, float]) -> list[GroundControlPoint]:
    return [GroundControlPoint(row=row, col=col, x=x, y=y) for row, col, x, y in places]


@pytest.mark.parametrize(
    "broken",
    [
        points((0, 0, 5e5, 4e6)),
        points(*((i, i, 5e5 + i, 4e6 - i) for i in (0, 100, 200, 300))),  # on one line
        points(*((row, col, 5e5, 4e6) for row in (0, 300) for col in (0, 300))),  # all at one place
        points(*((row, col, np.nan, 4e6) for row in (0, 300) for col in (0, 300))),
        points(*((row, col, 5e8 + col, 4e9 - row) for row in (0, 300) for col in (0, 300))),  # off the Earth
    ],
)
def test_control_points_that_say_no_place_are_refused_with_what_to_do(
    make_raster: MakeRaster, textured: Textured, broken: list[GroundControlPoint]
) -> None:
    path = place(make_raster(textured(300, 300), crs=None, transform=None), broken)
    with pytest.raises(RasterWithoutTransform, match=r"scene\.tif") as refused:
        opened(path)
    assert "Georeference it first" in refused.value.remedy


@pytest.mark.parametrize(
    "wrong", [{"line_den_coeff": [0.0] * 20}, {"lat_off": np.nan}, {"samp_num_coeff": [0.0] * 20}]
)
def test_rpcs_that_say_no_place_are_refused_with_what_to_do(
    make_raster: MakeRaster, textured: Textured, wrong: dict[str, object]
) -> None:
    path = make_raster(textured(300, 300), crs=None, transform=None)
    with rasterio.open(path, "r+") as dataset:
        dataset.rpcs = RPC(**{**SOUND, **wrong})
    with pytest.raises(RasterWithoutTransform, match=r"The RPCs of .*scene\.tif place it nowhere"):
        opened(path)


def test_an_image_that_is_placed_by_itself_is_not_warped(make_raster: MakeRaster, textured: Textured) -> None:
    with opened(make_raster(textured(64, 64))) as source:
        assert source.accuracy is None
