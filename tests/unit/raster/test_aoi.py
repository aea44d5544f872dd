import json
import os
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from msa_model.protocol.errors import AoiInvalid
from msa_model.protocol.messages import Aoi
from msa_model.raster.aoi import aoi_in, parse_aoi
from msa_model.raster.coordinates import moved, turned

SQUARE = "POLYGON ((15 45, 15.1 45, 15.1 45.1, 15 45.1, 15 45))"


def write(path: Path, crs: str | None, *shapes: shapely.Geometry, kind: str = "Unknown") -> str:
    pyogrio.raw.write(path, shapely.to_wkb(list(shapes)), [], [], geometry_type=kind, crs=crs)
    return str(path)


def test_wkt_is_taken_with_the_crs_given() -> None:
    assert parse_aoi(SQUARE, "EPSG:4326") == Aoi(shapely.from_wkt(SQUARE).wkt, "EPSG:4326")


def test_wkt_that_names_its_crs_needs_no_other() -> None:
    assert parse_aoi("SRID=4326;" + SQUARE, None).crs == "EPSG:4326"


def test_wkt_without_crs_is_in_the_rasters_own() -> None:
    area = shapely.box(500_000, 5_000_000, 500_100, 5_000_100)
    assert aoi_in(parse_aoi(area.wkt, None), "EPSG:32633", area).equals(area)


@pytest.mark.parametrize("suffix", ["gpkg", "geojson", "shp", "fgb"])
def test_polygons_of_a_vector_file_are_united(tmp_path: Path, suffix: str) -> None:
    path = write(
        tmp_path / f"two.{suffix}",
        "EPSG:4326",
        shapely.box(0, 0, 1, 1),
        shapely.box(1, 0, 2, 1),
        kind="Polygon",
    )
    aoi = parse_aoi(path, None)
    assert "4326" in aoi.crs
    assert shapely.from_wkt(aoi.wkt).equals(shapely.box(0, 0, 2, 1))


@pytest.mark.parametrize("suffix", ["gpkg", "shp", "geojson"])
@pytest.mark.parametrize("name", ["what!is", "a;b", "a?b", "a#b", "a\nb", "a%20b"])
def test_the_file_that_is_named_is_the_file_that_is_read(name: str, suffix: str, tmp_path: Path) -> None:
    folder, plain = tmp_path / name, tmp_path / f"plain.{suffix}"
    folder.mkdir()
    pyogrio.raw.write(
        plain, shapely.to_wkb([shapely.box(1, 2, 3, 4)]), [], [], geometry_type="Polygon", crs="EPSG:4326"
    )
    for part in list(tmp_path.glob("plain.*")):
        part.rename(folder / f"{name}{part.suffix}")
    area = parse_aoi(str(folder / f"{name}.{suffix}"), None)
    assert shapely.from_wkt(area.wkt).equals(shapely.box(1, 2, 3, 4))
    assert area.crs == "EPSG:4326"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "area.gpkg")
    with pytest.raises(AoiInvalid, match="a pipe"):
        parse_aoi(str(tmp_path / "area.gpkg"), None)


def test_the_crs_of_the_file_goes_before_the_one_given(tmp_path: Path) -> None:
    path = write(tmp_path / "a.gpkg", "EPSG:32633", shapely.box(0, 0, 1, 1), kind="Polygon")
    assert parse_aoi(path, "EPSG:4326").crs == "EPSG:32633"


def test_a_file_without_crs_takes_the_one_given_or_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.shp", None, shapely.box(0, 0, 1, 1), kind="Polygon")
    assert parse_aoi(path, "EPSG:4326").crs == "EPSG:4326"
    with pytest.raises(AoiInvalid, match="CRS"):
        parse_aoi(path, None)


@pytest.mark.parametrize("claimed", ["UTF-8", "1252", "SJIS", "nonsense", None])
def test_field_names_in_an_old_encoding_are_no_hindrance(tmp_path: Path, claimed: str | None) -> None:
    path = tmp_path / "old.shp"
    names = [np.array(["x"], object)], ["abcde"]
    shape = shapely.to_wkb([shapely.box(0, 0, 1, 1)])
    pyogrio.raw.write(path, shape, *names, geometry_type="Polygon", crs="EPSG:4326")
    table = path.with_suffix(".dbf")
    table.write_bytes(table.read_bytes().replace(b"abcde", "größe".encode("latin-1")))
    path.with_suffix(".cpg").unlink()
    if claimed:
        path.with_suffix(".cpg").write_text(claimed)
    assert shapely.from_wkt(parse_aoi(str(path), None).wkt).equals(shapely.box(0, 0, 1, 1))


def test_lines_and_points_beside_polygons_are_left_out(tmp_path: Path) -> None:
    path = write(
        tmp_path / "mix.gpkg",
        "EPSG:4326",
        shapely.box(0, 0, 1, 1),
        shapely.Point(5, 5),
        shapely.LineString([(0, 0), (9, 9)]),
    )
    assert shapely.from_wkt(parse_aoi(path, None).wkt).equals(shapely.box(0, 0, 1, 1))


