"""The answer as it is shown: filters, selection, judgements.

The ticks of an answer: what the judged places of the project say of its hits.
"""

from __future__ import annotations

import dataclasses
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Optional

from msa_model.protocol.hit_filter import Filters, HitFilter, ShownHits
from msa_model.protocol.messages import TileRef
from qgis_msa_plugin.search.judged import (
    Judged,
    JudgedMatches,
    JudgedPlace,
    place_of,
    question_key,
    with_groups,
)
from qgis_msa_plugin.search.question import Judgement, Judgements, Question, Results, Review
from qgis_msa_plugin.search.state import Explanation, SearchState


@dataclass(frozen=True)
class JudgedHits:
    """By row, best first, and by tile: what counts there; `places` say it, or are the question's.

    `own` are the rows where that was said of this question.
    """

    rows: Mapping[int, Judgement] = field(default_factory=dict)
    own: frozenset[int] = frozenset()
    judgements: Judgements = field(default_factory=lambda: MappingProxyType({}))
    places: Judged = ()


class HitJudgements:
    """Knows the ticks of one answer; asked again for the same, it does not look anew."""

    def __init__(self) -> None:
        self._ticks = JudgedMatches()
        self._known: tuple[object, ...] = ()
        self._ticked = JudgedHits()

    def of(self, results: Results, filters: Filters, places: Judged) -> JudgedHits:
        """The ticks of the answer, with hits of one place together or each by itself."""
        key = (results.table, results.question, filters.merge, places)
        if len(self._known) != len(key) or any(old is not new for old, new in zip(self._known, key)):
            self._known, self._ticked = key, self._look(results, filters, places)
        return self._ticked

    def judged(self, results: Results, filters: Filters, places: Judged, row: int, said: Judgement) -> Judged:
        """The places once this is said of a hit; nothing said takes back all that ticks it.

        What another question said of the same place is kept beside it: the newest counts.
        """
        matches = self._ticks.matches(results.table, places)
        if said is Judgement.NONE:
            gone = {
                id(place) for other in _rows_with(results, filters, row) for place in matches.get(other, ())
            }
            return tuple(place for place in places if id(place) not in gone)
        new = place_of(results, row, said)
        old = {id(place) for place in matches.get(row, ()) if place.key == new.key and _same(place, new)}
        return (*(place for place in places if id(place) not in old), new)

    def concerned(self, results: Results, filters: Filters, places: Judged, shown: Sequence[int]) -> Judged:
        """The places said of this question, and those that tick the rows that are shown."""
        rows = self._by_row(results, filters, places)
        judged_ids = {id(rows[row]) for row in shown if row in rows}
        key = question_key(results.question)
        return tuple(place for place in places if place.key == key or id(place) in judged_ids)

    def _by_row(self, results: Results, filters: Filters, places: Judged) -> dict[int, JudgedPlace]:
        matches = self._ticks.matches(results.table, places)
        return with_groups(results.table, matches, merge=filters.merge)

    def _look(self, results: Results, filters: Filters, places: Judged) -> JudgedHits:
        if not places:
            return JudgedHits()
        by_row = self._by_row(results, filters, places)
        rows = {row: by_row[row].said for row in sorted(by_row)}
        tiles = MappingProxyType({results.table.tile(row): said for row, said in rows.items()})
        judged_ids, key = {id(place) for place in by_row.values()}, question_key(results.question)
        about = tuple(place for place in places if place.key == key or id(place) in judged_ids)
        own = frozenset(row for row, place in by_row.items() if place.key == key)
        return JudgedHits(rows, own, tiles, about)


def _rows_with(results: Results, filters: Filters, row: int) -> Sequence[int]:
    """The row, and where hits of one place are merged, the others of its place."""
    if not filters.merge:
        return (row,)
    places = results.table.places
    return [other for other, place in enumerate(places) if place == places[row]]


def _same(one: JudgedPlace, other: JudgedPlace) -> bool:
    """Whether both are one tile, whatever index holds it."""
    return (one.crs, one.ring) == (other.crs, other.ring)


