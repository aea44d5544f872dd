"""Scanning: a generator that encodes and commits one batch at each step."""

from __future__ import annotations

import io
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from msa_model.index.finding import remember
from msa_model.index.manifest import BLOCKS, Manifest
from msa_model.index.store import TileIndex
from msa_model.jobs.comparing import compare
from msa_model.jobs.pace import Pace, StepSize
from msa_model.jobs.steps import looking
from msa_model.jobs.survey import missing_keys, surveyed
from msa_model.jobs.waiting import patiently
from msa_model.protocol.messages import Progress, ScanRequest, ScanSummary
from msa_model.protocol.pixels import Draw
from msa_model.raster.drawn import undrawn
from msa_model.raster.fingerprint import tile_digests
from msa_model.raster.grid import Keys
from msa_model.raster.passes import TilePass, read_passes
from msa_model.raster.source import RasterSource, Readable
from msa_model.raster.tiles import TileBatch, inside_shares, read_tiles

if TYPE_CHECKING:
    from msa_model.model.dual_encoder import DualEncoder

_READ_TOGETHER = 32  # tiles; a step takes some of them
_WAIT_SECONDS = 0.1
_PICTURE_PX, _JPEG_QUALITY = 128, 85
_NO_KEYS: Keys = np.empty((0, 3), np.int32)


class Store(Protocol):
    """Where encoded tiles go: an index, or what stands in its place."""

    @property
    def manifest(self) -> Manifest:
        """Of the tiles."""

    def append(  # noqa: PLR0917  (as `TileIndex.append`)
        self,
        keys: Keys,
        vectors: NDArray[np.float32],
        valid: NDArray[np.float32],
        skipped_keys: Keys | None = None,
        pictures: Sequence[bytes] = (),
        least_valid: float = 0.0,
        digests: NDArray[np.uint64] | None = None,
        engine: str = "",
    ) -> None:
        """See `TileIndex.append`."""


class StoreMissing(Protocol):
    """Encodes missing tiles [n, 3] and appends them to an index; see `store_missing`."""

    def __call__(
        self, source: Readable, encoder: DualEncoder, index: TileIndex, missing: Keys, min_valid: float
    ) -> Generator[Progress, None, int]:
        """Returns how many tiles were skipped."""


def scan(
    encoder: DualEncoder,
    request: ScanRequest,
    cache_folder: str | None,
    draw: Draw = undrawn,
    store: StoreMissing | None = None,
) -> Generator[Progress, None, ScanSummary]:
    """Encodes and stores the tiles that the index lacks; yields after each batch, and while it waits for one.

    `store` has them encoded elsewhere.

    `Progress.id` is 0, for the caller to set. Closing the generator keeps what was stored. Of an index of an
    earlier state of the raster, the tiles that look otherwise now are encoded anew: all of them where its
    size, place or stretch is another.

    Raises:
        RasterMissing and the other errors of `open_source`, `survey`, `compare` and `TileIndex.append`.
        LayerUnavailable: QGIS could not draw all of a layer; what it drew is kept.
        LayerSilent, LayerChanged, LayerGone: nor any of it, or no longer.
    """
    started = time.monotonic()
    source, found = yield from looking(lambda: surveyed(encoder, request, cache_folder, draw))
    with source, TileIndex.open_for_writing(found.index, found.manifest, replace=found.stale) as index:
        min_valid = request.settings.min_valid
        index.forget_skipped(min_valid)
        if found.comparing and isinstance(source, RasterSource):
            yield from compare(source, index)
        if found.comparing or (request.trust and found.manifest.fingerprint_version > 1):
            index.settle(found.current)
        missing = missing_keys(found.plan.keys, index.done_keys())  # nobody else adds any from here on
        if request.index is None:
            remember(index.path, index.manifest, cache_folder)
        skipped = yield from (store or store_missing)(source, encoder, index, missing, min_valid)
        source.check()
    return ScanSummary(
        index=str(found.index),
        tiles=len(found.plan.keys),
        encoded=len(missing) - skipped,
        reused=len(found.plan.keys) - len(missing),
        skipped=skipped,
        seconds=time.monotonic() - started,
        engine=encoder.engine,
        encoding=found.manifest.encoding,
    )


