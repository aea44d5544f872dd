"""A query over many dates, and what changed at a place, with the shipped model."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyogrio
import pytest
import rasterio

from msa_model.cli.main import main
from msa_model.index.store import TileIndex
from msa_model.protocol.changing import ChangeHereReply, ChangeHereRequest, SeriesReply, SeriesRequest
from msa_model.protocol.codec import from_wire
from msa_model.protocol.match import match_of
from msa_model.protocol.rpc import CHANGE_HERE, SERIES
from tests.worker.client import WorkerProcess
from tests.worker.conftest import write_scene
from tests.worker.test_change_command import Captured, printed, refusal, repaint

Json = dict[str, Any]
DATES = ("2000", "2010-06", "2020-08-31")
CENTRE = "500320,3999680"  # of the painted square


@pytest.fixture(scope="module")
def dates(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Three dates of one place, the last with water, the second cut off at the right and below."""
    folder = tmp_path_factory.mktemp("series")
    first = write_scene(folder / "scene_2000.tif", 1024)
    rasters = [first, repaint(first, folder / "scene_2010-06.tif", crop=256)]
    rasters.append(repaint(first, folder / "scene_20200831.tif"))
    for raster in rasters:
        assert main(["index", str(raster), "--scales", "128"]) == 0
    return [str(raster) for raster in rasters]


def test_each_tile_has_a_score_for_each_date(dates: list[str], capsys: Captured) -> None:
    found = printed(["series", *dates[::-1], "water", "-k", "100", "--json"], capsys)
    assert tuple(found["dates"]) == DATES
    assert [Path(source).name for source in found["sources"]] == [Path(raster).name for raster in dates]
    water = next(hit for hit in found["results"] if (hit["row"], hit["col"]) == (16, 16))
    assert water["trend"] > 0
    assert water["scores"][2] > water["scores"][0]
    assert "water" in water["phrase"] or water["category"] == "water"
    assert water["match"] == match_of(water["match_score"])
    assert [index["source"] for index in found["indexes"]] == found["sources"]
    edge = next(hit for hit in found["results"] if (hit["row"], hit["col"]) == (0, 24))
    assert edge["scores"][1] is None
    assert None not in (edge["scores"][0], edge["scores"][2])
    assert any("gaps" in warning or "lack" in warning for warning in found["warnings"])


def test_a_layer_over_time_has_one_feature_for_each_tile_and_date(
    dates: list[str], tmp_path: Path, capsys: Captured
) -> None:
    out = tmp_path / "series.gpkg"
    found = printed(["series", *dates, "water", "-k", "5", "--out", str(out), "--json"], capsys)
    layer = pyogrio.raw.read(out)
    columns = dict(zip(layer[0]["fields"].tolist(), layer[3], strict=True))
    scores = [score for hit in found["results"] for score in hit["scores"] if score is not None]
    assert columns["date_score"].tolist() == pytest.approx(scores)
    assert columns["date"].dtype.kind == "M"
    assert {str(day)[:10] for day in columns["date"]} <= {"2000-01-01", "2010-06-01", "2020-08-31"}


def test_a_history_like_that_of_a_place_is_found(dates: list[str], capsys: Captured) -> None:
    found = printed(["series", *dates, "water", "--place", CENTRE, "-k", "3", "--json"], capsys)
    assert found["results"][0]["correlation"] == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--dates", "2000,2010"], "2 dates do not fit 3 rasters"),
        (["--dates", "2000,2010,2010"], "both have the date 2010"),
        (["--dates", "2000,2010,soon"], "2020-08-31"),
        (["-k", "0"], "number of results"),
        (["--place", "0,0"], "No tile"),
    ],
)
def test_what_makes_no_series_is_refused(
    dates: list[str], options: list[str], sentence: str, capsys: Captured
) -> None:
    assert sentence in refusal(["series", *dates, "water", *options], capsys)


