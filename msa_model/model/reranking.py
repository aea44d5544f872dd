"""The fine stage: the head of a ranked list ordered anew by cosine and matching scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
_TINY = 1e-6  # of a deviation: all tiles alike


class Matcher(Protocol):
    """What re-ranking needs of an encoder."""

    @property
    def fine_weight(self) -> float:
        """Of Σ_k m_k beside the cosine."""

    def match(self, scales: NDArray[np.float16], text: str) -> Floats:
        """Pooled scales [n, Σ c_k] to matching scores m_k [n, K]."""


@dataclass(frozen=True)
class Reranked:
    """A list of tiles in its new order.

    `order` int64 [n] indexes the old list. Of the head, in the new order: `fused` [N] = cosine +
    weight · Σ_k m_k, `matches` m_k [N, K], and `standings` [N, K], the m_k standardised over the head.
    """

    order: NDArray[np.int64]
    fused: Floats
    matches: Floats
    standings: Floats


def rerank(
    encoder: Matcher,
    scales: NDArray[np.float16],
    scores: Floats,
    text: str,
    n: int,
    *,
    weight: float | None = None,
) -> Reranked:
    """Order the first `n` of a list anew; all behind them stay where they are.

    `scores` [m] are the cosines, falling; `scales` [≥ min(n, m), Σ c_k] the pooled scales of the first ones.
    `weight` is the checkpoint's own by default. Equal tiles keep their order.

    Raises:
        CheckpointOfOtherArchitecture: the model has no fine stage.
    """
    head = min(n, len(scores))
    matches = encoder.match(scales[:head], text)
    return fuse(scores, matches, encoder.fine_weight if weight is None else weight)


def fuse(scores: Floats, matches: Floats, weight: float) -> Reranked:
    """A list with falling cosines `scores` [m] and the matching scores `matches` [N ≤ m, K] of its head."""
    head = len(matches)
    fused = (scores[:head] + weight * matches.sum(axis=1, dtype=np.float64)).astype(np.float32)
    best = np.argsort(-fused, kind="stable")
    spread = np.maximum(matches.std(axis=0), _TINY) if head else np.float32(1)
    standings = (matches - matches.mean(axis=0)) / spread if head else matches
    order = np.concatenate((best, np.arange(head, len(scores))))
    return Reranked(order, fused[best], matches[best], standings[best].astype(np.float32))