def store_missing(
    source: Readable, encoder: DualEncoder, index: Store, missing: Keys, min_valid: float
) -> Generator[Progress, None, int]:
    """Returns how many tiles were skipped."""
    pace, step, skipped, store = Pace(len(missing)), StepSize(), 0, Storing(source, encoder, index, min_valid)
    yield pace.progress()
    read = _read(source, missing, index.manifest.encoding)
    with closing(patiently(read, _WAIT_SECONDS)) as batches:
        for batch in batches:
            if batch is None:
                yield pace.progress()
                continue
            for part in _parts(batch, step):
                started = time.monotonic()
                skipped += store.add(part)
                step.adapt(len(part.tiles.keys), time.monotonic() - started)
                yield pace.advance(len(part.tiles.keys))
    return skipped


def _parts(seen: TilePass, step: StepSize) -> Iterator[TilePass]:
    """What was read, in pieces of the current step size; tiles that share a pass are one piece."""
    return iter((seen,)) if seen.shared.any() else seen.parts(lambda: step.tiles)


class Storing:
    """Encodes tiles and commits them, or notes that they are to be skipped.

    The least share counts what lies on the raster: one that is smaller than a tile has a tile, too. Of a
    block that is not whole only tiles without any gap are taken, and none is skipped, so that the rest is
    asked for again. What is empty is held back until the source is known to draw anything.
    """

    def __init__(self, source: Readable, encoder: DualEncoder, index: Store, min_valid: float) -> None:
        self._source, self._encoder, self._index, self._min_valid = source, encoder, index, min_valid
        self._held = _NO_KEYS

    def add(self, seen: TilePass) -> int:
        """Returns how many tiles were skipped."""
        batch = seen.tiles
        manifest = self._index.manifest
        inside = inside_shares(batch.keys, manifest.width, manifest.height)
        least = np.where(batch.whole, self._min_valid, 1.0)
        keep = (batch.valid >= least * inside) & (batch.valid > 0)
        skip = ~keep & batch.whole
        if self._source.is_sound:
            self._append(seen, keep, skip)
        else:
            self._held = np.concatenate((self._held, batch.keys[skip]))
        return int(np.count_nonzero(skip))

    def _vectors(self, seen: TilePass, keep: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Unit vectors [n, d] of the tiles to keep: out of the pass, or by themselves."""
        vectors = np.empty((len(keep), self._encoder.dimension), np.float32)
        shared, alone = keep & seen.shared, keep & ~seen.shared
        if shared.any():
            vectors[shared] = self._encoder.encode_pass(seen.picture, seen.places[shared])
        if alone.any():
            vectors[alone] = self._encoder.encode_tiles(seen.tiles.pixels[alone])
        return vectors[keep]

    def _append(self, seen: TilePass, keep: NDArray[np.bool_], skip: NDArray[np.bool_]) -> None:
        batch = seen.tiles
        held, self._held = self._held, _NO_KEYS
        skipped = np.concatenate((held, batch.keys[skip]))
        if not keep.any() and not len(skipped):
            return
        drawn = self._source.is_drawn
        self._index.append(
            batch.keys[keep],
            self._vectors(seen, keep),
            batch.valid[keep],
            skipped,
            [_jpeg(tile) for tile in batch.pixels[keep]] if drawn else (),
            least_valid=self._min_valid,
            digests=None if drawn else _digests(batch, keep, skip),
            engine=self._encoder.engine,
        )


def _read(source: Readable, missing: Keys, encoding: str) -> Generator[TilePass, None, None]:
    """Tiles pass by pass, or, where each is looked at by itself, as many as are read together."""
    if encoding == BLOCKS:
        yield from read_passes(source, missing)
        return
    for batch in read_tiles(source, missing, _READ_TOGETHER):
        yield TilePass.alone(batch)


def _digests(batch: TileBatch, keep: NDArray[np.bool_], skip: NDArray[np.bool_]) -> NDArray[np.uint64]:
    digests = tile_digests(batch.pixels, batch.valid)
    return np.concatenate((digests[keep], digests[skip]))


def _jpeg(tile: NDArray[np.uint8]) -> bytes:
    """The picture of a tile that no raster has."""
    picture = Image.fromarray(tile).resize((_PICTURE_PX, _PICTURE_PX), Image.Resampling.BOX)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=_JPEG_QUALITY)
    return file.getvalue()
