"""Finding the tiles of an index whose pixels the raster no longer has."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import replace

import numpy as np

from msa_model.index.store import TileIndex
from msa_model.jobs.pace import Pace
from msa_model.jobs.waiting import with_pauses
from msa_model.protocol.messages import Progress
from msa_model.raster.fingerprint import tile_digests
from msa_model.raster.grid import packed
from msa_model.raster.source import RasterSource
from msa_model.raster.tiles import read_tiles

_READ_TOGETHER = 64  # tiles
_WAIT_SECONDS = 0.1
_LABEL = "comparing"


def compare(source: RasterSource, index: TileIndex) -> Generator[Progress, None, None]:
    """Reads every tile that the index holds and takes out those that look otherwise; skipped ones, too.

    Tiles of before digests were kept are taken for current, and get theirs.

    Raises:
        RasterUnreadable: a block cannot be decoded; nothing is taken out then.
        The errors of `TileIndex.append`.
    """
    held = index.held()
    pace = Pace(len(held.keys))
    order = np.argsort(packed(held.keys))
    sorted_keys, now = packed(held.keys)[order], np.zeros(len(order), np.uint64)
    with closing(with_pauses(read_tiles(source, held.keys, _READ_TOGETHER), _WAIT_SECONDS)) as batches:
        for batch in batches:
            if batch is not None:
                places = order[np.searchsorted(sorted_keys, packed(batch.keys))]
                now[places] = tile_digests(batch.pixels, batch.valid)
            yield replace(pace.advance(0 if batch is None else len(batch.keys)), label=_LABEL)
    changed = held.known & (now != held.digests)
    if not held.known.all():
        index.know(held.keys, now)
    if changed.any():
        index.forget(held.keys[changed])
