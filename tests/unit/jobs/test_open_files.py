"""Indexes in memory follow their files: grown, replaced, stale, of another model, or gone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from msa_model.index import rank
from msa_model.index.blocks import EncodedTiles, TileTable
from msa_model.index.manifest import Manifest
from msa_model.index.store import TileIndex
from msa_model.index.tile_table import GrowingTable
from msa_model.index.vector_cache import VectorCache
from msa_model.jobs.index_files import index_of
from msa_model.jobs.open_files import OpenIndex, OpenIndexes, OpenSources
from msa_model.jobs.scan_work import missing_keys
from msa_model.protocol.errors import IndexMissing, IndexOfOtherModel, IndexStale, IndexUnreadable
from msa_model.protocol.messages import RasterRef
from msa_model.raster.source import RasterSource
from tests.refusals import raises_kind

MODEL, DIMENSION = "a" * 64, 4

keys_ = hnp.arrays(np.int32, st.tuples(st.integers(0, 20), st.just(3)), elements=st.integers(0, 3))


@pytest.fixture
def raster(make_raster: Callable[..., Path], textured: Callable[..., Any]) -> Path:
    return make_raster(textured(3200, 300))


def manifest_of(raster: Path) -> Manifest:
    with RasterSource.open(RasterRef(str(raster))) as source:
        return Manifest.of(source, model="small", model_sha256=MODEL, dimension=DIMENSION)


def vectors_of(keys: np.ndarray[Any, np.dtype[np.int32]]) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Rows that tell which key they belong to."""
    return np.column_stack((keys, np.ones(len(keys)))).astype(np.float32)


def write(index: TileIndex, rows: range) -> None:
    keys = np.array([(1, row, 0) for row in rows], np.int32)
    index.append(EncodedTiles(keys, vectors_of(keys), np.ones(len(keys), np.float32)))


def open_indexes() -> OpenIndexes:
    return OpenIndexes(MODEL, OpenSources())


def rows_of(indexes: OpenIndexes, path: Path) -> list[int]:
    table = indexes.get(str(path)).table
    assert np.array_equal(table.vectors, vectors_of(table.keys))
    return list(table.keys[:, 1].tolist())


def test_batches_are_seen_as_they_are_written(raster: Path, tmp_path: Path) -> None:
    path, indexes = tmp_path / "index.gpkg", open_indexes()
    with TileIndex.open_for_writing(path, manifest_of(raster)) as index:
        assert rows_of(indexes, path) == []
        for end in (3, 4, 9, 20, 21):
            write(index, range(len(rows_of(indexes, path)), end))
            assert rows_of(indexes, path) == list(range(end))
    assert rows_of(indexes, path) == list(range(21))


