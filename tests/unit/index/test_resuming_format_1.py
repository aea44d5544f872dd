"""Indexes of format 1 that hold pooled scales, which versions that re-ranked stored beside the vectors."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from msa_model.index.blocks import EncodedTiles
from msa_model.index.manifest import Manifest
from msa_model.index.store import TileIndex
from tests.manifests import as_version_1

MakeManifest = Callable[..., Manifest]
MakeTiles = Callable[..., tuple[np.ndarray, np.ndarray, np.ndarray]]
SCALES = b"\x00\x3c" * 10 * 368  # 368 float16 a tile


@pytest.fixture
def index_with_scales(path: Path, make_manifest: MakeManifest, make_tiles: MakeTiles) -> Path:
    """Ten tiles in one block, as they were stored by a model with matching heads."""
    with TileIndex.open_for_writing(path, make_manifest()) as index:
        index.append(EncodedTiles(*make_tiles(10)))
    as_version_1(path)
    with sqlite3.connect(path) as connection:
        connection.execute("ALTER TABLE msa_blocks ADD COLUMN scales BLOB")
        connection.execute("UPDATE msa_blocks SET scales = ?", (SCALES,))
        connection.execute("INSERT INTO msa_manifest (name, value) VALUES ('scales', '368')")
    connection.close()
    return path


def scales_in(path: Path) -> list[bytes | None]:
    connection = sqlite3.connect(path)
    found = [row[0] for row in connection.execute("SELECT scales FROM msa_blocks ORDER BY block")]
    connection.close()
    return found


def test_it_is_read_and_left_as_it_is(
    index_with_scales: Path, make_manifest: MakeManifest, make_tiles: MakeTiles
) -> None:
    before = index_with_scales.read_bytes()
    with TileIndex.open_for_reading(index_with_scales) as index:
        assert index.load().keys.tolist() == make_tiles(10)[0].tolist()
        assert index.manifest == make_manifest(version=1)
    assert index_with_scales.read_bytes() == before


def test_it_goes_on_without_scales_and_keeps_those_that_it_has(
    index_with_scales: Path, make_manifest: MakeManifest, make_tiles: MakeTiles
) -> None:
    for start in (10, 15):
        with TileIndex.open_for_writing(index_with_scales, make_manifest()) as index:
            index.append(EncodedTiles(*make_tiles(5, start=start)))
    with TileIndex.open_for_reading(index_with_scales) as index:
        assert index.manifest == make_manifest()
        assert index.load().keys.tolist() == make_tiles(20)[0].tolist()
        assert len(index.done_keys()) == 20
    assert scales_in(index_with_scales) == [SCALES, None, None]


def test_tiles_are_taken_out_of_it_and_encoded_anew(
    index_with_scales: Path, make_manifest: MakeManifest, make_tiles: MakeTiles
) -> None:
    keys, vectors, valid = make_tiles(10)
    with TileIndex.open_for_writing(index_with_scales, make_manifest()) as index:
        index.forget(keys[:4])
        assert index.load().keys.tolist() == keys[4:].tolist()
        index.append(EncodedTiles(keys[:4], vectors[:4], valid[:4]))
    with TileIndex.open_for_reading(index_with_scales) as index:
        table = index.load()
        assert table.keys.tolist() == [*keys[4:].tolist(), *keys[:4].tolist()]
        assert np.allclose(table.vectors, np.roll(vectors, -4, axis=0), atol=1e-3)


def test_a_new_index_has_no_place_for_scales(path: Path, make_manifest: MakeManifest) -> None:
    TileIndex.open_for_writing(path, make_manifest()).close()
    connection = sqlite3.connect(path)
    columns = [name for _, name, *_ in connection.execute("PRAGMA table_info(msa_blocks)")]
    names = [name for (name,) in connection.execute("SELECT name FROM msa_manifest")]
    connection.close()
    assert "scales" not in columns
    assert "scales" not in names
