"""What changed between two dates, asked of the command line with the shipped model."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import rasterio
from numpy.typing import NDArray
from rasterio.io import MemoryFile
from rasterio.vrt import WarpedVRT

from msa_model.cli.main import main
from msa_model.index.store import TileIndex
from msa_model.protocol.changing import (
    ChangeReply,
    ChangeRequest,
    DatesReply,
    DatesRequest,
    PairReply,
    PairRequest,
)
from msa_model.protocol.codec import from_wire
from msa_model.protocol.hit_table import HeatmapReply
from msa_model.protocol.messages import RasterRef
from msa_model.protocol.rpc import CHANGE, CHANGE_DATES, CHANGE_HEATMAP, CHANGE_PAIR
from tests.present import as_a
from tests.worker.client import WorkerProcess
from tests.worker.conftest import write_scene

Json = dict[str, Any]
Captured = pytest.CaptureFixture[str]
PAINTED = (slice(512, 768), slice(512, 768))  # rows and columns


def repaint(raster: Path, target: Path, crop: int = 0) -> Path:
    """The raster ten years later: darker, and a square of it painted as water."""
    with rasterio.open(raster) as dataset:
        pixels, profile = dataset.read().astype(np.float32) * 0.9, dataset.profile
    ripples = np.random.default_rng(1).normal(0, 4, (3, 256, 256))
    pixels[:, PAINTED[0], PAINTED[1]] = np.array([30, 60, 120])[:, None, None] + ripples
    pixels = np.clip(pixels, 0, 255).astype(np.uint8)[:, : pixels.shape[1] - crop, : pixels.shape[2] - crop]
    with rasterio.open(
        target, "w", **profile | {"height": pixels.shape[1], "width": pixels.shape[2]}
    ) as dataset:
        dataset.write(pixels)
    return target


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two indexed dates of one grid, and three rasters without an index."""
    folder = tmp_path_factory.mktemp("dates")
    before = write_scene(folder / "scene_20100629.tif", 1024)
    after = repaint(before, folder / "scene_20200831.tif")
    for raster in (before, after):
        assert main(["index", str(raster), "--scales", "128"]) == 0
    repaint(before, folder / "alone_2015.tif")
    with rasterio.open(after) as dataset, WarpedVRT(dataset, crs="EPSG:4326", add_alpha=True) as warped:
        profile = {"driver": "GTiff", "width": warped.width, "height": warped.height, "count": 4}
        profile |= {"dtype": "uint8", "crs": warped.crs, "transform": warped.transform}
        with rasterio.open(folder / "other_2021.tif", "w", **profile) as out:
            out.write(warped.read())
            out.colorinterp = (*out.colorinterp[:3], rasterio.enums.ColorInterp.alpha)
    coarsened(after, folder / "coarse_2021.tif")
    with rasterio.open(after) as dataset:
        grey = dataset.profile | {"width": 512, "height": 512, "count": 1}
        write(folder / "grey_2020.tif", dataset.read()[:1, :512, :512], grey)
    (folder / "link_2022.tif").symlink_to(before)
    index = next(folder.glob(f"{before.name}.msa-*.gpkg"))
    shutil.copy(index, folder / "copy.gpkg")
    with TileIndex.open_for_reading(next(folder.glob(f"{after.name}.msa-*.gpkg"))) as own:
        foreign = replace(own.manifest, model="another", model_sha256="0" * 64)
    TileIndex.open_for_writing(folder / "foreign.gpkg", foreign).close()
    far = folder / "far_2020.tif"
    with rasterio.open(write_scene(far, 256), "r+") as dataset:
        dataset.transform = rasterio.Affine.translation(900_000, 0) @ dataset.transform
    return folder


def coarsened(raster: Path, target: Path) -> None:
    """The same in pixels twice as large."""
    with rasterio.open(raster) as dataset:
        bands, height, width = dataset.count, dataset.height // 2, dataset.width // 2
        means = dataset.read().reshape(bands, height, 2, width, 2).mean(axis=(2, 4)).astype(np.uint8)
        transform = dataset.transform @ rasterio.Affine.scale(2)
        write(target, means, dataset.profile | {"width": width, "height": height, "transform": transform})


def write(path: Path, pixels: NDArray[np.uint8], profile: Mapping[str, Any]) -> None:
    with rasterio.open(path, "w", **profile) as dataset:
        dataset.write(pixels)