def test_a_batch_that_is_written_while_another_is_read_is_ranked_later(
    raster: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, indexes, load = tmp_path / "index.gpkg", open_indexes(), TileIndex.load
    with TileIndex.open_for_writing(path, manifest_of(raster)) as index:
        write(index, range(3))

        def load_as_the_scan_goes_on(self: TileIndex, after_block: int = 0) -> TileTable:
            found = load(self, after_block)
            monkeypatch.setattr(TileIndex, "load", load)
            write(index, range(3, 5))
            return found

        monkeypatch.setattr(TileIndex, "load", load_as_the_scan_goes_on)
        assert rows_of(indexes, path) == [0, 1, 2]
        write(index, range(5, 7))
        assert rows_of(indexes, path) == list(range(7))


def test_an_unchanged_index_is_not_read_again(raster: Path, tmp_path: Path) -> None:
    path, indexes = tmp_path / "index.gpkg", open_indexes()
    with TileIndex.open_for_writing(path, manifest_of(raster)) as index:
        write(index, range(5))
    first = indexes.get(str(path)).table.vectors
    assert indexes.get(str(path)).table.vectors.base is first.base


def test_a_replaced_index_is_read_anew(raster: Path, tmp_path: Path) -> None:
    path, indexes = tmp_path / "index.gpkg", open_indexes()
    for rows in (range(5), range(10, 13), range(20, 40)):
        path.unlink(missing_ok=True)
        with TileIndex.open_for_writing(path, manifest_of(raster)) as index:
            write(index, rows)
        assert rows_of(indexes, path) == list(rows)


def test_a_known_index_does_not_keep_its_file_open(raster: Path, tmp_path: Path) -> None:
    path, indexes = tmp_path / "index.gpkg", open_indexes()
    with TileIndex.open_for_writing(path, manifest_of(raster)) as index:
        write(index, range(5))
        rows_of(indexes, path)
    assert [file.name for file in tmp_path.glob("index.gpkg*")] == ["index.gpkg"]  # no -wal left behind


def test_an_index_of_another_model_is_refused(raster: Path, tmp_path: Path) -> None:
    path = tmp_path / "index.gpkg"
    with TileIndex.open_for_writing(path, manifest_of(raster)) as index:
        write(index, range(5))
    with pytest.raises(IndexOfOtherModel):
        OpenIndexes("b" * 64, OpenSources()).get(str(path))


def test_a_raster_that_changes_between_two_searches_makes_its_index_stale(
    raster: Path, tmp_path: Path
) -> None:
    path, indexes = tmp_path / "index.gpkg", open_indexes()
    with TileIndex.open_for_writing(path, manifest_of(raster)) as index:
        write(index, range(5))
    assert rows_of(indexes, path) == list(range(5))
    with rasterio.open(raster, "r+") as dataset:
        dataset.write(255 - dataset.read())
    with pytest.raises(IndexStale):
        indexes.get(str(path))


def test_an_index_that_was_deleted_is_missing(raster: Path, tmp_path: Path) -> None:
    path, indexes = tmp_path / "index.gpkg", open_indexes()
    with TileIndex.open_for_writing(path, manifest_of(raster)) as index:
        write(index, range(5))
    rows_of(indexes, path)
    path.unlink()
    with pytest.raises(IndexMissing):
        indexes.get(str(path))


def test_a_raster_stands_for_its_index(raster: Path, tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="has not been indexed"):
        index_of(str(raster), MODEL, None)
    path = raster.with_name(f"{raster.name}.msa-{MODEL[:8]}.gpkg")
    with TileIndex.open_for_writing(path, manifest_of(raster)) as index:
        write(index, range(5))
    assert index_of(str(raster), MODEL, None) == path
    assert index_of(str(path), MODEL, None) == path


def test_a_damaged_index_is_no_raster(tmp_path: Path) -> None:
    path = tmp_path / "index.gpkg"
    path.write_bytes(b"SQLite format 3\0" + b"\0" * 5000)
    with pytest.raises(IndexUnreadable):
        index_of(str(path), MODEL, None)


@given(keys_, keys_)
def test_missing_keys_are_those_planned_and_not_done(planned: Any, done: Any) -> None:  # noqa: ANN401
    known = {tuple(key) for key in done.tolist()}
    assert missing_keys(planned, done).tolist() == [k for k in planned.tolist() if tuple(k) not in known]


@given(st.lists(st.integers(0, 30), max_size=12))
def test_a_growing_table_holds_what_was_appended(sizes: list[int]) -> None:
    table = GrowingTable(2)
    rows = [np.full((size, 3), number, np.int32) for number, size in enumerate(sizes)]
    for part in rows:
        table.extend(part, part[:, :2].astype(np.float32), part[:, 1].astype(np.float32))
    expected = np.concatenate([np.empty((0, 3), np.int32), *rows])
    assert np.array_equal(table.keys, expected)
    assert np.array_equal(table.vectors, expected[:, :2])
    assert np.array_equal(table.valid, expected[:, 1])


def opened_twice(path: Path, cache: VectorCache) -> tuple[OpenIndex, OpenIndex]:
    """By two processes, as it were, the second after the first has kept the index."""
    first = OpenIndexes(MODEL, OpenSources(), cache).get(str(path))
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    return first, OpenIndexes(MODEL, OpenSources(), cache).get(str(path))


@pytest.fixture
def kept(raster: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, VectorCache]:
    """An index of thirty tiles that is large enough to be kept."""
    monkeypatch.setattr("msa_model.jobs.open_files._WORTH_KEEPING", 20)
    with TileIndex.open_for_writing(tmp_path / "index.gpkg", manifest_of(raster)) as index:
        write(index, range(10))
        write(index, range(10, 30))
    return tmp_path / "index.gpkg", VectorCache(str(tmp_path / "cache"))


def test_a_large_index_is_mapped_from_the_cache_the_next_time(kept: tuple[Path, VectorCache]) -> None:
    first, second = opened_twice(*kept)
    assert (first.mapped, second.mapped) == (0, 30)
    assert np.array_equal(first.table.keys, second.table.keys)
    assert np.array_equal(first.table.vectors, second.table.vectors)
    for opened in (first, second):  # the first one, too, has all rows as bytes
        assert sum(len(segment.codes) for segment in opened.table.segments) == 30 * rank.available()


def test_an_index_of_more_tiles_than_are_read_is_mapped_the_first_time(
    raster: Path, kept: tuple[Path, VectorCache], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("msa_model.jobs.open_files._MOST_READ", 25)
    path, cache = kept
    opened = OpenIndexes(MODEL, OpenSources(), cache)
    assert rows_of(opened, path) == list(range(30))
    assert opened.get(str(path)).mapped == 30
    with TileIndex.open_for_writing(path, manifest_of(raster)) as index:
        write(index, range(30, 33))
    assert rows_of(opened, path) == list(range(33))
    with TileIndex.open_for_writing(path, manifest_of(raster)) as index:
        write(index, range(33, 60))  # more than are read at once, to an index that is open
    assert rows_of(opened, path) == list(range(60))
    assert opened.get(str(path)).mapped == 60


@pytest.fixture
def large(kept: tuple[Path, VectorCache], monkeypatch: pytest.MonkeyPatch) -> tuple[OpenIndexes, Path]:
    """An index whose file is made before it is searched, ten of its thirty tiles at a time."""
    monkeypatch.setattr("msa_model.jobs.open_files._MOST_READ", 25)
    monkeypatch.setattr("msa_model.jobs.open_files._SOON_OPENED", 0)
    monkeypatch.setattr("msa_model.index.vector_cache.SEGMENT", 10)
    monkeypatch.setattr("msa_model.index.vector_cache._ALIGNED", 8)
    return OpenIndexes(MODEL, OpenSources(), kept[1]), kept[0]


TOLD = [0, 10, 20, 30]


def test_what_takes_long_to_open_the_first_time_tells_how_far_it_is(
    large: tuple[OpenIndexes, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    indexes, path = large
    told = list(indexes.preparing([str(path)] * 2))
    assert [(progress.done, progress.total) for progress in told] == [(done, 30) for done in TOLD]
    assert told[1].seconds_left is not None
    monkeypatch.setattr(VectorCache, "making", None)  # it is there
    assert rows_of(indexes, path) == list(range(30))
    assert indexes.get(str(path)).mapped == 30
    assert list(indexes.preparing([str(path)])) == []
    assert list(OpenIndexes(MODEL, OpenSources(), VectorCache(None)).preparing(["/nowhere/x.gpkg"])) == []


def test_an_index_that_is_called_off_while_it_opens_leaves_no_file(large: tuple[OpenIndexes, Path]) -> None:
    indexes, path = large
    steps = indexes.preparing([str(path)])
    assert [next(steps).done for _ in range(3)] == TOLD[:3]
    steps.close()
    assert [file for file in path.parent.joinpath("cache").rglob("*") if file.is_file()] == []
    assert len(list(indexes.preparing([str(path)]))) == 4


def test_two_requests_wait_for_the_same_file(large: tuple[OpenIndexes, Path]) -> None:
    indexes, path = large
    first, second = indexes.preparing([str(path)]), indexes.preparing([str(path)])
    told = [(next(first).done, next(second).done) for _ in range(4)]
    assert told == [(done, done) for done in TOLD]
    assert list(first) == list(second) == []
    assert indexes.get(str(path)).mapped == 30


def test_the_second_request_goes_on_where_the_first_is_called_off(large: tuple[OpenIndexes, Path]) -> None:
    indexes, path = large
    first, second = indexes.preparing([str(path)]), indexes.preparing([str(path)])
    assert (next(first).done, next(first).done, next(second).done) == (0, 10, 10)
    first.close()
    assert [progress.done for progress in second] == TOLD


def test_tiles_that_fit_neither_memory_nor_the_cache_are_refused_before_they_are_read(
    kept: tuple[Path, VectorCache], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("msa_model.jobs.open_files._UNASKED", 5)
    monkeypatch.setattr("msa_model.files.memory.free_memory", lambda: 0)
    (tmp_path / "cache").write_text("no folder")
    with raises_kind("not_enough_memory", match=r"the 30 tiles of index\.gpkg takes .* GB of memory"):
        OpenIndexes(MODEL, OpenSources(), kept[1]).get(str(kept[0]))
    with raises_kind("not_enough_memory", match=r"30 tiles"):
        OpenIndexes(MODEL, OpenSources()).get(str(kept[0]))
    (tmp_path / "cache").unlink()
    assert OpenIndexes(MODEL, OpenSources(), kept[1]).get(str(kept[0])).mapped == 30


def test_an_index_that_has_grown_since_is_mapped_and_read_on(
    raster: Path, kept: tuple[Path, VectorCache]
) -> None:
    path, cache = kept
    opened_twice(path, cache)
    with TileIndex.open_for_writing(path, manifest_of(raster)) as index:
        write(index, range(30, 33))
    opened = OpenIndexes(MODEL, OpenSources(), cache).get(str(path))
    assert opened.mapped == 30
    assert opened.table.keys[:, 1].tolist() == list(range(33))


def test_an_index_of_which_tiles_were_taken_out_is_read_anew(
    raster: Path, kept: tuple[Path, VectorCache]
) -> None:
    path, cache = kept
    opened_twice(path, cache)
    with TileIndex.open_for_writing(path, manifest_of(raster)) as index:
        index.forget(np.array([[1, 3, 0]], np.int32))
    opened = OpenIndexes(MODEL, OpenSources(), cache).get(str(path))
    assert opened.mapped == 0
    assert sorted(opened.table.keys[:, 1].tolist()) == [row for row in range(30) if row != 3]


def test_an_index_in_the_place_of_another_is_read_anew(raster: Path, kept: tuple[Path, VectorCache]) -> None:
    path, cache = kept
    opened_twice(path, cache)
    path.unlink()
    with TileIndex.open_for_writing(path, manifest_of(raster)) as index:
        write(index, range(10))
        write(index, range(10, 30))
    assert OpenIndexes(MODEL, OpenSources(), cache).get(str(path)).mapped == 0
