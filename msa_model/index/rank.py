"""Exact ranking of tiles by the cosine of their vectors with a query's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from msa_model.index.halves import CHUNK, Halves, widened
from msa_model.protocol.errors import BadArgument

_FLOAT32_ERROR = 1e-5  # of a cosine summed in float32, in any order

_TINY = np.float32(1e-30)  # instead of the length of a zero vector

Floats = NDArray[np.float32]
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
    """Refuses what `rank_tiles` refuses."""
    if k < 1:
        raise BadArgument(f"The number of results must be at least 1, not {k}.")
    if vectors.shape[1:] != query.shape:
        raise BadArgument(f"A query of {query.shape} numbers does not fit vectors of {vectors.shape[1:]}.")


def rank_exactly(
    vectors: Floats | Halves, query: Floats, k: int, positions: Positions
) -> tuple[Positions, Floats]:
    """As `rank_tiles`, of the rows at `positions` alone."""
    exact = _exact_cosines(vectors, positions, query)
    order = np.lexsort((positions, -exact))[:k]
    return positions[order], exact[order]


def cosines(vectors: Floats | Halves, query: Floats, positions: Positions | None = None) -> Floats:
    """Cosine of each row of vectors [n, d], or of those at `positions`, with query [d], in float32."""
    unit = query / np.maximum(np.linalg.norm(query), _TINY)
    out = np.empty(len(vectors if positions is None else positions), np.float32)
    for start in range(0, len(out), CHUNK):
        part = slice(start, start + CHUNK)
        rows = widened(vectors[part if positions is None else positions[part]])
        norms = np.sqrt(np.einsum("ij,ij->i", rows, rows))
        out[start : start + CHUNK] = (rows @ unit) / np.maximum(norms, _TINY)
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
        out[start : start + CHUNK] = np.einsum("ij,j->i", rows, wanted) / np.maximum(lengths, _TINY)
    return out
