"""The `msa` commands with the shipped model, on a small synthetic raster."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import rasterio

from msa_model.cli.main import main
from msa_model.index.store import TileIndex
from msa_model.protocol.errors import MsaError
from tests.file_server import file_server
from tests.worker.conftest import EAST, GSD_M, NORTH, write_scene

Json = dict[str, Any]
Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an indexed raster, `scene.tif`."""
    folder = tmp_path_factory.mktemp("commands")
    write_scene(folder / "scene.tif", 768)
    assert main(["index", str(folder / "scene.tif")]) == 0
    return folder


def printed(line: list[object], capsys: Captured) -> Json:
    capsys.readouterr()
    assert main([str(word) for word in line]) == 0
    found: Json = json.loads(capsys.readouterr().out)
    return found


def refusal(line: list[object], capsys: Captured) -> str:
    capsys.readouterr()
    assert main([str(word) for word in line]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Traceback" not in captured.err
    return captured.err


def test_an_index_lies_beside_its_raster_and_is_found_from_it(place: Path, capsys: Captured) -> None:
    raster = place / "scene.tif"
    again = printed(["index", raster, "--json"], capsys)
    assert (again["encoded"], again["reused"]) == (0, again["tiles"])
    assert Path(again["index"]).parent == place
    found = printed(["search", raster, "a river", "-k", 3, "--json"], capsys)
    assert [result["rank"] for result in found["results"]] == [1, 2, 3]


def test_a_plan_costs_nothing(place: Path, tmp_path: Path, capsys: Captured) -> None:
    index = tmp_path / "plan.gpkg"
    line = ["index", place / "scene.tif", "--index", index, "--scales", "128,300", "--plan", "--json"]
    plan = printed(line, capsys)
    assert [round(scale["scale_m"]) for scale in plan["scales"]] == [128, 256]
    assert plan["missing"] == plan["tiles"] > 0
    assert not index.exists()


def test_a_search_prints_what_the_contract_says(place: Path, capsys: Captured) -> None:
    found = printed(["search", place / "scene.tif", "a river", "--json"], capsys)
    assert {"results", "timings"} <= set(found)
    for result in found["results"]:
        assert {"rank", "score", "bounds", "crs", "scale_m", "source"} <= set(result)
        assert len(result["bounds"]) == 4
        assert result["source"] == str(place / "scene.tif")


def test_results_and_heat_map_are_written(place: Path, tmp_path: Path, capsys: Captured) -> None:
    out, heat = tmp_path / "results.gpkg", tmp_path / "heat.tif"
    line = ["search", place / "scene.tif", "a river", "-k", 4, "--out", out, "--heatmap", heat, "--json"]
    found = printed(line, capsys)
    assert pyogrio.read_info(out)["features"] == 4
    assert {"rank", "score", "scale_m", "query", "source"} <= set(pyogrio.read_info(out)["fields"])
    with rasterio.open(heat) as dataset:
        scores = dataset.read(1, masked=True)
        assert dataset.crs.to_epsg() == 32633
    assert scores.count() == scores.size
    assert scores.max() <= found["results"][0]["score"] + 1e-6


def test_the_area_of_a_search_is_not_replaced_by_its_hits(
    place: Path, tmp_path: Path, capsys: Captured
) -> None:
    out = str(tmp_path / "hits.geojson")
    line = ["search", str(place / "scene.tif"), "water", "-k", "3", "--out", out]
    assert main(line) == 0
    before = Path(out).read_bytes()
    assert main([*line, "--aoi", out]) == 1
    assert "is the area to search in" in capsys.readouterr().err
    assert Path(out).read_bytes() == before
    assert main([*line[:-1], str(tmp_path / "others.geojson"), "--aoi", out]) == 0


@pytest.mark.parametrize("option", ["--out", "--heatmap"])
@pytest.mark.parametrize("name", ["scene.tif", "scene.tif.msa-*.gpkg"])
def test_results_never_replace_what_they_come_from(
    place: Path, name: str, option: str, capsys: Captured
) -> None:
    (victim,) = place.glob(name)
    before = victim.read_bytes()
    line = ["search", place / "scene.tif", "a river", option, victim]
    assert f"{victim} is a raster or an index" in refusal(line, capsys)
    assert victim.read_bytes() == before


@pytest.mark.parametrize(("height", "width"), [(60, 60), (100, 700)])
def test_a_raster_smaller_than_a_tile_is_found(
    place: Path, tmp_path: Path, height: int, width: int, capsys: Captured
) -> None:
    with (
        rasterio.open(place / "scene.tif") as scene,
        rasterio.open(
            tmp_path / "chip.tif", "w", **scene.profile | {"height": height, "width": width}
        ) as chip,
    ):
        chip.write(scene.read(window=((0, height), (0, width))))
    plan = printed(["index", tmp_path / "chip.tif", "--plan", "--json"], capsys)
    assert not any("too few pixels with data" in warning for warning in plan["warnings"])
    assert printed(["index", tmp_path / "chip.tif", "--json"], capsys)["skipped"] == 0
    assert printed(["search", tmp_path / "chip.tif", "fields", "--json"], capsys)["results"]


def test_an_index_on_a_server_is_searched_as_one_that_lies_here(
    place: Path, tmp_path: Path, capsys: Captured
) -> None:
    (index,) = place.glob("scene.tif.msa-*.gpkg")
    with file_server(place, tmp_path / "requests.log") as server:
        far = server.vsicurl(index.name)
        found = printed(["search", far, "a river", "--cache", tmp_path, "--verdict", "--json"], capsys)
    here = printed(["search", index, "a river", "--verdict", "--json"], capsys)
    for hit in (*found["results"], *here["results"]):
        del hit["index"]
    assert found["results"] == here["results"]
    assert found["verdict"] == here["verdict"]


def test_an_index_may_have_any_name(place: Path, tmp_path: Path, capsys: Captured) -> None:
    index = tmp_path / "tiles"
    printed(["index", place / "scene.tif", "--index", index, "--json"], capsys)
    assert printed(["search", index, "fields", "--json"], capsys)["results"]


def test_a_scan_begins_again_on_what_one_killed_at_its_start_left(
    place: Path, tmp_path: Path, capsys: Captured
) -> None:
    index = tmp_path / "begun.gpkg"
    index.touch()
    assert printed(["index", place / "scene.tif", "--index", index, "--json"], capsys)["encoded"] > 0


def test_an_area_given_as_wkt_limits_scan_and_search(place: Path, tmp_path: Path, capsys: Captured) -> None:
    x, y, raster = EAST + 20, NORTH - 20, place / "scene.tif"
    area = f"POLYGON(({x} {y}, {x + 9} {y}, {x + 9} {y - 9}, {x} {y - 9}, {x} {y}))"
    scanned = printed(["index", raster, "--aoi", area, "--index", tmp_path / "i.gpkg", "--json"], capsys)
    searched = printed(["search", raster, "a river", "--aoi", area, "-k", 999, "--json"], capsys)
    assert scanned["tiles"] == searched["tiles"] == len(searched["results"]) > 0


def test_a_place_is_described(place: Path, capsys: Captured) -> None:
    x, y = EAST + 384 * GSD_M, NORTH - 384 * GSD_M
    line = ["describe", place / "scene.tif", "--at", f"{x},{y}", "--scale", 100, "-k", 3, "--json"]
    found = printed(line, capsys)
    assert {"phrases", "bounds", "crs", "scale_m"} <= set(found)
    assert len(found["phrases"]) == 3
    assert {"phrase", "score"} <= set(found["phrases"][0])
    assert found["scale_m"] == pytest.approx(100)
    assert np.mean(found["bounds"][::2]) == pytest.approx(x)


def test_a_raster_is_explored_in_groups(place: Path, tmp_path: Path, capsys: Captured) -> None:
    out = tmp_path / "groups.gpkg"
    line = ["explore", place / "scene.tif", "--groups", 2, "--out", out]
    found = printed([*line, "--json"], capsys)
    assert [set(group) for group in found["groups"]] == [
        {"id", "phrase", "verdict", "tiles", "area_m2", "examples"}
    ] * len(found["groups"])
    assert sum(group["tiles"] for group in found["groups"]) == found["tiles"]
    assert all(
        group["verdict"] in ("strong", "likely") or group["phrase"] == f"group {group['id']}"
        for group in found["groups"]
    )
    assert out.is_file()
    assert out.with_suffix(".qml").is_file()
    assert main([str(part) for part in line]) == 0
    assert capsys.readouterr().out.splitlines()[0].split() == ["id", "group", "match", "tiles", "area"]
    assert main(["explore", str(place / "scene.tif"), "--groups", "99"]) == 1
    assert "ask for fewer groups" in capsys.readouterr().err


def test_a_person_sees_tables(place: Path, capsys: Captured) -> None:
    raster = str(place / "scene.tif")
    assert main(["search", raster, "a river"]) == 0
    assert "score" in capsys.readouterr().out.splitlines()[0]


def test_a_person_is_told_what_matches_or_that_nothing_does(
    place: Path, tmp_path: Path, capsys: Captured
) -> None:
    line = ["describe", str(place / "scene.tif"), "--at", f"{EAST + 99},{NORTH - 99}"]
    matches = printed([*line, "--json"], capsys)["phrases"]
    assert main(line) == 0
    first = capsys.readouterr().out.splitlines()[0]
    likely = {"strong", "likely"} & {phrase["match"] for phrase in matches}
    assert first.split() == ["match", "score", "cosine", "phrase"] if likely else first == "No phrase fits."


def test_info_tells_what_an_index_holds(place: Path, capsys: Captured) -> None:
    index = printed(["index", place / "scene.tif", "--json"], capsys)
    (found,) = printed(["info", index["index"], "--json"], capsys)["indexes"]
    assert found["tiles"] == index["tiles"] == sum(scale["tiles"] for scale in found["scales"])
    assert found["raster"] == str(place / "scene.tif")
    assert found["width"] == 768


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (["search", "scene.tif", ""], "The query has no words."),
        (["search", "scene.tif", "नदी पर पुल"], "in a script that the model does not read"),
        (["search", "scene.tif", "river", "-k", "0"], "must be at least 1"),
        (["search", "scene.tif", "river", "--out", "hits.shp"], "must end in .gpkg or .geojson"),
        (["search", "scene.tif", "river", "--heatmap", "heat.png"], "must end in .tif"),
        (["search", "scene.tif", "river", "--threads", "-2"], "at least one processor thread"),
        (["index", "scene.tif", "--index", "scene.tif"], "scene.tif is no tile index"),
        (["search", "scene.tif", "river", "--out", "no/such/folder.gpkg"], "There is no folder"),
        (["search", "scene.tif", "river", "--aoi", "POINT(1 1)"], "no polygon with an area"),
        (["search", "scene.tif", "river", "--device", "cuda:7"], "There is no device 'cuda:7' here"),
        (["index", "scene.tif", "--aoi", "POLYGON((0 0, 1 0, 1 1, 0 0))"], "does not meet"),
        (["index", "scene.tif", "--overlap", "1"], "The overlap must lie between"),
        (["index", "scene.tif", "--min-valid", "2"], "The least valid share must lie in"),
        (["index", "scene.tif", "--scales", "-5"], "must be a positive number of metres"),
        (["index", "scene.tif", "--bands", "7"], "do not fit"),
        (["index", "scene.tif", "--model", "no-such-model"], "no-such-model does not exist"),
        (["index", "text.tif"], "GDAL cannot open text.tif"),
        (["describe", "scene.tif", "--at", "0,0"], "is not on scene.tif"),
        (["describe", "scene.tif", "--at", "0,0", "--crs", "EPSG:0"], "no coordinate reference system"),
        (
            ["describe", "scene.tif", "--at", f"{EAST + 9},{NORTH - 9}", "--phrases", "scene.tif"],
            "scene.tif is no text",
        ),
    ],
    ids=str,
)
def test_bad_input_is_named(
    place: Path, line: list[object], sentence: str, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    Path("text.tif").write_text("no raster\n")
    assert sentence in refusal(line, capsys)


@pytest.mark.parametrize(
    "line",
    [
        ["search", "away", "river"],
        ["search", "away/town.gpkg", "river"],
        ["explore", "away"],
        ["coverage", "away"],
        ["indexes", "list", "away"],
        ["indexes", "delete", "away/town.gpkg"],
        ["index", "away"],
        ["describe", "away/town.tif", "--at", "0,0"],
        ["describe", "scene.tif", "--at", f"{EAST + 9},{NORTH - 9}", "--phrases", "away/words.csv"],
        ["search", "scene.tif", "river", "--aoi", "away/area.gpkg"],
        ["batch", "scene.tif", "--watch-list", "away/list.csv", "--out", "found.gpkg"],
    ],
    ids=str,
)
def test_who_names_what_is_not_there_is_told_to_check_the_path(
    place: Path, line: list[object], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    told = refusal(line, capsys)
    assert "away" in told
    assert "Check the path" in told


def test_an_index_whose_raster_is_gone_is_listed_by_the_raster_s_name(
    place: Path, tmp_path: Path, capsys: Captured
) -> None:
    raster = Path(shutil.copy(place / "scene.tif", tmp_path / "moved.tif"))
    printed(["index", raster, "--json"], capsys)
    raster.unlink()
    (info,) = (
        one
        for one in printed(["indexes", "list", raster, "--json"], capsys)["indexes"]
        if str(raster) == one["source"]
    )
    assert info["state"] == "raster_missing"


def test_an_index_of_another_model_is_named(place: Path, tmp_path: Path, capsys: Captured) -> None:
    index = Path(printed(["index", place / "scene.tif", "--json"], capsys)["index"])
    other = tmp_path / "other.gpkg"
    with TileIndex.open_for_reading(index) as opened:
        manifest = opened.manifest
    TileIndex.open_for_writing(other, type(manifest)(**{**vars(manifest), "model_sha256": "0" * 64})).close()
    assert "was made with another model" in refusal(["search", other, "a river"], capsys)


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is no signal there")
def test_ctrl_c_ends_a_scan_and_keeps_its_tiles(large_scene: Path, tmp_path: Path) -> None:
    index = tmp_path / "index.gpkg"
    command = (sys.executable, "-m", "msa_model.cli.main", "index", large_scene, "--index", index)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while not index.exists() or not _tiles(index):
            time.sleep(0.1)
            assert process.poll() is None
        os.kill(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == ""
    assert "Cancelled; what was finished is kept." in err
    assert "Traceback" not in err
    assert _tiles(index) > 0


def _tiles(index: Path) -> int:
    try:
        with TileIndex.open_for_reading(index) as opened:
            return len(opened.done_keys())
    except MsaError:  # it is being made
        return 0
