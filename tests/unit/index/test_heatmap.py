import mmap
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
import rasterio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import CRS

from msa_model.index.heatmap import NODATA, cell_px, mean_scores, write_heatmap
from msa_model.index.manifest import Manifest
from msa_model.protocol.errors import BadArgument, DiskFull, FileNotOurs
from msa_model.raster.grid import TileGrid
from msa_model.raster.tiles import tile_boxes
from tests.odd_crs import ROTATED
from tests.refusals import raises_kind

MakeManifest = Callable[..., Manifest]


def all_keys(manifest: Manifest, *factors: int) -> np.ndarray:
    parts = []
    for factor in factors:
        places = TileGrid(manifest.width, manifest.height, factor).keys()
        parts.append(np.column_stack((np.full(len(places), factor, np.int32), places)))
    return np.concatenate(parts)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.integers(1, 900), st.integers(1, 900), st.sets(st.integers(1, 4), min_size=1), st.data())
def test_each_cell_holds_the_mean_of_the_tiles_over_it(
    make_manifest: MakeManifest, width: int, height: int, factors: set[int], data: st.DataObject
) -> None:
    manifest = make_manifest(width=width, height=height)
    keys = all_keys(manifest, *factors)
    keys = keys[data.draw(st.lists(st.booleans(), min_size=len(keys), max_size=len(keys)))]
    scores = np.linspace(-1, 1, len(keys), dtype=np.float32)
    cell = cell_px(manifest, keys)
    with mock.patch("msa_model.index.heatmap._CHUNK", data.draw(st.sampled_from((3, 1000)))):
        means = mean_scores(manifest, keys, scores, cell)
    for row in range(means.shape[0]):
        for col in range(means.shape[1]):
            x, y = (col + 0.5) * cell, (row + 0.5) * cell
            over = [
                score
                for (x0, y0, x1, y1), score in zip(tile_boxes(keys), scores, strict=True)
                if x0 < x < x1 and y0 < y < y1
            ]
            assert means[row, col] == pytest.approx(np.mean(over) if over else NODATA, abs=1e-5)


def test_the_file_lies_exactly_on_the_raster(tmp_path: Path, make_manifest: MakeManifest) -> None:
    manifest = make_manifest()
    keys = all_keys(manifest, 2)
    write_heatmap(tmp_path / "heat.tif", manifest, keys, np.ones(len(keys), np.float32))
    with rasterio.open(tmp_path / "heat.tif") as heat:
        assert heat.crs.to_epsg() == 32633
        assert heat.transform @ (0, 0) == (500_000, 5_000_000)
        assert heat.transform.a == 32 * 2 * 0.5
        assert heat.shape == (32, 47)
        assert heat.nodata == NODATA
        assert heat.dtypes == ("float32",)
        assert heat.profile["compress"] == "deflate"
        assert heat.profile["tiled"]
        np.testing.assert_allclose(heat.read(1), 1, atol=1e-6)


def test_places_without_tiles_have_no_data(tmp_path: Path, make_manifest: MakeManifest) -> None:
    manifest = make_manifest()
    keys = all_keys(manifest, 1)[:1]
    write_heatmap(tmp_path / "heat.tif", manifest, keys, np.array([0.25], np.float32))
    with rasterio.open(tmp_path / "heat.tif") as heat:
        values = heat.read(1, masked=True)
    assert values.count() == 64
    assert values.mean() == pytest.approx(0.25)


