"""When a raster was taken: names, tags and STAC items."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st

from msa_model.raster.dates import checked_date, date_in, date_of, month_of, year_of
from tests.refusals import raises_kind

FULL_WIDTH = "\uff12\uff10\uff12\uff10"  # digits as Japanese keyboards write them


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("naip_m_4709963_se_14_1_20100629", "2010-06-29"),
        ("landsat_1985", "1985"),
        ("S2A_MSIL1C_20190704T103031_N0207", "2019-07-04"),
        ("ortho_2018-03", "2018-03"),
        ("flight 2017_08_27 north", "2017-08-27"),
        ("LC08_L1TP_190024_20200115_20200823_01", "2020-08-23"),
        ("scene_20201399", ""),
        ("tile_4711_0815", ""),
        ("orchard", ""),
    ],
)
def test_names_tell_dates(name: str, told: str) -> None:
    assert date_in(name) == told


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31)))
def test_every_day_written_in_a_name_is_found(day: date) -> None:
    assert date_in(f"a_{day:%Y%m%d}_b") == day.isoformat() == date_in(f"x {day:%Y-%m-%d}.y")


def test_a_stac_item_counts_before_tags_and_tags_before_the_name(
    make_raster: Callable[..., Path], textured: Callable[..., Any]
) -> None:
    raster = make_raster(textured(64, 64), "scene_2001.tif")
    assert date_of(str(raster)) == "2001"
    with rasterio.open(raster, "r+") as dataset:
        dataset.update_tags(TIFFTAG_DATETIME="2024:01:02 10:00:00")
    assert date_of(str(raster)) == "2001"
    with rasterio.open(raster, "r+") as dataset:
        dataset.update_tags(ns="IMAGERY", ACQUISITIONDATETIME="2002-05-06T10:00:00Z")
    assert date_of(str(raster)) == "2002-05-06"
    item = {"type": "Feature", "properties": {"datetime": "2003-07-08T09:00:00Z"}}
    raster.with_suffix(".json").write_text(json.dumps(item))
    assert date_of(str(raster)) == "2003-07-08"


@pytest.mark.parametrize("text", ["[]", "{", '{"properties": 3}', '{"properties": {"datetime": null}}'])
def test_a_json_file_that_is_no_item_tells_nothing(
    text: str, make_raster: Callable[..., Path], textured: Callable[..., Any]
) -> None:
    raster = make_raster(textured(64, 64), "scene_2001.tif")
    raster.with_suffix(".json").write_text(text)
    assert date_of(str(raster)) == "2001"


def test_the_tiffs_own_date_is_better_than_none(
    make_raster: Callable[..., Path], textured: Callable[..., Any]
) -> None:
    raster = make_raster(textured(64, 64), "scene.tif")
    assert date_of(str(raster)) == ""
    with rasterio.open(raster, "r+") as dataset:
        dataset.update_tags(TIFFTAG_DATETIME="2024:01:02 10:00:00")
    assert date_of(str(raster)) == "2024-01-02"


@pytest.mark.parametrize("text", ["summer 2020", "2020-13", "20-08-2020", "2020-02-30", FULL_WIDTH])
def test_dates_that_cannot_be_read_are_refused(text: str) -> None:
    with raises_kind("date_unclear", match="2020-08-31"):
        checked_date(text, "The date before")


def test_dates_are_years_and_months() -> None:
    assert (year_of("2010"), month_of("2010")) == (2010.5, None)
    assert year_of("2010-01-01") == 2010.0
    assert (round(year_of("2010-07"), 1), month_of("2010-07")) == (2010.5, 7)
    assert [checked_date(text, "") for text in ("", "2010", " 2010-06 ")] == ["", "2010", "2010-06"]
