"""Exact ranking of tiles by the cosine of their vectors with a query's.

Vectors as bytes: what a search of a large index reads instead of them, before the best are ranked exactly.

A segment's rows share a step; a code is the number of steps, plus 128. The product of a query's bytes and a
row's is that of their vectors but for rounding, whose spread is known, so that every row that could be among
the best is told. FAISS multiplies bytes as fast as the memory delivers them; without it there are no codes.
Float16 as it is stored, widened to float32 six times as fast as numpy does.
One query vector out of texts and example tiles; the weights are measured (docs/experiments.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from msa_model.protocol.errors import BadArgument

CHUNK = 1024  # rows that stay in a core's cache
_PLACES = 13  # that the exponent lies further left in float32
_SIGN_AND_NUMBER = np.int32(-0x7000_2000)  # without the copies of the sign that the shift makes
_REBIASED = np.float32(2.0**112)
_MAGNITUDE = np.int16(0x7FFF)

Halves = NDArray[np.float16]
Floats = NDArray[np.float32]


def widened(vectors: Halves | Floats) -> Floats:
    """Finite numbers of any shape as float32; what is float32 already is not copied."""
    if vectors.dtype != np.float16:
        return np.asarray(vectors, np.float32)
    bits = np.ascontiguousarray(vectors).view(np.int16).astype(np.int32)
    np.left_shift(bits, _PLACES, out=bits)
    np.bitwise_and(bits, _SIGN_AND_NUMBER, out=bits)
    floats = bits.view(np.float32)
    np.multiply(floats, _REBIASED, out=floats)
    return floats


_FLOAT32_ERROR = 1e-5  # of a cosine summed in float32, in any order

TINY = np.float32(1e-30)  # instead of the length of a zero vector

Positions = NDArray[np.int64]


def rank_tiles(
    vectors: Floats | Halves, query: Floats, k: int, keep: NDArray[np.bool_] | None = None
) -> tuple[Positions, Floats]:
    """The `k` nearest rows of vectors [n, d] to query [d], best first; equal scores in order of position.

    Returns positions int64 and cosines float32, fewer than `k` when fewer rows are there. `keep` bool [n]
    leaves the others out. Vectors need not have unit length; a zero vector scores 0.

    Raises:
        BadArgument: k below 1, or a query of another dimension.
    """
    check_asked(vectors, query, k)
    positions = np.arange(len(vectors)) if keep is None else np.flatnonzero(keep)
    scores = cosines(vectors, query, None if keep is None else positions)
    return rank_exactly(vectors, query, k, positions[_head(scores, k)])


def check_asked(vectors: Floats | Halves, query: Floats, k: int) -> None:
    """Refuses what `rank_tiles` refuses.

    Raises:
        BadArgument: k below 1, or a query that is no row of vectors [n, d].
    """
    if k < 1:
        raise BadArgument(f"The number of results must be at least 1, not {k}.")
    if vectors.shape[1:] != query.shape:
        raise BadArgument(f"A query of {query.shape} numbers does not fit vectors of {vectors.shape[1:]}.")


def rank_exactly(
    vectors: Floats | Halves, query: Floats, k: int, positions: Positions
) -> tuple[Positions, Floats]:
    """As `rank_tiles`, of the rows at `positions` [m] alone; nothing is checked."""
    exact = _exact_cosines(vectors, positions, query)
    order = np.lexsort((positions, -exact))[:k]
    return positions[order], exact[order]


def cosines(vectors: Floats | Halves, query: Floats, positions: Positions | None = None) -> Floats:
    """Cosine of each row of vectors [n, d], or of those at `positions`, with query [d], in float32."""
    unit = query / np.maximum(np.linalg.norm(query), TINY)
    out = np.empty(len(vectors if positions is None else positions), np.float32)
    for start in range(0, len(out), CHUNK):
        part = slice(start, start + CHUNK)
        rows = widened(vectors[part if positions is None else positions[part]])
        norms = np.sqrt(np.einsum("ij,ij->i", rows, rows))
        out[start : start + CHUNK] = (rows @ unit) / np.maximum(norms, TINY)
    return out


def _head(scores: Floats, k: int) -> Positions:
    """Where the best k are, and all that float32's rounding could have put behind them."""
    if len(scores) <= k:
        return np.arange(len(scores))
    threshold = np.partition(scores, len(scores) - k)[len(scores) - k]
    return np.flatnonzero(scores >= threshold - 2 * _FLOAT32_ERROR)


def _exact_cosines(vectors: Floats | Halves, positions: Positions, query: Floats) -> Floats:
    """Of the rows at `positions`, summed in float64: the same for equal rows wherever they stand."""
    wanted = query.astype(np.float64)
    length = np.sqrt(wanted @ wanted)
    out = np.empty(len(positions), np.float32)
    for start in range(0, len(positions), CHUNK):
        rows = widened(vectors[positions[start : start + CHUNK]]).astype(np.float64)
        lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows)) * length
        out[start : start + CHUNK] = np.einsum("ij,j->i", rows, wanted) / np.maximum(lengths, TINY)
    return out


