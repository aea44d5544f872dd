"""What a tile costs on each engine, by itself and out of a block: processor time of one thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from msa_model.measure.evaluation import PassEncoder
from msa_model.model.encoder import Encoder
from msa_model.model.engines.stages import EngineUnusable
from msa_model.protocol.messages import RasterRef
from msa_model.protocol.models import ENGINES
from msa_model.raster.grid import LATTICE, STEPS, TILE, TileGrid
from msa_model.raster.passes import PASS_STEPS
from msa_model.raster.source import RasterSource
from tests.benchmarks.conftest import Figures
from tests.benchmarks.sizes import sized

SIDE = (PASS_STEPS - 1 + STEPS) * LATTICE  # px of a block
ALONE = 16  # tiles at once, as about a scan's; of more and of fewer each takes longer
HOPS = (0.5, 0.25)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder.load(None, "cpu", 1)


@pytest.fixture(scope="module")
def town(shared_data: Path) -> np.ndarray:
    """A block of the town raster, RGB [SIDE, SIDE, 3]."""
    with RasterSource.open(RasterRef(str(shared_data / "rasters" / "banepa_town.tif"))) as source:
        return source.read_region(1024, 1024, 1.0, SIDE, SIDE).rgb


def begun(places: np.ndarray) -> np.ndarray:
    """The places that begin in the first block."""
    return places[(places < PASS_STEPS).all(axis=1)]


def processor_seconds(calls: Mapping[float, Callable[[], object]]) -> dict[float, float]:
    """The least of each; they take turns, so that others who use the machine disturb all alike."""
    taken: dict[float, list[float]] = {hop: [] for hop in calls}
    for turn in range(1 + sized(5, 1)):
        for hop, call in calls.items():
            start = time.process_time()
            call()
            if turn:  # what is compiled is compiled at first
                taken[hop].append(time.process_time() - start)
    return {hop: min(times) for hop, times in taken.items()}


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_tiles_by_themselves_and_out_of_a_block(
    encoder: Encoder, town: np.ndarray, engine: str, figures: Figures
) -> None:
    try:
        encoder.run_on(encoder.stages_of(engine))
    except EngineUnusable as error:
        pytest.skip(str(error))
    places = {hop: begun(TileGrid(SIDE, SIDE, 1, 1 - hop).keys()) for hop in HOPS}
    corners = (places[0.5][:ALONE] * LATTICE).tolist()
    tiles = np.stack([town[y : y + TILE, x : x + TILE] for y, x in corners])
    calls: dict[float, Callable[[], object]] = {1.0: partial(encoder.encode_tiles, tiles)}
    calls |= {hop: partial(PassEncoder(encoder).encode_at, town, own) for hop, own in places.items()}
    seconds = processor_seconds(calls)
    alone = seconds[1.0] / len(tiles)
    figures.add(f"{engine}: tiles a second, each by itself", f"{1 / alone:.0f}")
    for hop, own in places.items():
        figures.add(f"{engine}: out of a block at hop {hop:g}", f"{len(own) / seconds[hop]:.0f}")
        figures.add(f"{engine}: times faster at hop {hop:g}", f"{alone * len(own) / seconds[hop]:.1f}")
