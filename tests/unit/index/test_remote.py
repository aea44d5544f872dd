"""Index files on a server: copied when they are new, kept as long as they are the same."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from msa_model.index import remote
from msa_model.index.blocks import EncodedTiles
from msa_model.index.finding import may_be_opened, remember
from msa_model.index.manifest import Manifest
from msa_model.index.remote import (
    FOLDER,
    RemoteIndexes,
    is_copy,
    is_remote,
    is_remote_folder,
    remote_index_files,
)
from msa_model.index.store import TileIndex
from msa_model.jobs.change_pair import date_of_index
from msa_model.jobs.index_files import index_of
from msa_model.jobs.open_files import OpenIndexes, OpenSources
from msa_model.jobs.thumbnails import thumbnails
from msa_model.protocol.errors import BadArgument, MsaError, RasterUnreadable
from msa_model.protocol.messages import ThumbnailRequest, TileRef
from tests.file_server import FileServer, file_server

Make = Callable[..., None]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shared")
    (folder / "bucket").mkdir()
    return folder


@pytest.fixture(scope="module")
def server(shared: Path) -> Iterator[FileServer]:
    with file_server(shared, shared / "requests.log") as server:
        yield server


@pytest.fixture(autouse=True)
def object_store(server: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same files as /vsis3."""
    for option, value in {
        "AWS_S3_ENDPOINT": f"127.0.0.1:{server.port}",
        "AWS_HTTPS": "NO",
        "AWS_VIRTUAL_HOSTING": "FALSE",
        "AWS_NO_SIGN_REQUEST": "YES",
    }.items():
        monkeypatch.setenv(option, value)


@pytest.fixture
def make(shared: Path, make_manifest: Callable[..., Manifest], make_tiles: Callable[..., tuple]) -> Make:  # type: ignore[type-arg]
    def write(name: str, start: int = 0, **changes: object) -> None:
        with TileIndex.open_for_writing(shared / name, make_manifest(**changes)) as index:
            index.append(EncodedTiles(*make_tiles(start=start)))

    return write


@pytest.fixture
def copies(tmp_path: Path) -> RemoteIndexes:
    return RemoteIndexes(str(tmp_path))


def kept(folder: Path) -> list[Path]:
    return sorted((folder / FOLDER).glob("*.gpkg"))


@pytest.mark.parametrize("path", ["/vsicurl/http://a/b.GPKG", "/vsis3/bucket/town.tif.msa-0a1b2c3d.gpkg"])
def test_an_index_on_a_server_has_a_name_that_tells(path: str) -> None:
    assert is_remote(path)
    assert not is_remote(path.removesuffix(path[-5:]))
    assert not is_remote(path.lstrip("/"))


@pytest.mark.parametrize("system", ["vsicurl", "vsis3"])
def test_an_index_on_a_server_is_copied_once(
    system: str, server: FileServer, shared: Path, make: Make, copies: RemoteIndexes
) -> None:
    name = f"bucket/{system}.gpkg"
    make(name)
    path = server.vsicurl(name) if system == "vsicurl" else f"/vsis3/{name}"
    copy = copies.copy_of(path)
    assert copy is not None
    assert is_copy(copy)
    assert copy.read_bytes() == (shared / name).read_bytes()
    file = copy.stat().st_ino
    assert copies.copy_of(path) == copy
    assert copy.stat().st_ino == file


def test_an_index_that_has_grown_takes_the_place_of_its_earlier_copy(
    server: FileServer, shared: Path, make: Make, copies: RemoteIndexes, tmp_path: Path
) -> None:
    make("grows.gpkg")
    earlier = copies.copy_of(server.vsicurl("grows.gpkg"))
    make("grows.gpkg", start=60)
    later = copies.copy_of(server.vsicurl("grows.gpkg"))
    assert earlier is not None
    assert later is not None
    assert kept(tmp_path) == [later]
    with TileIndex.open_for_reading(later) as index:
        assert index.counts().tiles == 120


def test_a_signed_address_is_the_same_index_however_it_is_signed(
    server: FileServer, make: Make, copies: RemoteIndexes, tmp_path: Path
) -> None:
    make("signed.gpkg")
    path = server.vsicurl("signed.gpkg?X-Amz-Signature=")
    assert copies.copy_of(f"{path}abc") == copies.copy_of(f"{path}def")
    assert len(kept(tmp_path)) == 1


@pytest.mark.parametrize("folder", ["a!b", "a;b"])
def test_the_cache_folder_may_have_any_name(
    folder: str, server: FileServer, make: Make, tmp_path: Path
) -> None:
    make(f"{folder}.gpkg")
    elsewhere = RemoteIndexes(str(tmp_path / folder))
    copy = elsewhere.copy_of(server.vsicurl(f"{folder}.gpkg"))
    assert copy is not None
    file = copy.stat().st_ino
    assert elsewhere.copy_of(server.vsicurl(f"{folder}.gpkg")) == copy
    assert copy.stat().st_ino == file


@pytest.mark.parametrize("content", [None, b"", b"no index", b"SQLite format 3\0" + bytes(5000)])
def test_what_is_no_index_is_not_copied(
    content: bytes | None, server: FileServer, shared: Path, copies: RemoteIndexes, tmp_path: Path
) -> None:
    name = "other.gpkg"
    (shared / name).unlink(missing_ok=True)
    if content is not None:
        (shared / name).write_bytes(content)
    assert copies.copy_of(server.vsicurl(name)) is None
    assert kept(tmp_path) == []


