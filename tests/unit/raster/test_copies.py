"""Rasters that only the system's GDAL opens, with its real programs; what they hold is made by them, too."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from rasterio.errors import RasterioIOError

from msa_model.protocol.errors import RasterUnreadable, RasterWithoutTransform
from msa_model.protocol.messages import RasterRef
from msa_model.raster import copies
from msa_model.raster.copies import COPIES, own_files
from msa_model.raster.source import RasterSource
from tests.odd_crs import ROTATED

MakeRaster = Callable[..., Path]
Textured = Callable[..., NDArray[np.uint8]]

pytestmark = pytest.mark.skipif(
    not shutil.which("gdal_translate"), reason="this machine has no gdal_translate on its PATH"
)


@cache
def writes(driver: str) -> bool:
    formats = subprocess.run(["gdalinfo", "--formats"], capture_output=True, text=True, check=True).stdout
    return any(
        line.split()[:1] == [driver] and "w" in line.split("(")[1] for line in formats.splitlines()[1:]
    )


def as_format(driver: str, tif: Path, name: str) -> Path:
    """The GeoTIFF in another format, as the system's GDAL writes it."""
    if not writes(driver):
        pytest.skip(f"this machine's GDAL does not write {driver}")
    out = tif.with_name(name)
    subprocess.run(["gdal_translate", "-q", "-of", driver, tif, out], check=True)
    with pytest.raises(RasterioIOError):
        rasterio.open(out)  # else this proves nothing
    return out


@pytest.fixture(autouse=True)
def cache_folder(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "cache"
    COPIES.keep_in(str(folder))
    yield folder
    COPIES.keep_in(None)


@pytest.fixture
def hdf(make_raster: MakeRaster, textured: Textured) -> Path:
    return as_format("HDF4Image", make_raster(textured(300, 400)), "-a scene.hdf")


def opened(path: Path | str) -> RasterSource:
    return RasterSource.open(RasterRef(str(path)))


def made(folder: Path) -> list[Path]:
    return sorted((folder / "system-gdal").glob("*.tif"))


def test_the_pixels_are_those_of_the_file_and_lie_where_they_lay(hdf: Path, textured: Textured) -> None:
    with opened(hdf) as source:
        assert source.path == str(hdf)
        assert (source.width, source.height) == (400, 300)
        assert tuple(source.transform)[:6] == pytest.approx((1, 0, 500_000, 0, -1, 5_000_000))
        assert "UTM zone 33N" in source.crs or source.crs == "EPSG:32633"
        region = source.read_region(0, 0, 1, 400, 300)
    assert (region.rgb == np.moveaxis(textured(300, 400), 0, -1)).all()


def test_a_pdf_has_a_place_and_pixels(make_raster: MakeRaster, textured: Textured) -> None:
    pdf = as_format("PDF", make_raster(textured(256, 256)), "scene.pdf")
    with opened(pdf) as source:
        assert source.gsd_m == pytest.approx(1, rel=0.01)
        assert source.read_region(0, 0, 1, 256, 256).valid.all()


def test_a_format_that_nobody_has_listed_is_read_as_well(make_raster: MakeRaster, textured: Textured) -> None:
    fits = as_format("FITS", make_raster(textured(256, 256)), "scene.fits")
    with opened(fits) as source:
        region = source.read_region(0, 0, 1, 256, 256)
    assert (region.rgb == np.moveaxis(textured(256, 256), 0, -1)).all()


def test_nothing_is_written_beside_the_file(hdf: Path) -> None:
    before = {file.name: file.stat().st_mtime_ns for file in hdf.parent.iterdir() if file.is_file()}
    with opened(hdf) as source:
        source.read_region(0, 0, 1, 64, 64)
    after = {file.name: file.stat().st_mtime_ns for file in hdf.parent.iterdir() if file.is_file()}
    assert after == before


def test_a_copy_is_made_once_and_again_when_the_file_changes(
    hdf: Path, cache_folder: Path, make_raster: MakeRaster, textured: Textured
) -> None:
    with opened(hdf) as first:
        pass
    (copy,) = made(cache_folder)
    made_at = copy.stat().st_ino
    with opened(hdf) as again:
        assert again.stamp == first.stamp
    assert [file.stat().st_ino for file in made(cache_folder)] == [made_at]
    as_format("HDF4Image", make_raster(textured(300, 400, seed=7)), hdf.name)
    with opened(hdf) as other:
        assert other.stamp != first.stamp
        region = other.read_region(0, 0, 1, 400, 300)
    assert (region.rgb == np.moveaxis(textured(300, 400, seed=7), 0, -1)).all()
    assert len(made(cache_folder)) == 1
    assert made(cache_folder) != [copy]


def test_what_somebody_else_put_in_a_copys_place_is_not_read_as_one(
    hdf: Path, cache_folder: Path, make_raster: MakeRaster, textured: Textured
) -> None:
    with opened(hdf):
        pass
    (copy,) = made(cache_folder)
    shutil.copy(make_raster(textured(300, 400, seed=9), "other.tif"), copy)
    with pytest.raises(Exception, match="was not made by MSA Search"):
        opened(hdf)


def test_a_crs_that_geotiff_cannot_hold_is_kept(
    make_raster: MakeRaster, textured: Textured, tmp_path: Path
) -> None:
    pdf = as_format("PDF", make_raster(textured(256, 256)), "rotated.pdf")
    pam = tmp_path / "rotated.pdf.aux.xml"
    pam.write_text(
        f'<PAMDataset><SRS dataAxisToSRSAxisMapping="1,2">{ROTATED}</SRS>'
        "<GeoTransform>10,1e-5,0,5,0,-1e-5</GeoTransform></PAMDataset>"
    )
    with opened(pdf) as source:
        assert "ob_tran" in source.crs
        assert source.transform.c == 10


def test_a_part_of_a_file_is_read_by_its_name(
    hdf: Path, make_raster: MakeRaster, textured: Textured, cache_folder: Path
) -> None:
    pdf = as_format("PDF", make_raster(textured(256, 256)), "page.pdf")
    with opened(f"PDF:1:{pdf}") as source:
        assert (source.width, source.height) == (256, 256)
        assert source.stamp
    with pytest.raises(RasterWithoutTransform):  # the file has one, its tables have none
        opened(f'HDF4_SDS:UNKNOWN:"{hdf}":0')
    assert len(made(cache_folder)) == 2


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ('HDF4_SDS:UNKNOWN:"{file}":0', True),
        ("PDF:1:{file}", True),
        ("{file}", True),
        ("PDF:1:/vsicurl/http://example.org/{file}", False),
        ("HDF4_SDS:/vsicurl/http://example.org/:{file}:0", False),
        ("-of:{file}", False),
        ("{file}/nowhere", False),
    ],
)
def test_only_files_of_this_machine_are_handed_on(tmp_path: Path, name: str, named: bool) -> None:
    file = tmp_path / "a b:c.hdf"
    file.write_bytes(b"\x0e\x03\x13\x01")
    assert own_files(name.format(file=file)) == ([str(file)] if named else [])


