import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import Transformer

from msa_model.index.vector_files import write_hits
from msa_model.protocol.errors import BadArgument, FileNotOurs
from msa_model.protocol.hit_filter import HIT_FIELDS
from msa_model.protocol.messages import Hit
from tests.refusals import raises_kind

RING = (
    (500_000.0, 5_000_000.0),
    (500_256.0, 5_000_000.0),
    (500_256.0, 4_999_744.0),
    (500_000.0, 4_999_744.0),
)
HIT = Hit(
    1,
    0.5,
    (500_000.0, 4_999_744.0, 500_256.0, 5_000_000.0),
    RING,
    "EPSG:32633",
    256.0,
    "a.tif",
    "a.gpkg",
    1,
    0,
    0,
)
FIELDS = list(HIT_FIELDS)


def queries(path: Path) -> list[str]:
    column: list[str] = pyogrio.raw.read(path)[3][FIELDS.index("query")].tolist()
    return column


def test_a_geopackage_keeps_the_rasters_crs_and_all_fields(tmp_path: Path) -> None:
    path = tmp_path / "out.gpkg"
    write_hits(path, [HIT, replace(HIT, rank=2, score=0.25)], "a bridge – über alles")
    meta, _, geometry, columns = pyogrio.raw.read(path)
    assert meta["fields"].tolist() == list(HIT_FIELDS)
    assert meta["crs"] == "EPSG:32633"
    assert columns[0].tolist() == [1, 2]
    assert columns[1].tolist() == [0.5, 0.25]
    assert columns[FIELDS.index("query")].tolist() == ["a bridge – über alles"] * 2
    assert shapely.from_wkb(geometry[0]).equals(shapely.Polygon(RING))


