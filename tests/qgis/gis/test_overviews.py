"""Overviews in a file of their own: whole or not there, the raster only read."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from hashlib import shake_256
from pathlib import Path

import pytest
from osgeo import gdal
from pytestqt.qtbot import QtBot
from qgis.core import QgsApplication

from msa_model.protocol.errors import Cancelled
from qgis_msa_plugin.gis.overviews import OverviewTask, build_overviews, check_buildable, overview_file
from tests.qgis.dock.conftest import write_raster
from tests.refusals import raises_kind


@pytest.fixture
def raster(tmp_path: Path) -> Path:
    return write_raster(tmp_path / "town.tif", side=1500)


def levels_of(raster: Path) -> list[int]:
    data = gdal.Open(str(raster))
    band = data.GetRasterBand(1)
    return [round(band.XSize / band.GetOverview(level).XSize) for level in range(band.GetOverviewCount())]


def test_they_lie_beside_the_raster_which_stays_as_it_is(raster: Path) -> None:
    before, changed = raster.read_bytes(), raster.stat().st_mtime_ns
    shares: list[float] = []

    def follow(share: float) -> bool:
        shares.append(share)
        return True

    build_overviews(raster, follow)
    assert levels_of(raster) == [2, 4, 8]
    assert (raster.read_bytes(), raster.stat().st_mtime_ns) == (before, changed)
    assert sorted(os.listdir(raster.parent)) == ["town.tif", "town.tif.ovr"]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_a_pixel_of_an_overview_is_the_mean_of_those_below(raster: Path) -> None:
    build_overviews(raster, lambda _: True)
    data = gdal.Open(str(raster))
    band = data.GetRasterBand(1)
    fine, coarse = band.ReadRaster(40, 40, 2, 2), band.GetOverview(0).ReadRaster(20, 20, 1, 1)
    assert coarse[0] == pytest.approx(sum(fine) / 4, abs=1)


def test_nothing_is_left_of_what_was_cancelled(raster: Path) -> None:
    with pytest.raises(Cancelled):
        build_overviews(raster, lambda share: share < 0.5)
    assert os.listdir(raster.parent) == ["town.tif"]


def test_what_is_in_their_place_stays(raster: Path) -> None:
    overview_file(raster).write_bytes(b"somebody's")
    with raises_kind("file_unusable", match=r"town\.tif\.ovr"):
        build_overviews(raster, lambda _: True)
    assert overview_file(raster).read_bytes() == b"somebody's"


def test_a_file_that_comes_in_their_place_meanwhile_stays(raster: Path) -> None:
    def advance(_: float) -> bool:
        overview_file(raster).write_bytes(b"somebody's")
        return True

    with raises_kind("file_unusable", match="already"):
        build_overviews(raster, advance)
    assert overview_file(raster).read_bytes() == b"somebody's"


@pytest.mark.parametrize("name", ["gone.tif", "/vsizip/town.zip/town.tif"])
def test_what_is_no_file_here_has_nothing_beside_it(tmp_path: Path, name: str) -> None:
    with raises_kind("file_unusable", match="no file on this computer"):
        check_buildable(tmp_path / name)


def test_what_is_no_raster_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.tif").write_text("no raster")
    with raises_kind("file_unusable", match="cannot be opened"):
        check_buildable(tmp_path / "notes.tif")


def test_a_folder_that_nobody_may_write_to_is_named(raster: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr("tempfile.mkdtemp", refuse)  # where the answer of the system was too hopeful
        with raises_kind("folder_read_only", match=raster.parent.name):
            build_overviews(raster, lambda _: True)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with raises_kind("folder_read_only", match=raster.parent.name):
        check_buildable(raster)


def test_a_task_builds_them_in_the_background_and_says_how_it_went(raster: Path, qtbot: QtBot) -> None:
    told: list[object] = []
    for expected in (None, "file_unusable"):
        task = OverviewTask(raster)
        task.ended.connect(told.append)
        QgsApplication.taskManager().addTask(task)
        qtbot.waitUntil(lambda: bool(told))
        assert getattr(told.pop(), "kind", None) == expected
    assert levels_of(raster) == [2, 4, 8]


def noise(path: Path) -> Path:
    """A raster that compression does not make smaller; its overviews take 730 kB."""
    data = gdal.GetDriverByName("GTiff").Create(str(path), 900, 900, 3)
    for band in (1, 2, 3):
        data.GetRasterBand(band).WriteRaster(0, 0, 900, 900, shake_256(bytes([band])).digest(900 * 900))
    return path


@pytest.mark.parametrize("room", [700_000, 400_000, 100_000])
def test_a_disk_that_fills_leaves_no_half_overviews(
    room: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, disk_of: Callable[[int], Path]
) -> None:
    raster = noise(tmp_path / "noise.tif")
    disk = disk_of(raster.stat().st_size + room)
    shutil.copy(raster, disk)
    monkeypatch.setattr("qgis_msa_plugin.gis.overviews.most_bytes", lambda _: 0)  # filled meanwhile
    with raises_kind("disk_full", match="not enough room"):
        build_overviews(disk / raster.name, lambda _: True)
    assert [path.name for path in disk.iterdir()] == [raster.name]