def test_a_bow_tie_is_made_valid() -> None:
    area = aoi_in(
        Aoi("POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))", "EPSG:4326"), "EPSG:4326", shapely.box(0, 0, 2, 2)
    )
    assert area.is_valid
    assert area.area == pytest.approx(2)


def test_long_edges_are_bent_with_the_projection() -> None:
    wide = Aoi(shapely.box(10, 60, 20, 61).wkt, "EPSG:4326")
    frame = shapely.box(200_000, 6_600_000, 800_000, 6_800_000)
    area = aoi_in(wide, "EPSG:32633", frame)
    assert shapely.get_num_coordinates(area) > 60
    parallel = aoi_in(Aoi(shapely.box(14.9, 59.99, 15.1, 60.01).wkt, "EPSG:4326"), "EPSG:32633", frame)
    assert area.intersects(parallel)


@pytest.mark.parametrize(
    "text",
    [
        "no/such/file.gpkg",
        "POLYGON ((0 0, 1 1))",
        "POLYGON EMPTY",
        "MULTISURFACE (((0 0, 1 0, 1 1, 0 0)))",
        "POINT (1 2)",
        "LINESTRING (0 0, 1 1)",
        "POLYGON ((0 0, 1 0, 2 0, 0 0))",
        "POLYGON ((0 0, 1 0, nan 1, 0 0))",
        "",
        "SELECT 1",
    ],
)
def test_what_is_no_area_is_refused(text: str) -> None:
    with pytest.raises(AoiInvalid):
        parse_aoi(text, "EPSG:4326")


def test_a_file_of_points_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AoiInvalid, match="polygon"):
        parse_aoi(write(tmp_path / "p.gpkg", "EPSG:4326", shapely.Point(1, 1), kind="Point"), None)


def test_an_empty_layer_is_passed_over(tmp_path: Path) -> None:
    path = write(tmp_path / "p.gpkg", "EPSG:4326", kind="Polygon")
    square = shapely.to_wkb([shapely.from_wkt(SQUARE)])
    pyogrio.raw.write(
        path, square, [], [], geometry_type="Polygon", crs="EPSG:4326", layer="second", append=True
    )
    assert parse_aoi(path, None).crs == "EPSG:4326"


def test_curves_of_a_file_are_straightened(tmp_path: Path) -> None:
    vrt = tmp_path / "round.vrt"
    (tmp_path / "round.csv").write_text(
        'WKT\n"MULTISURFACE (CURVEPOLYGON (CIRCULARSTRING (0 0, 2 0, 0 0)))"\n'
    )
    vrt.write_text(
        f'<OGRVRTDataSource><OGRVRTLayer name="round"><SrcDataSource>{tmp_path / "round.csv"}</SrcDataSource>'
        "<GeometryType>wkbMultiSurface</GeometryType></OGRVRTLayer></OGRVRTDataSource>"
    )
    circle = shapely.from_wkt(parse_aoi(str(vrt), "EPSG:4326").wkt)
    assert circle.area == pytest.approx(np.pi, rel=0.01)


def test_a_file_that_is_no_vector_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "area.geojson"
    path.write_text(json.dumps({"hello": "world"}))
    with pytest.raises(AoiInvalid, match="area"):
        parse_aoi(str(path), None)


def test_an_unknown_crs_is_refused() -> None:
    with pytest.raises(AoiInvalid, match="EPSG:99"):
        parse_aoi(SQUARE, "EPSG:99")


def test_an_area_beyond_the_reach_of_the_rasters_crs_does_not_meet_it() -> None:
    far = Aoi(shapely.box(100, 0, 110, 1).wkt, "EPSG:4326")  # 90 degrees east of UTM 33
    assert aoi_in(far, "EPSG:32633", shapely.box(500_000, 0, 600_000, 100_000)).is_empty


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:32633"])
@pytest.mark.parametrize("east", [1e5, 1e12, 1e300])
def test_an_area_that_reaches_round_the_globe_without_end_is_refused(crs: str, east: float) -> None:
    frame = shapely.box(14, 46, 15, 47) if crs == "EPSG:4326" else shapely.box(5e5, 5e6, 6e5, 51e5)
    with pytest.raises(AoiInvalid, match="round the globe"):
        aoi_in(Aoi(shapely.box(14, 40, east, 60).wkt, "EPSG:4326"), crs, frame)


