from collections.abc import Callable

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from msa_model.index.areas import covered_area, outline
from msa_model.index.manifest import Manifest
from msa_model.raster.grid import TileGrid
from tests.unit.rings import tile_ring

MakeManifest = Callable[..., Manifest]


def keys_of(*places: tuple[int, int], factor: int = 1) -> NDArray[np.int32]:
    return np.array([(factor, row, col) for row, col in places], np.int32)


@pytest.mark.parametrize(
    "keys",
    [
        keys_of((0, 0)),
        keys_of((0, 0), (0, 4), (4, 0)),
        keys_of((3, 5), (7, 11)),  # off the usual hops
        keys_of((0, 0), (0, 40), (24, 8), factor=1),
        keys_of((0, 0), (8, 8), factor=2),
        keys_of((0, 0), (0, 8), (0, 16), (8, 0), (8, 16), (16, 0), (16, 8), (16, 16)),  # a hole
    ],
    ids=len,
)
def test_the_area_is_the_union_of_the_tiles_on_the_raster(
    make_manifest: MakeManifest, keys: NDArray[np.int32]
) -> None:
    manifest = make_manifest()
    tiles = shapely.union_all([shapely.Polygon(tile_ring(manifest.affine, key)) for key in keys])
    expected = tiles.intersection(outline(manifest))
    covered = covered_area(manifest, keys)
    assert covered.is_valid
    assert covered.symmetric_difference(expected).area == pytest.approx(0, abs=1e-6)


def test_a_rotated_raster_is_covered_where_it_lies(make_manifest: MakeManifest) -> None:
    manifest = make_manifest(transform=(0.4, 0.3, 500_000.0, 0.3, -0.4, 5_000_000.0))
    covered = covered_area(manifest, keys_of((2, 3)))
    assert covered.equals(shapely.Polygon(tile_ring(manifest.affine, (1, 2, 3))))


def test_a_whole_grid_covers_the_raster_and_no_more(make_manifest: MakeManifest) -> None:
    manifest = make_manifest(width=3001, height=1999)
    places = TileGrid(3001, 1999, 1).keys()
    keys = np.column_stack((np.ones(len(places), np.int32), places))
    assert covered_area(manifest, keys).equals(outline(manifest))
    assert covered_area(manifest, keys[:0]).is_empty


def test_a_hundred_thousand_tiles_are_united_in_one_pass(make_manifest: MakeManifest) -> None:
    manifest = make_manifest(width=40_000, height=40_000)
    places = TileGrid(40_000, 40_000, 1).keys()
    keys = np.column_stack((np.ones(len(places), np.int32), places))[::-1][50:]
    area = covered_area(manifest, keys)
    assert len(keys) > 90_000
    assert area.area < outline(manifest).area
