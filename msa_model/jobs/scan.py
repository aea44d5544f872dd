"""Scanning: a generator that encodes and commits one batch at each step."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from msa_model.index.blocks import EncodedTiles
from msa_model.index.finding import remember
from msa_model.index.manifest import BLOCKS, Manifest
from msa_model.index.store import TileIndex
from msa_model.jobs.plan import Best, part_asked
from msa_model.jobs.scan_work import ScanState, compare, missing_keys, opened_scan
from msa_model.jobs.steps import BatchWriter, ProgressMeter, StageTimes, StepSize, looking, with_pauses
from msa_model.protocol.messages import Progress, ScanRequest, ScanSummary
from msa_model.protocol.pixels import Draw
from msa_model.raster.drawn import AnySource, undrawn
from msa_model.raster.fingerprint import tile_digests
from msa_model.raster.grid import Keys
from msa_model.raster.handles import is_plain_path
from msa_model.raster.passes import TilePass, read_passes
from msa_model.raster.source import RasterSource, Readable
from msa_model.raster.tiles import inside_shares, read_tiles

if TYPE_CHECKING:
    from msa_model.model.dual_encoder import DualEncoder

_READ_TOGETHER = 32  # tiles; a step takes some of them
_PICTURE_PX, _JPEG_QUALITY = 128, 85
_NO_KEYS: Keys = np.empty((0, 3), np.int32)


class TileStore(Protocol):
    """Where encoded tiles go: an index, or what stands in its place."""

    @property
    def manifest(self) -> Manifest:
        """Of the tiles."""

    def append(self, tiles: EncodedTiles) -> None:
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
    *,
    store: StoreMissing | None = None,
    best: Best | None = None,
) -> Generator[Progress, None, ScanSummary]:
    """Encodes and stores the tiles that the index lacks; yields after each batch, and while it waits for one.

    `store` has them encoded elsewhere; `best` tells where finer tiles are wanted.

    `Progress.id` is 0, for the caller to set. Closing the generator keeps what was stored. Of an index of an
    earlier state of the raster, the tiles that look otherwise now are encoded anew: all of them where its
    size, place or stretch is another.

    Raises:
        RasterMissing and the other errors of `open_source`, `scan_state`, `part_asked`, `compare` and
            `TileIndex.append`.
        layer_unavailable: QGIS could not draw all of a layer; what it drew is kept.
        layer_silent, layer_changed, layer_gone: nor any of it, or no longer.
    """
    started = time.monotonic()
    source, found = yield from looking(lambda: opened_scan(encoder, request, cache_folder, draw))
    with source, _index_of(found := part_asked(found, source, request, best)) as index:
        missing = yield from _settled(index, found, source, request)
        if request.index is None or not is_plain_path(index.manifest.raster):
            remember(index.path, index.manifest, cache_folder)
        clock = StageTimes()
        here = partial(store_missing, clock=clock)
        skipped = yield from (store or here)(source, encoder, index, missing, request.settings.min_valid)
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
        profile=None if store else clock.profile(),
        engine_warnings=encoder.engine_warnings,
    )


def _settled(
    index: TileIndex, found: ScanState, source: AnySource, request: ScanRequest
) -> Generator[Progress, None, Keys]:
    """What the index lacks once it is known which of its tiles hold for the raster as it is now."""
    index.forget_skipped(request.settings.min_valid)
    if found.comparing and isinstance(source, RasterSource):
        yield from compare(source, index)
    if found.comparing or (request.trust and found.manifest.fingerprint_version > 1):
        index.settle(found.current)
    return missing_keys(found.plan.keys, index.done_keys())  # nobody else adds any from here on


def _index_of(found: ScanState) -> TileIndex:
    return TileIndex.open_for_writing(found.index, found.manifest, replace=found.stale)


def store_missing(  # noqa: PLR0917  (as `StoreMissing`)
    source: Readable,
    encoder: DualEncoder,
    index: TileStore,
    missing: Keys,
    min_valid: float,
    clock: StageTimes | None = None,
) -> Generator[Progress, None, int]:
    """Returns how many tiles were skipped; `Progress` counts what is written."""
    clock = clock or StageTimes()
    meter, step, skipped = ProgressMeter(len(missing)), StepSize(), 0
    yield meter.progress()
    read = _prepared(source, missing, index.manifest.encoding, clock)
    with closing(with_pauses(read)) as batches, BatchWriter(clock) as writer:
        store = Storing(source, encoder, index, min_valid, clock)
        for batch in batches:
            if batch is None:
                yield meter.progress()
                continue
            for part in batch.parts(step):
                started, tiles = time.monotonic(), len(part.seen.tiles.keys)
                work, without = store.encoded(part)
                skipped += without
                written = writer.write(tiles, work)
                step.adapt(tiles, time.monotonic() - started)
                yield meter.advance(written)
        yield meter.advance(writer.finish())
    return skipped


@dataclass(frozen=True)
class PreparedTiles:
    """Tiles as read, and their digests uint64 [n]; those of a drawn layer have none."""

    seen: TilePass
    digests: NDArray[np.uint64] | None

    def parts(self, step: StepSize) -> Iterator[PreparedTiles]:
        """In pieces of the current step size; tiles that share a pass are one piece."""
        if self.seen.shared.any():
            yield self
            return
        start = 0
        for part in self.seen.parts(lambda: step.tiles):
            stop = start + len(part.tiles.keys)
            yield PreparedTiles(part, None if self.digests is None else self.digests[start:stop])
            start = stop


class Storing:
    """Encodes tiles and commits them, or notes that they are to be skipped.

    The least share counts what lies on the raster: one that is smaller than a tile has a tile, too. Of a
    block that is not whole only tiles without any gap are taken, and none is skipped, so that the rest is
    asked for again. What is empty is held back until the source is known to draw anything.
    """

    def __init__(
        self, source: Readable, encoder: DualEncoder, index: TileStore, min_valid: float, clock: StageTimes
    ) -> None:
        self._source, self._encoder, self._index, self._min_valid = source, encoder, index, min_valid
        self._held, self._clock = _NO_KEYS, clock

    def encoded(self, part: PreparedTiles) -> tuple[Callable[[], object], int]:
        """What writes the tiles, and how many are skipped."""
        batch = part.seen.tiles
        manifest = self._index.manifest
        inside = inside_shares(batch.keys, manifest.width, manifest.height)
        least = np.where(batch.whole, self._min_valid, 1.0)
        keep = (batch.valid >= least * inside) & (batch.valid > 0)
        skip = ~keep & batch.whole
        skipped = np.concatenate((self._held, batch.keys[skip]))
        sound = self._source.is_sound
        self._held = _NO_KEYS if sound else skipped
        if not sound or not (keep.any() or len(skipped)):
            return _nothing, int(np.count_nonzero(skip))
        vectors = self._clock.timed("encoding", lambda: self._vectors(part.seen, keep))
        digests = part.digests
        tiles = EncodedTiles(
            batch.keys[keep],
            vectors,
            batch.valid[keep],
            skipped,
            least_valid=self._min_valid,
            digests=None if digests is None else np.concatenate((digests[keep], digests[skip])),
            engine=self._encoder.engine,
        )
        append = partial(self._append, tiles, batch.pixels[keep] if self._source.is_drawn else ())
        return append, int(np.count_nonzero(skip))

    def _vectors(self, seen: TilePass, keep: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Unit vectors [n, d] of the tiles to keep: out of the pass, or by themselves."""
        vectors = np.empty((len(keep), self._encoder.dimension), np.float32)
        shared, alone = keep & seen.shared, keep & ~seen.shared
        if shared.any():
            vectors[shared] = self._encoder.encode_pass(seen.picture, seen.offsets[shared])
        if alone.any():
            vectors[alone] = self._encoder.encode_tiles(seen.tiles.pixels[alone])
        return vectors[keep]

    def _append(self, tiles: EncodedTiles, drawn: Iterable[NDArray[np.uint8]]) -> None:
        self._index.append(replace(tiles, pictures=[_jpeg(tile) for tile in drawn]))


def _nothing() -> None:
    """There is nothing to write."""


def _prepared(
    source: Readable, missing: Keys, encoding: str, clock: StageTimes
) -> Generator[PreparedTiles, None, None]:
    """What is read, with what is made of its pixels beside vectors."""
    with closing(_read(source, missing, encoding)) as read:
        for seen in clock.each("reading", read):
            tiles = seen.tiles
            digests = partial(tile_digests, tiles.pixels, tiles.valid)
            yield PreparedTiles(seen, None if source.is_drawn else clock.timed("preparing", digests))


def _read(source: Readable, missing: Keys, encoding: str) -> Generator[TilePass, None, None]:
    """Tiles pass by pass, or, where each is looked at by itself, as many as are read together."""
    if encoding == BLOCKS:
        yield from read_passes(source, missing)
        return
    for batch in read_tiles(source, missing, _READ_TOGETHER):
        yield TilePass.alone(batch)


def _jpeg(tile: NDArray[np.uint8]) -> bytes:
    """The picture of a tile that no raster has."""
    picture = Image.fromarray(tile).resize((_PICTURE_PX, _PICTURE_PX), Image.Resampling.BOX)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=_JPEG_QUALITY)
    return file.getvalue()