# A raster of 0.01 degrees or a kilometre, by its lower left and its pixel.
PLACES = (
    ("EPSG:4326", 200.0, 20.0, 1e-5),
    ("EPSG:4326", -160.0, 20.0, 1e-5),
    ("EPSG:4326", 179.995, -17.0, 1e-5),
    ("EPSG:4326", -180.005, -17.0, 1e-5),
    ("EPSG:4326", 359.995, 51.0, 1e-5),
    ("EPSG:4807", 2.6, 54.0, 1e-5),
    ("EPSG:3857", 20_037_000.0, -1_900_000.0, 1.0),
    ("EPSG:32760", 819_000.0, 8_118_000.0, 1.0),
    ("EPSG:32633", 500_000.0, 5_000_000.0, 1.0),
    ("EPSG:3413", -500.0, -500.0, 1.0),
    ("EPSG:3413", -500.0, 2_000_000.0, 1.0),
    ("EPSG:3031", -500.0, -500.0, 1.0),
    ("EPSG:3995", -1000.0, -500.0, 1.0),
    ("+proj=geos +h=35785831 +lon_0=0 +sweep=y", -5_570_000.0, -5_570_000.0, 11_140.0),
    ("+proj=sinu +lon_0=0", -20_015_000.0, -10_007_000.0, 40_030.0),
    ("EPSG:4326", -180.0, -90.0, 0.36),
)
WORLD = (
    (-180, -90, 180, 90),
    (-180, -85, 180, 85),
    (0, -90, 360, 90),
    (-170, -89, 190, 89),
    (-400, -90, 400, 90),
)


def there_and_back(points: NDArray[np.float64], crs: str) -> NDArray[np.bool_]:
    """Which points are places on the Earth."""
    lonlat = moved(points, crs, "EPSG:4326")
    back = moved(np.where(np.isfinite(lonlat), lonlat, 0), "EPSG:4326", crs, around=points[:, 0].mean())
    kept: NDArray[np.bool_] = np.isfinite(lonlat).all(axis=1) & (np.abs(back - points).max(axis=1) < 1)
    return kept


@pytest.mark.parametrize("raster", PLACES)
@given(
    part=st.tuples(st.floats(0.05, 0.95), st.floats(0.05, 0.95)),
    turn=st.integers(-1, 1),
    radius=st.floats(1e-3, 1),
)
@settings(max_examples=30, deadline=None)
def test_an_area_around_a_place_of_the_raster_holds_it_at_any_turn(
    raster: tuple[str, float, float, float], part: tuple[float, float], turn: int, radius: float
) -> None:
    crs, x, y, pixel = raster
    size = 1000 * pixel
    frame = shapely.box(x, y, x + size, y + size / (2 if pixel == 0.36 else 1))
    x0, y0, x1, y1 = frame.bounds
    place = np.array([[x0 + part[0] * (x1 - x0), y0 + part[1] * (y1 - y0)]])
    lon, lat = moved(place, crs, "EPSG:4326")[0]
    if not there_and_back(place, crs).all():  # beside the disc of the Earth
        return
    wide = radius / max(0.01, np.cos(np.radians(lat)))
    area = shapely.box(lon - wide, lat - radius, lon + wide, lat + radius)
    if "geos" in crs and not np.isfinite(moved(np.array(area.exterior.coords), "EPSG:4326", crs)).all():
        return  # cut by the edge of the disc
    found = aoi_in(Aoi(turned(area, 360.0 * turn).wkt, "EPSG:4326"), crs, frame)
    assert found.is_valid
    assert shapely.distance(found, shapely.Point(place[0])) <= 0.001 * size
    other = aoi_in(Aoi(turned(area, 120.0).wkt, "EPSG:4326"), crs, frame)
    assert abs(lat) > 85 or not shapely.contains_xy(other, *place[0])


@pytest.mark.parametrize("raster", PLACES)
@pytest.mark.parametrize("bounds", WORLD)
def test_an_area_as_wide_as_the_world_holds_all_of_a_raster(
    raster: tuple[str, float, float, float], bounds: tuple[float, float, float, float]
) -> None:
    crs, x, y, pixel = raster
    size = 1000 * pixel
    frame = shapely.box(x, y, x + size, y + size / (2 if pixel == 0.36 else 1))
    found = aoi_in(Aoi(shapely.box(*bounds).wkt, "EPSG:4326"), crs, frame)
    x0, y0, x1, y1 = frame.bounds
    xs, ys = np.meshgrid(np.linspace(x0, x1, 23)[1:-1], np.linspace(y0, y1, 23)[1:-1])
    points = np.column_stack((xs.ravel(), ys.ravel()))
    lats = moved(points, crs, "EPSG:4326")[:, 1]
    expected = there_and_back(points, crs) & (np.abs(lats) < bounds[3] - 0.1)
    if "geos" in crs or "sinu" in crs:  # to a fraction of the raster where the CRS ends within it
        expected &= shapely.contains_xy(
            shapely.Point((x0 + x1) / 2, (y0 + y1) / 2).buffer(0.35 * size), points
        )
    assert shapely.contains_xy(found, points[expected]).all()


def test_polygons_deep_in_collections_count_and_overlaps_count_once() -> None:
    inner = "GEOMETRYCOLLECTION(MULTIPOLYGON(((0 0, 2 0, 2 2, 0 2, 0 0)), ((1 0, 3 0, 3 2, 1 2, 1 0))))"
    area = parse_aoi(
        f"GEOMETRYCOLLECTION({inner}, POINT(9 9), POLYGON((5 0, 6 0, 6 1, 5 1, 5 0)))", "EPSG:32633"
    )
    assert shapely.from_wkt(area.wkt).area == pytest.approx(6 + 1)
