"""Which rows of segments may be among the best of any of some hundred texts, by the product of bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from msa_model.index.rank import MIDDLE, MOST, TINY, Bytes, Floats, Positions, Segment, margin_of

ByteProduct = Callable[[NDArray[np.int8], NDArray[np.int8], NDArray[np.int32]], object]

_AT_ONCE = 1024  # rows whose products with all texts stay in a core's cache


class TextBytes:
    """Texts' unit vectors [m, d] as bytes, of a step each, and `product`, which multiplies bytes."""

    def __init__(self, texts: Floats, product: ByteProduct) -> None:
        self._product = product
        self._steps = np.maximum(np.abs(texts).max(axis=1), TINY) / MOST
        self._bytes = np.rint(texts / self._steps[:, None]).astype(np.int8)
        self._signed = np.empty((_AT_ONCE, texts.shape[1]), np.uint8)
        self._products = np.empty(len(texts) * _AT_ONCE, np.int32)

    def candidates(self, segments: Sequence[Segment], rows: Positions, low: Floats) -> Positions:
        """Which of the segments' rising `rows` [n] may be among the best of any text.

        `low` are the best cosines [m, k] of each text that are known elsewhere, falling; `k` are looked for.
        """
        near, start = [_TextRows.unseen(rows[:0])], 0
        for segment in segments:
            end = start + len(segment.codes)
            own = rows[slice(*np.searchsorted(rows, (start, end)))]
            for first in range(0, len(own), _AT_ONCE):
                part = own[first : first + _AT_ONCE]
                found, low = self._near(_rows_of(segment.codes, part - start), segment.step, low)
                near.append(replace(found, rows=part[found.rows]))
            start = end
        reaching = [found.rows[found.most >= low[found.texts, -1]] for found in near]
        return np.unique(np.concatenate(reaching))

    def _near(self, codes: Bytes, step: float, low: Floats) -> tuple[_TextRows, Floats]:
        """The products that may reach a text's last of `low` [m, k], and the best that are known now."""
        products = self._multiplied(codes)
        units, margins = self._steps * step, margin_of(self._steps, step)
        most = products.max(axis=1) * units
        low = self._raised(products, units, margins, np.flatnonzero(most - margins > low[:, -1]), low)
        texts = np.flatnonzero(most + margins >= low[:, -1])
        enough = (low[texts, -1] - margins[texts]) / units[texts]
        near = products[texts] >= enough[:, None]
        if np.count_nonzero(near) > len(codes):
            return _TextRows.unseen(np.flatnonzero(near.any(axis=0))), low
        own, rows = np.nonzero(near)
        texts = texts[own]
        return _TextRows(texts, rows, products[texts, rows] * units[texts] + margins[texts]), low

    def _multiplied(self, codes: Bytes) -> NDArray[np.int32]:
        """Products int32 [m, n] with codes [n, d], in memory that the next ones take again."""
        count = len(codes)
        signed = np.bitwise_xor(codes, np.uint8(MIDDLE), out=self._signed[:count]).view(np.int8)
        out = self._products[: len(self._bytes) * count].reshape(len(self._bytes), count)
        self._product(self._bytes, signed, out)
        return out

    def _raised(
        self, products: NDArray[np.int32], units: Floats, margins: Floats, texts: Positions, low: Floats
    ) -> Floats:
        """`low` with what the products of some texts are sure to reach."""
        k = low.shape[1]
        reached = _largest(products[texts], k) * units[texts, None] - margins[texts, None]
        both = np.concatenate([low[texts], reached], axis=1)
        low = low.copy()
        low[texts] = -np.sort(-both, axis=1)[:, :k]
        return low


@dataclass(frozen=True)
class _TextRows:
    """Pairs of a text and a row [p], and the most that their cosine may be [p]."""

    texts: Positions
    rows: Positions
    most: Floats

    @classmethod
    def unseen(cls, rows: Positions) -> _TextRows:
        """Rows of so many pairs that they are not told one by one: whatever may be."""
        return cls(np.zeros(len(rows), np.int64), rows, np.full(len(rows), np.inf, np.float32))


def _largest(numbers: NDArray[np.int32], k: int) -> NDArray[np.int32]:
    """The `k` largest of each row of `numbers` [m, n], or all, falling; writes in them."""
    each = np.arange(len(numbers))
    found = np.empty((len(numbers), min(k, numbers.shape[1])), np.int32)
    for place in range(found.shape[1]):
        columns = numbers.argmax(axis=1)
        found[:, place] = numbers[each, columns]
        numbers[each, columns] = np.iinfo(np.int32).min
    return found


def _rows_of(codes: Bytes, rows: Positions) -> Bytes:
    """The codes at rising rows, not copied where none is left out."""
    first, end = int(rows[0]), int(rows[-1]) + 1
    return codes[first:end] if end - first == len(rows) else codes[rows]
