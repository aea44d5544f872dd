"""Against what a user would write: tile after tile, a batch of one, and each query over the image anew."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from msa_model.jobs.engine import Engine
from msa_model.jobs.scan import scan
from msa_model.jobs.steps import outcome
from msa_model.model.encoder import Encoder
from msa_model.protocol.messages import RasterRef, ScanRequest, SearchRequest
from tests.benchmarks.conftest import Figures
from tests.benchmarks.sizes import sized
from tests.benchmarks.test_worker import _noise

pytestmark = pytest.mark.slow

SIDE, TILE, HOP = sized(10_000, 700), 256, 128  # px
LOOPED = sized(200, 4)  # tiles, of which the rest is reckoned


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _noise(tmp_path_factory.mktemp("scene") / "scene.tif", SIDE)


def loop(encoder: Encoder, path: Path) -> Iterator[NDArray[np.float32]]:
    """The vectors of tiles, one by one."""
    Image.MAX_IMAGE_PIXELS = None
    with Image.open(path) as picture:
        for top in range(0, SIDE - TILE + 1, HOP):
            for left in range(0, SIDE - TILE + 1, HOP):
                tile = picture.crop((left, top, left + TILE, top + TILE)).convert("RGB")
                yield encoder.encode_tiles(np.asarray(tile)[None])[0]


def test_localisation(figures: Figures, scene: Path, tmp_path: Path) -> None:
    """Indexing is told apart: the loop encodes the image anew for each query."""
    encoder = Encoder.load()
    engine = Engine(encoder, str(tmp_path))
    index = str(tmp_path / "scene.gpkg")
    began, used = time.perf_counter(), time.process_time()
    summary = outcome(scan(encoder, ScanRequest(RasterRef(str(scene)), index=index), None))
    indexing, scanned = time.perf_counter() - began, (time.process_time() - used) / summary.tiles
    engine.heatmap(SearchRequest("a first query", (index,)))
    took, waited = [], []
    for query in ("a bridge over a river", "blue roofs", "a car park"):
        began, used = time.perf_counter(), time.process_time()
        engine.heatmap(SearchRequest(query, (index,)))
        took.append(time.process_time() - used)
        waited.append(time.perf_counter() - began)
    used, tiles = time.process_time(), loop(encoder, scene)
    for _ in range(LOOPED):
        next(tiles)
    looped = (time.process_time() - used) / LOOPED
    figures.add("a tile in a loop over PIL, batch of one ÷ in a scan", f"{looped / scanned:.2f} ×")
    figures.below(f"localisation map, {SIDE}² px", 1000 * sorted(took)[1], "ms of processor", 50)
    figures.add("  wall", f"{1000 * sorted(waited)[1]:.0f} ms")
    figures.add(f"  indexing before, once ({summary.tiles} tiles)", f"{indexing:.0f} s")
    whole = ((SIDE - TILE) // HOP + 1) ** 2 * looped
    figures.add("  the loop, for each query, reckoned", f"{whole:.0f} s of processor")
