"""Results of a batch that somebody has worked on: another batch leaves them as they are, and says so."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from msa_model.cli.main import main
from tests.worker.conftest import write_scene
from tests.worker.test_change_command import Captured, printed, repaint


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A raster of two dates."""
    folder = tmp_path_factory.mktemp("batch-edits")
    repaint(write_scene(folder / "scene_2010.tif", 768), folder / "scene_2020.tif")
    return folder


def rows(out: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(out)) as connection, connection:
        return connection.execute(sql).fetchall()


def line(out: Path, k: int, *more: object) -> list[str]:
    return list(map(str, ("batch", *more, "--out", out, "--scales", 128, "-k", k, "--json")))


def test_hits_that_somebody_has_sorted_out_stay_and_those_of_other_rasters_follow(
    place: Path, tmp_path: Path, capsys: Captured
) -> None:
    out, rasters = tmp_path / "found.gpkg", (place / "scene_2010.tif", place / "scene_2020.tif")
    assert printed(line(out, 5, *rasters, "-q", "water"), capsys)["hits"] == 10
    rows(out, "DELETE FROM hits WHERE rank = 3 AND source LIKE '%2010.tif'")
    kept = rows(out, "SELECT * FROM hits WHERE source LIKE '%2010.tif'")
    again = printed(line(out, 5, *rasters, "-q", "water"), capsys)
    assert [own["error"] for own in again["rasters"]] == ["", ""]  # nothing is to be done
    assert main(line(out, 2, *rasters, "-q", "water")) == 1
    said = capsys.readouterr()
    assert "were changed since, and that stay as they are: water · " in said.out + said.err
    assert rows(out, "SELECT * FROM hits WHERE source LIKE '%2010.tif'") == kept
    assert rows(out, "SELECT count(*) FROM hits WHERE source LIKE '%2020.tif'") == [(2,)]
    back = printed(line(out, 5, *rasters, "-q", "water"), capsys)
    assert [(own["error"], own["tiles"] > 0, bool(own["index"])) for own in back["rasters"]] == [
        ("", True, True)
    ] * 2
    assert rows(out, "SELECT * FROM hits WHERE source LIKE '%2010.tif'") == kept
    assert rows(out, "SELECT DISTINCT error FROM rasters") == [("",)]


def test_hits_whose_summary_somebody_took_away_stay(place: Path, tmp_path: Path, capsys: Captured) -> None:
    out = tmp_path / "found.gpkg"
    assert printed(line(out, 3, place / "scene_2010.tif", "-q", "water"), capsys)["hits"] == 3
    rows(out, "DELETE FROM summary")
    rows(out, "UPDATE hits SET phrase = 'looked at' WHERE rank = 1")
    kept = rows(out, "SELECT * FROM hits")
    assert main(line(out, 3, place / "scene_2010.tif", "-q", "water")) == 1
    assert "were changed since" in capsys.readouterr().out
    assert rows(out, "SELECT * FROM hits") == kept


def test_changes_that_somebody_has_commented_on_stay(place: Path, tmp_path: Path, capsys: Captured) -> None:
    out = tmp_path / "found.gpkg"
    pair = ("--before", place / "scene_2010.tif", "--after", place / "scene_2020.tif", "-q", "changed")
    assert printed(line(out, 4, *pair), capsys)["hits"] == 4
    assert printed(line(out, 3, *pair), capsys)["hits"] == 3
    rows(out, "ALTER TABLE changes ADD COLUMN comment TEXT")
    rows(out, "UPDATE changes SET comment = 'a new quay' WHERE rank = 1")
    kept = rows(out, "SELECT * FROM changes")
    assert main(line(out, 5, *pair)) == 1
    said = capsys.readouterr()
    assert "were changed since" in said.out + said.err
    assert rows(out, "SELECT * FROM changes") == kept
