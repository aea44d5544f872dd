"""What a search seeks, as one vector: terms of the query and examples, each encoded once.

Examples of a search: tiles that an index holds, or windows of a raster.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pyproj.exceptions import ProjError

from msa_model.index.manifest import Manifest
from msa_model.index.rank import EVERYDAY, avoided, examples, joined, sought, unit
from msa_model.jobs.open_files import FileStamp, OpenIndex, OpenIndexes, OpenSources, file_stamp
from msa_model.jobs.steps import outcome, reading
from msa_model.jobs.windows import window_at
from msa_model.protocol.errors import BadArgument, PointOutsideRaster
from msa_model.protocol.layers import DrawnLayer
from msa_model.protocol.messages import Example, Progress, RasterRef, SearchRequest, Source, TileRef
from msa_model.protocol.pixels import Draw
from msa_model.protocol.query import Term, parse_query
from msa_model.protocol.warning_table import EngineWarning
from msa_model.raster.coordinates import moved
from msa_model.raster.drawn import DrawnSource
from msa_model.raster.grid import Keys
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


_SHOWN = 60  # characters of a text that is not read
_KEPT_TEXTS = 4096  # 4 MB at 256 dimensions


@dataclass(frozen=True)
class QuestionVector:
    """A question that makes sense: `vector` [d] has unit length; a tile's score is its cosine with it.

    `query` is the text without outer blanks, empty where only examples ask; `language` that of `RankReply`.
    """

    query: str
    terms: tuple[Term, ...]
    vector: Floats
    language: str = ""


class Questions:
    """Turns requests into vectors; keeps texts and examples, so that asking again costs no encoding."""

    def __init__(self, encoder: DualEncoder, indexes: OpenIndexes, sources: OpenSources) -> None:
        self.encoder = encoder
        self.indexes = indexes
        self._examples = ExampleVectors(encoder, indexes, sources)
        self._texts: OrderedDict[str, Floats] = OrderedDict()

    def check(self, request: SearchRequest) -> tuple[Term, ...]:
        """The query's terms; none where there are only examples.

        Raises:
            QueryEmpty: no words and no examples, or a term without words.
            QueryNotUnderstood: see `parse_query` and `DualEncoder.check_query`.
        """
        if request.examples and not request.query.strip():
            return ()
        return self.terms(request.query)

    def terms(self, query: str) -> tuple[Term, ...]:
        """The terms of a query that the model can read; errors as in `check`."""
        read = self.encoder.check_query
        return tuple(
            Term(read(term.text), term.weight, tuple(map(read, term.must))) for term in parse_query(query)
        )

    def look(self, request: SearchRequest, draw: Draw) -> Generator[Progress, None, None]:
        """Has windows drawn that examples show of layers which only QGIS reads; see `ExampleVectors.look`."""
        return self._examples.look(request.examples, draw)

    def ask(self, request: SearchRequest) -> QuestionVector:
        """The vector that a request seeks.

        Raises:
            QueryEmpty, QueryNotUnderstood, BadArgument: the request.
            And what `ExampleVectors.vectors` raises.
        """
        terms = self.check(request)
        tiles = self._examples.vectors(request.examples, request.indexes)
        weights = np.array([example.weight for example in request.examples], np.float32)
        language = self.encoder.language_of([term.text for term in terms])
        return QuestionVector(request.query.strip(), terms, self.mix(terms, tiles, weights), language)

    def warnings(self, terms: Sequence[Term]) -> tuple[EngineWarning, ...]:
        """What of the terms the encoder does not read."""
        rests = filter(None, (self.encoder.unread(term.text) for term in terms))
        return tuple(EngineWarning("text_too_long", texts=(_shortened(rest),)) for rest in rests)

    def mix(
        self, terms: Sequence[Term], tiles: Floats | None = None, weights: Floats | None = None
    ) -> Floats:
        """The unit vector [d] of terms, and of example tiles [n, d] with their weights [n]."""
        parts = self._sought([term for term in terms if term.weight > 0])
        if bad := [term for term in terms if term.weight < 0]:
            parts = parts + avoided(self.texts([term.text for term in bad]), _weights(bad))
        if tiles is not None and weights is not None:
            parts = parts + examples(tiles, weights, self.encoder.background)
        return unit(parts)

    def _sought(self, terms: Sequence[Term]) -> Floats:
        if not terms:
            return np.zeros(self.encoder.dimension, np.float32)
        texts, weights = [term.text for term in terms], _weights(terms)
        if len(texts) == 1:
            alone: Floats = weights[0] * self.texts(texts)[0]
            return alone
        vectors = self.texts([*texts, *EVERYDAY])
        each, everyday = vectors[: len(texts)], vectors[len(texts) :]
        whole: Floats = weights.mean() * sought(each, weights, self._joint(texts), everyday.mean(axis=0))
        return whole

    def _joint(self, texts: list[str]) -> Floats:
        """All terms as one text; of terms in several languages, which make no text, the mean direction."""
        if any(map(self.encoder.is_foreign, texts)):
            return unit(self.texts(texts).mean(axis=0))
        joint: Floats = self.texts([joined(texts)])[0]
        return joint

    def texts(self, texts: Sequence[str]) -> Floats:
        """Unit vectors [n, d] of texts, those not known yet as one batch."""
        new = [text for text in dict.fromkeys(texts) if text not in self._texts]
        if new:
            self._texts.update(zip(new, self.encoder.encode_texts(new), strict=True))
        for text in texts:
            self._texts.move_to_end(text)
        vectors = np.array([self._texts[text] for text in texts], np.float32)
        while len(self._texts) > _KEPT_TEXTS:
            self._texts.popitem(last=False)
        return vectors.reshape(len(texts), self.encoder.dimension)


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _weights(terms: Sequence[Term]) -> Floats:
    return np.array([term.weight for term in terms], np.float32)
