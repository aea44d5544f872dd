"""Questions about two dates in a batch, asked of the command line."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pyogrio
import pytest

from msa_model.cli.main import main
from msa_model.protocol.hit_filter import CHANGE_FIELDS
from tests.worker.conftest import write_scene
from tests.worker.test_change_command import Captured, coarsened, printed, refusal, repaint

Json = dict[str, Any]
ASKED = "appeared: water"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three dates: two of one grid, one of pixels twice as large; none is indexed."""
    folder = tmp_path_factory.mktemp("batch-dates")
    before = write_scene(folder / "scene_2010.tif", 1024)
    coarsened(repaint(before, folder / "scene_2020.tif"), folder / "coarse_2021.tif")
    return folder


def line(place: Path, *more: object) -> list[str]:
    words = ("batch", *more, "--out", place / "found.gpkg", "--scales", 128, "-k", 3, "--json")
    return list(map(str, words))


def pair(place: Path, after: str) -> tuple[object, ...]:
    return "--before", place / "scene_2010.tif", "--after", place / after


def rows(place: Path, sql: str, *values: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(place / "found.gpkg")) as connection:
        return connection.execute(sql, values).fetchall()


def test_questions_about_two_dates_are_answered_pair_by_pair_and_once(place: Path, capsys: Captured) -> None:
    pairs = (*pair(place, "scene_2020.tif"), *pair(place, "coarse_2021.tif"))
    asked = line(place, *pairs, "-q", ASKED, "-q", "changed", "--report", place / "found.html")
    first = printed(asked, capsys)
    assert [Path(own["path_after"]).name for own in first["rasters"]] == ["scene_2020.tif", "coarse_2021.tif"]
    assert all(own["encoded"] > 0 and not own["error"] for own in first["rasters"])
    assert (first["queries"], first["hits"]) == (2, 12)
    info = pyogrio.read_info(place / "found.gpkg", layer="changes")
    assert (info["features"], info["geometry_type"]) == (12, "Polygon")
    assert list(info["fields"]) == ["name", *CHANGE_FIELDS]
    found = rows(
        place,
        "SELECT date_before, date_after, row, col, change, score_after > score_before, phrase_before != ''"
        " FROM changes WHERE rank = 1 AND query = ? ORDER BY date_after",
        ASKED,
    )
    for date, own in zip(("2020", "2021"), found, strict=True):
        assert own[:2] == ("2010", date)
        assert max(abs(own[2] * 32 - 512), abs(own[3] * 32 - 512)) <= 128
        assert own[4:] == (pytest.approx(own[4]), 1, 1)
    told = rows(place, "SELECT source_after FROM change_summary WHERE query = ?", ASKED)
    assert {Path(own[0]).name for own in told} == {"scene_2020.tif", "coarse_2021.tif"}
    page = (place / "found.html").read_text(encoding="utf-8")
    assert page.count('class="dates"') == 12
    assert page.count("data:image/jpeg") == 24 + 4
    assert "scene_2010.tif → scene_2020.tif" in page
    again = printed(asked, capsys)
    assert [(own["encoded"], own["hits"]) for own in again["rasters"]] == [(0, 6), (0, 6)]
    assert rows(place, "SELECT max(fid) FROM changes") == [(12,)]


def test_a_watch_list_names_rasters_of_its_own_beside_queries_of_one_date(
    place: Path, capsys: Captured
) -> None:
    watch_list = place / "watch.csv"
    watch_list.write_text(
        "query;name;min_score;before;after\n"
        f"{ASKED};new ponds;-1000;scene_2010.tif;scene_2020.tif\n"
        "vanished: a meadow;;;scene_2010.tif;nowhere_2015.tif\n"
        "a wide river\n",
        encoding="utf-8",
    )
    capsys.readouterr()
    asked = line(place, place / "scene_2010.tif", "--watch-list", watch_list, "--report", place / "w.html")
    assert main(asked) == 1
    found: Json = json.loads(capsys.readouterr().out)
    single, both, gone = found["rasters"]
    assert (single["path_after"], single["error"]) == ("", "")
    assert (Path(both["path_after"]).name, both["error"], both["hits"]) == ("scene_2020.tif", "", 3)
    assert (Path(gone["path_after"]).name, gone["error"]) == ("nowhere_2015.tif", "raster_missing")
    assert rows(place, "SELECT DISTINCT query FROM hits") == [("a wide river",)]
    assert rows(place, "SELECT DISTINCT name FROM changes WHERE name != ''") == [("new ponds",)]
    assert rows(place, "SELECT error FROM pairs WHERE error != ''") == [("raster_missing",)]
    assert "nowhere_2015.tif" in (place / "w.html").read_text(encoding="utf-8")


def test_the_cost_of_both_dates_is_told_before(place: Path, capsys: Captured) -> None:
    asked = line(place, *pair(place, "scene_2020.tif"), "-q", "changed", "--scales", 64, "--plan")
    (cost,) = printed(asked, capsys)["rasters"]
    alone = printed(line(place, place / "scene_2010.tif", "-q", "x", "--scales", 64, "--plan"), capsys)
    assert cost["tiles"] == 2 * alone["rasters"][0]["tiles"]
    assert Path(cost["path_after"]).name == "scene_2020.tif"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--before", "a.tif", "-q", "changed"), "needs its --after"),
        (("a.tif", "-q", ASKED), "name the rasters before and after"),
        (("--before", "a.tif", "--after", "b.tif", "-q", "a lake"), "asks of one date"),
        (("--before", "a.tif", "--after", "b.tif", "-q", "like this change"), "no place"),
        (("--before", "a.tif", "--after", "b.tif", "-q", "appeared:"), "cannot be asked"),
        (("-q", "a lake"), "no raster"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    place: Path, words: tuple[str, ...], says: str, capsys: Captured
) -> None:
    assert says in refusal(line(place, *words), capsys)


def test_half_a_pair_in_a_watch_list_is_refused(place: Path, capsys: Captured) -> None:
    watch_list = place / "half.csv"
    watch_list.write_text("query,before,after\nchanged,scene_2010.tif,\n", encoding="utf-8")
    assert "one of two dates" in refusal(line(place, "--watch-list", watch_list), capsys)
