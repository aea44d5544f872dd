"""How fast an index is written, loaded and ranked."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pytest_benchmark.fixture import BenchmarkFixture

from msa_model.index.blocks import EncodedTiles
from msa_model.index.heatmap import write_heatmap
from msa_model.index.manifest import Manifest
from msa_model.index.rank import rank_tiles
from msa_model.index.store import TileIndex
from msa_model.raster.grid import TileGrid
from tests.benchmarks.sizes import sized
from tests.manifests import PLAIN

DIMENSION = 256


def manifest(side: int) -> Manifest:
    return replace(PLAIN, width=side, height=side, dimension=DIMENSION)


def vectors(count: int) -> NDArray[np.float32]:
    drawn = np.random.default_rng(0).standard_normal((count, DIMENSION), np.float32)
    unit: NDArray[np.float32] = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    return unit


def tiles(side: int) -> NDArray[np.int32]:
    places = TileGrid(side, side, 1).keys()
    return np.column_stack((np.ones(len(places), np.int32), places))


@pytest.mark.parametrize("count", sized([1_000, 100_000, 300_000], [1_000]))
def test_ranking(benchmark: BenchmarkFixture, count: int) -> None:
    table = vectors(count)
    benchmark.pedantic(rank_tiles, (table, table[7], 20), rounds=9, warmup_rounds=1)
    print(f"\n{count:,} tiles ranked in {benchmark.stats['median'] * 1e3:.1f} ms (median)")


def test_appending_a_batch(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    keys, batch = tiles(16_384), vectors(64)
    starts = iter(range(0, len(keys), 64))
    with TileIndex.open_for_writing(tmp_path / "index.gpkg", manifest(16_384)) as index:

        def append() -> None:
            start = next(starts)
            index.append(EncodedTiles(keys[start : start + 64], batch, np.ones(64, np.float32)))

        benchmark.pedantic(append, rounds=sized(100, 3))
    print(f"\n64 tiles appended in {benchmark.stats['median'] * 1e3:.1f} ms (median)")


def test_loading_from_the_disk(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    side = sized(40_000, 2_000)
    keys = tiles(side)
    batch, path = vectors(1024), tmp_path / "index.gpkg"
    with TileIndex.open_for_writing(path, manifest(side)) as index:
        for start in range(0, len(keys), 1024):
            part = keys[start : start + 1024]
            index.append(EncodedTiles(part, batch[: len(part)], np.ones(len(part), np.float32)))

    def load() -> int:
        with TileIndex.open_for_reading(path) as opened:
            return len(opened.load().keys)

    count = benchmark.pedantic(load, rounds=5)
    size = path.stat().st_size / count
    print(f"\n{count:,} tiles loaded in {benchmark.stats['median']:.2f} s (median); {size:.0f} bytes a tile")


def test_a_heat_map_of_a_million_tiles(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    side = sized(128_000, 2_000)
    keys = tiles(side)
    scores = np.random.default_rng(0).random(len(keys), np.float32)
    benchmark.pedantic(write_heatmap, (tmp_path / "heat.tif", manifest(side), keys, scores), rounds=3)
    print(f"\nheat map of {len(keys):,} tiles in {benchmark.stats['median']:.2f} s (median)")