def test_a_large_raster_gets_coarser_cells(make_manifest: MakeManifest) -> None:
    manifest = make_manifest(width=400_000, height=300_000)
    keys = np.array([[1, 0, 0], [1, 5000, 5000]], np.int32)
    cell = cell_px(manifest, keys)
    means = mean_scores(manifest, keys, np.array([0.5, 0.25], np.float32), cell)
    assert means.size <= 4_000_000
    assert means[0, 0] == 0.5
    assert means[5000 * 32 // cell, 5000 * 32 // cell] == 0.25


def test_a_missing_folder_is_named(tmp_path: Path, make_manifest: MakeManifest) -> None:
    with raises_kind("folder_read_only", match="missing"):
        write_heatmap(
            tmp_path / "missing" / "heat.tif",
            make_manifest(),
            np.empty((0, 3), np.int32),
            np.empty(0, np.float32),
        )


def test_a_heat_map_is_a_tiff(tmp_path: Path, make_manifest: MakeManifest) -> None:
    with pytest.raises(BadArgument, match=r"heat\.png must end in \.tif"):
        write_heatmap(
            tmp_path / "heat.png", make_manifest(), np.empty((0, 3), np.int32), np.empty(0, np.float32)
        )


def test_a_name_as_long_as_names_may_be_is_no_failure(tmp_path: Path, make_manifest: MakeManifest) -> None:
    manifest = make_manifest()
    keys = all_keys(manifest, 2)
    path = tmp_path / f"{'y' * 251}.tif"
    write_heatmap(path, manifest, keys, np.ones(len(keys), np.float32))
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_heat_map_that_does_not_fit_leaves_the_older_one(
    tmp_path: Path, make_manifest: MakeManifest, file_limit: Callable[[int], AbstractContextManager[None]]
) -> None:
    path = tmp_path / "heat.tif"
    keys = all_keys(make_manifest(), 1)
    scores = np.random.default_rng(0).random(len(keys), np.float32)
    write_heatmap(path, make_manifest(), keys, scores)
    older = path.read_bytes()
    with file_limit(2000), pytest.raises(DiskFull, match="no room left"):
        write_heatmap(path, make_manifest(), keys, scores[::-1])
    assert path.read_bytes() == older


def test_a_picture_of_somebody_else_is_not_replaced(tmp_path: Path, make_manifest: MakeManifest) -> None:
    keys = all_keys(make_manifest(), 1)
    scores = np.random.default_rng(0).random(len(keys), np.float32)
    made, copied, edited = (tmp_path / name for name in ("made.tif", "copied.tif", "edited.tif"))
    write_heatmap(made, make_manifest(), keys, scores)
    for path in (copied, edited):
        shutil.copy(made, path)
    with rasterio.open(edited, "r+") as dataset:
        dataset.write(dataset.read(1) + 1, 1)
    (tmp_path / "text.tif").write_bytes(b"precious")
    for path in (edited, tmp_path / "text.tif"):
        before = path.read_bytes()
        with pytest.raises(FileNotOurs, match=path.name):
            write_heatmap(path, make_manifest(), keys, scores)
        assert path.read_bytes() == before
    write_heatmap(copied, make_manifest(), keys, scores[::-1])


def test_a_map_keeps_a_crs_that_geotiff_cannot_express(make_manifest: MakeManifest, tmp_path: Path) -> None:
    out = tmp_path / "map.tif"
    for crs in (ROTATED, "EPSG:32633", ROTATED):
        manifest = make_manifest(crs=crs)
        keys = all_keys(manifest, 1)
        write_heatmap(out, manifest, keys, np.ones(len(keys), np.float32))
        with rasterio.open(out) as written:
            assert ("ob_tran" in written.crs.to_wkt()) is (crs == ROTATED)
            assert written.crs.to_epsg() == (None if crs == ROTATED else 32633)


def test_a_disk_with_no_room_for_the_crs_beside_a_map_keeps_no_map_without_it(
    make_manifest: MakeManifest, tmp_path: Path, disk_of: Callable[..., Path]
) -> None:
    manifest = make_manifest(crs=ROTATED)
    keys = all_keys(manifest, 1)
    write_heatmap(tmp_path / "map.tif", manifest, keys, np.ones(len(keys), np.float32))
    pages = -(-(tmp_path / "map.tif").stat().st_size // mmap.PAGESIZE)  # one more is the folder's
    disk = disk_of((pages + 1) * mmap.PAGESIZE)
    with pytest.raises(DiskFull):
        write_heatmap(disk / "map.tif", manifest, keys, np.ones(len(keys), np.float32))
    assert not list(disk.iterdir())


def test_what_lies_beside_a_map_is_not_taken_away(make_manifest: MakeManifest, tmp_path: Path) -> None:
    beside = tmp_path / "map.tif.aux.xml"
    beside.write_text("<PAMDataset/>")
    manifest = make_manifest()
    keys = all_keys(manifest, 1)
    with pytest.raises(BadArgument, match="earlier file"):
        write_heatmap(tmp_path / "map.tif", manifest, keys, np.ones(len(keys), np.float32))
    assert beside.read_text() == "<PAMDataset/>"


def test_a_note_beside_an_earlier_map_is_not_taken_away(make_manifest: MakeManifest, tmp_path: Path) -> None:
    manifest, out = make_manifest(), tmp_path / "map.tif"
    keys = all_keys(manifest, 1)
    write_heatmap(out, manifest, keys, np.ones(len(keys), np.float32))
    (tmp_path / "map.tif.aux.xml").write_text("my diary")
    with pytest.raises(BadArgument, match="earlier file"):
        write_heatmap(out, manifest, keys, np.zeros(len(keys), np.float32))
    assert (tmp_path / "map.tif.aux.xml").read_text() == "my diary"


def test_a_map_keeps_a_datum_shift_of_its_own(make_manifest: MakeManifest, tmp_path: Path) -> None:
    plain, datum = CRS.from_epsg(31467).to_wkt("WKT1_GDAL"), 'AUTHORITY["EPSG","6314"]]'
    crs = plain.replace(datum, f"TOWGS84[582,105,414,1.04,0.35,-3.08,8.3],{datum}")
    manifest = make_manifest(crs=crs)
    keys = all_keys(manifest, 1)
    write_heatmap(tmp_path / "map.tif", manifest, keys, np.ones(len(keys), np.float32))
    with rasterio.open(tmp_path / "map.tif") as written:
        assert "582,105,414" in written.crs.to_wkt()


def test_what_gdal_wrote_beside_a_map_goes_with_it(make_manifest: MakeManifest, tmp_path: Path) -> None:
    manifest, out = make_manifest(), tmp_path / "map.tif"
    keys = all_keys(manifest, 1)
    for _ in range(2):
        write_heatmap(out, manifest, keys, np.ones(len(keys), np.float32))
        (tmp_path / "map.tif.aux.xml").write_text("<PAMDataset><!-- statistics --></PAMDataset>")
    write_heatmap(out, manifest, keys, np.ones(len(keys), np.float32))
    assert not (tmp_path / "map.tif.aux.xml").exists()
