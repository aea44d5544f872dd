"""Scanning: a generator that encodes and commits one batch at each step."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np

from msa_model.index.store import TileIndex
from msa_model.jobs.comparing import compare
from msa_model.jobs.pace import Pace, StepSize
from msa_model.jobs.patience import patiently
from msa_model.jobs.steps import looking
from msa_model.jobs.survey import missing_keys, surveyed
from msa_model.protocol.messages import Progress, ScanRequest, ScanSummary
from msa_model.raster.fingerprint import tile_digests
from msa_model.raster.grid import Keys
from msa_model.raster.source import RasterSource
from msa_model.raster.tiles import TileBatch, inside_shares, read_tiles

if TYPE_CHECKING:
    from msa_model.model.dual_encoder import DualEncoder

_READ_TOGETHER = 32  # tiles; a step takes some of them
_PATIENCE_SECONDS = 0.1


def scan(
    encoder: DualEncoder, request: ScanRequest, cache_folder: str | None
) -> Generator[Progress, None, ScanSummary]:
    """Encodes and stores the tiles that the index lacks; yields after each batch, and while it waits for one.

    `Progress.id` is 0, for the caller to set. Closing the generator keeps what was stored. Of an index of an
    earlier state of the raster, the tiles that look otherwise now are encoded anew: all of them where its
    size, place or stretch is another.

    Raises:
        RasterMissing and the other errors of `RasterSource.open`, `survey`, `compare` and `TileIndex.append`.
    """
    started = time.monotonic()
    source, found = yield from looking(lambda: surveyed(encoder, request, cache_folder))
    with source, TileIndex.open_for_writing(found.index, found.manifest, replace=found.stale) as index:
        min_valid = request.settings.min_valid
        index.forget_skipped(min_valid)
        if found.comparing:
            yield from compare(source, index)
        if found.comparing or (request.trust and found.manifest.fingerprint_version > 1):
            index.settle(found.current)
        missing = missing_keys(found.plan.keys, index.done_keys())  # nobody else adds any from here on
        skipped = yield from _store_missing(source, encoder, index, missing, min_valid)
    return ScanSummary(
        index=str(found.index),
        tiles=len(found.plan.keys),
        encoded=len(missing) - skipped,
        reused=len(found.plan.keys) - len(missing),
        skipped=skipped,
        seconds=time.monotonic() - started,
    )


def _store_missing(
    source: RasterSource, encoder: DualEncoder, index: TileIndex, missing: Keys, min_valid: float
) -> Generator[Progress, None, int]:
    """Returns how many tiles were skipped."""
    pace, step, skipped = Pace(len(missing)), StepSize(), 0
    yield pace.progress()
    with closing(patiently(read_tiles(source, missing, _READ_TOGETHER), _PATIENCE_SECONDS)) as batches:
        for batch in batches:
            if batch is None:
                yield pace.progress()
                continue
            for part in _parts(batch, step):
                started = time.monotonic()
                skipped += _store(encoder, index, part, min_valid)
                step.adapt(len(part.keys), time.monotonic() - started)
                yield pace.advance(len(part.keys))
    return skipped


def _parts(batch: TileBatch, step: StepSize) -> Iterator[TileBatch]:
    """A batch as read, in pieces of the current step size."""
    start = 0
    while start < len(batch.keys):
        part = slice(start, start + step.tiles)
        yield TileBatch(batch.keys[part], batch.pixels[part], batch.valid[part])
        start = part.stop


def _store(encoder: DualEncoder, index: TileIndex, batch: TileBatch, min_valid: float) -> int:
    """Encodes and commits a batch; returns how many tiles were skipped.

    The least share counts what lies on the raster: one that is smaller than a tile has a tile, too.
    """
    inside = inside_shares(batch.keys, index.manifest.width, index.manifest.height)
    keep = (batch.valid >= min_valid * inside) & (batch.valid > 0)
    pixels, tiles, skipped = batch.pixels[keep], batch.keys[keep], batch.keys[~keep]
    digests = tile_digests(batch.pixels, batch.valid)
    digests = np.concatenate((digests[keep], digests[~keep]))
    vectors = encoder.encode_tiles(pixels)
    index.append(tiles, vectors, batch.valid[keep], skipped, least_valid=min_valid, digests=digests)
    return int(np.count_nonzero(~keep))
