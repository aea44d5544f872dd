"""A raster laid over another one's pixels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from rasterio import Affine
from rasterio.control import GroundControlPoint
from rasterio.vrt import WarpedVRT

from msa_model.protocol.errors import BadArgument
from msa_model.protocol.layers import DrawnLayer
from msa_model.protocol.messages import RasterRef
from msa_model.raster.aligned import Lattice, aligned, drawn_on
from msa_model.raster.dates import date_of
from msa_model.raster.source import RasterSource

Make = Callable[..., Path]


def lattice_of(raster: Path) -> Lattice:
    with RasterSource.open(RasterRef(str(raster))) as source:
        return Lattice.of(source)


@pytest.fixture
def first(make_raster: Make, textured: Callable[..., Any]) -> Path:
    return make_raster(textured(512, 512), "a_2010.tif")


@pytest.fixture
def other(first: Path) -> Path:
    """The lower right of the first in longitude and latitude."""
    place = first.with_name("b_2020.tif")
    with rasterio.open(first) as dataset, WarpedVRT(dataset, crs="EPSG:4326") as warped:
        window = rasterio.windows.Window(
            warped.width // 2, warped.height // 2, warped.width // 2, warped.height // 2
        )
        profile = {"driver": "GTiff", "width": int(window.width), "height": int(window.height), "count": 3}
        profile |= {
            "dtype": "uint8",
            "crs": warped.crs,
            "transform": warped.window_transform(window),
            "nodata": 0,
        }
        with rasterio.open(place, "w", **profile) as out:
            out.write(
                warped.read((1, 2, 3), window=window, out_shape=(3, int(window.height), int(window.width)))
            )
    return place


def test_its_pixels_lie_where_those_of_the_first_do(first: Path, other: Path, tmp_path: Path) -> None:
    lattice = lattice_of(first)
    made = aligned(str(other), lattice, tmp_path / "cache")
    with RasterSource.open(RasterRef(str(made))) as source, RasterSource.open(RasterRef(str(first))) as whole:
        assert Lattice.of(source) == lattice
        seen, real = source.read_region(300, 300, 1.0, 160, 160), whole.read_region(300, 300, 1.0, 160, 160)
        assert not source.read_region(0, 0, 1.0, 200, 200).valid.any()
    assert seen.valid.mean() > 0.99
    apart = np.abs(seen.rgb.astype(int) - real.rgb)[seen.valid]
    assert apart.mean() < np.abs(np.diff(real.rgb.astype(int), axis=0)).mean()


def test_it_is_made_once_keeps_its_date_and_follows_its_raster(
    first: Path, other: Path, tmp_path: Path
) -> None:
    made = aligned(str(other), lattice_of(first), tmp_path / "cache")
    stamp = made.stat().st_mtime_ns
    assert aligned(str(other), lattice_of(first), tmp_path / "cache") == made
    assert made.stat().st_mtime_ns == stamp
    assert date_of(str(made)) == "2020"
    with RasterSource.open(RasterRef(str(made))) as source:
        before = source.stamp
    with rasterio.open(other, "r+") as dataset:
        dataset.write(255 - dataset.read())
    with RasterSource.open(RasterRef(str(made))) as source:
        assert source.stamp != before


def test_it_moves_with_its_raster(first: Path, other: Path, tmp_path: Path) -> None:
    """A raster that is exported anew elsewhere is not shown where its older self lay."""
    before = first_column(other, lattice_of(first), tmp_path)
    with rasterio.open(other, "r+") as dataset:
        dataset.transform = dataset.transform @ Affine.translation(40, 0)
    assert first_column(other, lattice_of(first), tmp_path) - before == pytest.approx(40, abs=8)


def first_column(raster: Path, lattice: Lattice, cache: Path) -> int:
    """The first column that it fills on the lattice."""
    with rasterio.open(aligned(str(raster), lattice, cache)) as shown:
        return int(shown.dataset_mask().any(axis=0).argmax())


def test_lattices_are_shared_whatever_their_sizes_and_not_when_shifted(first: Path) -> None:
    lattice = lattice_of(first)
    shift = Affine.translation(0.5, 0)
    assert lattice.is_shared_by(Lattice(100, 900, lattice.transform, lattice.crs))
    assert not lattice.is_shared_by(Lattice(512, 512, shift @ lattice.transform, lattice.crs))
    assert not lattice.is_shared_by(Lattice(512, 512, lattice.transform, "EPSG:32632"))
    assert lattice.meets(Lattice(512, 512, shift @ lattice.transform, lattice.crs))
    far = Affine.translation(10_000, 0) @ lattice.transform
    assert not lattice.meets(Lattice(512, 512, far, lattice.crs))


def test_a_layer_of_the_whole_world_meets_what_a_zone_holds(first: Path) -> None:
    half = 20_037_508.0
    world = Lattice(40_075_016, 40_075_016, Affine(1, 0, -half, 0, -1, half), "EPSG:3857")
    lattice = lattice_of(first)
    assert lattice.meets(world)
    assert world.meets(lattice)
    west = Lattice(20_037_508, 40_075_016, Affine(1, 0, -half, 0, -1, half), "EPSG:3857")
    assert not lattice.meets(west)


def test_a_layer_is_drawn_on_pixels_that_lie_along_a_crs(first: Path) -> None:
    layer = DrawnLayer("qgis:wms:x", "x", "v", "EPSG:3857", (1.0, 0.0, 0.0, 0.0, -1.0, 0.0), 10, 10, most=5)
    lattice = lattice_of(first)
    drawn = drawn_on(layer, lattice)
    assert (drawn.crs, drawn.width, drawn.height, drawn.most) == (lattice.crs, 512, 512, 5)
    assert Affine(*drawn.transform) == lattice.transform
    for turn in (Affine.rotation(10), Affine.scale(1, -1), Affine.scale(-1, 1)):
        with pytest.raises(BadArgument, match="askew"):
            drawn_on(layer, replace(lattice, transform=lattice.transform @ turn))


def test_an_image_that_lies_by_control_points_is_refused(
    first: Path, make_raster: Make, textured: Callable[..., Any], tmp_path: Path
) -> None:
    points = [
        GroundControlPoint(row, col, 500_000 + col, 5_000_000 - row) for row in (0, 90) for col in (0, 90)
    ]
    raster = make_raster(textured(100, 100), "points.tif", transform=None)
    with rasterio.open(raster, "r+") as dataset:
        dataset.gcps = (points, rasterio.crs.CRS.from_epsg(32633))
    with pytest.raises(BadArgument, match="gdalwarp"):
        aligned(str(raster), lattice_of(first), tmp_path / "cache")


@pytest.mark.parametrize(
    "path", ["/vsicurl/http://Ann:Pa55w0rd@host/a.tif", "/vsicurl/http://host/a.tif?v=1&sig=Pa55w0rd"]
)
def test_no_file_is_made_that_would_keep_a_secret(path: str, tmp_path: Path) -> None:
    lattice = Lattice(10, 10, Affine(1, 0, 0, 0, -1, 0), "EPSG:32633")
    with pytest.raises(BadArgument, match="Download") as refused:
        aligned(path, lattice, tmp_path / "cache")
    assert "Pa55w0rd" not in refused.value.sentence
    assert list(tmp_path.iterdir()) == []