SEGMENT = 65_536  # rows
MOST_WANTED = 1024  # results; for more, reading all vectors is as quick
MIDDLE, MOST = 128, 127
_AT_HAND = 64  # results beyond those wanted that a segment gives at first
_SPREADS = 6.0  # of the rounding, by which a row's product may be off
_UNIFORM = 12.0  # times the variance of a rounded number is the square of the step

Bytes = NDArray[np.uint8]


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
    step = max(_largest(vectors), float(TINY)) / MOST
    codes = np.empty(vectors.shape, np.uint8)
    for start in range(0, len(vectors), CHUNK):
        rows = widened(vectors[start : start + CHUNK])
        lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
        np.divide(rows, (step * np.maximum(lengths, TINY))[:, None], out=rows)
        np.clip(np.rint(rows, out=rows), -MOST, MOST, out=rows)
        codes[start : start + CHUNK] = rows + MIDDLE
    return Segment(codes, step)


def _largest(vectors: Halves) -> float:
    """The largest number but for its sign: without it, halves are ordered as their bits are."""
    bits = np.ascontiguousarray(vectors).view(np.int16)
    most = max(
        int(np.bitwise_and(bits[at : at + CHUNK], _MAGNITUDE).max()) for at in range(0, len(bits), CHUNK)
    )
    return float(np.array(most, np.int16).view(np.float16))


def margin_of(steps: Any, step: float) -> Any:  # noqa: ANN401  (one or several)
    """By how much cosines may be off between vectors of bytes with these steps."""
    return _SPREADS * np.sqrt((steps**2 + step**2) / _UNIFORM)


class Products:
    """The approximate cosines of segments with one query [d]."""

    def __init__(self, query: Floats) -> None:
        unit = query / np.maximum(np.linalg.norm(query), TINY)
        self._step = max(float(np.abs(unit).max()), float(TINY)) / MOST
        self._bytes = np.ascontiguousarray(np.rint(unit / self._step), np.float32)
        self._faiss: Any = import_module("faiss")  # optional
        kind = self._faiss.ScalarQuantizer.QT_8bit_direct_signed
        self._quantizer = self._faiss.ScalarQuantizer(len(query), kind)
        self._scanner = self._scanner_of(None)

    def margin(self, step: float) -> float:
        """By how much a cosine may be off in a segment of that step."""
        return float(margin_of(self._step, step))

    def best(
        self, segment: Segment, k: int, keep: NDArray[np.bool_] | None, floor: float
    ) -> tuple[Positions, Floats]:
        """Rows [m] and cosines [m] of all that may be among the `k` best, in any order.

        `keep` bool [n] leaves the others out; `floor` is a cosine that as many rows are known to reach.
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


AVOIDED_TEXT = 0.7  # of a term with a minus, beside what is sought
AVOIDED_TILES = 0.5  # of the mean of examples to avoid
EVERYDAY = ("buildings", "water", "trees", "fields", "roads", "bare ground", "vehicles", "an aerial image")
_SHORTEST = 1e-6


def joined(texts: list[str]) -> str:
    """Several things as one text: 'a, b and c'."""
    return " and ".join(filter(None, (", ".join(texts[:-1]), texts[-1])))


def sought(texts: Floats, weights: Floats, joint: Floats, everyday: Floats) -> Floats:
    """What several terms say together: texts [m, d] with weights [m] above 0 → a vector [d] of length 1.

    `joint` [d] is the text that names them all, which counts the less the more the weights differ; `everyday`
    [d] is the mean of everyday texts, what all texts share.
    """
    each = np.stack([unit(text - everyday) for text in texts])
    return unit(weights.min() / weights.max() * joint + weights / weights.sum() @ each)


def examples(tiles: Floats, weights: Floats, background: Floats) -> Floats:
    """What tiles [e, d] show beside the background [d], those with weights below 0 to be avoided → [d]."""
    shown = tiles - background
    good, bad = weights > 0, weights < 0
    return _mean(shown[good], weights[good]) + AVOIDED_TILES * _mean(shown[bad], weights[bad])


def avoided(texts: Floats, weights: Floats) -> Floats:
    """What terms with weights [m] below 0 take away: texts [m, d] → [d]."""
    return AVOIDED_TEXT * _mean(texts, weights)


def unit(vector: Floats) -> Floats:
    """The vector [d] at length 1; one of no length stays so."""
    out: Floats = (vector / max(float(np.linalg.norm(vector)), _SHORTEST)).astype(np.float32)
    return out


def _mean(vectors: Floats, weights: Floats) -> Floats:
    """Their sum by weight over their number, so that it does not matter how many there are; 0 of none."""
    mean: Floats = weights @ vectors / np.float32(max(len(weights), 1))
    return mean
