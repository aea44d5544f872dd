"""Large indexes are kept as files to be mapped: found again, known for what they are, never in the way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from msa_model.index.rank import SEGMENT, encoded
from msa_model.index.vector_cache import CachedRows, Rows, VectorCache, in_segments, is_own_cache

DIMENSION = 8


def rows(digest: str = "a", count: int = SEGMENT + 5) -> CachedRows:
    random = np.random.default_rng(0)
    vectors = random.standard_normal((count, DIMENSION)).astype(np.float16)
    segments = tuple(encoded(vectors[start : start + SEGMENT]) for start in range(0, count, SEGMENT))
    keys = random.integers(0, 99, (count, 3)).astype(np.int32)
    return CachedRows(digest, 7, keys, vectors, random.random(count).astype(np.float32), segments)


@pytest.fixture
def index(tmp_path: Path) -> Path:
    path = tmp_path / "town.gpkg"
    path.touch()
    return path


@pytest.mark.parametrize("count", [3, SEGMENT + 5])
def test_what_is_written_is_read_again(tmp_path: Path, index: Path, count: int) -> None:
    cache, written = VectorCache(str(tmp_path / "cache")), rows(count=count)
    cache.write(index, written)
    found = cache.read(index, DIMENSION)
    assert found is not None
    assert (found.digest, found.last_block) == ("a", 7)
    for name in ("keys", "vectors", "valid"):
        assert np.array_equal(getattr(found, name), getattr(written, name))
    assert [s.step for s in found.segments] == [s.step for s in written.segments]
    assert all(
        np.array_equal(a.codes, b.codes) for a, b in zip(found.segments, written.segments, strict=True)
    )


@pytest.mark.parametrize(
    "sizes", [[0, 3], [SEGMENT], [SEGMENT - 1, 2], [9, 2 * SEGMENT + 5, 0, SEGMENT - 14]]
)
def test_blocks_of_any_size_come_in_segments(sizes: list[int]) -> None:
    random = np.random.default_rng(0)
    blocks = [
        Rows(
            random.integers(0, 99, (n, 3)).astype(np.int32),
            random.random((n, 2)).astype(np.float16),
            np.ones(n, np.float32),
        )
        for n in sizes
    ]
    found = [(part.keys.copy(), part.vectors.copy(), part.valid.copy()) for part in in_segments(blocks)]
    assert [len(keys) for keys, _, _ in found[:-1]] == [SEGMENT] * (len(found) - 1)
    for number, name in enumerate(("keys", "vectors", "valid")):
        expected = np.concatenate([getattr(block, name) for block in blocks])
        assert np.array_equal(np.concatenate([part[number] for part in found]), expected)


def test_of_nothing_there_is_no_segment() -> None:
    assert not list(in_segments([]))


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-4096])


def lengthened(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0" * 4096)


def other_header(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"last_block": 7', b'"last_block": 8', 1))


@pytest.mark.parametrize("damage", [cut_off, lengthened, other_header, Path.unlink])
def test_a_file_that_is_not_whole_is_not_read(
    tmp_path: Path, index: Path, damage: Callable[[Path], None]
) -> None:
    cache = VectorCache(str(tmp_path / "cache"))
    cache.write(index, rows(count=3))
    damage(cache.path(index))
    assert cache.read(index, DIMENSION) is None


def test_a_file_of_vectors_of_another_length_is_not_read(tmp_path: Path, index: Path) -> None:
    cache = VectorCache(str(tmp_path / "cache"))
    cache.write(index, rows(count=3))
    assert cache.read(index, DIMENSION + 1) is None


def test_a_file_of_somebody_else_is_kept(tmp_path: Path, index: Path) -> None:
    cache = VectorCache(str(tmp_path / "cache"))
    cache.path(index).parent.mkdir(parents=True)
    cache.path(index).write_text("mine")
    cache.write(index, rows(count=3))
    assert cache.path(index).read_text() == "mine"


def test_files_of_indexes_that_are_gone_make_room_and_strangers_stay(tmp_path: Path, index: Path) -> None:
    cache, gone = VectorCache(str(tmp_path / "cache")), index.with_name("gone.gpkg")
    gone.touch()
    cache.write(gone, rows(count=3))
    stranger = cache.path(index).with_name("photo.msa-vectors")
    stranger.write_text("mine")
    gone.unlink()
    cache.write(index, rows(count=3))
    assert not cache.path(gone).exists()
    assert is_own_cache(cache.path(index))
    assert stranger.read_text() == "mine"


def test_the_oldest_go_where_there_are_too_many(
    tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("msa_model.index.vector_cache._MOST_BYTES", 200_000)
    cache = VectorCache(str(tmp_path / "cache"))
    indexes = [index.with_name(f"{number}.gpkg") for number in range(4)]
    for path in indexes:
        path.touch()
        cache.write(path, rows(count=3))
    assert [cache.path(path).exists() for path in indexes] == [False, False, True, True]


def test_a_disk_without_room_is_no_failure(
    tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("msa_model.index.vector_cache._LEFT_FREE", 2**62)
    cache = VectorCache(str(tmp_path / "cache"))
    cache.write(index, rows(count=3))
    assert cache.read(index, DIMENSION) is None
