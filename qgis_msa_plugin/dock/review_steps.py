"""What was judged in which order, so that it can be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from msa_model.protocol.messages import TileRef
from qgis_msa_plugin.search.question import Judgement
from qgis_msa_plugin.search.state import SearchState


@dataclass(frozen=True)
class ReviewStep:
    """A judgement to come back to: what was said of a tile before."""

    rank: int
    tile: TileRef
    before: Judgement


class ReviewSteps:
    """Remembers steps; those on tiles that have another rank by now are dropped."""

    def __init__(self, state: SearchState) -> None:
        self._state = state
        self._steps: list[ReviewStep] = []

    def note(self, rank: int) -> None:
        """The hit of that rank is about to be judged."""
        tile = self._tile(rank)
        if tile is not None:
            self._steps.append(ReviewStep(rank, tile, self._state.judgement(rank)))

    def take_back(self) -> Optional[ReviewStep]:
        """The last step, if there is one."""
        while self._steps:
            step = self._steps.pop()
            if self._tile(step.rank) == step.tile:
                return step
        return None

    def _tile(self, rank: int) -> Optional[TileRef]:
        results = self._state.results
        if results is None or not 0 < rank <= len(results.table):
            return None
        return results.table.tile(rank - 1)
