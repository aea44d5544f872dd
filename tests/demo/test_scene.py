"""The demo's landscape: large, georeferenced, the same every time, and what the truth says is there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely

from tests.demo.brushes import SIDE
from tests.demo.report import places_under, ranked_table, truth_lines
from tests.demo.scene import GSD_M, render, write_scene


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_scene(tmp_path_factory.mktemp("scene"))


def truth_of(file: Path) -> dict[str, shapely.Geometry]:
    _, _, shapes, columns = pyogrio.raw.read(file)
    return dict(zip(columns[0], shapely.from_wkb(shapes), strict=True))


def colour_at(file: Path, shape: shapely.Geometry) -> list[float]:
    """The mean red, green and blue of 40 × 40 px well inside a shape."""
    point = shape.representative_point()
    with rasterio.open(file) as raster:
        row, column = raster.index(point.x, point.y)
        pixels = raster.read(window=((row - 20, row + 20), (column - 20, column + 20)))
    return [float(band.mean()) for band in pixels]


def test_the_raster_is_what_a_real_orthophoto_is(files: tuple[Path, Path]) -> None:
    with rasterio.open(files[0]) as raster:
        assert (raster.width, raster.height, raster.count) == (SIDE, SIDE, 3)
        assert raster.crs.to_epsg() == 32633
        assert raster.transform.a == pytest.approx(GSD_M)
        assert raster.block_shapes[0] == (256, 256)
        assert raster.overviews(1) == [2, 4, 8, 16]


def test_the_truth_names_many_kinds_of_places_inside_the_raster(files: tuple[Path, Path]) -> None:
    truth = truth_of(files[1])
    with rasterio.open(files[0]) as raster:
        inside = shapely.box(*raster.bounds).buffer(1)
    assert len(truth) >= 14
    assert all(
        shape.is_valid and shape.intersection(inside).area > 0.9 * shape.area for shape in truth.values()
    )


def test_the_pixels_look_like_what_the_truth_says(files: tuple[Path, Path]) -> None:
    truth = truth_of(files[1])
    red, green, blue = colour_at(files[0], truth["lake"])
    assert blue > green > red
    assert blue < 110
    red, green, blue = colour_at(files[0], truth["beach"])
    assert red > green > blue > 130
    red, green, blue = colour_at(files[0], truth["dense forest"])
    assert green > red > blue
    assert green < 110


@pytest.mark.slow
def test_the_same_seed_paints_the_same_pixels_and_another_seed_others(files: tuple[Path, Path]) -> None:
    with rasterio.open(files[0]) as raster:
        painted = np.moveaxis(raster.read(), 0, 2)
    assert np.array_equal(np.asarray(render().picture), painted)
    assert not np.array_equal(np.asarray(render(seed=8).picture), painted)


def test_the_report_names_what_lies_in_a_hit_and_leaves_out_slivers(files: tuple[Path, Path]) -> None:
    lake = truth_of(files[1])["lake"].centroid
    hit = {"bounds": [lake.x - 50, lake.y - 50, lake.x + 50, lake.y + 50]}
    assert places_under(hit, files[1])[0] in ("lake", "dense forest")
    assert "yes" in truth_lines(hit, "lake", files[1])
    assert "no" in truth_lines(hit, "beach", files[1]).splitlines()[1]
    meadow = {"bounds": [463_320.0, 5_207_450.0, 463_330.0, 5_207_460.0]}
    assert "open land" in truth_lines(meadow, "", files[1])


def test_the_table_shows_the_head_of_the_list() -> None:
    hits = [
        {"rank": rank, "score": 1 / rank, "scale_m": 102.4, "bounds": [0, 0, 10, 10], "crs": "EPSG:32633"}
        for rank in range(1, 31)
    ]
    lines = ranked_table(hits).splitlines()
    assert "EPSG:32633" in lines[0]
    assert lines[1].split() == ["1", "1.000", "102", "m", "5,", "5"]
    assert len(lines) == 11
