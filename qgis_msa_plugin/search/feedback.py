"""Judged hits as examples for the next search."""

from __future__ import annotations

from msa_model.protocol.messages import Example
from qgis_msa_plugin.search.question import Judgement, Judgements

ACCEPTED_WEIGHT = 1.0
REJECTED_WEIGHT = -1.0  # that what a tile is not says less than what it is, is the engine's to know


def examples_of(judgements: Judgements) -> tuple[Example, ...]:
    """Accepted tiles as what to find, rejected ones as what to avoid."""
    weights = {Judgement.ACCEPTED: ACCEPTED_WEIGHT, Judgement.REJECTED: REJECTED_WEIGHT}
    return tuple(Example(weights[said], tile=tile) for tile, said in judgements.items() if said in weights)
