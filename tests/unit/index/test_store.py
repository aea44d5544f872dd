import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from affine import Affine

from msa_model.index.blocks import EncodedTiles
from msa_model.index.manifest import Manifest
from msa_model.index.store import TileIndex
from msa_model.protocol.errors import IndexOfOtherModel, IndexStale
from msa_model.raster.colours import Stretch
from msa_model.raster.coordinates import ground_sample_m
from tests.manifests import as_version_1
from tests.refusals import raises_kind
from tests.unit.rings import tile_ring

MakeManifest = Callable[..., Manifest]
MakeTiles = Callable[..., tuple[np.ndarray, np.ndarray, np.ndarray]]
NONE = np.empty((0, 3), np.int32)


def test_what_is_appended_is_loaded_again_in_half_precision(
    path: Path, make_manifest: MakeManifest, make_tiles: MakeTiles
) -> None:
    keys, vectors, valid = make_tiles()
    with TileIndex.open_for_writing(path, make_manifest()) as index:
        index.append(EncodedTiles(keys, vectors, valid, NONE))
    with TileIndex.open_for_reading(path) as index:
        assert index.manifest == make_manifest()
        table = index.load()
    assert table.keys.tolist() == keys.tolist()
    assert table.vectors.dtype == np.float32
    np.testing.assert_allclose(table.vectors, vectors, atol=5e-4)
    np.testing.assert_array_equal(table.valid, valid)


def test_only_new_blocks_are_loaded_after_a_known_one(
    path: Path, make_manifest: MakeManifest, make_tiles: MakeTiles
) -> None:
    with TileIndex.open_for_writing(path, make_manifest()) as index:
        index.append(EncodedTiles(*make_tiles(10), NONE))
        first = index.load()
        index.append(EncodedTiles(*make_tiles(5, start=10), NONE))
        second = index.load(first.last_block)
        nothing = index.load(second.last_block)
    assert second.keys.tolist() == make_tiles(5, start=10)[0].tolist()
    assert len(nothing.keys) == 0
    assert nothing.last_block == second.last_block


def test_skipped_tiles_are_done_but_have_no_vector(
    path: Path, make_manifest: MakeManifest, make_tiles: MakeTiles
) -> None:
    keys, vectors, valid = make_tiles(20)
    with TileIndex.open_for_writing(path, make_manifest()) as index:
        index.append(EncodedTiles(keys[:15], vectors[:15], valid[:15], keys[15:]))
        index.append(EncodedTiles(NONE, vectors[:0], valid[:0], make_tiles(3, factor=2)[0]))
        assert len(index.load().keys) == 15
        assert len(index.done_keys()) == 23


def test_skipped_tiles_are_looked_at_again_for_a_smaller_least_share(
    path: Path, make_manifest: MakeManifest, make_tiles: MakeTiles
) -> None:
    keys, vectors, valid = make_tiles(20)
    with TileIndex.open_for_writing(path, make_manifest()) as index:
        index.append(EncodedTiles(keys[:15], vectors[:15], valid[:15], keys[15:], least_valid=0.6))
        index.append(EncodedTiles(NONE, vectors[:0], valid[:0], make_tiles(3, factor=2)[0]))  # for good
        assert [len(index.done_keys(least)) for least in (0.5, 0.6, 1.0)] == [18, 23, 23]
        index.forget_skipped(0.6)
        assert len(index.done_keys()) == 23
        index.forget_skipped(0.5)
        assert len(index.done_keys()) == 18
        assert len(index.load().keys) == 15


def test_an_index_of_version_0_1_takes_its_tiles_as_skipped_for_one_half(
    path: Path, make_manifest: MakeManifest, make_tiles: MakeTiles
) -> None:
    keys, vectors, valid = make_tiles(20)
    with TileIndex.open_for_writing(path, make_manifest()) as index:
        index.append(EncodedTiles(keys[:15], vectors[:15], valid[:15], keys[15:]))
    as_version_1(path)
    with sqlite3.connect(path) as connection:
        connection.execute("ALTER TABLE msa_blocks DROP COLUMN least_valid")
    connection.close()
    with TileIndex.open_for_reading(path) as index:
        assert [len(index.done_keys(least)) for least in (0.4, 0.5)] == [15, 20]
    with TileIndex.open_for_writing(path, make_manifest()) as index:
        index.forget_skipped(0.4)
        index.append(EncodedTiles(NONE, vectors[:0], valid[:0], keys[15:17], least_valid=0.4))
        assert len(index.done_keys(0.4)) == 17


