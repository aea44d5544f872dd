"""Pooled scales beside the vectors of an index: held or not, and read tile by tile."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from msa_model.index.manifest import Manifest
from msa_model.index.store import TileIndex
from msa_model.protocol.errors import IndexUnreadable
from tests.unit.index.conftest import as_version_1

MakeManifest = Callable[..., Manifest]
MakeTiles = Callable[..., tuple[np.ndarray, np.ndarray, np.ndarray]]
WIDTH = 6


def scales_of(count: int, start: int = 0, width: int = WIDTH) -> np.ndarray:
    """Rows that tell which tile they belong to."""
    return (np.arange(start, start + count)[:, None] + np.arange(width) / 8).astype(np.float16)


def write(index: TileIndex, make_tiles: MakeTiles, sizes: list[int]) -> None:
    start = 0
    for size in sizes:
        index.append(*make_tiles(size, start=start), None, scales_of(size, start))
        start += size


def read(path: Path, positions: list[int]) -> np.ndarray:
    with TileIndex.open_for_reading(path) as index:
        blocks = index.load().blocks
        wanted = blocks[positions]
        return index.read_scales(wanted, np.array(positions) - np.searchsorted(blocks, wanted))


def test_single_tiles_are_read_in_the_order_asked_for(
    path: Path, make_manifest: MakeManifest, make_tiles: MakeTiles
) -> None:
    with TileIndex.open_for_writing(path, make_manifest(scales=WIDTH)) as index:
        write(index, make_tiles, [5, 1, 9])
    positions = [14, 0, 5, 4, 6, 5]
    assert read(path, positions).tolist() == scales_of(15)[positions].tolist()
    assert read(path, []).shape == (0, WIDTH)


def test_an_index_of_a_model_without_fine_stage_stores_no_scales(
    path: Path, make_manifest: MakeManifest, make_tiles: MakeTiles
) -> None:
    with TileIndex.open_for_writing(path, make_manifest()) as index:
        index.append(*make_tiles(5))
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT scales FROM msa_blocks").fetchall() == [(None,)]


def test_tiles_without_their_scales_are_refused(
    path: Path, make_manifest: MakeManifest, make_tiles: MakeTiles
) -> None:
    with TileIndex.open_for_writing(path, make_manifest(scales=WIDTH)) as index:
        for scales in (None, scales_of(4), scales_of(5, width=3)):
            with pytest.raises(ValueError, match="scales"):
                index.append(*make_tiles(5), None, scales)
        assert len(index.load().keys) == 0


@pytest.fixture
def old_index(path: Path, make_manifest: MakeManifest, make_tiles: MakeTiles) -> Path:
    """As it was made before scales were stored."""
    with TileIndex.open_for_writing(path, make_manifest()) as index:
        index.append(*make_tiles(10))
    as_version_1(path)
    with sqlite3.connect(path) as connection:
        connection.execute("ALTER TABLE msa_blocks DROP COLUMN scales")
        connection.execute("DELETE FROM msa_manifest WHERE name = 'scales'")
    return path


def test_an_old_index_is_read_and_goes_on_without_scales(
    old_index: Path, make_manifest: MakeManifest, make_tiles: MakeTiles
) -> None:
    with TileIndex.open_for_writing(old_index, make_manifest(scales=WIDTH)) as index:
        assert index.manifest.scales == 0
        index.append(*make_tiles(5, start=10))
    with TileIndex.open_for_reading(old_index) as index:
        assert index.manifest == make_manifest()
        assert len(index.load().keys) == 15


def test_an_index_that_holds_scales_keeps_to_it(
    path: Path, make_manifest: MakeManifest, make_tiles: MakeTiles
) -> None:
    for start in (0, 10):
        with TileIndex.open_for_writing(path, make_manifest(scales=WIDTH)) as index:
            index.append(*make_tiles(10, start=start), None, scales_of(10, start))
    assert read(path, [19]).tolist() == scales_of(1, 19).tolist()


def test_a_tile_that_is_not_there_is_named(
    path: Path, make_manifest: MakeManifest, make_tiles: MakeTiles
) -> None:
    with TileIndex.open_for_writing(path, make_manifest(scales=WIDTH)) as index:
        write(index, make_tiles, [5])
        for block, place in ((1, 5), (2, 0)):
            with pytest.raises(IndexUnreadable):
                index.read_scales(np.array([block], np.int32), np.array([place]))


@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="bytes read are told by /proc")
def test_reading_a_few_tiles_leaves_the_rest_on_the_disk(path: Path, make_manifest: MakeManifest) -> None:
    width, tiles = 512, 64
    with TileIndex.open_for_writing(path, make_manifest(scales=width)) as index:
        for start in range(0, 50 * tiles, tiles):
            places = np.arange(start, start + tiles, dtype=np.int32)
            keys = np.column_stack((np.ones_like(places), places // 80, places % 80))
            vectors = np.ones((tiles, 16), np.float32)
            index.append(keys, vectors, np.ones(tiles, np.float32), None, np.ones((tiles, width), np.float16))
    assert path.stat().st_size > 3_000_000
    with TileIndex.open_for_reading(path) as index:
        before = _bytes_read()
        index.read_scales(np.array([3, 20, 41], np.int32), np.array([0, 9, 63]))
        assert _bytes_read() - before < 400_000


def _bytes_read() -> int:
    return int(Path("/proc/self/io").read_text().partition("rchar:")[2].split()[0])
