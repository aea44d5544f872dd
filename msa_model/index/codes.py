"""Vectors as bytes: what a search of a large index reads instead of them, before the best are ranked exactly.

A segment's rows share a step; a code is the number of steps, plus 128. The product of a query's bytes and a
row's is that of their vectors but for rounding, whose spread is known, so that every row that could be among
the best is told. FAISS multiplies bytes as fast as the memory delivers them; without it there are no codes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from msa_model.index.halves import CHUNK, Floats, Halves, widened

SEGMENT = 65_536  # rows
MOST_WANTED = 1024  # results; for more, reading all vectors is as quick
_MIDDLE, _MOST = 128, 127
_AT_ONCE = 2048  # rows whose products with all texts stay in a core's cache
_AT_HAND = 64  # results beyond those wanted that a segment gives at first
_SPREADS = 6.0  # of the rounding, by which a row's product may be off
_UNIFORM = 12.0  # times the variance of a rounded number is the square of the step
_TINY = np.float32(1e-30)

Bytes = NDArray[np.uint8]
Positions = NDArray[np.int64]
ByteProduct = Callable[[NDArray[np.int8], NDArray[np.int8]], NDArray[np.int32]]


@dataclass(frozen=True)
class Segment:
    """Codes uint8 [n, d] of unit vectors, and what a step is worth."""

    codes: Bytes
    step: float


@cache
def available() -> bool:
    """Whether FAISS is installed."""
    return find_spec("faiss") is not None


def encoded(vectors: Halves) -> Segment:
    """The segment of vectors [n, d] at length 1."""
    step = max(float(np.abs(vectors).max()), float(_TINY)) / _MOST
    codes = np.empty(vectors.shape, np.uint8)
    for start in range(0, len(vectors), CHUNK):
        rows = widened(vectors[start : start + CHUNK])
        lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
        np.divide(rows, (step * np.maximum(lengths, _TINY))[:, None], out=rows)
        np.clip(np.rint(rows, out=rows), -_MOST, _MOST, out=rows)
        codes[start : start + CHUNK] = rows + _MIDDLE
    return Segment(codes, step)


class TextBytes:
    """Texts' unit vectors [m, d] as bytes, of a step each, and `product`, which multiplies bytes."""

    def __init__(self, texts: Floats, product: ByteProduct) -> None:
        self._product = product
        self._steps = np.maximum(np.abs(texts).max(axis=1), _TINY) / _MOST
        self._bytes = np.rint(texts / self._steps[:, None]).astype(np.int8)

    def candidates(self, segment: Segment, rows: Positions, low: Floats, k: int) -> Positions:
        """Which of a segment's rows [n] may be among the `k` best of any text.

        `low` are cosines [m] that `k` rows elsewhere are known to reach.
        """
        near = [rows[:0]]
        for start in range(0, len(rows), _AT_ONCE):
            part = rows[start : start + _AT_ONCE]
            reaching, low = self._reaching(_rows_of(segment.codes, part), segment.step, low, k)
            near.append(part[reaching])
        return np.concatenate(near)

    def _reaching(self, codes: Bytes, step: float, low: Floats, k: int) -> tuple[Positions, Floats]:
        """Which rows may reach a text's `low` [m], and what `k` rows are known to reach now."""
        products = self._product(self._bytes, _signed(codes))
        units, margins = self._steps * step, _SPREADS * np.sqrt((self._steps**2 + step**2) / _UNIFORM)
        most = products.max(axis=1) * units
        rising = np.flatnonzero(most - margins > low)
        if len(codes) >= k and len(rising):
            reached = np.partition(products[rising], -k, axis=1)[:, -k] * units[rising] - margins[rising]
            low = low.copy()
            low[rising] = np.maximum(low[rising], reached)
        texts = np.flatnonzero(most + margins >= low)
        enough = (low[texts] - margins[texts]) / units[texts]
        return np.flatnonzero((products[texts] >= enough[:, None]).any(axis=0)), low


def _rows_of(codes: Bytes, rows: Positions) -> Bytes:
    """The codes at rising rows, not copied where none is left out."""
    first, end = int(rows[0]), int(rows[-1]) + 1
    return codes[first:end] if end - first == len(rows) else codes[rows]


def _signed(codes: Bytes) -> NDArray[np.int8]:
    """Codes [n, d] as numbers of steps."""
    steps: NDArray[np.int8] = (codes ^ np.uint8(_MIDDLE)).view(np.int8)
    return steps


class Products:
    """The approximate cosines of segments with one query [d]."""

    def __init__(self, query: Floats) -> None:
        unit = query / np.maximum(np.linalg.norm(query), _TINY)
        self._step = max(float(np.abs(unit).max()), float(_TINY)) / _MOST
        self._bytes = np.ascontiguousarray(np.rint(unit / self._step), np.float32)
        self._faiss: Any = import_module("faiss")  # optional
        kind = self._faiss.ScalarQuantizer.QT_8bit_direct_signed
        self._quantizer = self._faiss.ScalarQuantizer(len(query), kind)
        self._scanner = self._scanner_of(None)

    def margin(self, step: float) -> float:
        """By how much a cosine may be off in a segment of that step."""
        return _SPREADS * float(np.sqrt((self._step**2 + step**2) / _UNIFORM))

    def best(
        self, segment: Segment, k: int, keep: NDArray[np.bool_] | None, floor: float
    ) -> tuple[Positions, Floats]:
        """Rows and cosines of all that may be among the `k` best, in any order.

        `floor` is a cosine that as many rows are known to reach.
        """
        if keep is not None and not keep.any():
            return np.empty(0, np.int64), np.empty(0, np.float32)
        rows, wanted, slack = len(segment.codes), k + _AT_HAND, 2 * self.margin(segment.step)
        while True:
            places, cosines = self._scanned(segment, min(wanted, rows), keep, floor - slack)
            if len(places) < wanted:
                return places, cosines
            least = max(floor, float(np.partition(cosines, -k)[-k])) - slack
            if cosines.min() < least:
                return places, cosines
            wanted *= 4

    def _scanned(
        self, segment: Segment, k: int, keep: NDArray[np.bool_] | None, least: float
    ) -> tuple[Positions, Floats]:
        """The `k` best above a cosine of `least`, or all."""
        bits = None if keep is None else np.packbits(keep, bitorder="little")
        selector = None if bits is None else self._faiss.IDSelectorBitmap(bits)
        scanner = self._scanner if selector is None else self._scanner_of(selector)
        unit = self._step * segment.step
        products, places = np.full(k, least / unit, np.float32), np.full(k, -1, np.int64)
        codes, *heap = map(self._faiss.swig_ptr, (segment.codes.reshape(-1), products, places))
        scanner.scan_codes(len(segment.codes), codes, None, *heap, k)
        found = places >= 0
        return places[found], products[found] * np.float32(unit)

    def _scanner_of(self, selector: Any) -> Any:  # noqa: ANN401  (FAISS has no types)
        """What multiplies the query's bytes with those of the rows that `selector` lets through."""
        product = self._faiss.METRIC_INNER_PRODUCT
        scanner = self._quantizer.select_InvertedListScanner(product, None, True, selector)
        scanner.set_query(self._faiss.swig_ptr(self._bytes))
        scanner.set_list(0, 0.0)
        return scanner
