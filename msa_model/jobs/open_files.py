"""Indexes and rasters kept open between requests."""

from __future__ import annotations

import logging
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Generator, Iterable
from pathlib import Path

import numpy as np

from msa_model.files.memory import check_fits
from msa_model.index.manifest import Manifest, has_other_pixels, names_another_machine, raster_of
from msa_model.index.store import TileIndex
from msa_model.index.tile_table import GrowingTable
from msa_model.index.vector_cache import CachedRows, VectorCache
from msa_model.jobs.steps import ProgressMeter, outcome
from msa_model.protocol.errors import (
    BadArgument,
    IndexOfOtherModel,
    IndexStale,
    MsaError,
    RasterMissing,
    RasterUnreadable,
)
from msa_model.protocol.messages import Progress, RasterRef, Source
from msa_model.protocol.pixels import Draw
from msa_model.raster.drawn import AnySource, open_source, undrawn
from msa_model.raster.grid import Keys
from msa_model.raster.handles import is_plain_path
from msa_model.raster.source import RasterSource

_KEPT = 4

FileStamp = tuple[int, int, int]


class OpenSources:
    """The rasters used last, reopened when their file has changed."""

    def __init__(self) -> None:
        self._open: OrderedDict[RasterRef, tuple[RasterSource, FileStamp | None]] = OrderedDict()

    def source(self, source: Source, draw: Draw = undrawn) -> AnySource:
        """An open raster, valid until the next call, or a layer that QGIS draws.

        Raises:
            RasterMissing and the other errors of `open_source`.
        """
        return self.raster(source) if isinstance(source, RasterRef) else open_source(source, draw)

    def raster(self, ref: RasterRef) -> RasterSource:
        """An open raster, valid until the next call.

        Raises:
            RasterMissing and the other errors of `RasterSource.open`.
        """
        stamp = file_stamp(ref.path)
        kept = self._open.pop(ref, None)
        if kept is not None and kept[1] != stamp:
            kept[0].close()
            kept = None
        self._open[ref] = kept or (RasterSource.open(ref), stamp)
        if len(self._open) > _KEPT:
            self._open.popitem(last=False)[1][0].close()
        return self._open[ref][0]