def test_an_empty_index_loads_as_nothing(path: Path, make_manifest: MakeManifest) -> None:
    with TileIndex.open_for_writing(path, make_manifest()) as index:
        assert index.done_keys().shape == (0, 3)
        assert index.load().vectors.shape == (0, 16)


def test_arrays_that_do_not_belong_together_are_refused(
    path: Path, make_manifest: MakeManifest, make_tiles: MakeTiles
) -> None:
    keys, vectors, valid = make_tiles(10)
    with TileIndex.open_for_writing(path, make_manifest()) as index, pytest.raises(ValueError, match="match"):
        index.append(EncodedTiles(keys, vectors[:9], valid, NONE))


def test_a_scan_goes_on_where_it_stopped(
    path: Path, make_manifest: MakeManifest, make_tiles: MakeTiles
) -> None:
    with TileIndex.open_for_writing(path, make_manifest()) as index:
        index.append(EncodedTiles(*make_tiles(10), NONE))
    with TileIndex.open_for_writing(path, make_manifest(raster="/moved/town.tif")) as index:
        assert index.done_keys().tolist() == make_tiles(10)[0].tolist()
        index.append(EncodedTiles(*make_tiles(10, start=10), NONE))
    with TileIndex.open_for_reading(path) as index:
        assert len(index.load().keys) == 20
        assert index.manifest.raster == "/moved/town.tif"


def test_another_connection_reads_in_the_middle_of_a_scan(
    path: Path, make_manifest: MakeManifest, make_tiles: MakeTiles
) -> None:
    with TileIndex.open_for_writing(path, make_manifest()) as writer:
        writer.append(EncodedTiles(*make_tiles(10), NONE))
        with TileIndex.open_for_reading(path) as reader:
            assert len(reader.load().keys) == 10
            writer.append(EncodedTiles(*make_tiles(10, start=10), NONE))
            assert len(reader.load().keys) == 20


def test_a_closed_index_is_one_file_alone(
    path: Path, make_manifest: MakeManifest, make_tiles: MakeTiles
) -> None:
    with TileIndex.open_for_writing(path, make_manifest()) as index:
        index.append(EncodedTiles(*make_tiles(10), NONE))
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(
    "changes",
    [
        {"fingerprint": "0" * 64},
        {"width": 2999},
        {"bands": (3, 2, 1)},
        {"stretch": Stretch((0.0,) * 3, (9.0,) * 3)},
        {"transform": (0.5, 0.0, 500_001.0, 0.0, -0.5, 5_000_000.0)},
    ],
)
def test_a_changed_raster_is_noticed_and_its_index_replaced_on_demand(
    path: Path, make_manifest: MakeManifest, make_tiles: MakeTiles, changes: dict[str, object]
) -> None:
    with TileIndex.open_for_writing(path, make_manifest()) as index:
        index.append(EncodedTiles(*make_tiles(10), NONE))
    with pytest.raises(IndexStale, match="changed"):
        TileIndex.open_for_writing(path, make_manifest(**changes))
    with TileIndex.open_for_reading(path) as index:
        assert len(index.load().keys) == 10
    with TileIndex.open_for_writing(path, make_manifest(**changes), replace=True) as index:
        assert len(index.done_keys()) == 0


def test_an_index_of_another_model_is_refused(path: Path, make_manifest: MakeManifest) -> None:
    TileIndex.open_for_writing(path, make_manifest()).close()
    with pytest.raises(IndexOfOtherModel, match="msa-small"):
        TileIndex.open_for_writing(path, make_manifest(model="big", model_sha256="b" * 64))


def test_there_is_one_writer_at_a_time(path: Path, make_manifest: MakeManifest) -> None:
    with TileIndex.open_for_writing(path, make_manifest()), raises_kind("index_locked", match=r"town\.gpkg"):
        TileIndex.open_for_writing(path, make_manifest())
    TileIndex.open_for_writing(path, make_manifest()).close()


