"""`msa search`: examples on the command line, and the query that may be left out beside them."""

from __future__ import annotations

import argparse

import pytest

from msa_model.cli.main import parse
from msa_model.cli.options import example
from msa_model.protocol.messages import Example, RasterRef


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("85.5,27.6", Example(point=(85.5, 27.6))),
        ("-85.5,-27.6,120", Example(point=(-85.5, -27.6), scale_m=120.0)),
        ("a b.tif@1,2", Example(raster=RasterRef("a b.tif"), point=(1.0, 2.0))),
        ("me@home/a.tif@1,2,3", Example(raster=RasterRef("me@home/a.tif"), point=(1.0, 2.0), scale_m=3.0)),
    ],
)
def test_a_place_is_an_example_with_or_without_a_raster_and_a_side(text: str, meaning: Example) -> None:
    assert example(text) == meaning


@pytest.mark.parametrize("text", ["", "1", "1,2,3,4", "1,nan", "a.tif@", "a.tif", "1;2"])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="X,Y"):
        example(text)


def test_places_in_the_west_are_no_options_and_may_be_many() -> None:
    args = parse(
        ["search", "a.gpkg", "--like", "-85.1,27.6", "--like", "-85.2,27.6", "--unlike", "-1,-2", "trees"]
    )
    assert args.words == ["a.gpkg", "trees"]
    assert [place.point for place in args.like] == [(-85.1, 27.6), (-85.2, 27.6)]
    assert [place.point for place in args.unlike] == [(-1.0, -2.0)]


def test_every_tile_is_shown_unless_places_are_asked_for() -> None:
    assert not parse(["search", "a.gpkg", "trees"]).merge
    assert not parse(["search", "a.gpkg", "trees", "--all"]).merge
    assert parse(["search", "a.gpkg", "trees", "--merge"]).merge


def test_places_and_every_tile_at_once_is_wrong_usage() -> None:
    with pytest.raises(SystemExit):
        parse(["search", "a.gpkg", "trees", "--merge", "--all"])


@pytest.mark.parametrize("query", ["- water", "-0.5:water + trees"])
def test_a_query_may_begin_with_a_minus(query: str) -> None:
    assert parse(["search", "a.gpkg", query]).words == ["a.gpkg", query]


def test_behind_two_minuses_everything_is_index_or_query() -> None:
    assert parse(["search", "a.gpkg", "-k", "3", "--", "-water"]).words == ["a.gpkg", "-water"]