def file_stamp(path: str | Path) -> FileStamp | None:
    """Identity, size and time of change of a file; None for what is no local file (/vsicurl/…)."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


_log = logging.getLogger(__name__)

_MOST_TILES = 4_000_000  # kept in memory, 3 GB at 384 dimensions

_WORTH_KEEPING = 50_000  # tiles, whose blocks take a tenth of a second to read
_ENOUGH = 0.8  # of an index's tiles; where the cache holds fewer, it is made anew
_MOST_READ = 1_000_000  # tiles of an index that are read into memory; of more, the cache is made first
_BYTES_OF_NUMBER, _BYTES_OF_KEY = 3, 16  # float16 and a byte; key and share
_UNASKED = 250_000  # tiles together, for which nobody looks whether memory is free
_SOON_OPENED = 32_000_000  # bytes of an index whose tiles are at hand within a second, however they are read

_Stamp = tuple[FileStamp | None, FileStamp | None]


class OpenIndex:
    """One index file as last read; the file itself is closed, so that others may replace it."""

    def __init__(self, path: Path, manifest: Manifest, may_be_opened: bool = True) -> None:
        """`may_be_opened`: see `index.locations.may_be_opened`."""
        self.path = path
        self.manifest = manifest
        self.may_be_opened = may_be_opened
        self.table = GrowingTable(manifest.dimension)
        self.stamp: _Stamp | None = None
        self.raster_stamp: FileStamp | None = None
        self.asked_server = False  # once: where it is away, each search would wait for it
        self.mapped = 0  # tiles that take no memory of their own
        self._last_block = 0
        self._last_keys: Keys = np.empty((0, 3), np.int32)

    @property
    def raster(self) -> RasterRef:
        """The raster behind the index, where it is now, read as it was scanned."""
        return RasterRef(raster_of(self.manifest, self.path), self.manifest.bands)

    def take_over(self, kept: CachedRows | None, index: TileIndex) -> None:
        """Starts with the rows that the cache keeps, if they are of this very index."""
        if kept is None or kept.digest != index.digest(kept.last_block):
            return
        self.table.take_over(kept.keys, kept.vectors, kept.valid, kept.segments)
        self._last_block, self.mapped = kept.last_block, len(kept.keys)
        self._last_keys = kept.keys[len(kept.keys) - index.tiles_of(kept.last_block) :]

    def kept_rows(self, index: TileIndex) -> CachedRows:
        """All rows, for the cache."""
        table = self.table
        return CachedRows(
            index.digest(self._last_block),
            self._last_block,
            table.keys,
            table.vectors,
            table.valid,
            tuple(table.whole_as_segments()),
        )

    def grow(self, index: TileIndex) -> bool:
        """Reads the blocks that were added; False where the file is another one than before."""
        new = index.load(max(0, self._last_block - 1))
        known = len(self._last_keys)
        if index.manifest != self.manifest or not np.array_equal(new.keys[:known], self._last_keys):
            return False
        if new.last_block > self._last_block:
            self.table.extend(new.keys[known:], new.halves[known:], new.valid[known:])
            self._last_block = new.last_block
            # Of what was read here: a scan may have written on meanwhile.
            self._last_keys = new.keys[len(new.keys) - index.tiles_of(new.last_block) :]
        return True


MayBeOpened = Callable[[Path, Manifest], bool]


def on_this_machine(path: Path, manifest: Manifest) -> bool:
    """Whether the raster that an index names lies on this machine, as far as its path tells."""
    return not names_another_machine(manifest, path)


class OpenIndexes:
    """The indexes searched last. For one thread at a time."""

    def __init__(
        self,
        model_sha256: str,
        sources: OpenSources,
        cache: VectorCache | None = None,
        may_be_opened: MayBeOpened = on_this_machine,
    ) -> None:
        """Without a `cache`, all that is searched lies in memory."""
        self._may_be_opened = may_be_opened
        self._model_sha256 = model_sha256
        self._sources = sources
        self._cache = cache
        self._open: OrderedDict[Path, OpenIndex] = OrderedDict()
        self._in_memory = 0  # tiles of all of them
        self._being_made: dict[Path, Progress] = {}

    def preparing(self, paths: Iterable[str]) -> Generator[Progress, None, None]:
        """Makes the files by which very large indexes are searched, which takes `get` up to a minute.

        Reports tiles; nothing, where there is nothing to make. Closing it leaves no file. Errors as of `get`.
        """
        for file in dict.fromkeys(Path(path).absolute() for path in paths):
            while file in self._being_made:  # for another request
                yield self._being_made[file]
            if self._cache is not None and self._may_take_long(file):
                yield from self._preparing(file, self._cache)

    def _may_take_long(self, file: Path) -> bool:
        stamp, known = _stamp_of(file), self._open.get(file)
        is_large = stamp[0] is not None and stamp[0][1] >= _SOON_OPENED
        return is_large and (known is None or known.stamp != stamp)

    def _preparing(self, file: Path, cache: VectorCache) -> Generator[Progress, None, None]:
        known = self._open.get(file)
        with TileIndex.open_for_reading(file) as index:
            self._check_model(index)
            fresh = OpenIndex(file, index.manifest)
            if self._can_grow(known or fresh, index) or not self._is_mapped_first(fresh, index):
                return
            meter, done = ProgressMeter(index.counts().tiles), 0
            try:
                self._being_made[file] = meter.progress()
                yield self._being_made[file]
                for written in cache.making(file, index):
                    self._being_made[file], done = meter.advance(written - done), written
                    yield self._being_made[file]
            finally:
                del self._being_made[file]

    def get(self, path: str) -> OpenIndex:
        """The index at `path` with all tiles that are stored now.

        Raises:
            IndexMissing, IndexUnreadable, IndexOfOtherModel: see there.
            IndexStale: the raster has changed; where it is missing, or behind a server that is away, its
                tiles can still be ranked.
        """
        file = Path(path).absolute()
        known = self._open.pop(file, None)
        self._in_memory -= _tiles_in_memory(known) if known else 0
        opened = self._current(file, known)
        self._check_raster(opened)
        self._open[file] = opened
        self._in_memory += _tiles_in_memory(opened)
        while len(self._open) > 1 and self._in_memory > _MOST_TILES:
            self._in_memory -= _tiles_in_memory(self._open.popitem(last=False)[1])
        return opened

    def _current(self, file: Path, known: OpenIndex | None) -> OpenIndex:
        stamp = _stamp_of(file)  # before reading: what comes later differs
        if known is not None and known.stamp == stamp and stamp[0] is not None:
            return known
        with TileIndex.open_for_reading(file) as index:
            self._check_model(index)
            if known is None or not self._can_grow(known, index) or not known.grow(index):
                known = self._opened(file, index)
        known.stamp = stamp
        return known

    def _can_grow(self, known: OpenIndex, index: TileIndex) -> bool:
        """Whether what has come since is little enough to be read at once."""
        come = index.counts().tiles - len(known.table.keys)
        return come <= _MOST_READ and self._fits(known, come)

    def _opened(self, file: Path, index: TileIndex) -> OpenIndex:
        opened = OpenIndex(file, index.manifest, self._may_be_opened(file, index.manifest))
        tiles = index.counts().tiles
        if self._cache is None or tiles < _WORTH_KEEPING:
            self._check_memory(opened, tiles)
            opened.grow(index)
            return opened
        if self._is_mapped_first(opened, index):
            opened.take_over(outcome(self._cache.making(file, index)), index)
        self._check_memory(opened, tiles - opened.mapped)
        opened.grow(index)
        if opened.mapped < _ENOUGH * len(opened.table.keys):
            # Whoever asked need not wait for the disk; the process does, when it ends.
            threading.Thread(target=self._cache.write, args=(file, opened.kept_rows(index))).start()
        return opened

    def _is_mapped_first(self, opened: OpenIndex, index: TileIndex) -> bool:
        """Whether its file is made before it is searched; it takes over what there is of one."""
        if self._cache is None or index.counts().tiles < _WORTH_KEEPING:
            return False
        opened.take_over(self._cache.read(opened.path, index.manifest.dimension), index)
        read = index.counts().tiles - opened.mapped
        return read > _MOST_READ or not self._fits(opened, read)

    def _fits(self, index: OpenIndex, tiles: int) -> bool:
        try:
            self._check_memory(index, tiles)
        except MsaError:
            return False
        return True

    def _check_memory(self, index: OpenIndex, tiles: int) -> None:
        """Whether so many tiles of an index can be read into memory, beside what is there.

        Raises:
            not_enough_memory: they cannot.
        """
        if tiles + self._in_memory > _UNASKED:
            size = tiles * (index.manifest.dimension * _BYTES_OF_NUMBER + _BYTES_OF_KEY)
            what = f"Searching the {tiles:,} tiles of {index.path.name}"
            check_fits(size, what, "search fewer indexes at a time, or make room on the disk of the cache")

    def _check_model(self, index: TileIndex) -> None:
        if index.manifest.model_sha256 != self._model_sha256:
            raise IndexOfOtherModel(f"{index.path} was made with another model ({index.manifest.model}).")

    def _check_raster(self, opened: OpenIndex) -> None:
        """Compares fingerprints once, and again when the raster's file changes; a drawn layer has none.

        What an index from elsewhere names on another machine is not asked for: no user named that.
        """
        ref = opened.raster
        if opened.manifest.drawn or not opened.may_be_opened:
            return
        stamp = file_stamp(ref.path)
        if stamp is not None and stamp == opened.raster_stamp:
            return
        if not is_plain_path(ref.path) and opened.asked_server:
            return
        opened.asked_server = True
        try:
            same = not has_other_pixels(opened.manifest, self._sources.raster(ref))
        except RasterMissing:
            _log.warning("The raster of %s is missing; its tiles are ranked all the same.", opened.path)
            return
        except RasterUnreadable:
            if is_plain_path(ref.path):
                raise
            _log.warning("The server of %s does not answer; its tiles are ranked all the same.", opened.path)
            return
        except BadArgument:  # it has fewer bands now
            same = False
        if not same:
            raise IndexStale(f"{ref.path} has changed since it was indexed.")
        opened.raster_stamp = stamp


def _stamp_of(file: Path) -> _Stamp:
    """Of an index and of what is not yet merged into it."""
    return file_stamp(file), file_stamp(f"{file}-wal")


def _tiles_in_memory(index: OpenIndex) -> int:
    return max(0, len(index.table.keys) - index.mapped)
