"""Descriptions of places: windows over polygons, scale by scale, and of many features."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from msa_model.jobs.describe import Naming, PlaceWords, describe
from msa_model.jobs.describe_many import describe_many
from msa_model.jobs.open_files import OpenSources
from msa_model.jobs.phrases import PhraseBanks
from msa_model.jobs.steps import outcome
from msa_model.jobs.windows import MOST_WINDOWS, spread
from msa_model.protocol.describing import (
    DescribeManyReply,
    DescribeManyRequest,
    DescribeReply,
    DescribeRequest,
    Keyword,
    Phrase,
)
from msa_model.protocol.errors import AoiInvalid, BadArgument, PointOutsideRaster
from msa_model.protocol.messages import Progress, RasterRef
from tests.unit.jobs.searching import CountingEncoder, as_encoder

EAST, NORTH, CRS = 500_000.0, 5_000_000.0, "EPSG:32633"


@pytest.fixture
def raster(make_raster: Callable[..., Path], textured: Callable[..., Any]) -> RasterRef:
    """1,200 m square, 1 m pixels: a scan has tiles of 256 and 512 m."""
    return RasterRef(str(make_raster(textured(1200, 1200))))


@pytest.fixture
def say(encoder: CountingEncoder) -> Callable[[DescribeRequest], DescribeReply]:
    banks, sources = PhraseBanks(as_encoder(encoder)), OpenSources()
    return lambda request: outcome(describe(as_encoder(encoder), banks, sources, request))


def square(left: float, top: float, side: float) -> str:
    box = shapely.box(EAST + left, NORTH - top - side, EAST + left + side, NORTH - top)
    return str(shapely.to_wkt(box, rounding_precision=-1))


def run(encoder: CountingEncoder, request: DescribeManyRequest) -> tuple[list[Progress], DescribeManyReply]:
    steps, reports = describe_many(as_encoder(encoder), PhraseBanks(as_encoder(encoder)), request), []
    while True:
        try:
            reports.append(next(steps))
        except StopIteration as end:
            return reports, end.value


@given(
    st.floats(1, 5000), st.floats(1, 5000), st.floats(16, 600), st.integers(1, MOST_WINDOWS), st.booleans()
)
def test_windows_lie_in_the_polygon_and_are_few(
    width: float, height: float, side: float, most: int, triangular: bool
) -> None:
    area = (
        shapely.Polygon([(0, 0), (width, 0), (0, height)]) if triangular else shapely.box(0, 0, width, height)
    )
    windows = spread(area, side, most)
    assert 1 <= len(windows) <= most
    assert len(set(windows)) == len(windows)
    assert all(area.buffer(1e-6 * max(width, height)).contains(shapely.Point(w.x, w.y)) for w in windows)
    if not triangular and side <= min(width, height):
        xs = [window.x for window in windows]
        assert min(xs) >= side / 2 - 1e-6
        assert max(xs) <= width - side / 2 + 1e-6


def test_a_polygon_with_a_hole_in_its_middle_is_seen_beside_the_hole() -> None:
    ring = shapely.box(0, 0, 900, 900) - shapely.box(200, 200, 700, 700)
    windows = spread(ring, 256)
    assert windows
    assert all(shapely.contains_xy(ring, window.x, window.y) for window in windows)


def test_a_place_is_described_at_every_scale_of_a_scan(
    raster: RasterRef, say: Callable[[DescribeRequest], DescribeReply]
) -> None:
    point = DescribeRequest(raster, CRS, point=(EAST + 600, NORTH - 600), k=4, every_scale=True)
    reply = say(point)
    assert round(reply.scale_m) == 256
    assert [round(scale.scale_m) for scale in reply.scales] == [512]  # the window itself is told once
    assert reply.scales[0].phrases != reply.phrases
    assert (
        {len(scale.phrases) for scale in reply.scales} == {len(reply.phrases)} == {len(reply.keywords)} == {4}
    )
    assert say(replace(point, every_scale=False)).scales == ()


def test_a_box_is_seen_through_windows_no_larger_than_it(
    raster: RasterRef, say: Callable[[DescribeRequest], DescribeReply]
) -> None:
    bounds = (EAST + 100, NORTH - 500, EAST + 500, NORTH - 100)
    reply = say(DescribeRequest(raster, CRS, bounds=bounds, every_scale=True))
    assert reply.bounds == pytest.approx(bounds)
    assert [(round(scale.scale_m), scale.windows) for scale in reply.scales] == [(256, 4)]


def test_a_box_smaller_than_every_tile_of_a_scan_is_told_alone(
    raster: RasterRef, say: Callable[[DescribeRequest], DescribeReply]
) -> None:
    bounds = (EAST + 100, NORTH - 200, EAST + 200, NORTH - 100)
    reply = say(DescribeRequest(raster, CRS, bounds=bounds, every_scale=True))
    assert round(reply.scale_m) == 100
    assert reply.scales == ()


def test_of_a_place_mostly_without_data_no_phrase_is_believed(
    raster: RasterRef,
    say: Callable[[DescribeRequest], DescribeReply],
    encoder: CountingEncoder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sure = PlaceWords((Phrase("open sea", 0.5, 0.7, 2.1, "strong"),), (Keyword("sea", 1.0),))
    monkeypatch.setattr(Naming, "words", lambda *_: sure)
    inside = say(DescribeRequest(raster, CRS, point=(EAST + 600, NORTH - 600), every_scale=True))
    assert {phrase.match for phrase in (*inside.phrases, *inside.scales[0].phrases)} == {"strong"}
    corner = say(DescribeRequest(raster, CRS, point=(EAST + 20, NORTH - 20), every_scale=True))
    assert corner.valid < 0.5
    assert {phrase.match for phrase in (*corner.phrases, *corner.scales[0].phrases)} == {"none"}
    assert corner.keywords == corner.scales[0].keywords == ()
    many = DescribeManyRequest(raster, (square(-236, -236, 256), square(400, 400, 256)), CRS)
    beside, within = run(encoder, many)[1].descriptions
    assert [beside.phrases[0].match, within.phrases[0].match] == ["none", "strong"]


def test_a_polygon_is_seen_through_several_windows(
    raster: RasterRef, say: Callable[[DescribeRequest], DescribeReply], encoder: CountingEncoder
) -> None:
    reply = say(DescribeRequest(raster, CRS, polygon=square(0, 0, 800)))
    assert encoder.tiles == 4
    assert reply.scale_m == pytest.approx(512, rel=0.01)
    assert reply.bounds == pytest.approx((EAST, NORTH - 800, EAST + 800, NORTH))
    one = say(DescribeRequest(raster, CRS, polygon=square(0, 0, 800), scale_m=800.0))
    assert one.scale_m == pytest.approx(800)


def test_places_that_cannot_be_described_say_why(
    raster: RasterRef, say: Callable[[DescribeRequest], DescribeReply]
) -> None:
    with pytest.raises(PointOutsideRaster):
        say(DescribeRequest(raster, CRS, polygon=square(5000, 0, 100)))
    with pytest.raises(AoiInvalid):
        say(DescribeRequest(raster, CRS, polygon="POLYGON EMPTY"))
    with pytest.raises(BadArgument):
        say(DescribeRequest(raster, CRS, polygon=square(0, 0, 9), point=(EAST + 9, NORTH - 9)))
    for scale_m in (0.0, -5.0, math.nan):
        with pytest.raises(BadArgument):
            say(DescribeRequest(raster, CRS, polygon=square(0, 0, 300), scale_m=scale_m))


def test_features_are_described_in_their_order_and_none_stops_another(
    raster: RasterRef, encoder: CountingEncoder
) -> None:
    areas = (square(0, 0, 300), square(5000, 0, 100), "nonsense", f"POINT({EAST + 600} {NORTH - 600})", "")
    reports, reply = run(encoder, DescribeManyRequest(raster, areas, CRS, k=2))
    assert [len(d.phrases) for d in reply.descriptions] == [2, 0, 0, 2, 0]
    assert [bool(d.problem) for d in reply.descriptions] == [False, True, True, False, True]
    assert reports[0].done == 0
    assert (reports[-1].done, reports[-1].total) == (5, 5)


def test_a_feature_is_described_as_the_polygon_alone(
    raster: RasterRef, encoder: CountingEncoder, say: Callable[[DescribeRequest], DescribeReply]
) -> None:
    areas = tuple(square(at, at, 400) for at in (0, 100, 500))
    _, reply = run(encoder, DescribeManyRequest(raster, areas, CRS, k=5))
    for area, description in zip(areas, reply.descriptions, strict=True):
        alone = say(DescribeRequest(raster, CRS, polygon=area, k=5))
        assert [p.phrase for p in alone.phrases] == [p.phrase for p in description.phrases]
        assert alone.keywords == description.keywords


def test_many_features_take_many_steps_that_can_be_left(raster: RasterRef, encoder: CountingEncoder) -> None:
    areas = tuple(square(20 * i, 0, 300) for i in range(40))
    request = DescribeManyRequest(raster, areas, CRS, scale_m=100.0)
    steps = describe_many(as_encoder(encoder), PhraseBanks(as_encoder(encoder)), request)
    next(steps)
    assert 0 < next(steps).done < 40
    steps.close()
    assert run(encoder, replace(request, areas=()))[1].descriptions == ()


def test_numbers_out_of_range_are_refused(raster: RasterRef, encoder: CountingEncoder) -> None:
    good = DescribeManyRequest(raster, (square(0, 0, 300),), CRS)
    for bad in (replace(good, k=0), replace(good, windows=0), replace(good, scale_m=-1.0)):
        with pytest.raises(BadArgument):
            run(encoder, bad)