def test_of_too_many_copies_those_unused_for_longest_go_and_nothing_else(
    server: FileServer, make: Make, copies: RemoteIndexes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / FOLDER).mkdir()
    foreign = tmp_path / FOLDER / "notes.gpkg"
    foreign.write_text("mine")
    for number in range(4):
        make(f"many{number}.gpkg", raster=f"/rasters/{number}.tif")
    paths = [server.vsicurl(f"many{number}.gpkg") for number in range(4)]
    first, second, third = (copies.copy_of(path) for path in paths[:3])
    assert first
    assert second
    assert third
    monkeypatch.setattr(remote, "_KEPT_BYTES", 3.5 * first.stat().st_size)
    for age, copy in enumerate((second, third, first)):
        os.utime(copy, (age, age))
    fourth = copies.copy_of(paths[3])
    assert fourth is not None
    assert kept(tmp_path) == sorted([first, third, fourth, foreign])


def test_what_a_copy_names_on_a_server_is_not_asked_for(
    server: FileServer, make: Make, tmp_path: Path
) -> None:
    make("named.gpkg", raster=server.vsicurl("secret.tif"))
    copy = index_of(server.vsicurl("named.gpkg"), "a" * 64, str(tmp_path))
    assert len(OpenIndexes("a" * 64, OpenSources()).get(str(copy)).table.keys) == 60
    assert not any("secret" in path for path in server.requests())


@pytest.mark.parametrize("named", ["/vsicurl/{}.tif", "WMS:{}?", "{}.tif"])
def test_what_an_index_from_elsewhere_names_on_a_server_is_not_asked_for(
    named: str, server: FileServer, shared: Path, make: Make, tmp_path: Path
) -> None:
    raster = named.format(f"http://127.0.0.1:{server.port}/{tmp_path.name}_2020-05-01")
    path, sources = str(shared / f"{tmp_path.name}.gpkg"), OpenSources()
    make(Path(path).name, raster=raster)
    found = OpenIndexes("a" * 64, sources, None, partial(may_be_opened, cache_folder=str(tmp_path)))
    assert len(found.get(path).table.keys) == 60
    with pytest.raises(RasterUnreadable, match="alone"):
        thumbnails(found, sources, ThumbnailRequest((TileRef(path, 1, 0, 0),)))
    assert date_of_index(found.get(path)) == "2020-05-01"
    assert not any(tmp_path.name in request for request in server.requests())
    remember(Path(path), found.get(path).manifest, str(tmp_path))
    again = OpenIndexes("a" * 64, sources, None, partial(may_be_opened, cache_folder=str(tmp_path)))
    with suppress(MsaError):
        again.get(path)
    assert any(tmp_path.name in request for request in server.requests())


def test_a_layers_title_is_no_raster_to_open(
    server: FileServer, shared: Path, make: Make, tmp_path: Path
) -> None:
    title = f"{server.vsicurl(tmp_path.name)} 2020-05-01"
    make(f"{tmp_path.name}.gpkg", drawn=True, title=title)
    index = OpenIndexes("a" * 64, OpenSources()).get(str(shared / f"{tmp_path.name}.gpkg"))
    assert date_of_index(index) == "2020-05-01"
    assert not any(tmp_path.name in request for request in server.requests())


def test_where_there_is_nothing_the_sentence_says_what_the_server_said(
    server: FileServer, tmp_path: Path
) -> None:
    with pytest.raises(RasterUnreadable, match=r"/missing\.gpkg: HTTP response code: 404"):
        index_of(server.vsicurl("missing.gpkg"), "a" * 64, str(tmp_path))


@pytest.mark.parametrize("ending", ["", "/"])
def test_a_folder_in_an_object_store_has_the_index_files_that_lie_in_it(
    ending: str, shared: Path, make: Make, copies: RemoteIndexes
) -> None:
    folder = shared / "bucket" / "library"
    (folder / "below").mkdir(parents=True, exist_ok=True)
    for name in ("b.gpkg", "a.gpkg", "below/c.gpkg"):
        make(f"bucket/library/{name}")
    (folder / "notes.txt").write_text("no index", encoding="utf-8")
    path = f"/vsis3/bucket/library{ending}"
    assert is_remote_folder(path)
    found = remote_index_files(path)
    assert found == ("/vsis3/bucket/library/a.gpkg", "/vsis3/bucket/library/b.gpkg")
    assert all(copies.copy_of(name) for name in found)


def test_a_folder_that_cannot_be_listed_or_holds_too_much_is_refused_by_name(
    shared: Path, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(MsaError, match="/vsis3/nowhere/library could not be listed"):
        remote_index_files("/vsis3/nowhere/library")
    (shared / "bucket" / "many").mkdir()
    for name in "ab":
        make(f"bucket/many/{name}.gpkg")
    monkeypatch.setattr(remote, "_MOST_FILES", 1)
    with pytest.raises(BadArgument, match="has 2 index files; at most 1"):
        remote_index_files("/vsis3/bucket/many")


@pytest.mark.parametrize("path", ["/vsis3/bucket/a.gpkg", "/vsis3/bucket/scene.tif", "/data/library"])
def test_files_and_folders_of_this_machine_are_no_folders_in_a_store(path: str) -> None:
    assert not is_remote_folder(path)
