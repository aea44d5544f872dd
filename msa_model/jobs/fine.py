"""The fine stage of a search: which of the best tiles match best, and at which scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from msa_model.jobs.open_indexes import OpenIndex
from msa_model.protocol.errors import BadArgument, RerankUnavailable
from msa_model.protocol.messages import Hit, ScaleMatch

if TYPE_CHECKING:
    from msa_model.model.dual_encoder import DualEncoder, Scales
    from msa_model.model.reranking import Reranked

MOST_RERANKED = 10_000
_LEVELS = ("detail", "texture", "parts", "objects", "scene")  # the last stage is averaged over the tile

Found = tuple[OpenIndex, int, Hit]  # where a hit comes from: index, position in its table


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


def reranked(encoder: DualEncoder, found: Sequence[Found], query: str, count: int) -> list[Found]:
    """A ranked list, its first `count` in the order of the fine stage and ranked anew; the rest as it was.

    Raises:
        RerankUnavailable: an index holds no scales.
        IndexMissing, IndexUnreadable: its file was replaced meanwhile.
    """
    from msa_model.model.reranking import rerank  # noqa: PLC0415

    head = found[:count]
    cosines = np.array([hit.score for _, _, hit in found], np.float32)
    result = rerank(encoder, _scales_of(encoder, head), cosines, query, count)
    ordered = [found[i] for i in result.order.tolist()]
    return [
        (
            index,
            position,
            replace(
                hit, rank=rank + 1, **(_evidence(encoder, hit, result, rank) if rank < len(head) else {})
            ),
        )
        for rank, (index, position, hit) in enumerate(ordered)
    ]


def level_names(count: int) -> tuple[str, ...]:
    """What the stages see, fine to coarse."""
    return (_LEVELS[0],) * (count - len(_LEVELS)) + _LEVELS[-count:]


def _scales_of(encoder: DualEncoder, head: Sequence[Found]) -> Scales:
    """float16 [n, Σ c_k], each index's file opened once."""
    scales = np.empty((len(head), encoder.scales_width), np.float16)
    for opened in dict.fromkeys(index for index, _, _ in head):
        rows = [row for row, (index, _, _) in enumerate(head) if index is opened]
        scales[rows] = opened.scales(np.array([head[row][1] for row in rows], np.int64))
    return scales


def _evidence(encoder: DualEncoder, hit: Hit, result: Reranked, rank: int) -> dict[str, object]:
    names = level_names(len(encoder.cells))
    matches = tuple(
        ScaleMatch(name, cell * hit.scale_m, float(score), float(standing))
        for name, cell, score, standing in zip(
            names, encoder.cells, result.matches[rank], result.standings[rank], strict=True
        )
    )
    return {"fine_score": float(result.fused[rank]), "scales": matches}
