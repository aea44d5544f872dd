"""What a scan would do and cost, without doing it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from msa_model.jobs.domain import empty_warnings, pixel_warnings
from msa_model.jobs.survey import Survey, survey
from msa_model.protocol.messages import ScanPlan, ScanRequest
from msa_model.raster.grid import LATTICE, TILE, Keys
from msa_model.raster.source import RasterSource
from msa_model.raster.tiles import inside_shares

if TYPE_CHECKING:
    from msa_model.model.dual_encoder import DualEncoder

_BYTES_OF_TABLES = 160_000
_BYTES_BESIDE_VECTOR = 250  # key, valid share and coverage of a tile, as measured on finished indexes
_READING_SHARE = 0.9  # of the bare model's rate remains when tiles are read and stored as well
_SAMPLES, _SAMPLE_PX = 48, 16


def plan_scan(encoder: DualEncoder, request: ScanRequest, cache_folder: str | None) -> ScanPlan:
    """The cost of a scan: tiles, seconds, bytes on disk, and what a user should know before.

    Raises:
        RasterMissing and the other errors of `RasterSource.open` and `survey`.
    """
    with RasterSource.open(request.raster) as source:
        found = survey(source, encoder, request, cache_folder)
        empty = _empty_share(source, found.missing, request.settings.min_valid)
        return ScanPlan(
            index=str(found.index),
            tiles=len(found.plan.keys),
            missing=len(found.missing),
            seconds=_seconds(encoder, len(found.missing) * (1 - empty)),
            bytes=_bytes(found),
            gsd_m=source.gsd_m,
            scales=found.plan.scales,
            warnings=tuple(_warnings(source, found, empty)),
        )


def _bytes(found: Survey) -> int:
    """How much the index would grow."""
    tables = 0 if len(found.missing) < len(found.plan.keys) else _BYTES_OF_TABLES
    numbers = found.manifest.dimension + found.manifest.scales
    return tables + len(found.missing) * (2 * numbers + _BYTES_BESIDE_VECTOR)


def _seconds(encoder: DualEncoder, tiles: float) -> float:
    """The rate is measured only where there is something to encode: it takes a moment."""
    return tiles / (encoder.tiles_per_second() * _READING_SHARE) if tiles else 0.0


def _empty_share(source: RasterSource, keys: Keys, min_valid: float) -> float:
    """Share of tiles with too few valid pixels, from a sample of them."""
    if len(keys) == 0:
        return 0.0
    finest = keys[keys[:, 0] == keys[:, 0].min()]
    sample = finest[np.unique(np.linspace(0, len(finest) - 1, _SAMPLES).astype(np.int64))]
    valid = [
        source.read_window(col * LATTICE * factor, row * LATTICE * factor, TILE * factor, _SAMPLE_PX).valid
        for factor, row, col in sample.tolist()
    ]
    inside = inside_shares(sample, source.width, source.height, _SAMPLE_PX)
    return float((np.array(valid) < min_valid * inside).mean())


def _warnings(source: RasterSource, found: Survey, empty: float) -> Iterator[str]:
    yield from pixel_warnings([scale.scale_m for scale in found.plan.scales])
    if source.grey:
        yield "The raster is shown in grey; the model was trained on colour images."
    elif source.guessed:
        bands = ", ".join(map(str, source.bands))
        yield f"The raster does not say which bands are red, green and blue; {bands} are taken for them."
    yield from empty_warnings(empty)
    if found.stale:
        yield "The raster has changed since it was indexed: its old index will be replaced."
