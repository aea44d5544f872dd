import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from msa_model.files.folders import is_writable, make_folder
from msa_model.index import locations
from msa_model.index.locations import default_index_path
from msa_model.index.manifest import Manifest, raster_of

SHA = "0123456789abcdef" * 4
MakeManifest = Callable[..., Manifest]


def test_an_index_lies_beside_its_raster_and_names_raster_and_model(tmp_path: Path) -> None:
    path = default_index_path(str(tmp_path / "town.tif"), SHA, None)
    assert path == tmp_path / "town.tif.msa-01234567.gpkg"
    assert default_index_path(str(tmp_path / "town.jp2"), SHA, None) != path
    assert default_index_path(str(tmp_path / "town.tif"), "f" * 64, None) != path


def test_rasters_inside_archives_and_services_are_indexed_in_the_cache(tmp_path: Path) -> None:
    first = default_index_path("/vsizip/a.zip/town.tif", SHA, str(tmp_path))
    second = default_index_path("/vsizip/b.zip/town.tif", SHA, str(tmp_path))
    netcdf = default_index_path('NETCDF:"/data/c.nc":red/green?', SHA, str(tmp_path))
    assert first.parent == second.parent == netcdf.parent == tmp_path
    assert first != second
    assert not set(netcdf.name) & set(':"?*<>|')


def test_a_folder_one_cannot_write_to_sends_the_index_to_the_cache(tmp_path: Path) -> None:
    nowhere = tmp_path / "not there" / "town.tif"
    assert default_index_path(str(nowhere), SHA, str(tmp_path / "cache")).parent == tmp_path / "cache"


@pytest.mark.skipif(sys.platform == "win32", reason="has no write bits for folders")
def test_a_folder_without_write_bits_is_left_alone_even_by_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    archive = tmp_path / "archive"
    archive.mkdir(mode=0o555)
    assert default_index_path(str(archive / "t.tif"), SHA, str(tmp_path / "cache")).parent.name == "cache"


@pytest.mark.skipif(sys.platform == "win32" or os.getuid() != 0, reason="root writes where no bit allows it")
def test_a_temporary_copy_of_such_a_folder_gets_the_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    copy = tmp_path / "copy"
    copy.mkdir(mode=0o555)
    assert default_index_path(str(copy / "t.tif"), SHA, str(tmp_path / "cache")).parent == copy


@pytest.mark.skipif(sys.platform == "win32" or os.getuid() != 0, reason="root writes where no bit allows it")
def test_what_one_names_is_written_wherever_the_system_lets_one(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    archive.mkdir(mode=0o555)
    make_folder(archive)
    assert is_writable(archive)


def test_a_folder_on_the_network_sends_the_index_to_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locations, "is_local", lambda folder: False)
    assert default_index_path(str(tmp_path / "t.tif"), SHA, str(tmp_path / "cache")).parent.name == "cache"


def test_the_cache_is_the_users_own_when_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere/cache")
    if sys.platform == "linux":
        assert default_index_path("/vsicurl/x/t.tif", SHA, None).parent == Path("/somewhere/cache/msa-search")


@pytest.mark.skipif(sys.platform != "linux", reason="reads a table of mounts")
def test_the_longest_mount_point_decides_what_is_local() -> None:
    mounts = "/dev/sda1 / ext4 rw 0 0\nserver:/x /mnt/maps\\040new nfs4 rw 0 0\ntmpfs /mnt tmpfs rw 0 0\n"
    assert locations._file_system(Path("/mnt/maps new/deep"), mounts) == "nfs4"
    assert locations._file_system(Path("/mnt/other"), mounts) == "tmpfs"
    assert locations._file_system(Path("/home"), mounts) == "ext4"


def test_a_raster_that_moved_with_its_index_is_found_beside_it(
    tmp_path: Path, make_manifest: MakeManifest
) -> None:
    manifest = make_manifest(raster="/gone/town.tif")
    assert raster_of(manifest, tmp_path / "town.gpkg") == "/gone/town.tif"
    (tmp_path / "town.tif").touch()
    assert raster_of(manifest, tmp_path / "town.gpkg") == str(tmp_path / "town.tif")
