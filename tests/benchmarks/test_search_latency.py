"""How long a search of 100,000 tiles takes from request to reply, encoding and places included."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from rasterio import Affine

from msa_model.index.blocks import EncodedTiles
from msa_model.index.manifest import Manifest
from msa_model.index.store import TileIndex
from msa_model.jobs.ranked import places_of
from msa_model.model.checkpoint import read_checkpoint
from msa_model.protocol.codec import from_wire
from msa_model.protocol.hit_table import HitTable, RankReply
from msa_model.protocol.messages import Example, RasterRef, SearchRequest
from msa_model.protocol.rpc import RANK
from msa_model.raster.grid import TileGrid
from msa_model.raster.source import RasterSource
from msa_model.raster.tiles import tile_boxes
from tests.benchmarks.conftest import Figures
from tests.benchmarks.sizes import sized
from tests.benchmarks.test_worker import QUERIES
from tests.worker.client import WorkerProcess, started_worker

pytestmark = pytest.mark.slow

SIDE, BATCH = sized(35_200, 3_000), 2_000  # px: 100,000 tiles of four scales
LIMIT_MS = 100


@pytest.fixture(scope="module")
def worker() -> Iterator[WorkerProcess]:
    with started_worker() as worker:
        worker.initialize(threads=1)
        worker.ready()
        yield worker


@pytest.fixture(scope="module")
def keys() -> NDArray[np.int32]:
    grids = [(factor, TileGrid(SIDE, SIDE, factor).keys()) for factor in (1, 2, 4, 8)]
    return np.concatenate([np.column_stack((np.full(len(k), f, np.int32), k)) for f, k in grids])


@pytest.fixture(scope="module")
def index(keys: NDArray[np.int32], tmp_path_factory: pytest.TempPathFactory) -> str:
    """Tiles whose neighbours are alike, as on the ground."""
    raster = tmp_path_factory.mktemp("large") / "large.tif"
    place = {"crs": "EPSG:32633", "transform": Affine(0.5, 0, 5e5, 0, -0.5, 4e6), "sparse_ok": True}
    with rasterio.open(
        raster, "w", driver="GTiff", width=SIDE, height=SIDE, count=3, dtype="uint8", tiled=True, **place
    ):
        pass
    checkpoint = read_checkpoint()
    with RasterSource.open(RasterRef(str(raster))) as source:
        manifest = Manifest.of(
            source,
            model=checkpoint.config.name,
            model_sha256=checkpoint.sha256,
            dimension=checkpoint.config.dimension,
        )
    vectors = smooth_vectors(keys, manifest.dimension)
    with TileIndex.open_for_writing(raster.with_suffix(".gpkg"), manifest) as index:
        for start in range(0, len(keys), BATCH):
            part = slice(start, start + BATCH)
            index.append(EncodedTiles(keys[part], vectors[part], np.ones(len(keys[part]), np.float32)))
    return str(raster.with_suffix(".gpkg"))


def smooth_vectors(keys: NDArray[np.int32], dimension: int, part: int = 0) -> NDArray[np.float32]:
    """Unit vectors [n, d]; those of several `part`s lie on the same waves, each with noise of its own."""
    random = np.random.default_rng(0)
    boxes = tile_boxes(keys)
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    waves = [
        np.sin(centres @ (random.normal(size=2) / random.uniform(300, 4000)) + random.uniform(0, 6))
        for _ in range(24)
    ]
    vectors = np.stack(waves, axis=1).astype(np.float32) @ random.standard_normal((24, dimension), np.float32)
    noise = np.random.default_rng(part) if part else random
    vectors += 2 * noise.standard_normal(vectors.shape, np.float32)
    unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def ask(worker: WorkerProcess, request: SearchRequest) -> tuple[float, HitTable]:
    began = time.perf_counter()
    reply = worker.call(RANK, request, seconds=120)
    took = (time.perf_counter() - began) * 1000
    return took, HitTable.of(from_wire(RankReply, reply.result), reply.attachment)


@pytest.mark.parametrize("k", [200, 1_000, 10_000])
def test_from_request_to_reply(figures: Figures, worker: WorkerProcess, index: str, k: int) -> None:
    ask(worker, SearchRequest("warm", (index,), k=k))
    asked = [ask(worker, SearchRequest(f"{query}, {k}", (index,), k=k)) for query in QUERIES[:12]]
    tiles = asked[0][1].reply.tiles
    took = statistics.median(ms for ms, _ in asked)
    figures.below(f"new query, {tiles} tiles, k = {k}: median of 12", took, "ms", LIMIT_MS)
    for stage in ("load_ms", "encode_ms", "rank_ms"):
        part = statistics.median(getattr(table.reply.timings, stage) for _, table in asked)
        figures.add(f"  {stage.removesuffix('_ms')}", f"{part:.1f} ms")
    figures.add("  places", f"{max(asked[-1][1].places) + 1}")


def test_feedback(figures: Figures, worker: WorkerProcess, index: str) -> None:
    _, table = ask(worker, SearchRequest("warm", (index,), k=1_000))
    judged = tuple(Example(1.0 if row % 3 else -1.0, table.tile(row)) for row in range(50))
    took = [
        ask(worker, SearchRequest("warm", (index,), k=1_000, examples=judged[:n]))[0] for n in range(2, 51, 4)
    ]
    figures.below(
        "asked again with 2 to 50 judged tiles, k = 1000: median", statistics.median(took), "ms", LIMIT_MS
    )


def test_grammar(figures: Figures, worker: WorkerProcess, index: str) -> None:
    ask(worker, SearchRequest("a + b", (index,)))  # the everyday words
    took = [
        ask(worker, SearchRequest(f"{q} + {q[::-1]} - water {i}", (index,), k=1_000))[0]
        for i, q in enumerate(QUERIES[:12])
    ]
    figures.below("three new terms, k = 1000: median", statistics.median(took), "ms", LIMIT_MS)


def test_places(figures: Figures, keys: NDArray[np.int32]) -> None:
    boxes = tile_boxes(keys)
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    smooth = np.sin(centres[:, 0] / 900) * np.sin(centres[:, 1] / 700) + np.random.default_rng(0).normal(
        0, 0.2, len(boxes)
    )
    best = boxes[np.argsort(-smooth)[:10_000]]
    began = time.perf_counter()
    places = places_of(best)
    figures.add(
        f"places of 10,000 hits ({places.max() + 1})", f"{(time.perf_counter() - began) * 1000:.0f} ms"
    )