@pytest.mark.parametrize("suffix", ["gpkg", "geojson"])
def test_what_a_verdict_says_is_written_and_null_without_one(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out.{suffix}"
    judged = replace(HIT, valid=0.75, match_score=2.5, phrase="a quay", category="water", place=3)
    write_hits(path, [judged, replace(HIT, rank=2)], "boats")
    columns = dict(zip(FIELDS, pyogrio.raw.read(path)[3], strict=True))
    assert [columns[name][0] for name in ("valid", "match_score", "phrase", "category", "place")] == [
        0.75, 2.5, "a quay", "water", 4,
    ]  # fmt: skip
    assert np.isnan(columns["match_score"][1])
    assert columns["phrase"][1] is columns["category"][1] is None
    if suffix == "geojson":
        assert json.loads(path.read_text())["features"][1]["properties"]["match_score"] is None


def test_geojson_is_in_longitude_and_latitude(tmp_path: Path) -> None:
    path = tmp_path / "out.geojson"
    write_hits(path, [HIT], "q")
    content = json.loads(path.read_text())
    assert "crs" not in content
    ring = np.array(content["features"][0]["geometry"]["coordinates"][0])
    lon, lat = Transformer.from_crs("EPSG:32633", "EPSG:4326", always_xy=True).transform(*np.array(RING).T)
    there = shapely.Polygon(np.column_stack((lon, lat)))
    assert shapely.hausdorff_distance(shapely.Polygon(ring), there) < 1e-7  # a centimetre
    assert content["features"][0]["properties"]["rank"] == 1
    assert shapely.Polygon(ring).exterior.is_ccw  # as the RFC wants


def test_hits_of_several_crss_land_in_that_of_the_first(tmp_path: Path) -> None:
    lon, lat = Transformer.from_crs("EPSG:32633", "EPSG:4326", always_xy=True).transform(*np.array(RING).T)
    same_place = replace(HIT, ring=tuple(zip(lon, lat, strict=True)), crs="EPSG:4326")
    path = tmp_path / "out.gpkg"
    write_hits(path, [HIT, same_place], "q")
    shapes = shapely.from_wkb(pyogrio.raw.read(path)[2])
    assert shapely.hausdorff_distance(*shapes) < 0.001


@pytest.mark.parametrize("suffix", ["gpkg", "geojson"])
def test_no_hits_are_an_empty_layer_with_the_fields(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out.{suffix}"
    write_hits(path, [], "nothing")
    assert pyogrio.read_info(path)["features"] == 0


def test_an_older_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "out.gpkg"
    write_hits(path, [HIT] * 5, "old")
    write_hits(path, [HIT], "new")
    assert queries(path) == ["new"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.gpkg"]


def test_an_older_file_survives_a_failed_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.gpkg"
    write_hits(path, [HIT], "old")
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", refuse)
        with raises_kind("folder_read_only", match=r"out\.gpkg"):
            write_hits(path, [HIT], "new")
    assert queries(path) == ["old"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.gpkg"]


@pytest.mark.parametrize("suffix", ["gpkg", "geojson"])
def test_a_file_of_somebody_else_is_not_replaced(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out.{suffix}"
    pyogrio.raw.write(
        path, shapely.to_wkb([shapely.box(0, 0, 1, 1)]), [], [], geometry_type="Polygon", crs="EPSG:4326"
    )
    before = path.read_bytes()
    with pytest.raises(FileNotOurs, match=path.name):
        write_hits(path, [HIT], "q")
    assert path.read_bytes() == before


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "out.gpkg")
    with pytest.raises(FileNotOurs, match=r"out\.gpkg"):
        write_hits(tmp_path / "out.gpkg", [HIT], "q")


def with_a_layer_added(path: Path) -> None:
    pyogrio.raw.write(
        path, shapely.to_wkb([shapely.box(0, 0, 1, 1)]), [], [], layer="mine", append=True,
        geometry_type="Polygon", crs="EPSG:4326",
    )  # fmt: skip


def with_a_value_edited(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        for function in ("IsEmpty", "MinX", "MaxX", "MinY", "MaxY"):
            connection.create_function(f"ST_{function}", 1, lambda blob: 0)
        connection.execute("UPDATE results SET query = 'checked: yes'")
    connection.close()


def with_a_field_added(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("ALTER TABLE results ADD COLUMN checked TEXT")
    connection.close()


@pytest.mark.parametrize("edit", [with_a_layer_added, with_a_value_edited, with_a_field_added])
def test_results_that_somebody_worked_on_are_not_replaced(
    tmp_path: Path, edit: Callable[[Path], None]
) -> None:
    path = tmp_path / "out.gpkg"
    write_hits(path, [HIT], "q")
    edit(path)
    before = path.read_bytes()
    with pytest.raises(FileNotOurs, match=r"out\.gpkg"):
        write_hits(path, [HIT], "other")
    assert path.read_bytes() == before


def test_an_edited_geojson_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "out.geojson"
    write_hits(path, [HIT], "first")
    write_hits(path, [HIT], "a river")
    path.write_text(path.read_text().replace("a river", "a lake!"))
    with pytest.raises(FileNotOurs, match=r"out\.geojson"):
        write_hits(path, [HIT], "q")
    assert json.loads(path.read_text())["features"][0]["properties"]["query"] == "a lake!"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    write_hits(tmp_path / "real.gpkg", [HIT], "old")
    (tmp_path / "link.gpkg").symlink_to("real.gpkg")
    write_hits(tmp_path / "link.gpkg", [HIT], "new")
    assert (tmp_path / "link.gpkg").is_symlink()
    assert queries(tmp_path / "real.gpkg") == ["new"]


@pytest.mark.parametrize("suffix", ["gpkg", "geojson"])
def test_results_that_do_not_fit_leave_the_older_ones(
    tmp_path: Path, suffix: str, file_limit: Callable[[int], AbstractContextManager[None]]
) -> None:
    path = tmp_path / f"out.{suffix}"
    write_hits(path, [HIT], "old")
    before = path.read_bytes()
    with file_limit(150_000), raises_kind(("disk_full", "storage_failed"), match="out"):
        write_hits(path, [replace(HIT, rank=rank) for rank in range(1, 5000)], "new")
    assert path.read_bytes() == before


ODD_NAMES = [
    "what!is",
    "a;b",
    "a?b=c",
    "a#b",
    "a\nb",
    "a\tb",
    "zip:a",
    "a%20b",
    "<b>&amp;",
    "caf\udce9",
    "河" * 60,
]


@pytest.mark.parametrize("suffix", ["gpkg", "geojson"])
@pytest.mark.parametrize("name", ODD_NAMES)
def test_results_lie_where_their_name_says_and_nowhere_else(
    name: str, suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere, folder = tmp_path / "elsewhere", tmp_path / f"folder {name}"
    elsewhere.mkdir()
    folder.mkdir()
    monkeypatch.chdir(elsewhere)  # where a library that reads names as addresses would write
    (elsewhere / f"is.{suffix}").write_text("my diary")
    path = folder / f"{name}.{suffix}"
    write_hits(path, [HIT], "old")
    write_hits(path, [HIT], "new")
    assert os.listdir(folder) == [path.name]
    assert os.listdir(elsewhere) == [f"is.{suffix}"]
    assert (elsewhere / f"is.{suffix}").read_text() == "my diary"
    assert pyogrio.read_info(path.read_bytes())["features"] == 1


def refuse(source: str, target: str) -> None:
    raise PermissionError(13, "in use")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with raises_kind("folder_read_only", match="missing"):
        write_hits(tmp_path / "missing" / "out.gpkg", [HIT], "q")


def test_a_folder_in_the_files_place_is_named(tmp_path: Path) -> None:
    os.mkdir(tmp_path / "out.gpkg")
    with raises_kind("folder_read_only", match=r"out\.gpkg"):
        write_hits(tmp_path / "out.gpkg", [HIT], "q")


@pytest.mark.parametrize("name", ["out.csv", "out", "out.shp"])
def test_an_unknown_format_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadArgument, match=r"\.gpkg or \.geojson"):
        write_hits(tmp_path / name, [HIT], "q")


def across_the_date_line(crs: str, ring: tuple[tuple[float, float], ...]) -> Hit:
    return replace(HIT, crs=crs, ring=ring)


WRAPPED = [
    across_the_date_line("EPSG:4326", ((179.9, 1.0), (180.1, 1.0), (180.1, 0.8), (179.9, 0.8))),
    across_the_date_line("EPSG:4326", ((179.9, 1.0), (-179.9, 1.0), (-179.9, 0.8), (179.9, 0.8))),
    across_the_date_line("EPSG:4326", ((-180.1, 1.0), (-179.9, 1.0), (-179.9, 0.8), (-180.1, 0.8))),
    across_the_date_line("EPSG:32660", ((829e3, 110e3), (839e3, 110e3), (839e3, 100e3), (829e3, 100e3))),
]


@pytest.mark.parametrize("hit", WRAPPED, ids=lambda hit: f"{hit.crs}:{hit.ring[0][0]:g}")
def test_a_tile_on_the_date_line_is_cut_in_two_halves(tmp_path: Path, hit: Hit) -> None:
    path = tmp_path / "out.geojson"
    write_hits(path, [hit, HIT], "q")
    wrapped, plain = (shapely.geometry.shape(f["geometry"]) for f in json.loads(path.read_text())["features"])
    assert (wrapped.geom_type, plain.geom_type) == ("MultiPolygon", "Polygon")
    west, east = sorted(wrapped.geoms, key=lambda part: part.bounds[0])
    assert west.bounds[0] == pytest.approx(-180)
    assert east.bounds[2] == pytest.approx(180)
    assert all(part.bounds[2] - part.bounds[0] < 0.2 for part in (west, east))


def test_a_tile_that_ends_at_the_date_line_stays_whole(tmp_path: Path) -> None:
    ring = ((179.9, 1.0), (180.0, 1.0), (180.0, 0.8), (179.9, 0.8))
    write_hits(tmp_path / "out.geojson", [across_the_date_line("EPSG:4326", ring)], "q")
    (feature,) = json.loads((tmp_path / "out.geojson").read_text())["features"]
    assert feature["geometry"]["type"] == "Polygon"


@pytest.mark.parametrize("east", [181.0, 359.9, -359.9])
def test_longitudes_of_another_turn_of_the_globe_come_home(tmp_path: Path, east: float) -> None:
    ring = ((east, 1.0), (east + 0.2, 1.0), (east + 0.2, 0.8), (east, 0.8))
    write_hits(tmp_path / "out.geojson", [across_the_date_line("EPSG:4326", ring)], "q")
    (feature,) = json.loads((tmp_path / "out.geojson").read_text())["features"]
    shape = shapely.geometry.shape(feature["geometry"])
    assert shape.geom_type == "Polygon"
    assert shape.area == pytest.approx(0.2 * 0.2)
    assert shape.bounds[0] == pytest.approx((east + 180) % 360 - 180)
