"""Commands on a disk that has no room left: a sentence, and the file that was there stays as it was."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from msa_model.cli.main import main
from tests.worker.conftest import write_scene

Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an indexed raster, `scene.tif`, and a set of labelled images."""
    folder = tmp_path_factory.mktemp("full")
    write_scene(folder / "scene.tif", 512)
    assert main(["index", str(folder / "scene.tif")]) == 0
    random = np.random.default_rng(0)
    for name in ("fields/a.png", "fields/b.png", "woods/c.png"):
        (folder / "set" / name).parent.mkdir(parents=True, exist_ok=True)
        pixels = random.integers(0, 255, (8, 8, 3), np.uint8).repeat(32, 0).repeat(32, 1)
        Image.fromarray(pixels).save(folder / "set" / name)
    return folder


@pytest.mark.parametrize(
    "line",
    [
        "explore {scene} --groups {n} --out {disk}/made.gpkg",
        "explore {scene} --groups {n} --out {disk}/made.geojson",
        "search {scene} a~house -k {n} --out {disk}/made.gpkg",
        "search {scene} a~house -k {n} --out {disk}/made.geojson",
        "search {scene} a~house -k {n} --heatmap {disk}/made.tif",
        "coverage {scene} --out {disk}/made.gpkg",
        "evaluate {set} --seed {n} --sheet {disk}/made.png",
        "batch {scene} -q a~house -k {n} --out {here}/{n}.gpkg --report {disk}/made.html",
    ],
)
def test_a_file_that_was_there_stays_where_a_new_one_finds_no_room(
    place: Path, tmp_path: Path, disk_of: Callable[..., Path], capsys: Captured, line: str
) -> None:
    disk = disk_of(600 * 1024)

    def run(n: int) -> int:
        words = line.format(scene=place / "scene.tif", set=place / "set", disk=disk, here=tmp_path, n=n)
        return main([word.replace("~", " ") for word in words.split()])

    assert run(3) == 0
    kept = {path: path.read_bytes() for path in disk.iterdir()}
    room = os.statvfs(disk)
    (disk / "full").write_bytes(bytes(room.f_bavail * room.f_frsize))
    capsys.readouterr()
    assert run(4) == 1
    said = capsys.readouterr().err
    assert "There is no room left on the disk for" in said
    assert "Traceback" not in said
    (disk / "full").unlink()
    assert {path: path.read_bytes() for path in disk.iterdir()} == kept
    assert run(4) == 0
