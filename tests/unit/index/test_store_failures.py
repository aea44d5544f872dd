import json
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from affine import Affine

from msa_model.index.blocks import EncodedTiles
from msa_model.index.manifest import Manifest, manifest_rows
from msa_model.index.store import TileIndex
from msa_model.protocol.errors import DiskFull, IndexMissing, IndexUnreadable
from msa_model.raster.coordinates import ground_sample_m
from tests.refusals import raises_kind

MakeManifest = Callable[..., Manifest]
MakeTiles = Callable[..., tuple[np.ndarray, np.ndarray, np.ndarray]]
NONE = np.empty((0, 3), np.int32)


def test_a_missing_index_is_named(path: Path) -> None:
    with pytest.raises(IndexMissing, match=r"town\.gpkg"):
        TileIndex.open_for_reading(path)


@pytest.mark.parametrize("content", [b"this is no database at all" * 100, b"SQLite format 3\0" + b"\1" * 500])
def test_a_file_that_is_no_index_is_named_and_left_alone(
    path: Path, make_manifest: MakeManifest, content: bytes
) -> None:
    path.write_bytes(content)
    with pytest.raises(IndexUnreadable, match=r"town\.gpkg"):
        TileIndex.open_for_reading(path)
    with pytest.raises(IndexUnreadable):
        TileIndex.open_for_writing(path, make_manifest(), replace=True)
    assert path.read_bytes() == content


def test_an_empty_file_is_an_index_that_was_never_begun(path: Path, make_manifest: MakeManifest) -> None:
    path.touch()
    with pytest.raises(IndexMissing, match="is empty"):
        TileIndex.open_for_reading(path)
    TileIndex.open_for_writing(path, make_manifest()).close()
    TileIndex.open_for_reading(path).close()


def test_someone_elses_geopackage_is_left_alone(path: Path, make_manifest: MakeManifest) -> None:
    shape = shapely.to_wkb([shapely.box(0, 0, 1, 1)])
    pyogrio.raw.write(path, shape, [], [], geometry_type="Polygon", crs="EPSG:4326")
    before = path.read_bytes()
    with pytest.raises(IndexUnreadable):
        TileIndex.open_for_reading(path)
    with pytest.raises(IndexUnreadable):
        TileIndex.open_for_writing(path, make_manifest(), replace=True)
    assert path.read_bytes() == before


def test_an_index_of_a_later_format_is_refused(path: Path, make_manifest: MakeManifest) -> None:
    TileIndex.open_for_writing(path, make_manifest()).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE msa_manifest SET value = '99' WHERE name = 'version'")
    connection.close()
    with pytest.raises(IndexUnreadable, match="99"):
        TileIndex.open_for_reading(path)


def test_a_damaged_block_is_named(path: Path, make_manifest: MakeManifest, make_tiles: MakeTiles) -> None:
    with TileIndex.open_for_writing(path, make_manifest()) as index:
        index.append(EncodedTiles(*make_tiles(10), NONE))
    connection = sqlite3.connect(path)
    connection.execute("UPDATE msa_blocks SET vectors = x'0000'")
    connection.commit()
    connection.close()
    with TileIndex.open_for_reading(path) as index, pytest.raises(IndexUnreadable, match="Block 1"):
        index.load()


def test_a_full_disk_loses_only_the_batch_in_flight(
    path: Path, make_manifest: MakeManifest, make_tiles: MakeTiles
) -> None:
    index = TileIndex.open_for_writing(path, tall(make_manifest))
    pages = index._connection.execute("PRAGMA page_count").fetchone()[0]
    index._connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(DiskFull, match=r"town\.gpkg"):
        fill(index)
    appended = len(index.load().keys)
    assert appended > 0
    assert appended % 50 == 0
    index._connection.execute("PRAGMA max_page_count = 1000000")
    index.append(EncodedTiles(*make_tiles(10, factor=2), NONE))  # room was made: it goes on
    index.close()
    with TileIndex.open_for_reading(path) as reader:
        assert len(reader.load().keys) == appended + 10


