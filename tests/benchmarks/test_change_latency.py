"""What a question about two dates of 100,000 tiles each costs in processor time."""

from __future__ import annotations

import time

import numpy as np
import pytest

from msa_model.index.changing import WAY_BAR, Differences, direction, meeting
from msa_model.index.rank import cosines
from msa_model.raster.grid import TileGrid
from tests.benchmarks.conftest import Figures
from tests.benchmarks.sizes import sized

pytestmark = pytest.mark.slow

SIDE, DIMENSION, PHRASES = sized(35_200, 3_000), 256, 275  # px: 100,000 tiles of four scales
QUERY_MS, PAIR_MS = 150, 2_000


def test_a_change_query_over_two_large_indexes(figures: Figures) -> None:
    grids = [(factor, TileGrid(SIDE, SIDE, factor).keys()) for factor in (1, 2, 4, 8)]
    keys = np.concatenate([np.column_stack((np.full(len(k), f, np.int32), k)) for f, k in grids])
    random = np.random.default_rng(0)
    before = random.standard_normal((len(keys), DIMENSION)).astype(np.float16)
    after = (before + random.standard_normal(before.shape) / 10).astype(np.float16)
    phrases = random.standard_normal((PHRASES, DIMENSION)).astype(np.float32)
    phrases /= np.linalg.norm(phrases, axis=1, keepdims=True)

    started = time.process_time()
    rows, others = meeting(keys, keys)
    differences = Differences.of(keys, before[rows], after[others])
    compared = time.process_time()
    way = direction(phrases[0], phrases)
    deviations = differences.along(way, [cosines(after, way)[others]])
    changes = WAY_BAR.changes(deviations, len(keys))
    best = np.argpartition(-changes, 20)[:20]
    answered = time.process_time()

    assert len(best) == 20
    figures.below(
        "two indexes of 100,000 tiles compared once (processor)", ms(started, compared), "ms", PAIR_MS
    )
    figures.below("first hit of a change query (processor)", ms(compared, answered), "ms", QUERY_MS)


def ms(start: float, end: float) -> float:
    return (end - start) * 1000
