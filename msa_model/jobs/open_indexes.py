"""Indexes held in memory for searching, extended while a scan still writes them."""

from __future__ import annotations

import logging
from collections import OrderedDict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from msa_model.index.manifest import Manifest, has_other_pixels, raster_of
from msa_model.index.store import TileIndex
from msa_model.jobs.sources import FileStamp, OpenSources, file_stamp
from msa_model.protocol.errors import (
    BadArgument,
    IndexOfOtherModel,
    IndexStale,
    RasterMissing,
    RasterUnreadable,
)
from msa_model.protocol.messages import RasterRef
from msa_model.raster.grid import Keys
from msa_model.raster.handles import is_plain_path

_log = logging.getLogger(__name__)

_MOST_TILES = 4_000_000  # kept in memory, 4 GB at 256 dimensions

_Stamp = tuple[FileStamp | None, FileStamp | None]


class GrowingTable:
    """Keys int32 [n, 3], vectors float32 [n, d], valid float32 [n]; appending does not copy all each time."""

    def __init__(self, dimension: int) -> None:
        self._keys: Keys = np.empty((0, 3), np.int32)
        self._vectors: NDArray[np.float32] = np.empty((0, dimension), np.float32)
        self._valid: NDArray[np.float32] = np.empty(0, np.float32)
        self._count = 0

    @property
    def keys(self) -> Keys:
        """Lattice keys int32 [n, 3]."""
        return self._keys[: self._count]

    @property
    def vectors(self) -> NDArray[np.float32]:
        """Unit vectors float32 [n, d]."""
        return self._vectors[: self._count]

    @property
    def valid(self) -> NDArray[np.float32]:
        """Share of each tile that has data."""
        return self._valid[: self._count]

    def extend(self, keys: Keys, vectors: NDArray[np.float32], valid: NDArray[np.float32]) -> None:
        """Appends rows; the first ones are taken over without a copy."""
        if self._count == 0:
            self._keys, self._vectors, self._valid = keys, vectors, valid
            self._count = len(keys)
            return
        end = self._count + len(keys)
        if end > len(self._keys):
            self._reserve(max(end, self._count * 3 // 2))
        new = slice(self._count, end)
        self._keys[new], self._vectors[new], self._valid[new] = keys, vectors, valid
        self._count = end

    def _reserve(self, rows: int) -> None:
        keys, vectors, valid = self.keys, self.vectors, self.valid
        self._keys = np.empty((rows, keys.shape[1]), np.int32)
        self._vectors = np.empty((rows, vectors.shape[1]), np.float32)
        self._valid = np.empty(rows, np.float32)
        old = slice(self._count)
        self._keys[old], self._vectors[old], self._valid[old] = keys, vectors, valid


class OpenIndex:
    """One index file as last read; the file itself is closed, so that others may replace it."""

    def __init__(self, path: Path, manifest: Manifest) -> None:
        self.path = path
        self.manifest = manifest
        self.table = GrowingTable(manifest.dimension)
        self.stamp: _Stamp | None = None
        self.raster_stamp: FileStamp | None = None
        self.asked_server = False  # once: where it is away, each search would wait for it
        self._last_block = 0
        self._last_keys: Keys = np.empty((0, 3), np.int32)

    @property
    def raster(self) -> RasterRef:
        """The raster behind the index, where it is now, read as it was scanned."""
        return RasterRef(raster_of(self.manifest, self.path), self.manifest.bands)

    def grow(self, index: TileIndex) -> bool:
        """Reads the blocks that were added; False where the file is another one than before."""
        new = index.load(max(0, self._last_block - 1))
        known = len(self._last_keys)
        if index.manifest != self.manifest or not np.array_equal(new.keys[:known], self._last_keys):
            return False
        if new.last_block > self._last_block:
            self.table.extend(new.keys[known:], new.vectors[known:], new.valid[known:])
            self._last_block = new.last_block
            self._last_keys = index.load(new.last_block - 1).keys
        return True


class OpenIndexes:
    """The indexes searched last. For one thread at a time."""

    def __init__(self, model_sha256: str, sources: OpenSources) -> None:
        self._model_sha256 = model_sha256
        self._sources = sources
        self._open: OrderedDict[Path, OpenIndex] = OrderedDict()

    def get(self, path: str) -> OpenIndex:
        """The index at `path` with all tiles that are stored now.

        Raises:
            IndexMissing, IndexUnreadable, IndexOfOtherModel: see there.
            IndexStale: the raster has changed; where it is missing, or behind a server that is away, its
                tiles can still be ranked.
        """
        place = Path(path).absolute()
        known = self._open.pop(place, None)
        opened = self._current(place, known)
        self._check_raster(opened)
        self._open[place] = opened
        self._drop_oldest()
        return opened

    def _current(self, place: Path, known: OpenIndex | None) -> OpenIndex:
        stamp = (file_stamp(place), file_stamp(f"{place}-wal"))  # before reading: what comes later differs
        if known is not None and known.stamp == stamp and stamp[0] is not None:
            return known
        with TileIndex.open_for_reading(place) as index:
            self._check_model(index)
            if known is None or not known.grow(index):
                known = OpenIndex(place, index.manifest)
                known.grow(index)
        known.stamp = stamp
        return known

    def _check_model(self, index: TileIndex) -> None:
        if index.manifest.model_sha256 != self._model_sha256:
            raise IndexOfOtherModel(f"{index.path} was made with another model ({index.manifest.model}).")

    def _check_raster(self, opened: OpenIndex) -> None:
        """Compares fingerprints once, and again when the raster's file changes; a drawn layer has none."""
        if opened.manifest.drawn:
            return
        ref = opened.raster
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

    def _drop_oldest(self) -> None:
        while len(self._open) > 1 and sum(len(o.table.keys) for o in self._open.values()) > _MOST_TILES:
            self._open.popitem(last=False)