def tall(make_manifest: MakeManifest) -> Manifest:
    """A raster that holds any number of the tiles of these tests."""
    height = 2**20
    transform = (0.5, 0.0, 500_000.0, 0.0, -0.5, 5_000_000.0)
    gsd_m = ground_sample_m("tall", Affine(*transform), "EPSG:32633", 3000, height)
    return make_manifest(height=height, transform=transform, gsd_m=gsd_m)


def fill(index: TileIndex) -> None:
    for start in range(0, 10_000, 50):
        index.append(EncodedTiles(*many(50, start), NONE))


def many(count: int, start: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    keys = np.column_stack((np.ones(count), np.arange(start, start + count), np.arange(count) % 8))
    return keys.astype(np.int32), np.ones((count, 16), np.float32), np.ones(count, np.float32)


SCAN = """
    import sys
    import numpy as np
    from msa_model.index.blocks import EncodedTiles
    from msa_model.index.store import TileIndex
    from msa_model.index.manifest import manifest_from_rows
    import json, pathlib
    rows = json.loads(pathlib.Path(sys.argv[2]).read_text())
    index = TileIndex.open_for_writing(sys.argv[1], manifest_from_rows(rows, "rows"))
    start = len(index.done_keys())
    while True:
        keys = np.column_stack((np.ones(64), np.arange(start, start + 64), np.zeros(64))).astype(np.int32)
        index.append(EncodedTiles(keys, np.full((64, 16), start, np.float32), np.ones(64, np.float32)))
        start += 64
        print(start, flush=True)
"""


@pytest.mark.parametrize("batches", [1, 7, 23])
def test_a_scan_killed_in_mid_append_loses_at_most_its_last_batch(
    path: Path, make_manifest: MakeManifest, batches: int
) -> None:
    rows = path.with_name("rows.json")
    rows.write_text(json.dumps(dict(manifest_rows(tall(make_manifest)))))
    told = 0
    for _ in range(3):
        child = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(SCAN), str(path), str(rows)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout
        for _ in range(batches):
            told = int(child.stdout.readline())
        time.sleep(0.002 * batches)
        child.send_signal(signal.SIGKILL)
        told = max([told, *map(int, child.stdout.read().split())])
        child.wait()
        with TileIndex.open_for_reading(path) as index:
            table = index.load()
        assert told <= len(table.keys) <= told + 64
        assert table.keys[:, 1].tolist() == list(range(len(table.keys)))
        np.testing.assert_array_equal(table.vectors[:, 0], np.arange(len(table.keys)) // 64 * 64)
    TileIndex.open_for_writing(path, tall(make_manifest)).close()  # the dead held no lock


def test_a_scan_killed_at_its_very_start_leaves_a_file_to_go_on_with(
    path: Path, make_manifest: MakeManifest
) -> None:
    path.touch()
    with TileIndex.open_for_writing(path, make_manifest()) as index:
        assert len(index.done_keys()) == 0


@contextmanager
def locked_folder() -> Iterator[Path]:
    """A folder in which this process may not write, even where tests run as root."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR | stat.S_IRGRP | stat.S_IXGRP | stat.S_IROTH | stat.S_IXOTH)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65_534)
    try:
        yield folder
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(stat.S_IRWXU)
        shutil.rmtree(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="permission bits mean little on Windows")
def test_a_read_only_folder_is_named(make_manifest: MakeManifest) -> None:
    with locked_folder() as folder, raises_kind("folder_read_only", match=folder.name):
        TileIndex.open_for_writing(folder / "town.gpkg", make_manifest())


@pytest.mark.skipif(sys.platform == "win32", reason="permission bits mean little on Windows")
def test_an_index_in_a_read_only_folder_can_be_read(
    path: Path, make_manifest: MakeManifest, make_tiles: MakeTiles
) -> None:
    with TileIndex.open_for_writing(path, make_manifest()) as index:
        index.append(EncodedTiles(*make_tiles(10), NONE))
    content = path.read_bytes()
    with locked_folder() as folder:
        copy = folder / "town.gpkg"
        if os.getuid() == 0:
            os.seteuid(0)
            copy.write_bytes(content)
            copy.chmod(0o444)
            os.seteuid(65_534)
        else:
            folder.chmod(stat.S_IRWXU)
            copy.write_bytes(content)
            folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
        with TileIndex.open_for_reading(copy) as index:
            assert len(index.load().keys) == 10
