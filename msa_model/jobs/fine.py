"""The fine stage of a search: which of the best tiles match best, and at which scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from msa_model.jobs.ranked import Ranking
from msa_model.protocol.errors import BadArgument, RerankUnavailable
from msa_model.protocol.messages import ScaleMatch
from msa_model.protocol.query import Term

if TYPE_CHECKING:
    from msa_model.model.dual_encoder import DualEncoder, Scales

MOST_RERANKED = 10_000
_LEVELS = ("detail", "texture", "parts", "objects", "scene")  # the last stage is averaged over the tile

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class FineRanking:
    """A list, its first hits in the order of the fine stage, with their scores and what these consist of."""

    ranking: Ranking
    fine_scores: tuple[float, ...] = ()
    matches: tuple[tuple[ScaleMatch, ...], ...] = ()

    def cut(self, k: int) -> FineRanking:
        """The first `k`."""
        return FineRanking(self.ranking.head(k), self.fine_scores[:k], self.matches[:k])


def check_rerank(encoder: DualEncoder, count: int) -> None:
    """Refuses what cannot be done, before any work.

    Raises:
        BadArgument: a number out of range.
        RerankUnavailable: the model has no fine stage.
    """
    if not 0 <= count <= MOST_RERANKED:
        raise BadArgument(f"0 to {MOST_RERANKED} tiles can be re-ranked, not {count}.")
    if count and not encoder.has_fine:
        raise RerankUnavailable(f"The model '{encoder.name}' has no fine stage to re-rank with.")


def reranked(encoder: DualEncoder, ranking: Ranking, terms: Sequence[Term], count: int) -> FineRanking:
    """A list with its first `count` in the order of the fine stage; the rest as it was.

    Several terms match by the mean of their matching scores, by weight. Without terms there is nothing to
    match with: the list stays as it is.

    Raises:
        RerankUnavailable: an index holds no scales.
        IndexMissing, IndexUnreadable: its file was replaced meanwhile.
    """
    from msa_model.model.reranking import fuse  # noqa: PLC0415

    if not terms or not count or not len(ranking):
        return FineRanking(ranking)
    head = ranking.head(count)
    result = fuse(ranking.scores, _matches(encoder, head, terms), encoder.fine_weight)
    ordered = ranking.ordered(result.order)
    evidence = [
        _evidence(encoder, scale_m, *numbers)
        for scale_m, *numbers in zip(
            scales_m(ordered.head(count)), result.matches, result.standings, strict=True
        )
    ]
    return FineRanking(ordered, tuple(result.fused.tolist()), tuple(evidence))


def scales_m(ranking: Ranking) -> list[float]:
    """Side of each hit's tile on the ground, in metres."""
    factors = ranking.keys[:, 0].tolist()
    return [
        ranking.indexes[owner].manifest.scale_m(factor)
        for owner, factor in zip(ranking.owners.tolist(), factors, strict=True)
    ]


def level_names(count: int) -> tuple[str, ...]:
    """What the stages see, fine to coarse."""
    return (_LEVELS[0],) * (count - len(_LEVELS)) + _LEVELS[-count:]


def _matches(encoder: DualEncoder, head: Ranking, terms: Sequence[Term]) -> Floats:
    """Matching scores m_k [n, K] with all terms."""
    scales = _scales_of(encoder, head)
    weights = np.array([term.weight for term in terms], np.float32)
    single = [encoder.match(scales, term.text) for term in terms]
    matches: Floats = np.tensordot(weights / np.abs(weights).sum(), np.stack(single), 1).astype(np.float32)
    return matches


def _scales_of(encoder: DualEncoder, head: Ranking) -> Scales:
    """float16 [n, Σ c_k], each index's file opened once."""
    scales = np.empty((len(head), encoder.scales_width), np.float16)
    for owner in np.unique(head.owners):
        rows = head.owners == owner
        scales[rows] = head.indexes[owner].scales(head.positions[rows])
    return scales


def _evidence(
    encoder: DualEncoder, scale_m: float, matches: Floats, standings: Floats
) -> tuple[ScaleMatch, ...]:
    return tuple(
        ScaleMatch(name, cell * scale_m, float(score), float(standing))
        for name, cell, score, standing in zip(
            level_names(len(encoder.cells)), encoder.cells, matches, standings, strict=True
        )
    )
