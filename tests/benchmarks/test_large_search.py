"""A search of a million tiles beside the time that reading their bytes takes, and beside other libraries."""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from rasterio import Affine

from msa_model.index.background import BestScores
from msa_model.index.manifest import Manifest
from msa_model.index.rank import available, cosines, rank_tiles, widened
from msa_model.index.tile_table import GrowingTable
from msa_model.jobs.heatmap import heatmap_of
from msa_model.model.device import byte_product
from msa_model.protocol.messages import RasterRef
from msa_model.raster.grid import TileGrid
from msa_model.raster.source import RasterSource
from tests.benchmarks.conftest import Figures
from tests.benchmarks.sizes import sized

pytestmark = pytest.mark.slow

TILES, DIMENSION, WANTED = sized(1_000_000, 70_000), sized(384, 32), 100
ROUNDS = sized(9, 1)
PHRASES = sized(308, 20)
PLACE = {"crs": "EPSG:32633", "transform": Affine(0.5, 0, 5e5, 0, -0.5, 4e6)}
BARE = {"driver": "GTiff", "count": 3, "dtype": "uint8", "tiled": True, "sparse_ok": True, **PLACE}
Floats = NDArray[np.float32]
Search = Callable[[Floats], NDArray[np.int64]]


def processor_ms(call: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The least processor time of some calls: what others do meanwhile does not count."""
    taken = []
    for _ in range(rounds):
        began = time.process_time()
        call()
        taken.append(time.process_time() - began)
    return 1000 * min(taken)


@pytest.fixture(scope="module")
def table() -> GrowingTable:
    """Unit vectors whose directions are as uneven as those of tiles: most of their length in few of them."""
    random = np.random.default_rng(0)
    falling = (1 / np.sqrt(1 + np.arange(DIMENSION))).astype(np.float32)
    mixing = np.linalg.qr(random.standard_normal((DIMENSION, DIMENSION)))[0].astype(np.float32)
    halves = np.empty((TILES, DIMENSION), np.float16)
    for start in range(0, TILES, 50_000):
        rows = random.standard_normal((min(50_000, TILES - start), DIMENSION), np.float32) * falling @ mixing
        halves[start : start + len(rows)] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    table = GrowingTable(DIMENSION)
    keys = np.zeros((TILES, 3), np.int32)
    bare = GrowingTable(DIMENSION)
    bare.extend(keys, halves, np.ones(TILES, np.float32))
    table.take_over(keys, halves, bare.valid, bare.whole_as_segments())
    return table


@pytest.fixture(scope="module")
def queries(table: GrowingTable) -> Floats:
    """Between a tile and something else, as a text lies beside the tiles that show it."""
    random = np.random.default_rng(1)
    rows = widened(table.vectors[random.integers(0, TILES, 5)])
    return rows + 0.08 * random.standard_normal(rows.shape, np.float32)


@pytest.mark.skipif(not available(), reason="faiss-cpu is not installed")
def test_searching_beside_reading(figures: Figures, table: GrowingTable, queries: Floats) -> None:
    codes = [np.ascontiguousarray(segment.codes).reshape(-1).view(np.uint64) for segment in table.segments]
    floor = processor_ms(lambda: [part.max() for part in codes])
    took = processor_ms(lambda: table.rank(queries[0], WANTED))
    keep = np.arange(TILES) % 10 == 0
    figures.below(f"search of {TILES:,} tiles ÷ reading their bytes once", took / floor, "×", 1.5)
    figures.add("  reading the bytes (the floor)", f"{floor:.1f} ms")
    figures.add("  search, best 100, exact order", f"{took:.1f} ms")
    filtered = processor_ms(lambda: table.rank(queries[0], WANTED, keep))
    figures.add("  with nine tiles of ten left out", f"{filtered:.1f} ms")
    coarse = np.flatnonzero(np.arange(TILES) % 85 == 0)  # about the share of the coarsest of four scales
    keep = np.zeros(TILES, bool)
    keep[coarse] = True
    of_a_side = processor_ms(lambda: table.rank(queries[0], WANTED, keep))
    figures.add("  of the coarsest of four scales alone", f"{of_a_side:.1f} ms")


def test_judging_beside_multiplying_all(figures: Figures, table: GrowingTable) -> None:
    """What a first verdict asks of all tiles: the best scores of some hundred texts."""
    random, rows = np.random.default_rng(2), np.arange(TILES)
    texts = widened(table.vectors[random.integers(0, TILES, PHRASES)])
    texts = texts + 0.08 * random.standard_normal(texts.shape, np.float32)
    texts /= np.linalg.norm(texts, axis=1, keepdims=True)
    judged, plain = BestScores(texts, byte_product()), BestScores(texts)
    took = processor_ms(lambda: judged.add_rows(table, rows), 1)
    of_all = processor_ms(lambda: plain.add_rows(table, rows), 1)
    figures.below(f"first verdict, {PHRASES} phrases on {TILES:,} tiles", took / 1000, "s of processor", 1)
    figures.add("  in float32", f"{of_all / 1000:.1f} s of processor")
    figures.add("  the largest difference", f"{np.abs(judged.means() - plain.means()).max():.1e}")


def test_mapping(figures: Figures, table: GrowingTable, queries: Floats, tmp_path: Path) -> None:
    side = sized(111_360, 29_000)
    with rasterio.open(tmp_path / "large.tif", "w", **BARE, width=side, height=side):
        pass
    with RasterSource.open(RasterRef(str(tmp_path / "large.tif"))) as source:
        manifest = Manifest.of(source, model="made up", model_sha256="a" * 64, dimension=DIMENSION)
    grids = [(factor, TileGrid(side, side, factor).keys()) for factor in (1, 2, 4, 8)]
    keys = np.concatenate([np.column_stack((np.full(len(k), f, np.int32), k)) for f, k in grids])[:TILES]
    vectors = table.vectors[: len(keys)]
    took = processor_ms(lambda: heatmap_of("", manifest, keys, cosines(vectors, queries[0])), sized(3, 1))
    figures.below(f"heat map of {len(keys):,} tiles", took / 1000, "s of processor", 1)


def numpy_float32(table: GrowingTable, _: Path) -> Search:
    vectors = widened(table.vectors)
    return lambda query: np.argpartition(-(vectors @ query), WANTED)[:WANTED]


def ours(table: GrowingTable, _: Path) -> Search:
    return lambda query: table.rank(query, WANTED)[0]


def ours_without_faiss(table: GrowingTable, _: Path) -> Search:
    return lambda query: rank_tiles(table.vectors, query, WANTED)[0]


def faiss_flat(table: GrowingTable, _: Path) -> Search:
    faiss: Any = import_module("faiss")
    index = faiss.IndexFlatIP(DIMENSION)
    for start in range(0, TILES, 100_000):
        index.add(widened(table.vectors[start : start + 100_000]))
    return lambda query: index.search(query[None], WANTED)[1][0]


def usearch_exact(table: GrowingTable, _: Path) -> Search:
    usearch: Any = import_module("usearch.index")
    vectors = np.ascontiguousarray(table.vectors)
    return lambda query: (
        usearch.search(vectors, query.astype(np.float16), WANTED, usearch.MetricKind.IP, exact=True).keys
    )


def lancedb_flat(table: GrowingTable, folder: Path) -> Search:
    lancedb, arrow = import_module("lancedb"), import_module("pyarrow")
    column = arrow.FixedSizeListArray.from_arrays(arrow.array(widened(table.vectors).ravel()), DIMENSION)
    kept: Any = lancedb.connect(str(folder)).create_table("tiles", arrow.table({"vector": column}))

    def search(query: Floats) -> NDArray[np.int64]:
        found = kept.search(query.tolist()).distance_type("dot").limit(WANTED).with_row_id(True).to_arrow()
        return np.asarray(found["_rowid"].to_numpy(), np.int64)

    return search


def sqlite_vec(table: GrowingTable, folder: Path) -> Search:
    sqlite3, extension = import_module("sqlite3"), import_module("sqlite_vec")
    file = sqlite3.connect(folder / "vec.db")
    file.enable_load_extension(True)
    extension.load(file)
    file.execute(f"CREATE VIRTUAL TABLE tiles USING vec0(v float[{DIMENSION}])")
    rows = ((number, widened(row[None]).tobytes()) for number, row in enumerate(table.vectors))
    with file:
        file.executemany("INSERT INTO tiles (rowid, v) VALUES (?, ?)", rows)
    sql = "SELECT rowid FROM tiles WHERE v MATCH ? AND k = ? ORDER BY distance"
    return lambda query: np.array([n for (n,) in file.execute(sql, (query.tobytes(), WANTED))], np.int64)


PEERS = (ours, ours_without_faiss, numpy_float32, faiss_flat, usearch_exact, lancedb_flat, sqlite_vec)
MODULES = {"usearch_exact": "usearch", "lancedb_flat": "lancedb", "sqlite_vec": "sqlite_vec"}


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.__name__)
def test_a_peer(
    figures: Figures,
    table: GrowingTable,
    queries: Floats,
    tmp_path: Path,
    peer: Callable[[GrowingTable, Path], Search],
) -> None:
    """Processor and wall time of a query, and how many of the exact best hundred are found."""
    pytest.importorskip(MODULES.get(peer.__name__, "faiss"))
    search = peer(table, tmp_path)
    exact = rank_tiles(table.vectors, queries[0], WANTED)[0]
    recall = len(np.intersect1d(search(queries[0]), exact)) / WANTED
    began = time.perf_counter()
    search(queries[1])
    wall = 1000 * (time.perf_counter() - began)
    rounds = sized(3, 1)
    cost = processor_ms(lambda: search(queries[2]), rounds)
    figures.add(f"{peer.__name__}: {TILES:,} × {DIMENSION}, best {WANTED}", f"{cost:.0f} ms of processor")
    figures.add("  wall, recall", f"{wall:.0f} ms, {recall:.2f}")