def test_no_raster_stands_for_two_dates(dates: list[str], tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "link.tif").symlink_to(dates[1])
    line = ["series", *dates, str(tmp_path / "link.tif"), "water", "--dates", "2000,2010,2020,2021"]
    assert "same raster" in refusal(line, capsys)


def test_rasters_that_tell_no_date_are_named(dates: list[str], tmp_path: Path, capsys: Captured) -> None:
    first, second = (tmp_path / name for name in ("first.tif", "second.tif"))
    for raster, target in ((dates[0], first), (dates[2], second)):
        shutil.copy(raster, target)
    told = refusal(["series", str(first), str(second), "water"], capsys)
    assert "has not been indexed with this model" in told
    told = refusal(["series", str(first), str(second), "water", "--scan"], capsys)
    assert "Nothing tells the date of first.tif" in told
    assert "2020-08-31" in told


@pytest.fixture(scope="module")
def odd_dates(dates: list[str]) -> Path:
    """Beside the dates: one in grey, one elsewhere, and an index that another model made."""
    folder = Path(dates[0]).parent
    with rasterio.open(dates[2]) as dataset:
        profile, pixels = dataset.profile, dataset.read()[:, :256, :256]
    small = profile | {"width": 256, "height": 256}
    far = rasterio.Affine.translation(900_000, 0) @ profile["transform"]
    for name, changed in (("grey_2022.tif", {"count": 1}), ("far_2023.tif", {"transform": far})):
        with rasterio.open(folder / name, "w", **small | changed) as dataset:
            dataset.write(pixels[: dataset.count])
        assert main(["index", str(folder / name), "--scales", "128"]) == 0
    with TileIndex.open_for_reading(next(folder.glob("scene_20200831.tif.msa-*.gpkg"))) as own:
        foreign = replace(own.manifest, model="another", model_sha256="0" * 64)
    TileIndex.open_for_writing(folder / "foreign.gpkg", foreign).close()
    return folder


@pytest.mark.parametrize(
    ("name", "sentence"), [("far_2023.tif", "do not overlap"), ("foreign.gpkg", "another model")]
)
def test_a_raster_of_another_place_or_model_makes_no_series(
    dates: list[str], odd_dates: Path, name: str, sentence: str, capsys: Captured
) -> None:
    assert sentence in refusal(["series", *dates[:2], str(odd_dates / name), "water"], capsys)


def test_a_date_in_grey_among_colours_is_told(dates: list[str], odd_dates: Path, capsys: Captured) -> None:
    line = ["series", *dates[:2], str(odd_dates / "grey_2022.tif"), "water", "--json"]
    assert any("in grey, others in colour" in warning for warning in printed(line, capsys)["warnings"])


def test_one_raster_makes_no_series(dates: list[str], capsys: Captured) -> None:
    assert "two rasters" in refusal(["series", dates[0], "water"], capsys)


def test_the_worker_tells_series_and_what_changed_at_a_place(dates: list[str], worker: WorkerProcess) -> None:
    indexes = tuple(
        str(next(Path(raster).parent.glob(f"{Path(raster).name}.msa-*.gpkg"))) for raster in dates
    )
    series = from_wire(SeriesReply, worker.call(SERIES, SeriesRequest("water", indexes, k=4)).result)
    assert [hit.rank for hit in series.results] == [1, 2, 3, 4]
    request = ChangeHereRequest(indexes[0], indexes[2], (500320.0, 3999680.0))
    here = from_wire(ChangeHereReply, worker.call(CHANGE_HERE, request).result)
    assert (here.date_before, here.date_after) == ("2000", "2020-08-31")
    assert here.gained[0].score >= here.gained[-1].score > 0 > here.lost[-1].score >= here.lost[0].score
    assert here.changed == here.sentence.startswith("From ")
    calm = ChangeHereRequest(indexes[0], indexes[2], (500020.0, 3999980.0))
    assert from_wire(ChangeHereReply, worker.call(CHANGE_HERE, calm).result).change < here.change