def test_gdal_sees_the_coverage_as_a_layer(
    path: Path, make_manifest: MakeManifest, make_tiles: MakeTiles
) -> None:
    keys, vectors, valid = make_tiles(40)
    coarse, coarse_vectors, coarse_valid = make_tiles(4, factor=2)
    manifest = make_manifest()
    with TileIndex.open_for_writing(path, manifest) as index:
        index.append(EncodedTiles(keys[:30], vectors[:30], valid[:30], keys[30:]))
        index.append(EncodedTiles(coarse, coarse_vectors, coarse_valid, NONE))
    assert {name for name, _ in pyogrio.list_layers(path)} == {"coverage", "msa_manifest"}
    meta, _, geometry, fields = pyogrio.raw.read(path, layer="coverage")
    table = dict(zip(meta["fields"], fields, strict=True))
    assert meta["crs"] == "EPSG:32633"
    assert table["tiles"].tolist() == [40, 4]
    assert table["scale_m"].tolist() == [128, 256]
    tiles = shapely.union_all([shapely.Polygon(tile_ring(manifest.affine, key)) for key in keys])
    assert shapely.from_wkb(geometry[0]).equals(tiles)


@pytest.mark.parametrize(
    "place",
    [("EPSG:4326", 1e-5), ("EPSG:3395", 0.5), ("+proj=laea +lat_0=0 +lon_0=0 +datum=WGS84", 0.5)],
)
def test_gdal_reads_the_crs_back_without_complaint(
    path: Path,
    make_manifest: MakeManifest,
    make_tiles: MakeTiles,
    place: tuple[str, float],
    recwarn: pytest.WarningsRecorder,
) -> None:
    from pyproj import CRS

    crs, side = place
    wkt = crs if crs.startswith("EPSG") else CRS(crs).to_wkt()
    transform = (side, 0.0, 0.0, 0.0, -side, 0.0)
    gsd_m = ground_sample_m("town", Affine(*transform), wkt, 3000, 2000)
    manifest = make_manifest(crs=wkt, transform=transform, gsd_m=gsd_m)
    with TileIndex.open_for_writing(path, manifest) as index:
        index.append(EncodedTiles(*make_tiles(4), NONE))
    meta, *_ = pyogrio.raw.read(path, layer="coverage")
    assert CRS(meta["crs"]).equals(CRS(crs), ignore_axis_order=True)
    assert not recwarn.list


def test_the_file_says_it_is_a_geopackage(path: Path, make_manifest: MakeManifest) -> None:
    TileIndex.open_for_writing(path, make_manifest()).close()
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA application_id").fetchone()[0] == int.from_bytes(b"GPKG")
    assert connection.execute("PRAGMA user_version").fetchone()[0] == 10300
    assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


def test_an_index_names_the_engines_that_encoded_its_tiles(
    path: Path, make_manifest: MakeManifest, make_tiles: MakeTiles
) -> None:
    keys, vectors, valid = make_tiles(6)
    with TileIndex.open_for_writing(path, make_manifest()) as index:
        index.append(EncodedTiles(keys[:0], vectors[:0], valid[:0], keys[:1], engine="unused"))
        for start, engine in ((1, "torch-bfloat16"), (2, "openvino-int8"), (3, "torch-bfloat16")):
            part = slice(start, start + 1)
            index.append(EncodedTiles(keys[part], vectors[part], valid[part], engine=engine))
    with TileIndex.open_for_writing(path, make_manifest()) as index:
        assert index.manifest.engines == ("torch-bfloat16", "openvino-int8")
    with TileIndex.open_for_reading(path) as index:
        assert index.manifest.engines == ("torch-bfloat16", "openvino-int8")


@pytest.mark.parametrize(
    ("old", "sentence"),
    [
        ({"engines": ("abacus",)}, "was encoded by abacus; how far its tiles agree"),
        ({"encoding": "blocks"}, "holds tiles that were encoded otherwise"),
    ],
)
def test_tiles_whose_vectors_do_not_go_together_are_not_mixed(
    path: Path, make_manifest: MakeManifest, old: dict[str, object], sentence: str
) -> None:
    TileIndex.open_for_writing(path, make_manifest(**old)).close()
    with pytest.raises(IndexOfOtherModel, match=sentence):
        TileIndex.open_for_writing(path, make_manifest())
