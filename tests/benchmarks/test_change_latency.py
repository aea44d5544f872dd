"""What a question about two dates of 100,000 tiles each costs in processor time."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from msa_model.index.dates import (
    WAY_THRESHOLD,
    Differences,
    Histories,
    calibrated,
    common_tiles,
    direction,
    united,
)
from msa_model.index.rank import cosines
from msa_model.jobs.engine import Engine
from msa_model.jobs.series import smoothed
from msa_model.model.loading import load_encoder
from msa_model.protocol.changing import ChangeReply, ChangeRequest
from msa_model.raster.grid import TileGrid
from tests.benchmarks.conftest import Figures
from tests.benchmarks.large_index import write_large
from tests.benchmarks.sizes import sized

pytestmark = pytest.mark.slow

SIDE, DIMENSION, PHRASES = sized(35_200, 3_000), 256, 275  # px: 100,000 tiles of four scales
QUERY_MS, PAIR_MS, VERDICT_MS = 150, 2_000, 500
FIRSTS, HITS, MOVED = 7, 200, 0.02
DATES, SERIES_SIDE, SERIES_MS = 8, sized(18_100, 2_000), 300


def test_a_change_query_over_two_large_indexes(figures: Figures) -> None:
    grids = [(factor, TileGrid(SIDE, SIDE, factor).keys()) for factor in (1, 2, 4, 8)]
    keys = np.concatenate([np.column_stack((np.full(len(k), f, np.int32), k)) for f, k in grids])
    random = np.random.default_rng(0)
    before = random.standard_normal((len(keys), DIMENSION)).astype(np.float16)
    after = (before + random.standard_normal(before.shape) / 10).astype(np.float16)
    phrases = random.standard_normal((PHRASES, DIMENSION)).astype(np.float32)
    phrases /= np.linalg.norm(phrases, axis=1, keepdims=True)

    started = time.process_time()
    rows, others = common_tiles(keys, keys)
    differences = Differences.of(keys, before, after, (rows, others))
    compared = time.process_time()
    way = direction(phrases[0], phrases)
    deviations = differences.along(way, [cosines(after, way)[others]])
    changes = WAY_THRESHOLD.changes(deviations, len(keys))
    best = np.argpartition(-changes, 20)[:20]
    answered = time.process_time()

    assert len(best) == 20
    figures.below(
        "two indexes of 100,000 tiles compared once (processor)", ms(started, compared), "ms", PAIR_MS
    )
    figures.below("first hit of a change query (processor)", ms(compared, answered), "ms", QUERY_MS)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """The indexes of two rasters, the later one a little different."""
    folders = [tmp_path_factory.mktemp(name) for name in ("before", "after")]
    before, after = (
        write_large(folder, SIDE, moved) for folder, moved in zip(folders, (0, MOVED), strict=True)
    )
    return str(before), str(after)


def first_answer(pair: tuple[str, str], cache: Path) -> tuple[float, float, ChangeReply]:
    """What opening two indexes costs, and the first question then, its verdict included; and the answer.

    Of the thread that answers: indexes that are opened for the first time are kept on the disk by another.
    """
    engine = Engine(load_encoder(None, "cpu"), str(cache))
    engine.banks.bank(None)
    started = time.thread_time()
    for index in pair:
        engine.indexes.get(index)
    opened = time.thread_time()
    reply = engine.changes.search(ChangeRequest("appeared: houses", *pair, k=HITS))
    return ms(started, opened), ms(opened, time.thread_time()), reply


@pytest.mark.parametrize("known", [False, True], ids=["just scanned", "in a later session"])
def test_the_first_question_of_a_pair(
    figures: Figures, pair: tuple[str, str], tmp_path: Path, known: bool
) -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    if known:
        first_answer(pair, tmp_path)
        time.sleep(sized(10, 0))  # the vectors are being kept
    took = [first_answer(pair, tmp_path / ("" if known else str(again))) for again in range(FIRSTS)]
    torch.set_num_threads(threads)
    assert all(reply.results for _, _, reply in took)
    when = "in a later session" if known else "just scanned"
    opened, asked = sorted(first for first, _, _ in took), sorted(second for _, second, _ in took)
    tiles, spread = took[0][2].tiles, f"{asked[0]:.0f} to {asked[-1]:.0f}"
    figures.below(
        f"first question of a pair of {tiles} tiles, {when} (processor): median of {FIRSTS}, {spread}",
        statistics.median(asked),
        "ms",
        VERDICT_MS,
    )
    figures.add(f"  both indexes opened, {when} (processor), median", f"{statistics.median(opened):.0f} ms")


def test_a_query_over_a_series_of_dates(figures: Figures) -> None:
    keys = TileGrid(SERIES_SIDE, SERIES_SIDE, 1).keys()
    keys = np.column_stack((np.ones(len(keys), np.int32), keys))
    random = np.random.default_rng(0)
    first = random.standard_normal((len(keys), DIMENSION)).astype(np.float32)
    dates = [(first + random.standard_normal(first.shape) / 10).astype(np.float16) for _ in range(DATES)]
    words = random.standard_normal(DIMENSION).astype(np.float32)

    started = time.process_time()
    everything, rows = united([keys] * DATES)
    scores = np.stack(
        [smoothed(keys, cosines(vectors, words))[own] for vectors, own in zip(dates, rows, strict=True)]
    )
    level = calibrated(scores)
    told = Histories.of(level, np.arange(2010.0, 2010 + DATES), 0.0)
    best = np.argsort(-told.best, kind="stable")[:20]
    answered = time.process_time()

    assert len(best) == 20
    assert len(everything) == len(keys)
    figures.below(
        f"a series of {DATES} dates of 20,000 tiles (processor)", ms(started, answered), "ms", SERIES_MS
    )


def ms(start: float, end: float) -> float:
    return (end - start) * 1000
