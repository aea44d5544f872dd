"""Examples of a search: tiles that an index holds, or windows of a raster."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pyproj.exceptions import ProjError

from msa_model.index.manifest import Manifest
from msa_model.jobs.open_indexes import OpenIndex, OpenIndexes
from msa_model.jobs.sources import FileStamp, OpenSources, file_stamp
from msa_model.jobs.steps import outcome, reading
from msa_model.jobs.windows import window_at
from msa_model.protocol.drawn_layer import DrawnLayer
from msa_model.protocol.errors import BadArgument, PointOutsideRaster
from msa_model.protocol.messages import Example, Progress, RasterRef, Source, TileRef
from msa_model.protocol.pixels import Draw
from msa_model.raster.drawn import DrawnSource
from msa_model.raster.grid import Keys
from msa_model.raster.placing import moved
from msa_model.raster.source import Readable
from msa_model.raster.tiles import tile_boxes

if TYPE_CHECKING:
    from msa_model.model.dual_encoder import DualEncoder

MOST_EXAMPLES = 10_000
_KEPT_WINDOWS = 1024

Floats = NDArray[np.float32]


class ExampleVectors:
    """Vectors of examples: tiles are looked up, windows are encoded once."""

    def __init__(self, encoder: DualEncoder, indexes: OpenIndexes, sources: OpenSources) -> None:
        self._encoder = encoder
        self._indexes = indexes
        self._sources = sources
        self._windows: OrderedDict[tuple[Example, FileStamp | None], Floats] = OrderedDict()

    def look(self, examples: Sequence[Example], draw: Draw) -> Generator[Progress, None, None]:
        """Encodes windows of drawn layers, which `vectors` then knows; errors as of it.

        Raises:
            layer_unavailable, layer_silent, layer_changed, layer_gone: QGIS does not draw a window.
        """
        self._check(examples)
        for example in examples:
            if isinstance(example.raster, DrawnLayer) and (key := _key(example)) not in self._windows:
                source = DrawnSource(example.raster, draw)
                self._windows[key] = yield from self._encoding(example, source)

    def vectors(self, examples: Sequence[Example], indexes: Sequence[str]) -> Floats:
        """Unit vectors [n, d]. A place without a raster means the tile there of one of `indexes`.

        Raises:
            BadArgument: an example that names no place, a tile that is not indexed, a weight of 0.
            PointOutsideRaster: a place without pixels, or without an indexed tile.
            RasterMissing, RasterUnreadable: the raster of a window.
            IndexMissing, IndexUnreadable, IndexOfOtherModel, IndexStale: the index of a tile.
        """
        self._check(examples)
        vectors = np.empty((len(examples), self._encoder.dimension), np.float32)
        tiles = [(row, example.tile) for row, example in enumerate(examples) if example.tile is not None]
        for path in dict.fromkeys(tile.index for _, tile in tiles):
            rows, wanted = zip(*((row, tile) for row, tile in tiles if tile.index == path), strict=True)
            vectors[list(rows)] = tile_vectors(self._indexes.get(path), wanted)
        for row, example in enumerate(examples):
            if example.tile is None:
                vectors[row] = self._place(example, indexes)
        while len(self._windows) > max(_KEPT_WINDOWS, len(examples)):
            self._windows.popitem(last=False)
        return vectors

    @staticmethod
    def _check(examples: Sequence[Example]) -> None:
        if len(examples) > MOST_EXAMPLES:
            raise BadArgument(f"At most {MOST_EXAMPLES} examples can be given, not {len(examples)}.")
        for example in examples:
            if not math.isfinite(example.weight) or example.weight == 0:
                raise BadArgument(f"An example's weight must be a number other than 0, not {example.weight}.")

    def _place(self, example: Example, indexes: Sequence[str]) -> Floats:
        if example.raster is not None:
            return self._window(example, example.raster)
        return self._nearest(example, [self._indexes.get(path) for path in dict.fromkeys(indexes)])

    def _window(self, example: Example, raster: Source) -> Floats:
        key = _key(example)
        if key not in self._windows:
            source = self._sources.source(raster)
            self._windows[key] = outcome(self._encoding(example, source))
        return self._windows[key]

    def _encoding(self, example: Example, source: Readable) -> Generator[Progress, None, Floats]:
        window = window_at(source, example)
        tile = yield from reading(source, lambda: source.read_window(*window.corner, window.side))
        source.check()
        if tile.valid <= 0:
            raise PointOutsideRaster(f"There are no pixels of {source.path} at the example's place.")
        vector: Floats = self._encoder.encode_tiles(tile.rgb[None])[0]
        return vector

    def _nearest(self, example: Example, indexes: Sequence[OpenIndex]) -> Floats:
        """The stored tile that fits a place best: for places without a raster."""
        for index in indexes:
            if (row := nearest_tile(index, example)) is not None:
                vector: Floats = index.table.rows([row])[0]
                return vector
        raise PointOutsideRaster("There is no indexed tile at the example's place.")


def _key(example: Example) -> tuple[Example, FileStamp | None]:
    """The window whatever its weight, and the state of the file that it shows."""
    stamp = file_stamp(example.raster.path) if isinstance(example.raster, RasterRef) else None
    return replace(example, weight=1.0), stamp


def tile_vectors(index: OpenIndex, tiles: Sequence[TileRef]) -> Floats:
    """Unit vectors [n, d] of tiles of an index.

    Raises:
        BadArgument: the index has no such tile.
    """
    wanted = np.array([(tile.factor, tile.row, tile.col) for tile in tiles], np.int64)
    keys = index.table.keys
    found = {key: row for row, key in _numbered(keys, np.isin(_packed(keys), _packed(wanted)))}
    for key in map(tuple, wanted.tolist()):
        if key not in found:
            raise BadArgument(f"{index.path} holds no tile {key}.")
    vectors: Floats = index.table.rows([found[key] for key in map(tuple, wanted.tolist())])
    return vectors


def nearest_tile(index: OpenIndex, example: Example) -> int | None:
    """The row of the tile around an example's place that is nearest in scale, then in place.

    Without a scale or a box the finest.

    Raises:
        BadArgument: neither or both of point and bounds, or a CRS that is none.
    """
    col, row, factor = _place_on(index.manifest, example)
    x0, y0, x1, y1 = tile_boxes(index.table.keys).T
    (around,) = np.nonzero((x0 <= col) & (col < x1) & (y0 <= row) & (row < y1))
    if not len(around):
        return None
    factors = index.table.keys[around, 0].astype(np.float64)
    off_scale = np.abs(np.log2(factors / (factor or factors.min())))
    off_place = np.hypot((x0 + x1)[around] / 2 - col, (y0 + y1)[around] / 2 - row)
    return int(around[np.lexsort((off_place, off_scale))[0]])


def _place_on(manifest: Manifest, example: Example) -> tuple[float, float, float | None]:
    """Column and row of the place's centre, and the decimation of a tile as large as it."""
    if (example.point is None) == (example.bounds is None):
        raise BadArgument("An example needs a tile, or either a point or bounds.")
    x0, y0, x1, y1 = example.bounds or (*example.point, *example.point)  # type: ignore[misc]
    try:
        middle = (manifest.affine @ (manifest.width / 2, manifest.height / 2))[0]
        corners = moved(np.array([[x0, y0], [x1, y1]]), example.crs or manifest.crs, manifest.crs, middle)
    except ProjError as error:
        raise BadArgument(f"{example.crs!r} is no coordinate reference system.") from error
    cols, rows = zip(*(~manifest.affine @ corner for corner in corners.tolist()), strict=True)
    side = max(abs(cols[1] - cols[0]), abs(rows[1] - rows[0])) / manifest.tile or None
    factor = side if example.scale_m is None else example.scale_m / manifest.scale_m(1)
    return sum(cols) / 2, sum(rows) / 2, factor


def _packed(keys: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """One number for a key; two keys may share one."""
    factor, row, col = keys.astype(np.int64).T
    packed: NDArray[np.int64] = (factor << 52) ^ (row << 26) ^ col
    return packed


def _numbered(keys: Keys, which: NDArray[np.bool_]) -> Iterator[tuple[int, tuple[int, int, int]]]:
    for row in np.flatnonzero(which).tolist():
        factor, y, x = keys[row].tolist()
        yield row, (factor, y, x)
