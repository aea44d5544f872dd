"""The answer as it is shown: filters, selection, judgements."""

from __future__ import annotations

import dataclasses
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Callable, Optional

from msa_model.protocol.hit_filter import Filters, HitFilter, Shown
from msa_model.protocol.messages import TileRef
from qgis_msa_plugin.search.question import Judgement, Judgements, Question, Results, Review
from qgis_msa_plugin.search.state import Explanation, SearchState


class Showing:
    """Keeps `results`, `shown`, `selected_rank`, `judgements` and `review` of the state in step."""

    def __init__(self, state: SearchState) -> None:
        self._state = state
        self.recall: Callable[[Question], Judgements] = lambda _: MappingProxyType({})
        self.next_filters: Optional[Filters] = None  # for the next answer, whatever the question
        self._filter = HitFilter()
        self._judged: dict[int, Judgement] = {}

    def show(self, results: Results) -> None:
        """Show an answer; the tile that was selected stays so if it is still among the hits.

        Another question starts without threshold, and with what was said when it was asked before.
        """
        before, state = self._state.results, self._state
        same = before is not None and _is_same(before.question, results.question)
        filters = self.next_filters or (state.filters if same else _carried_over(state.filters))
        self.next_filters = None
        judgements = state.judgements if same else self.recall(results.question)
        rank = self._rank_in(results) if same else None
        self._update(results, filters, judgements, rank, self._explanation_at(rank))

    def restore(self, results: Results, filters: Filters, judgements: Judgements) -> None:
        """Show an answer as it was shown before, with what the analyst has said of it."""
        self._update(results, filters, MappingProxyType(dict(judgements)))

    def clear(self) -> None:
        """Show nothing."""
        self._state.update(
            results=None,
            verdict=None,
            shown=Shown(),
            selected_rank=None,
            explanation=None,
            judgements=MappingProxyType({}),
            review=Review(),
        )

    def set_filters(self, filters: Filters) -> None:
        """Show what passes these from now on."""
        results = self._state.results
        if results is None:
            self._state.filters = filters
            return
        shown = self._filter(results.table, filters)
        review = review_of(shown, self._state.judgements, self._judged)
        self._state.update(filters=filters, shown=shown, review=review)

    def judge(self, rank: int, judgement: Judgement) -> None:
        """Note what the analyst says of a hit."""
        results = self._state.results
        if results is None or not 0 < rank <= len(results.table):
            return
        judgements = dict(self._state.judgements)
        judgements.pop(results.table.tile(rank - 1), None)
        if judgement is not Judgement.NONE:
            judgements[results.table.tile(rank - 1)] = judgement
        self.set_judgements(judgements)

    def set_judgements(self, judgements: Judgements) -> None:
        """Replace all that the analyst has said."""
        results = self._state.results
        self._judged = judged_rows(results, judgements) if results else {}
        review = review_of(self._state.shown, judgements, self._judged)
        self._state.update(judgements=MappingProxyType(dict(judgements)), review=review)

    def _update(
        self,
        results: Results,
        filters: Filters,
        judgements: Judgements,
        rank: Optional[int] = None,
        explanation: Optional[Explanation] = None,
    ) -> None:
        shown = self._filter(results.table, filters)
        self._judged = judged_rows(results, judgements)
        self._state.update(
            results=results,
            verdict=results.verdict,
            filters=filters,
            judgements=judgements,
            shown=shown,
            review=review_of(shown, judgements, self._judged),
            selected_rank=rank,
            explanation=explanation,
        )

    def _explanation_at(self, rank: Optional[int]) -> Optional[Explanation]:
        """What is known of the selected tile, which has this rank in the next answer to the same question."""
        known = self._state.explanation
        if rank is None or known is None or known.rank != self._state.selected_rank:
            return None
        return dataclasses.replace(known, rank=rank)

    def _rank_in(self, results: Results) -> Optional[int]:
        before, rank = self._state.results, self._state.selected_rank
        if before is None or rank is None or not 0 < rank <= len(before.table):
            return None
        return rank_of(results, before.table.tile(rank - 1))


def rank_of(results: Results, tile: TileRef) -> Optional[int]:
    """The rank of a tile, if it is among the hits."""
    table = results.table
    position = next((at for at, index in enumerate(table.reply.indexes) if index.index == tile.index), None)
    if position is None:
        return None
    wanted = (position, tile.factor, tile.row, tile.col)
    keys = zip(table.indexes, table.factors, table.rows, table.cols)
    return next((row + 1 for row, key in enumerate(keys) if key == wanted), None)


def judged_rows(results: Results, judgements: Judgements) -> dict[int, Judgement]:
    """What the analyst has said, by row of the table, best first."""
    ranks = {tile: rank_of(results, tile) for tile in judgements}
    return {rank - 1: judgements[tile] for tile, rank in sorted(ranks.items(), key=_by_rank) if rank}


def review_of(shown: Shown, judgements: Judgements, rows: Mapping[int, Judgement]) -> Review:
    """How far the analyst has come with the hits that are shown; `rows` are the judged ones of the table."""
    said = list(judgements.values())
    accepted, rejected = said.count(Judgement.ACCEPTED), said.count(Judgement.REJECTED)
    places = [(_place_of(row, shown.rows), judgement) for row, judgement in rows.items()]
    judged = [(place, judgement) for place, judgement in places if place]
    if not judged:
        return Review(accepted, rejected)
    good = sum(judgement is Judgement.ACCEPTED for _, judgement in judged)
    return Review(accepted, rejected, judged[-1][0], len(judged), good / len(judged))


def _by_rank(item: tuple[TileRef, Optional[int]]) -> int:
    return item[1] or 0


def _place_of(row: int, rows: Sequence[int]) -> int:
    """The place, from 1, of a row among those shown; 0 where it is hidden."""
    place = bisect_left(rows, row)
    return place + 1 if place < len(rows) and rows[place] == row else 0


def _is_same(one: Question, other: Question) -> bool:
    """Whether two questions differ in feedback and area at most."""
    return (one.text, one.examples, one.sources) == (other.text, other.examples, other.sources)


def _carried_over(filters: Filters) -> Filters:
    """The filters for another question: a cosine means something else there."""
    return Filters(
        min_score=filters.min_score if filters.honest else None,
        honest=filters.honest,
        scales_m=filters.scales_m,
        min_valid=filters.min_valid,
        merge=filters.merge,
        limit=filters.limit,
    )
