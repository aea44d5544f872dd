import json
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely

from msa_model.protocol.errors import AoiInvalid
from msa_model.protocol.messages import Aoi
from msa_model.raster.aoi import aoi_in, parse_aoi

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
    assert aoi_in(parse_aoi(area.wkt, None), "EPSG:32633").equals(area)


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


def test_the_crs_of_the_file_goes_before_the_one_given(tmp_path: Path) -> None:
    path = write(tmp_path / "a.gpkg", "EPSG:32633", shapely.box(0, 0, 1, 1), kind="Polygon")
    assert parse_aoi(path, "EPSG:4326").crs == "EPSG:32633"


def test_a_file_without_crs_takes_the_one_given_or_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.shp", None, shapely.box(0, 0, 1, 1), kind="Polygon")
    assert parse_aoi(path, "EPSG:4326").crs == "EPSG:4326"
    with pytest.raises(AoiInvalid, match="CRS"):
        parse_aoi(path, None)


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
    area = aoi_in(Aoi("POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))", "EPSG:4326"), "EPSG:4326")
    assert area.is_valid
    assert area.area == pytest.approx(2)


def test_long_edges_are_bent_with_the_projection() -> None:
    wide = Aoi(shapely.box(10, 60, 20, 61).wkt, "EPSG:4326")
    area = aoi_in(wide, "EPSG:32633")
    assert shapely.get_num_coordinates(area) > 60
    parallel = aoi_in(Aoi(shapely.box(14.9, 59.99, 15.1, 60.01).wkt, "EPSG:4326"), "EPSG:32633")
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


def test_a_place_that_the_crs_does_not_reach_is_refused() -> None:
    far = Aoi(shapely.box(100, 0, 110, 1).wkt, "EPSG:4326")  # 90 degrees east of UTM 33
    with pytest.raises(AoiInvalid, match="domain"):
        aoi_in(far, "EPSG:32633")
    assert np.isfinite(aoi_in(far, "EPSG:32648").area)