def asked(place: Path, after: str, question: str, *options: object) -> list[str]:
    line = ["search", "--before", place / "scene_20100629.tif", "--after", place / after, question, *options]
    return [str(word) for word in line]


def printed(line: list[str], capsys: Captured) -> Json:
    capsys.readouterr()
    assert main(line) == 0
    found: Json = json.loads(capsys.readouterr().out)
    return found


def refusal(line: list[str], capsys: Captured) -> str:
    capsys.readouterr()
    assert main(line) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Traceback" not in captured.err
    return captured.err


def painted(hit: Json) -> bool:
    """Whether a hit's tile, of 256 px, lies on the square at least by a quarter."""
    rows, cols = hit["row"] * 32, hit["col"] * 32
    return bool(max(abs(rows - 512), abs(cols - 512)) <= 128)


@pytest.mark.parametrize("question", ["appeared: water", "changed", "a field -> a lake"])
def test_what_changed_is_found_with_both_dates(place: Path, question: str, capsys: Captured) -> None:
    found = printed(asked(place, "scene_20200831.tif", question, "-k", 3, "--json"), capsys)
    assert painted(found["results"][0])
    assert (found["date_before"], found["date_after"]) == ("2010-06-29", "2020-08-31")
    hit = found["results"][0]
    assert (hit["date_before"], hit["date_after"]) == ("2010-06-29", "2020-08-31")
    assert hit["change"] == hit["score"] == hit["match_score"]
    assert hit["phrase_before"]
    assert hit["phrase_after"]
    assert [result["rank"] for result in found["results"]] == [1, 2, 3]
    if question == "appeared: water":
        assert hit["score_after"] > hit["score_before"]
    assert found["only_before"] == found["only_after"] == 0


def test_what_vanished_is_what_appeared_with_the_dates_exchanged(place: Path, capsys: Captured) -> None:
    came = printed(asked(place, "scene_20200831.tif", "appeared: water", "-k", 100, "--json"), capsys)
    back = ["--before", str(place / "scene_20200831.tif"), "--after", str(place / "scene_20100629.tif")]
    went = printed(["search", *back, "vanished: water", "-k", "100", "--json"], capsys)
    assert [(hit["row"], hit["col"], hit["change"]) for hit in came["results"]] == [
        (hit["row"], hit["col"], pytest.approx(hit["change"], abs=1e-4)) for hit in went["results"]
    ]
    assert came["results"][0]["change"] > 0 > went["results"][-1]["change"]


def test_a_scene_class_leaves_the_others_out_and_words_tell_what_they_add(
    place: Path, capsys: Captured
) -> None:
    asked_all = asked(place, "scene_20200831.tif", "appeared: a blue lake", "-k", 1000, "--json")
    whole = printed([*asked_all, "--words"], capsys)
    every = whole["results"]
    assert [word["word"] for word in every[0]["words"]] == ["a", "blue", "lake"]
    assert sum(word["contribution"] for word in every[0]["words"]) != 0
    classes = {hit["category"] for hit in every}
    chosen = every[0]["category"]
    assert len(classes) > 1
    reply = printed([*asked_all, "--class", chosen], capsys)
    some = reply["results"]
    assert reply["tiles"] == whole["tiles"] > reply["verdict"]["compared"]
    assert [(hit["row"], hit["col"]) for hit in some] == [
        (hit["row"], hit["col"]) for hit in every if hit["category"] == chosen
    ]
    assert "no scene class 'ufos'" in refusal([*asked_all, "--class", "ufos"], capsys)
    gone = printed(asked(place, "scene_20200831.tif", "changed", "-k", 1, "--words", "--json"), capsys)
    assert gone["results"][0]["words"] == []


def test_words_that_must_be_there_leave_out_what_does_not_show_them(place: Path, capsys: Captured) -> None:
    line = asked(place, "scene_20200831.tif", "appeared: !pond", "-k", 1000, "--json")
    found = printed(line, capsys)["results"]
    everything = printed(asked(place, "scene_20200831.tif", "appeared: pond", "-k", 1000, "--json"), capsys)
    assert 0 < len(found) < len(everything["results"])
    shown = [hit for hit in everything["results"] if hit["score_after"] >= 0]
    assert [(hit["row"], hit["col"]) for hit in found] == [(hit["row"], hit["col"]) for hit in shown]
    none = printed(asked(place, "scene_20200831.tif", "appeared: !airport", "--json"), capsys)
    assert (none["results"], none["verdict"]["level"]) == ([], "nothing")