class Showing:
    """Keeps `results`, `shown`, `selected_rank`, `judgements` and `review` of the state in step."""

    def __init__(self, state: SearchState) -> None:
        self._state = state
        self.next_filters: Optional[Filters] = None  # for the next answer, whatever the question
        self.picked = False  # the selected hit is one that the analyst chose
        self._filter = HitFilter()
        self._hit_judgements = HitJudgements()
        self._steps: list[tuple[Judged, Judged, Optional[TileRef]]] = []  # places before and after, the tile
        state.places_changed.connect(self._on_places)

    def show(self, results: Results) -> None:
        """Show an answer; the tile that the analyst chose stays selected if it is still among the hits.

        Another question starts at its first hit, without threshold; what was said of places stays with the
        places.
        """
        before, state = self._state.results, self._state
        same = before is not None and _is_same(before.question, results.question)
        fresh = before is None or before.question != results.question
        filters = self.next_filters or (state.filters if same else _carried_over(state.filters))
        self.next_filters = None
        rank = self._rank_in(results) if self.picked and not fresh else None
        self.picked = rank is not None
        if rank is None:
            rank = self._first_rank(results, filters)
        self._update(results, filters, rank, self._explanation_at(rank, results))
        if fresh:
            state.answered.emit()

    def restore(self, results: Results, filters: Filters) -> None:
        """Show an answer as it was shown before."""
        self.picked = False
        self._update(results, filters)

    def clear(self) -> None:
        """Show nothing."""
        self._state.update(
            results=None,
            verdict=None,
            shown=ShownHits(),
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
        ticked = self._hit_judgements.of(results, filters, self._state.places)
        review = review_of(shown, ticked)
        self._state.update(filters=filters, shown=shown, judgements=ticked.judgements, review=review)

    def judge(self, rank: int, judgement: Judgement) -> None:
        """Note what the analyst says of the place of a hit."""
        results, state = self._state.results, self._state
        if results is None or not 0 < rank <= len(results.table):
            return
        places = self._hit_judgements.judged(results, state.filters, state.places, rank - 1, judgement)
        self._step(places, results.table.tile(rank - 1))

    def clear_judgements(self) -> None:
        """Take back what was said of this question's hits, and of the places ticked among those shown."""
        results, state = self._state.results, self._state
        if results is not None:
            mine = self._hit_judgements.concerned(results, state.filters, state.places, state.shown.rows)
            gone = {id(place) for place in mine}
            self._step(tuple(place for place in state.places if id(place) not in gone), None)

    def take_back(self) -> Optional[int]:
        """Undo the last of these steps; the rank of the hit that it was about, if it is among the hits."""
        if not self._steps:
            return None
        before, _, tile = self._steps.pop()
        self._state.can_take_back = bool(self._steps)
        self._state.places = before
        results = self._state.results
        return rank_of(results, tile) if results is not None and tile is not None else None

    def concerned(self) -> Judged:
        """The judged places that this answer is about: said of its question, or ticked among those shown."""
        results, state = self._state.results, self._state
        if results is None:
            return ()
        return self._hit_judgements.concerned(results, state.filters, state.places, state.shown.rows)

    def _step(self, places: Judged, tile: Optional[TileRef]) -> None:
        before = self._state.places
        if places != before:
            self._steps.append((before, places, tile))
            self._state.places = places
            self._state.can_take_back = True

    def _on_places(self, places: Judged) -> None:
        if self._steps and places is not self._steps[-1][1]:  # those of another project
            self._steps.clear()
            self._state.can_take_back = False
        results, state = self._state.results, self._state
        if results is not None:
            ticked = self._hit_judgements.of(results, state.filters, places)
            state.update(judgements=ticked.judgements, review=review_of(state.shown, ticked))

    def _update(
        self,
        results: Results,
        filters: Filters,
        rank: Optional[int] = None,
        explanation: Optional[Explanation] = None,
    ) -> None:
        shown = self._filter(results.table, filters)
        ticked = self._hit_judgements.of(results, filters, self._state.places)
        self._state.update(
            results=results,
            verdict=results.verdict,
            filters=filters,
            judgements=ticked.judgements,
            shown=shown,
            review=review_of(shown, ticked),
            selected_rank=rank,
            explanation=explanation,
        )

    def _first_rank(self, results: Results, filters: Filters) -> Optional[int]:
        rows = self._filter(results.table, filters).rows
        return rows[0] + 1 if len(rows) else None

    def _explanation_at(self, rank: Optional[int], results: Results) -> Optional[Explanation]:
        """What is known of the selected tile, which has this rank in the next answer to the same question."""
        known, before = self._state.explanation, self._state.results
        if rank is None or known is None or before is None or before.query != results.query:
            return None
        tile = before.table.tile(known.rank - 1)
        return dataclasses.replace(known, rank=rank) if tile == results.table.tile(rank - 1) else None

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


def review_of(shown: ShownHits, ticked: JudgedHits) -> Review:
    """How far the analyst has come with the hits that are shown."""
    said = [place.said for place in ticked.places]
    accepted, rejected = said.count(Judgement.ACCEPTED), said.count(Judgement.REJECTED)
    places = {row: place for row in ticked.rows if (place := _position_of(row, shown.rows))}
    own = [row for row in places if row in ticked.own]
    right = sum(ticked.rows[row] is Judgement.ACCEPTED for row in own)
    last = places[own[-1]] if own else 0
    return Review(accepted, rejected, last, len(own), right, len(places) - len(own))


def _position_of(row: int, rows: Sequence[int]) -> int:
    """The place, from 1, of a row among those shown; 0 where it is hidden."""
    place = bisect_left(rows, row)
    return place + 1 if place < len(rows) and rows[place] == row else 0


def _is_same(one: Question, other: Question) -> bool:
    """Whether two questions differ in feedback and area at most."""
    parts = [
        (question.text, question.examples, question.sources, question.dates) for question in (one, other)
    ]
    return parts[0] == parts[1]


def _carried_over(filters: Filters) -> Filters:
    """The filters for another question: a cosine means something else there; doubt is not shown unasked."""
    return Filters(
        min_score=filters.min_score if filters.by_match else None,
        by_match=filters.by_match,
        scales_m=filters.scales_m,
        min_valid=filters.min_valid,
        merge=filters.merge,
        limit=filters.limit,
        matching=True,
    )