def test_a_file_that_both_refuse_keeps_its_sentence(tmp_path: Path, cache_folder: Path) -> None:
    broken, words = tmp_path / "broken.hdf", tmp_path / "words.txt"
    broken.write_bytes(b"\x0e\x03\x13\x01" + bytes(100))
    words.write_text("no raster")
    with pytest.raises(RasterUnreadable, match="an HDF4 file, which the worker's GDAL is built without"):
        opened(broken)
    with pytest.raises(RasterUnreadable, match="not recognized"):
        opened(words)
    assert made(cache_folder) == []


def test_a_raster_with_too_many_pixels_is_refused_before_it_is_copied(
    hdf: Path, cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "LARGEST_BYTES", 300 * 400 * 3 - 1)
    with pytest.raises(RasterUnreadable, match=r"too many to be copied.*gdal_translate.*from QGIS"):
        opened(hdf)
    assert made(cache_folder) == []


def test_a_conversion_that_takes_too_long_is_ended(
    hdf: Path, cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "LONGEST_SECONDS", 1e-4)
    with pytest.raises(RasterUnreadable, match="was not converted"):
        opened(hdf)
    assert list((cache_folder / "system-gdal").iterdir()) == []


def test_the_copies_used_last_are_kept(
    make_raster: MakeRaster, textured: Textured, cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tif = make_raster(textured(100, 100))
    scenes = [as_format("HDF4Image", tif, f"{number}.hdf") for number in range(3)]
    for number, scene in enumerate(scenes[:2]):
        with opened(scene):
            pass
        for copy in made(cache_folder)[number:]:
            os.utime(copy, (number, number))
    monkeypatch.setattr(copies, "_KEPT_BYTES", 1)
    with opened(scenes[2]):
        pass
    assert len(made(cache_folder)) == 1


def test_without_the_systems_gdal_the_remedy_is_told(hdf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RasterUnreadable, match="Convert it to a GeoTIFF"):
        opened(hdf)


def test_a_program_in_the_working_folder_is_not_run(
    hdf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("gdalinfo", "gdal_translate"):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\ntouch '{tmp_path}/was-run'\n")
        program.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    for path in ("", ".", str(tmp_path)):
        monkeypatch.setenv("PATH", path)
        with pytest.raises(RasterUnreadable):
            opened(hdf)
    assert not (tmp_path / "was-run").exists()
