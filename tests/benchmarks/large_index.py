"""Write an empty raster and an index of 100,000 tiles of it, or of one with another side in pixels.

.venv/worker/bin/python -m tests.benchmarks.large_index FOLDER [SIDE]
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio import Affine

from msa_model.index.blocks import EncodedTiles
from msa_model.index.locations import default_index_path
from msa_model.index.manifest import Manifest
from msa_model.index.store import TileIndex
from msa_model.model.checkpoint import read_checkpoint
from msa_model.protocol.messages import RasterRef
from msa_model.raster.grid import TileGrid
from msa_model.raster.source import RasterSource
from tests.benchmarks.test_search_latency import BATCH, SIDE, smooth_vectors

DRAWN = 200_000  # tiles whose vectors are in memory at once


def write_large(folder: Path, side: int = SIDE, moved: float = 0.0) -> Path:
    """The index, where a scan would put it; its raster lies beside it.

    `moved`: how far vectors lie from those of other such indexes, at random.
    """
    raster = folder / "large.tif"
    place = {"crs": "EPSG:32633", "transform": Affine(0.5, 0, 5e5, 0, -0.5, 4e6), "sparse_ok": True}
    shape = {"width": side, "height": side, "count": 3, "dtype": "uint8", "tiled": True, "bigtiff": "YES"}
    with rasterio.open(raster, "w", driver="GTiff", **shape, **place):
        pass
    checkpoint = read_checkpoint()
    model = {"model": checkpoint.config.name, "model_sha256": checkpoint.sha256}
    with RasterSource.open(RasterRef(str(raster))) as source:
        manifest = Manifest.of(source, dimension=checkpoint.config.dimension, **model)
    grids = [(factor, TileGrid(side, side, factor).keys()) for factor in (1, 2, 4, 8)]
    keys = np.concatenate([np.column_stack((np.full(len(k), f, np.int32), k)) for f, k in grids])
    path = default_index_path(str(raster), checkpoint.sha256, None)
    with TileIndex.open_for_writing(path, manifest) as index:
        for number, start in enumerate(range(0, len(keys), DRAWN)):
            write_part(index, keys[start : start + DRAWN], number, moved)
    return path


def write_part(index: TileIndex, keys: NDArray[np.int32], number: int, moved: float = 0.0) -> None:
    """Tiles in batches, with vectors as of neighbours on the ground."""
    vectors = smooth_vectors(keys, index.manifest.dimension, number)
    if moved:
        vectors += moved * np.random.default_rng(number).standard_normal(vectors.shape, np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    for start in range(0, len(keys), BATCH):
        part = slice(start, start + BATCH)
        index.append(EncodedTiles(keys[part], vectors[part], np.ones(len(keys[part]), np.float32)))


if __name__ == "__main__":
    print(write_large(Path(sys.argv[1]), *map(int, sys.argv[2:])))
