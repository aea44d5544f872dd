"""Ground under overlapping tiles is counted once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from msa_model.index.areas import OwnedCells
from msa_model.index.manifest import Manifest
from msa_model.protocol.messages import RasterRef
from msa_model.raster.colours import Stretch
from msa_model.raster.coordinates import area_ha
from msa_model.raster.grid import TileGrid
from msa_model.raster.source import RasterSource

UTM = "EPSG:32633"


def manifest(width: int, height: int, crs: str = UTM, pixel: float = 1.0) -> Manifest:
    x, y = (500_000.0, 5_000_000.0) if crs == UTM else (15.0, 45.0)
    return Manifest(
        raster="r.tif",
        fingerprint="f",
        width=width,
        height=height,
        transform=(pixel, 0.0, x, 0.0, -pixel, y),
        crs=crs,
        gsd_m=1.0,
        bands=(1, 2, 3),
        stretch=Stretch((0.0,) * 3, (255.0,) * 3),
        model="m",
        model_sha256="a" * 64,
        dimension=4,
    )


def keys_of(width: int, height: int, factor: int, overlap: float = 0.5) -> np.ndarray:
    places = TileGrid(width, height, factor, overlap).keys()
    return np.column_stack((np.full(len(places), factor), places)).astype(np.int32)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(200, 2500),
    st.integers(200, 2500),
    st.sampled_from([1, 2]),
    st.sampled_from([0.0, 0.5, 0.625]),
)
def test_all_tiles_together_own_the_raster_once(width: int, height: int, factor: int, overlap: float) -> None:
    keys = keys_of(width, height, factor, overlap)
    whole = OwnedCells.of(manifest(width, height), keys)
    areas = whole.areas_m2(np.ones(len(keys), np.float32))
    assert areas.sum() == pytest.approx(width * height, rel=2e-3)  # UTM is not true to scale
    assert areas.min() >= 0


def test_groups_of_tiles_share_the_ground_without_a_gap_and_without_an_overlap() -> None:
    keys = keys_of(1500, 1100, 1)
    whole = OwnedCells.of(manifest(1500, 1100), keys)
    labels = np.random.default_rng(0).integers(0, 3, len(keys))
    shapes = [whole.outline(labels == label) for label in range(3)]
    assert sum(shape.area for shape in shapes) == pytest.approx(1500 * 1100)
    assert shapely.union_all(shapes).area == pytest.approx(1500 * 1100)
    areas = whole.areas_m2(np.ones(len(keys), np.float32))
    for label, shape in enumerate(shapes):
        assert areas[labels == label].sum() == pytest.approx(shape.area, rel=2e-3)


def test_a_tile_with_the_usual_overlap_owns_its_middle() -> None:
    keys = keys_of(1024, 1024, 1)
    whole = OwnedCells.of(manifest(1024, 1024), keys)
    owned = (keys[:, 1:] == (8, 8)).all(axis=1)
    x0, y0, x1, y1 = whole.outline(owned).bounds
    assert (x0 - 500_000, 5_000_000 - y1, x1 - x0, y1 - y0) == (256 + 64, 256 + 64, 128, 128)


def test_ground_without_data_is_not_counted() -> None:
    keys = keys_of(512, 512, 1)
    whole = OwnedCells.of(manifest(512, 512), keys)
    full = whole.areas_m2(np.ones(len(keys), np.float32))
    half = whole.areas_m2(np.full(len(keys), 0.5, np.float32))
    assert half == pytest.approx(full / 2)


def test_degrees_are_measured_on_the_ellipsoid() -> None:
    pixel = 1e-5
    keys = keys_of(2000, 1500, 1)
    whole = OwnedCells.of(manifest(2000, 1500, "EPSG:4326", pixel), keys)
    shape = whole.outline(np.ones(len(keys), bool))
    areas = whole.areas_m2(np.ones(len(keys), np.float32))
    assert areas.sum() == pytest.approx(10_000 * area_ha(shape, "EPSG:4326"), rel=1e-3)


def test_two_tiles_far_apart_need_no_picture_of_all_between_them() -> None:
    keys = np.array([[1, 0, 0], [1, 400_000, 400_000]], np.int32)
    whole = OwnedCells.of(manifest(20_000_000, 20_000_000), keys)
    assert whole.outline(np.array([True, True])).area == pytest.approx(2 * 256**2)


def test_a_raster_of_a_file_is_measured_as_its_pixels_say(
    make_raster: Callable[..., Path], textured: Callable[..., Any]
) -> None:
    with RasterSource.open(RasterRef(str(make_raster(textured(600, 400))))) as source:
        own = Manifest.of(source, model="m", model_sha256="a" * 64, dimension=4)
    keys = keys_of(own.width, own.height, 1)
    areas = OwnedCells.of(own, keys).areas_m2(np.ones(len(keys), np.float32))
    assert areas.sum() == pytest.approx(own.width * own.height * own.gsd_m**2, rel=1e-2)
