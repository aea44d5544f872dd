"""What a raster without overviews costs a scan: coarse tiles are read from its finest pixels."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from msa_model.jobs.survey import ScanState
from msa_model.protocol.errors import RasterUnreadable
from msa_model.protocol.overview_gain import OverviewGain
from msa_model.raster.grid import TILE
from msa_model.raster.source import RasterSource

_SMALL_PX = 4_000_000  # a raster of fewer pixels is decoded in no time
_PROBE_PX = 1_000_000  # read at full resolution, to learn how fast that goes


def overview_gain(source: RasterSource, found: ScanState, encoding_s: float) -> OverviewGain | None:
    """What overviews would spare a scan whose tiles take `encoding_s` to encode; None where that is nothing.

    Tiles are read beside encoding: the slower of the two is what a scan takes.
    """
    if source.overviews or source.accuracy or source.width * source.height < _SMALL_PX:
        return None
    now, then = _pixels(found)
    pace = _pixels_per_second(source) if then < now else 0.0
    if not pace:
        return None
    spared = max(encoding_s, now / pace) - max(encoding_s, then / pace)
    return OverviewGain(1 - then / now, now / pace, spared)


def _pixels(found: ScanState) -> tuple[float, float]:
    """How many pixels the missing tiles take: without overviews, and with those of every power of two."""
    now = then = 0.0
    factors = found.missing[:, 0]
    for scale in found.plan.scales:
        hop = scale.hop_m * scale.factor / scale.scale_m * TILE
        pixels = float(np.count_nonzero(factors == scale.factor)) * hop**2
        now += pixels
        then += pixels / (scale.factor & -scale.factor) ** 2
    return now, then


def _pixels_per_second(source: RasterSource) -> float:
    """As read now, in the raster's middle; 0 where it is no file here, or cannot be read there."""
    if not Path(source.path).is_file():
        return 0.0
    width = source.width if source.block_width >= source.width else min(source.width, 1024)
    height = min(source.height, max(_PROBE_PX // width, 1))
    x, y = (source.width - width) // 2, (source.height - height) // 2
    started = time.perf_counter()
    try:
        source.read_region(x, y, 1.0, width, height)
    except RasterUnreadable:
        return 0.0
    return width * height / (time.perf_counter() - started)
