"""A raster that was renamed or moved keeps its index, whether that came along or not; a copy has its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from msa_model.index.files import writing_alone
from msa_model.index.finding import index_path_of
from msa_model.index.locations import NAME, Catalogue
from msa_model.index.store import TileIndex
from msa_model.jobs.engine import Engine
from msa_model.jobs.index_files import index_of
from msa_model.jobs.steps import outcome
from msa_model.model.encoder import Encoder
from msa_model.protocol.errors import IndexMissing
from msa_model.protocol.indexes import CoverageRequest, IndexListRequest
from msa_model.protocol.messages import RasterRef, ScanPlan, ScanRequest, SearchRequest
from msa_model.raster.source import RasterSource
from tests.worker.conftest import write_scene

Change = Callable[[Path], Path]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


@pytest.fixture
def cache(tmp_path: Path) -> str:
    return str(tmp_path / "cache")


@pytest.fixture
def engine(encoder: Encoder, cache: str) -> Engine:
    return Engine(encoder, cache)


@pytest.fixture
def town(folder: Path, engine: Engine) -> Path:
    """A raster that is indexed at the usual place."""
    raster = write_scene(folder / "town.tif", 512)
    assert outcome(engine.scan(ScanRequest(RasterRef(str(raster))))).encoded > 0
    return raster


def planned(engine: Engine, raster: Path) -> ScanPlan:
    return outcome(engine.plan(ScanRequest(RasterRef(str(raster)))))


def source_of(engine: Engine, index: str) -> str:
    """The raster that hits name."""
    reply, _ = engine.rank(SearchRequest("a road", (index,), 3))
    return reply.indexes[0].source


def rename(raster: Path) -> Path:
    return raster.rename(raster.with_name("city.tif"))


def move(raster: Path) -> Path:
    place = raster.parent.parent / "elsewhere"
    place.mkdir()
    return raster.rename(place / raster.name)


def move_and_rename(raster: Path) -> Path:
    return rename(move(raster))


def move_with_its_index(raster: Path) -> Path:
    place = raster.parent.parent / "elsewhere"
    place.mkdir()
    for file in list(raster.parent.iterdir()):
        file.rename(place / file.name)
    return place / raster.name


def rename_both(raster: Path) -> Path:
    for file in list(raster.parent.iterdir()):
        file.rename(file.with_name(file.name.replace("town", "city")))
    return raster.with_name("city.tif")


@pytest.mark.parametrize("change", [rename, move, move_and_rename, move_with_its_index, rename_both])
def test_a_raster_keeps_its_index(
    town: Path, engine: Engine, encoder: Encoder, cache: str, change: Change
) -> None:
    raster = change(town)
    plan = planned(Engine(encoder, cache), raster)
    assert plan.missing == 0
    assert source_of(engine, plan.index) == str(raster)
    assert str(index_of(str(raster), encoder.sha256, cache)) == plan.index
    assert planned(engine, raster) == plan
    assert engine.coverage(CoverageRequest(raster=RasterRef(str(raster)))).index == plan.index
    assert outcome(engine.scan(ScanRequest(RasterRef(str(raster))))).encoded == 0


def test_the_folder_is_looked_at_where_the_catalogue_is_lost(
    town: Path, encoder: Encoder, cache: str
) -> None:
    (Path(cache) / NAME).unlink()
    assert planned(Engine(encoder, cache), rename(town)).missing == 0


@pytest.mark.parametrize("content", [b"something else", b"SQLite format 3\0" + bytes(200)])
def test_a_catalogue_that_is_something_else_finds_nothing_and_is_left(
    town: Path, encoder: Encoder, cache: str, content: bytes
) -> None:
    place = Path(cache) / NAME
    place.write_bytes(content)
    engine = Engine(encoder, cache)
    assert planned(engine, town).missing == 0
    assert planned(engine, move(town)).missing > 0
    assert place.read_bytes() == content


def test_a_copy_does_not_take_the_index_of_its_original(town: Path, engine: Engine) -> None:
    copy = town.with_name("copy.tif")
    shutil.copy2(town, copy)
    assert planned(engine, copy).missing > 0
    assert source_of(engine, planned(engine, town).index) == str(town)


def test_a_folder_that_was_copied_speaks_of_its_own_rasters(town: Path, engine: Engine) -> None:
    shutil.copytree(town.parent, town.parent.parent / "copy")
    copy = town.parent.parent / "copy" / town.name
    plan = planned(engine, copy)
    assert (plan.missing, source_of(engine, plan.index)) == (0, str(copy))
    assert source_of(engine, planned(engine, town).index) == str(town)


def test_another_raster_under_the_old_name_has_the_index_checked(town: Path, engine: Engine) -> None:
    moved = rename(town)
    write_scene(town, 768)
    assert planned(engine, town).missing > 0
    assert planned(engine, moved).missing > 0  # the index's raster is where it was, as far as names tell


def test_an_index_that_cannot_be_written_is_used_as_it_is(town: Path, engine: Engine) -> None:
    moved = rename(town)
    (index,) = town.parent.glob("*.gpkg")
    with TileIndex.open_for_reading(index) as opened, writing_alone(index):
        assert planned(engine, moved).index == str(index)
        assert opened.manifest.raster == str(town)


def test_an_index_of_another_model_is_none(town: Path, cache: str) -> None:
    with RasterSource.open(RasterRef(str(rename(town)))) as source:
        path = index_path_of(source, "0" * 64, cache)
    assert not path.exists()


def test_what_the_user_typed_is_named_where_nothing_is_found(
    folder: Path, encoder: Encoder, cache: str
) -> None:
    raster = write_scene(folder / "new.tif", 512)
    typed = os.path.relpath(raster)
    with pytest.raises(IndexMissing, match=f"^{typed} has not been indexed"):
        index_of(typed, encoder.sha256, cache)


def test_the_stamp_of_a_renamed_raster_is_that_of_before(town: Path) -> None:
    with RasterSource.open(RasterRef(str(town))) as source:
        before = source.stamp
    with RasterSource.open(RasterRef(str(rename(town)))) as source:
        assert source.stamp != before
        assert source.stamp_as("town.tif") == before


def test_entries_are_found_by_place_and_by_content(tmp_path: Path) -> None:
    known = Catalogue(str(tmp_path / "cache"))
    assert known.at("/a.tif", "m") == known.of("f", "m") == ()
    known.keep(tmp_path / "a.gpkg", "/a.tif", "f", "m")
    known.keep(tmp_path / "a.gpkg", "/b.tif", "f", "m")
    assert known.at("/a.tif", "m") == ()
    assert known.at("/b.tif", "m") == known.of("f", "m") == (tmp_path / "a.gpkg",)
    assert known.of("f", "other") == ()


def test_an_index_that_lies_elsewhere_is_listed_with_its_raster(town: Path, engine: Engine) -> None:
    moved = move(town)
    index = planned(engine, moved).index
    reply = engine.index_files.listed(IndexListRequest((), (str(moved),)))
    assert [info.source for info in reply.indexes if info.index == index] == [str(moved)]
