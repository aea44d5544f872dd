"""Indexes of layers that QGIS draws."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely

from msa_model.index.areas import covered_area
from msa_model.index.blocks import EncodedTiles
from msa_model.index.drawn import cropped, drawn_index_path, drawn_manifest
from msa_model.index.heatmap import cell_px, mean_scores
from msa_model.index.manifest import Manifest, raster_of
from msa_model.index.store import TileIndex
from msa_model.protocol.errors import IndexStale
from msa_model.protocol.layers import DrawnLayer
from msa_model.raster.drawn import DrawnSource, undrawn
from msa_model.raster.tiles import box_rings, tile_boxes

ZONE = DrawnLayer(
    "qgis:wms:url=https://maps.example/{z}", "aerial", "v1", "EPSG:32633",
    (0.5, 0.0, -200_000.0, 0.0, -0.5, 9_400_000.0), 2_800_000, 20_800_000,
)  # fmt: skip


def manifest_of(grid: DrawnLayer = ZONE) -> Manifest:
    return drawn_manifest(DrawnSource(grid, undrawn), model="tiny", model_sha256="a" * 64, dimension=4)


def some_keys(*places: tuple[int, int, int]) -> np.ndarray:
    return np.array(places, np.int32)


def test_a_pixel_is_as_long_on_the_ground_as_the_grid_says() -> None:
    assert manifest_of().gsd_m == pytest.approx(0.5, rel=0.001)


def test_another_look_or_pixel_size_has_another_file_and_another_name_has_not(tmp_path: Path) -> None:
    def path(grid: DrawnLayer) -> Path:
        return drawn_index_path(grid, "a" * 64, str(tmp_path))

    assert path(replace(ZONE, title="renamed")) == path(ZONE)
    assert path(replace(ZONE, version="v2")) != path(ZONE)
    assert path(replace(ZONE, transform=(1.0, 0.0, -200_000.0, 0.0, -1.0, 9_400_000.0))) != path(ZONE)
    assert path(replace(ZONE, crs="EPSG:32632")) != path(ZONE)
    assert path(ZONE).parent == tmp_path


def test_pictures_come_back_as_they_were_kept(tmp_path: Path) -> None:
    keys = some_keys((1, 600_000, 70_000), (2, 300_000, 35_000))
    vectors, valid = np.eye(2, 4, dtype=np.float32), np.ones(2, np.float32)
    with TileIndex.open_for_writing(tmp_path / "i.gpkg", manifest_of()) as index:
        index.append(EncodedTiles(keys, vectors, valid, pictures=[b"one", b"two"]))
    with TileIndex.open_for_reading(tmp_path / "i.gpkg") as index:
        assert index.manifest.drawn
        assert index.picture((2, 300_000, 35_000)) == b"two"
        assert index.picture((2, 0, 0)) is None
        assert raster_of(index.manifest, index.path) == ZONE.source


def test_an_index_without_pictures_has_none(tmp_path: Path) -> None:
    with TileIndex.open_for_writing(tmp_path / "i.gpkg", replace(manifest_of(), drawn=False)) as index:
        assert index.picture((1, 0, 0)) is None


def test_tiles_of_another_look_do_not_join(tmp_path: Path) -> None:
    with TileIndex.open_for_writing(tmp_path / "i.gpkg", manifest_of()):
        pass
    with pytest.raises(IndexStale):
        TileIndex.open_for_writing(tmp_path / "i.gpkg", manifest_of(replace(ZONE, version="v2")))


def test_areas_far_down_and_far_apart_in_a_zone_are_covered_exactly() -> None:
    manifest = manifest_of()
    near = some_keys((1, 600_004, 70_003), (1, 600_008, 70_003))
    apart = np.concatenate((near, some_keys((1, 4, 3))))
    for keys in (near, apart):
        boxes = box_rings(manifest.affine, tile_boxes(keys))
        expected = shapely.union_all([shapely.Polygon(ring) for ring in boxes])
        assert covered_area(manifest, keys).symmetric_difference(expected).area == pytest.approx(0, abs=1e-6)


def test_a_map_of_few_tiles_is_as_fine_in_a_zone_as_in_a_small_raster() -> None:
    manifest, keys = (
        manifest_of(),
        some_keys((1, 600_004, 70_003), (1, 600_008, 70_003), (2, 300_001, 35_002)),
    )
    part, moved = cropped(manifest, keys)
    before = box_rings(manifest.affine, tile_boxes(keys))
    assert np.allclose(box_rings(part.affine, tile_boxes(moved)), before)
    assert moved[:, 1:].min() >= 0
    assert max(part.width, part.height) < 2000
    cell = cell_px(part, moved)
    assert cell == 32
    means = mean_scores(part, moved, np.array([0.1, 0.2, 0.3], np.float32), cell)
    assert means.max() == pytest.approx(0.3)
