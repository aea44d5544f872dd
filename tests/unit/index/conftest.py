from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from msa_model.index.manifest import Manifest
from msa_model.raster.grid import TileGrid
from tests.manifests import PLAIN


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where an index is to be."""
    return tmp_path / "town.gpkg"


@pytest.fixture
def make_manifest() -> Callable[..., Manifest]:
    """A manifest of an invented raster of 3000 × 2000 px, with fields changed at will."""
    return lambda **changes: replace(PLAIN, **changes)


@pytest.fixture
def make_tiles() -> Callable[..., tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]]:
    """Keys [n, 3], unit vectors [n, 16] and valid shares [n] of the invented raster's tiles."""

    def make(
        count: int = 60, factor: int = 1, start: int = 0
    ) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]:
        places = TileGrid(PLAIN.width, PLAIN.height, factor).keys()[start : start + count]
        keys = np.column_stack((np.full(len(places), factor, np.int32), places))
        vectors = np.random.default_rng(start).normal(size=(len(keys), PLAIN.dimension)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return keys, vectors, np.linspace(0.5, 1, len(keys), dtype=np.float32)

    return make