def test_places_may_be_merged_and_written(place: Path, tmp_path: Path, capsys: Captured) -> None:
    out = tmp_path / "changes.gpkg"
    line = asked(place, "scene_20200831.tif", "appeared: water", "--merge", "--out", out, "--json")
    found = printed(line, capsys)
    assert len({hit["place"] for hit in found["results"]}) == len(found["results"])
    layer = pyogrio.raw.read(out)
    columns = dict(zip(layer[0]["fields"].tolist(), layer[3], strict=True))
    assert columns["date_before"].tolist() == ["2010-06-29"] * len(found["results"])
    assert columns["change"].tolist() == pytest.approx([hit["change"] for hit in found["results"]])
    assert columns["phrase_after"][0] == found["results"][0]["phrase_after"]


def test_dates_may_be_given(place: Path, capsys: Captured) -> None:
    dates = ("--date-before", "2011-01", "--date-after", "2019-07", "--json")
    found = printed(asked(place, "scene_20200831.tif", "changed", *dates), capsys)
    assert (found["date_before"], found["date_after"]) == ("2011-01", "2019-07")
    assert any("season" in warning for warning in found["warnings"])


def test_a_change_like_that_of_a_place_is_found(place: Path, capsys: Captured) -> None:
    centre = ("--like", "500320,3999680")  # of the painted square
    found = printed(asked(place, "scene_20200831.tif", "like this change", *centre, "--json"), capsys)
    assert painted(found["results"][0])
    assert found["results"][0]["score_before"] is None


