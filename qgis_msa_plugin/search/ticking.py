"""The ticks of an answer: what the judged places of the project say of its hits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from msa_model.protocol.hit_filter import Filters
from qgis_msa_plugin.search.judged import (
    Judged,
    JudgedMatches,
    JudgedPlace,
    place_of,
    question_key,
    with_groups,
)
from qgis_msa_plugin.search.question import Judgement, Judgements, Results


@dataclass(frozen=True)
class JudgedHits:
    """By row, best first, and by tile: what counts there; `places` say it, or are the question's."""

    rows: Mapping[int, Judgement] = field(default_factory=dict)
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
        own = tuple(place for place in places if place.key == key or id(place) in judged_ids)
        return JudgedHits(rows, tiles, own)


def _rows_with(results: Results, filters: Filters, row: int) -> Sequence[int]:
    """The row, and where hits of one place are merged, the others of its place."""
    if not filters.merge:
        return (row,)
    places = results.table.places
    return [other for other, place in enumerate(places) if place == places[row]]


def _same(one: JudgedPlace, other: JudgedPlace) -> bool:
    """Whether both are one tile, whatever index holds it."""
    return (one.crs, one.ring) == (other.crs, other.ring)
