"""A library of a thousand index files, searched by the command with few files open at a time."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from msa_model.index.blocks import EncodedTiles
from msa_model.index.store import TileIndex
from msa_model.model.encoder import Encoder
from tests.manifests import PLAIN

FILES, KINDS, TILES, WANTED = 1000, 40, 12, 60
QUERY = "a river between fields"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="ulimit is the shell's")


def write(path: Path, encoder: Encoder, vectors: np.ndarray) -> None:
    """An index of a raster that is not on this machine."""
    manifest = replace(
        PLAIN,
        raster=f"/rasters/{path.stem}.tif",
        width=4000,
        height=400,
        model=encoder.name,
        model_sha256=encoder.sha256,
        dimension=encoder.dimension,
    )
    keys = np.array([(1, 0, 4 * col) for col in range(TILES)], np.int32)
    with TileIndex.open_for_writing(path, manifest) as index:
        index.append(EncodedTiles(keys, vectors, np.ones(TILES, np.float32)))


def test_the_best_tiles_of_a_thousand_files_are_one_list(encoder: Encoder, tmp_path: Path) -> None:
    drawn = np.random.default_rng(0).standard_normal((KINDS, TILES, encoder.dimension), np.float32)
    drawn /= np.linalg.norm(drawn, axis=2, keepdims=True)
    library = tmp_path / "library"
    library.mkdir()
    for kind in range(KINDS):
        write(library / f"{kind:04}.gpkg", encoder, drawn[kind])
    for number in range(KINDS, FILES):
        shutil.copyfile(library / f"{number % KINDS:04}.gpkg", library / f"{number:04}.gpkg")
    line = (
        f'ulimit -n 128 && exec "{sys.executable}" -m msa_model.cli.main search "$0" "$1" -k {WANTED} --json'
    )
    done = subprocess.run(
        ["bash", "-c", line, str(library), QUERY], capture_output=True, text=True, check=True
    )
    told = json.loads(done.stdout)
    assert told["tiles"] == FILES * TILES
    found = [(Path(hit["index"]).stem, hit["col"] // 4) for hit in told["results"]]
    cosines = drawn.astype(np.float16).astype(np.float32) @ encoder.encode_texts([QUERY])[0]
    every = [
        (-round(float(cosines[number % KINDS, col]), 5), number, col)
        for number in range(FILES)
        for col in range(TILES)
    ]
    assert found == [(f"{number:04}", col) for _, number, col in sorted(every)[:WANTED]]