@pytest.mark.parametrize("after", ["other_2021.tif", "coarse_2021.tif"])
def test_another_grid_is_read_on_the_first_ones_pixels(
    place: Path, after: str, tmp_path: Path, capsys: Captured
) -> None:
    options = ("--cache", tmp_path / "cache", "-k", 3, "--json")
    assert main(asked(place, after, "appeared: water", *options)) == 0
    told = capsys.readouterr()
    found = json.loads(told.out)
    assert painted(found["results"][0])
    assert found["date_after"] == "2021"
    assert "tiles are read" in told.err
    main(asked(place, after, "appeared: water", *options))
    assert "tiles are read" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("after", "question", "options", "sentence"),
    [
        ("scene_20100629.tif", "changed", (), "same raster"),
        ("link_2022.tif", "changed", (), "same raster"),
        ("copy.gpkg", "changed", (), "same raster"),
        ("foreign.gpkg", "changed", (), "another model"),
        ("far_2020.tif", "changed", (), "do not overlap"),
        ("alone_2015.tif", "changed", (), "has not been indexed"),
        ("missing.tif", "changed", (), "no raster"),
        ("scene_20200831.tif", "water", (), "appeared: X"),
        ("scene_20200831.tif", "like this change", (), "needs --like"),
        ("scene_20200831.tif", "like this change", ("--like", "0,0"), "No tile"),
        ("scene_20200831.tif", "changed", ("--date-after", "soon"), "2020-08-31"),
        ("scene_20200831.tif", "changed", ("--date-before", "2020-02-31"), "2020-02-31"),
        ("scene_20200831.tif", "changed", ("-k", "0"), "number of results"),
        ("scene_20200831.tif", "changed", ("--heatmap", "a.tif"), "--heatmap"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_a_sentence(  # noqa: PLR0917
    place: Path, after: str, question: str, options: tuple[str, ...], sentence: str, capsys: Captured
) -> None:
    assert sentence in refusal(asked(place, after, question, *options), capsys)


@pytest.mark.parametrize(
    ("after", "sentence"),
    [("alone_2015.tif", "same raster"), ("far_2020.tif", "do not overlap"), ("missing.tif", "no raster")],
)
@pytest.mark.parametrize("agreed", [(), ("--scan",)])
def test_what_cannot_be_compared_is_told_before_the_first_date_is_scanned(
    place: Path, after: str, sentence: str, agreed: tuple[str, ...], capsys: Captured
) -> None:
    before, later = str(place / "alone_2015.tif"), str(place / after)
    line = ["search", "--before", before, "--after", later, "changed", *agreed]
    assert sentence in refusal(line, capsys)
    assert not list(place.glob("alone_2015.tif.*"))


def test_a_date_without_an_index_is_scanned_where_that_is_agreed_to(place: Path, capsys: Captured) -> None:
    told = refusal(asked(place, "grey_2020.tif", "changed"), capsys)
    assert "has not been indexed with this model (9 tiles, about" in told
    assert "--scan" in told
    found = printed(asked(place, "grey_2020.tif", "changed", "--scan", "--json"), capsys)
    assert found["tiles"] == 9
    assert any("grey" in warning for warning in found["warnings"])


@pytest.mark.parametrize(
    ("dates", "warning"),
    [
        (("2020-08-31", "2020-08-31"), "Both dates read 2020-08-31"),
        (("2021", "2020"), "is later than 'after'"),
        (("2010-01", "2020-07"), "different seasons"),
    ],
)
def test_dates_that_say_little_are_a_warning(
    place: Path, dates: tuple[str, str], warning: str, capsys: Captured
) -> None:
    options = ("--date-before", dates[0], "--date-after", dates[1], "--json")
    found = printed(asked(place, "scene_20200831.tif", "changed", *options), capsys)
    assert any(warning in text for text in found["warnings"])


def test_two_dates_need_both_of_them_and_one_question(place: Path, capsys: Captured) -> None:
    raster = str(place / "scene_20100629.tif")
    assert "--after" in refusal(["search", "--before", raster, "changed"], capsys)
    line = ["search", "--before", raster, "--after", raster, raster, "changed"]
    assert "question alone" in refusal(line, capsys)


def test_the_worker_answers_as_the_command_does(place: Path, worker: WorkerProcess, capsys: Captured) -> None:
    found = printed(asked(place, "scene_20200831.tif", "appeared: water", "-k", 5, "--json"), capsys)
    first = found["results"][0]
    request = ChangeRequest("appeared: water", first["index"], first["index_after"], k=5)
    reply = from_wire(ChangeReply, worker.call(CHANGE, request).result)
    assert [(hit.row, hit.col) for hit in reply.results] == [
        (hit["row"], hit["col"]) for hit in found["results"]
    ]
    assert reply.verdict.level == found["verdict"]["level"]
    assert [index.index for index in reply.indexes] == [first["index"], first["index_after"]]


def test_the_worker_tells_dates_and_what_to_scan_of_the_later_raster(
    place: Path, worker: WorkerProcess
) -> None:
    rasters = tuple(str(place / name) for name in ("scene_20100629.tif", "other_2021.tif", "gone.tif"))
    dates = worker.call(CHANGE_DATES, DatesRequest(rasters, ("", "", "flight of 2017-04"))).result
    assert from_wire(DatesReply, dates).dates == ("2010-06-29", "2021", "2017-04")
    before = RasterRef(rasters[0])
    for name, laid_over in (("scene_20200831.tif", False), ("other_2021.tif", True)):
        after = RasterRef(str(place / name), (1, 2, 3))
        pair = from_wire(PairReply, worker.call(CHANGE_PAIR, PairRequest(before, after)).result)
        assert (pair.after != after) is laid_over
        assert bool(pair.index) is laid_over
        assert as_a(RasterRef, pair.after).bands == after.bands


def test_the_map_of_a_change_lies_around_what_did_not_change(
    place: Path, worker: WorkerProcess, capsys: Captured
) -> None:
    found = printed(asked(place, "scene_20200831.tif", "appeared: water", "-k", 1, "--json"), capsys)
    first = found["results"][0]
    request = ChangeRequest("appeared: water", first["index"], first["index_after"])
    answer = worker.call(CHANGE_HEATMAP, request)
    reply = from_wire(HeatmapReply, answer.result)
    with MemoryFile(answer.attachment) as file, file.open() as dataset:
        cells = dataset.read(1, masked=True)
        cell = 1024 // dataset.width
    assert reply.low == -reply.high
    assert abs(float(np.median(cells.compressed()))) < 1e-3
    row, col = (at * cell for at in np.unravel_index(cells.argmax(), cells.shape))
    assert PAINTED[0].start <= row < PAINTED[0].stop
    assert PAINTED[1].start <= col < PAINTED[1].stop
