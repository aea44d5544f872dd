"""Polygons across 180°, at 200° and around poles."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from msa_model.raster.coordinates import area_ha, moved, on_globe, period_of, polygon_in, split_at_date_line

NORTH, SOUTH = "EPSG:3413", "EPSG:3031"
SIDE_M = 1000.0
_SPHERE_M = 6_371_007.2  # of the same surface as the Earth


def square(x: float, y: float, side: float = SIDE_M) -> list[tuple[float, float]]:
    return [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]


def flat_area(lonlat: shapely.Geometry) -> float:
    """Square metres, with sides as they are drawn on a map of longitude and latitude: a belt is no tile."""
    by_sine = shapely.transform(
        lonlat, lambda p: np.column_stack((np.radians(p[:, 0]), np.sin(np.radians(p[:, 1]))))
    )
    return float(by_sine.area * _SPHERE_M**2)


@pytest.mark.parametrize(
    ("crs", "period"),
    [
        ("EPSG:4326", 360),
        ("EPSG:4807", 400),  # grads
        ("+proj=ob_tran +o_proj=longlat +o_lon_p=0 +o_lat_p=39.25 +lon_0=18", 360),
        ("+proj=longlat +ellps=bessel +towgs84=598,73,418", 360),
        ("EPSG:3857", 40_075_016.7),
        ("EPSG:3832", 40_075_016.7),
        ("EPSG:32633", None),
        (NORTH, None),
    ],
)
def test_after_how_many_units_a_crs_is_at_the_same_place(crs: str, period: float | None) -> None:
    assert period_of(crs) == (None if period is None else pytest.approx(period))


@pytest.mark.parametrize("crs", ["EPSG:32760", "EPSG:32701", "EPSG:3832"])
@pytest.mark.parametrize("target", ["EPSG:4326", "EPSG:3857"])
def test_a_tile_on_the_date_line_stays_a_tile(crs: str, target: str) -> None:
    ring = shapely.box(179.999, -17.001, 180.001, -16.999)
    corners = polygon_in(shapely.get_coordinates(ring)[:4], "EPSG:4326", crs)
    back = polygon_in(shapely.get_coordinates(corners)[:4], crs, target)
    low, _, high, _ = back.bounds
    assert high - low < (0.01 if target == "EPSG:4326" else 1000)
    assert area_ha(back, target) == pytest.approx(area_ha(ring, "EPSG:4326"), rel=0.01)


@given(
    x=st.one_of(st.sampled_from([-500.0, 0.0, -1000.0]), st.floats(-3e6, 2.9e6)),
    y=st.one_of(st.sampled_from([-500.0, 0.0, -1000.0]), st.floats(-3e6, 2.9e6)),
    crs=st.sampled_from([NORTH, SOUTH]),
)
def test_a_tile_at_a_pole_keeps_its_area_and_lies_within_the_world(x: float, y: float, crs: str) -> None:
    polygon = polygon_in(square(x, y), crs, "EPSG:4326")
    shape = split_at_date_line(polygon)
    assert shape.is_valid
    low, south, high, north = shape.bounds
    assert -180 <= low <= high <= 180
    assert max(abs(south), abs(north)) <= 90
    equal_area = "EPSG:6931" if crs == NORTH else "EPSG:6932"
    sides = shapely.segmentize(shapely.Polygon(square(x, y)), 10)
    ground = shapely.transform(sides, lambda points: moved(points, crs, equal_area)).area
    assert flat_area(shape) == pytest.approx(ground, rel=0.02)


def test_a_tile_over_the_pole_reaches_all_the_way_round() -> None:
    shape = split_at_date_line(polygon_in(square(-500, -500), NORTH, "EPSG:4326"))
    assert shape.bounds[0] == pytest.approx(-180)
    assert shape.bounds[2:] == (pytest.approx(180), 90)
    assert math.isclose(shape.bounds[1], 90 - 0.0063, abs_tol=0.001)


def test_a_tile_at_200_degrees_is_brought_between_the_ends_of_the_world() -> None:
    assert split_at_date_line(shapely.box(200, 1, 201, 2)).equals(shapely.box(-160, 1, -159, 2))
    halves = split_at_date_line(shapely.box(179, 1, 182, 2))
    assert halves.equals(shapely.union(shapely.box(179, 1, 180, 2), shapely.box(-180, 1, -178, 2)))


@pytest.mark.parametrize("east", [1e5, 1e12, 1e300])
def test_what_goes_round_the_globe_without_end_is_all_between_its_latitudes(east: float) -> None:
    assert split_at_date_line(shapely.box(10, -20, east, 30)).equals(shapely.box(-180, -20, 180, 30))


_TURN_M = 40_075_016.685578
_NEAR_POLE = st.floats(-2e6, 2e6)
_PLACES = st.one_of(
    st.tuples(
        st.sampled_from(["EPSG:4326", "EPSG:4267"]),
        st.one_of(st.sampled_from([180.0, -180.0, 360.0, 540.0, 0.0]), st.floats(-550, 550)),
        st.floats(-70, 70),
        st.floats(1e-4, 40),
    ),
    st.tuples(
        st.just("EPSG:3857"),
        st.one_of(st.sampled_from([_TURN_M / 2, -_TURN_M / 2]), st.floats(-_TURN_M, _TURN_M)),
        st.floats(-8e6, 8e6),
        st.floats(10, 4e6),
    ),
    st.tuples(
        st.sampled_from(["EPSG:32601", "EPSG:32660"]),
        st.one_of(st.sampled_from([166_021.4, 833_978.6]), st.floats(1.6e5, 8.4e5)),
        st.floats(0, 6e6),
        st.floats(10, 1e5),
    ),
    st.tuples(
        st.sampled_from([NORTH, SOUTH]), st.floats(-2e6, 2e6), st.floats(-2e6, 2e6), st.floats(10, 1e5)
    ),
)


@settings(max_examples=150)
@given(_PLACES, st.floats(0.02, 0.98), st.floats(0.02, 0.98))
def test_a_square_anywhere_is_valid_polygons_between_the_ends_of_the_world(
    place: tuple[str, float, float, float], right: float, above: float
) -> None:
    crs, x, y, side = place
    square = shapely.box(x - right * side, y - above * side, x + (1 - right) * side, y + (1 - above) * side)
    shape = on_globe(square, crs)
    assert shape.is_valid
    assert shape.geom_type in ("Polygon", "MultiPolygon")
    low, south, high, north = shape.bounds
    assert (low >= -180, south >= -90, high <= 180, north <= 90) == (True,) * 4
    bent = shapely.segmentize(square, side / 50)
    longitudes, latitudes = moved(shapely.get_coordinates(bent), crs, "EPSG:4326").T
    ground = abs(Geod(ellps="WGS84").polygon_area_perimeter(longitudes, latitudes.clip(-90, 90))[0])
    assert flat_area(shape) == pytest.approx(ground, rel=0.04, abs=5 * side_m(ground))


def side_m(area: float) -> float:
    """Coordinates are rounded to a centimetre, and to ten next to 180°."""
    return 0.2 * math.sqrt(area)


@pytest.mark.parametrize(
    ("box", "crs"),
    [
        ((0, -90, 360, 90), "EPSG:4326"),
        ((-180, -100, 180, 90), "EPSG:4326"),  # tiles at the edge reach beyond the raster
        ((0, -90, 360, 90), "EPSG:4267"),
        ((-_TURN_M / 4, -1e7, _TURN_M * 3 / 4, 1e7), "EPSG:3857"),
    ],
)
def test_all_of_the_world_stays_all_of_the_world(box: tuple[float, ...], crs: str) -> None:
    low, _, high, north = on_globe(shapely.box(*box), crs).bounds
    assert (low, high) == (pytest.approx(-180), pytest.approx(180))
    assert on_globe(shapely.box(*box), crs).area == pytest.approx(360 * 2 * north, rel=1e-3)


def test_a_hole_stays_a_hole_on_both_sides_of_the_date_line() -> None:
    ring = shapely.box(178, 0, 182, 4) - shapely.box(179, 1, 181, 3)
    assert on_globe(ring, "EPSG:4326").area == pytest.approx(12)


def test_what_lies_within_centimetres_of_the_date_line_is_no_sliver_beyond_it() -> None:
    assert on_globe(shapely.box(179.9, 0, 180 + 5e-7, 1), "EPSG:4326").equals(shapely.box(179.9, 0, 180, 1))
