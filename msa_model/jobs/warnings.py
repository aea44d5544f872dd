"""What a plan warns of: imagery outside what the model knows, and rasters without overviews."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from msa_model.jobs.open_files import OpenIndex
from msa_model.jobs.scan_work import ScanState
from msa_model.protocol.errors import RasterUnreadable
from msa_model.protocol.plan_parts import OverviewGain
from msa_model.protocol.warning_table import EngineWarning
from msa_model.raster.grid import TILE
from msa_model.raster.sample import Gap
from msa_model.raster.source import RasterSource
from msa_model.raster.tiles import inside_shares

_FINEST_M, _COARSEST_M = 0.1, 30.0
_NOTABLE_SHARE = 0.1
_TOLD_GAP_SHARE = 0.005
_MOSTLY_DATA = 0.9


def pixel_warnings(scales_m: Collection[float]) -> Iterator[EngineWarning]:
    """Of tiles whose sides are `scales_m`."""
    finest, coarsest = min(scales_m) / TILE, max(scales_m) / TILE
    if finest < _FINEST_M or coarsest > _COARSEST_M:
        alike = f"{finest:.3g}" == f"{coarsest:.3g}"
        kind, sizes = ("pixel_size", (finest,)) if alike else ("pixel_sizes", (finest, coarsest))
        yield EngineWarning(kind, (*sizes, _FINEST_M, _COARSEST_M))


def empty_warnings(share: float) -> Iterator[EngineWarning]:
    """Of a share of tiles with too few valid pixels."""
    if share >= _NOTABLE_SHARE:
        yield EngineWarning("tiles_skipped", (share,))


def gap_warnings(gaps: Collection[Gap]) -> Iterator[EngineWarning]:
    """Of what counts as without data although no tag says so."""
    for gap in gaps:
        if gap.share >= _TOLD_GAP_SHARE:
            kind = "edge_without_data" if gap.at_edge else "filled_without_data"
            yield EngineWarning(kind, (gap.share,), (gap.value,))


def index_warnings(index: OpenIndex) -> Iterator[EngineWarning]:
    """Of what an index holds; each names its raster."""
    keys, name = index.table.keys, index.manifest.name
    if not len(keys):
        yield EngineWarning("nothing_to_find", raster=name)
        return
    scales = [index.manifest.scale_m(factor) for factor in np.unique(keys[:, 0]).tolist()]
    yield from (replace(warning, raster=name) for warning in pixel_warnings(scales))
    if len(set(index.manifest.bands)) == 1:
        yield EngineWarning("one_band", raster=name)
    inside = inside_shares(keys, index.manifest.width, index.manifest.height)
    gappy = float((index.table.valid < _MOSTLY_DATA * inside).mean())
    if gappy >= _NOTABLE_SHARE:
        yield EngineWarning("tiles_with_gaps", (gappy,), raster=name)


_SMALL_PX = 4_000_000  # a raster of fewer pixels is decoded in no time
_PROBE_PX = 1_000_000  # read at full resolution, to learn how fast that goes


def overview_gain(source: RasterSource, found: ScanState, encoding_s: float) -> OverviewGain | None:
    """What overviews would spare a scan whose tiles take `encoding_s` to encode; None where that is nothing.

    Tiles are read beside encoding: the slower of the two is what a scan takes.
    """
    if source.overviews or source.accuracy is not None or source.width * source.height < _SMALL_PX:
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
