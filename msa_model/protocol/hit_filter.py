"""Which hits of a table count: score, scale, category, valid pixels, one hit per place, the best few.

Dock, Processing, batch and command line choose by the same rule from equally many tiles (`depth_of`).

A slider asks some thirty times a second: what only the threshold leaves unchanged is kept.

What a hit tells of itself in a layer or file: one list for dock, Processing, batch and command line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Optional

from msa_model.protocol.codec import OpenRecord
from msa_model.protocol.match import LIKELY_FROM, WEAK_FROM, match_of
from msa_model.protocol.messages import Hit

if TYPE_CHECKING:
    from msa_model.protocol.hit_table import HitTable

INTEGER, REAL, TEXT, DATE = "integer", "real", "text", "date"

# Name and kind, in the order in which they are written; docs/guide/results.md tells what each means.
HIT_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "rank": INTEGER,
        "score": REAL,
        "match_score": REAL,
        "match": TEXT,
        "phrase": TEXT,
        "category": TEXT,
        "scale_m": REAL,
        "valid": REAL,
        "place": INTEGER,
        "query": TEXT,
        "source": TEXT,
        "index": TEXT,
        "factor": INTEGER,
        "row": INTEGER,
        "col": INTEGER,
    }
)
CHANGE_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        **HIT_FIELDS,
        "date_before": TEXT,
        "date_after": TEXT,
        "score_before": REAL,
        "score_after": REAL,
        "change": REAL,
        "phrase_before": TEXT,
        "phrase_after": TEXT,
        "source_after": TEXT,
        "index_after": TEXT,
    }
)
SERIES_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        **HIT_FIELDS,
        "date": DATE,
        "date_score": REAL,
        "first": TEXT,
        "last": TEXT,
        "dates_above": INTEGER,
        "trend": REAL,
        "correlation": REAL,
    }
)
DECIMALS = {"score": 4, "match_score": 2, "valid": 3}  # more tells nothing of a tile
_SIDE_DIGITS = 3
_MEMORY_TYPES = {INTEGER: "integer", REAL: "double", TEXT: "string(0)", DATE: "date"}


def hit_values(hit: Hit, query: str, fields: Mapping[str, str] = HIT_FIELDS) -> dict[str, Any]:
    """The value of every field; None where it is not known.

    Numbers have the digits that tell something. Places are counted from 1, as ranks are.
    """
    values: dict[str, Any] = {name: query if name == "query" else getattr(hit, name) for name in fields}
    values["place"] = hit.place + 1
    for name, digits in DECIMALS.items():
        values[name] = None if values[name] is None else round(values[name], digits)
    values["scale_m"] = rounded(hit.scale_m)
    return values


def rounded(scale_m: float) -> float:
    """A tile side to three digits: rasters of one sensor differ by less."""
    return float(f"{scale_m:.{_SIDE_DIGITS}g}")


def memory_fields(fields: Mapping[str, str] = HIT_FIELDS) -> Sequence[str]:
    """Fields as QGIS's memory layers spell them: 'score:double'."""
    return [f"{name}:{_MEMORY_TYPES[kind]}" for name, kind in fields.items()]


DEPTH = 10_000  # tiles that are ranked where filters or places take some of them away
_FLOAT32 = 1e-7  # scores have 32 bits


@dataclass(frozen=True)
class Filters(OpenRecord):
    """Which hits of an answer count; `by_match` says that `min_score` is a match score, not a cosine.

    `matching`: only strong and likely matches, as soon as a verdict tells; weak ones where none is better.
    No `min_score`: every score will do. Empty `scales_m` or `categories`: all of them.
    """

    min_score: Optional[float] = None
    by_match: bool = False
    scales_m: frozenset[float] = frozenset()
    categories: frozenset[str] = frozenset()
    min_valid: float = 0.0
    merge: bool = True
    limit: int = 20
    matching: bool = False


@dataclass(frozen=True)
class ShownHits:
    """The rows of the table that pass, best first, and how many each filter hides.

    Reasons: 'match', 'score', 'scale', 'category', 'valid', 'merged', 'limit'.
    """

    rows: Sequence[int] = ()
    hidden: Mapping[str, int] = field(default_factory=dict)


class HitFilter:
    """Filters one table after another; the same table with another threshold is quick."""

    def __init__(self) -> None:
        self._key: Optional[tuple[object, ...]] = None
        self._table: Optional[HitTable] = None
        self._rows: Sequence[int] = ()
        self._hidden: dict[str, int] = {}

    def __call__(self, table: HitTable, filters: Filters) -> ShownHits:
        """The rows that pass, best first."""
        key = (filters.scales_m, filters.categories, filters.min_valid)
        if self._table is not table or self._key != key:
            self._rows, self._hidden = _rows_at_any_score(table, filters)
            self._table, self._key = table, key
        return _shown(table, filters, self._rows, self._hidden)


def choose(table: HitTable, filters: Filters) -> ShownHits:
    """The rows of the table that pass, best first."""
    return HitFilter()(table, filters)


def depth_of(filters: Filters) -> int:
    """How many tiles to rank, so that the hits that count are among them."""
    narrowed = filters.merge or filters.scales_m or filters.categories or filters.min_valid > 0
    return max(filters.limit, DEPTH) if narrowed else filters.limit


def scales_of(table: HitTable) -> tuple[float, ...]:
    """The tile sides in the table (metres), as `Filters.scales_m` names them."""
    return tuple(sorted({rounded(table.scale_m(row)) for row in _first_of_each_scale(table)}))


def categories_of(table: HitTable) -> tuple[str, ...]:
    """The categories of the hits as a verdict names them, most frequent first; none without a verdict."""
    return tuple(name for name, _ in class_counts(table))


def class_counts(table: HitTable) -> tuple[tuple[str, int], ...]:
    """How many of the hits are of each category, most frequent first; none without a verdict."""
    if table.verdict is None:
        return ()
    names = table.verdict.reply.categories
    counts: Counter[int] = Counter(table.verdict.categories)
    return tuple((names[position], count) for position, count in counts.most_common() if position >= 0)


def class_offers(table: HitTable, filters: Filters) -> dict[str, int]:
    """How many hits the other filters leave of each category alone, whatever the limit is."""
    if table.verdict is None:
        return {}
    others = replace(filters, categories=frozenset(), merge=False, limit=len(table))
    rows, kinds = choose(table, others).rows, table.verdict.categories
    where = table.places if filters.merge else range(len(table))
    counts = Counter(kind for _, kind in {(where[row], kinds[row]) for row in rows})
    names = table.verdict.reply.categories
    return {names[position]: count for position, count in counts.items() if position >= 0}


def cosine_of(table: HitTable, filters: Filters) -> Optional[float]:
    """The least cosine that passes; none where every score does, or where no verdict tells match scores."""
    if filters.min_score is None or not filters.by_match:
        return filters.min_score
    if table.verdict is None:
        return None
    reply = table.verdict.reply
    return filters.min_score * reply.spread + reply.offset


def _shown(table: HitTable, filters: Filters, rows: Sequence[int], otherwise: dict[str, int]) -> ShownHits:
    hidden, passing = dict(otherwise), rows
    threshold = _least_as_told(table, filters)
    for why, least in (("match", _least_match(table, filters)), ("score", threshold)):
        if least is not None:
            scores, among = table.scores, len(passing)
            passing = [row for row in passing if scores[row] >= least]
            hidden[why] = among - len(passing)
    if filters.merge:
        passing, among = _one_per_place(table, passing), len(passing)
        hidden["merged"] = among - len(passing)
    hidden["limit"] = max(len(passing) - filters.limit, 0)
    return ShownHits(passing[: filters.limit], {why: count for why, count in hidden.items() if count})


def _least_as_told(table: HitTable, filters: Filters) -> Optional[float]:
    """The least cosine whose score, rounded as hits tell it, reaches the threshold; none where all pass."""
    threshold = cosine_of(table, filters)
    if threshold is None:
        return None
    if filters.by_match and table.verdict is not None:
        return threshold - table.verdict.reply.spread * 0.5 * 0.1 ** DECIMALS["match_score"] - _FLOAT32
    return threshold - 0.5 * 0.1 ** DECIMALS["score"] - _FLOAT32


def _least_match(table: HitTable, filters: Filters) -> Optional[float]:
    """The cosine where what is shown unasked begins; none where every one will do, or nobody can tell."""
    if not filters.matching or table.verdict is None:
        return None
    reply = table.verdict.reply
    least = WEAK_FROM if is_weak_at_best(table) else LIKELY_FROM
    return least * reply.spread + reply.offset


def is_weak_at_best(table: HitTable) -> bool:
    """Whether the best places match weakly, by the verdict, and no hit matches better."""
    if table.verdict is None or not len(table):
        return False
    best = table.match_score(0)
    best_score = table.verdict.reply.best_score
    return best is not None and best < LIKELY_FROM and match_of(best_score) == "weak"


def stands_out_alone(table: HitTable) -> bool:
    """Whether the best hit matches at least likely, though by the verdict the best places together do not."""
    if table.verdict is None or not len(table):
        return False
    best = table.match_score(0)
    return best is not None and best >= LIKELY_FROM > table.verdict.reply.best_score


def _one_per_place(table: HitTable, rows: Sequence[int]) -> Sequence[int]:
    places, best = table.places, {}
    for row in reversed(rows):
        best[places[row]] = row
    return sorted(best.values())


def _rows_at_any_score(table: HitTable, filters: Filters) -> tuple[Sequence[int], dict[str, int]]:
    """The rows that pass whatever the threshold is, and how many each filter hides."""
    rows: Sequence[int] = range(len(table))
    hidden = {}
    filtered = {"valid": _valid_rows, "scale": _rows_of_scales, "category": _rows_of_categories}
    for why, passing in filtered.items():
        rows, before = passing(table, filters, rows), len(rows)
        hidden[why] = before - len(rows)
    return rows, hidden


def _valid_rows(table: HitTable, filters: Filters, rows: Sequence[int]) -> Sequence[int]:
    valid = table.valid
    return [row for row in rows if valid[row] >= filters.min_valid] if filters.min_valid > 0 else rows


def _rows_of_scales(table: HitTable, filters: Filters, rows: Sequence[int]) -> Sequence[int]:
    if not filters.scales_m:
        return rows
    indexes, factors = table.indexes, table.factors
    wanted = {
        (indexes[row], factors[row])
        for row in _first_of_each_scale(table)
        if rounded(table.scale_m(row)) in filters.scales_m
    }
    return [row for row in rows if (indexes[row], factors[row]) in wanted]


def _rows_of_categories(table: HitTable, filters: Filters, rows: Sequence[int]) -> Sequence[int]:
    if not filters.categories or table.verdict is None:
        return rows
    categories, names = table.verdict.categories, table.verdict.reply.categories
    wanted = {position for position, name in enumerate(names) if name in filters.categories}
    return [row for row in rows if categories[row] in wanted]


def _first_of_each_scale(table: HitTable) -> list[int]:
    pairs = zip(table.indexes, table.factors)
    first: dict[tuple[int, int], int] = {}
    for row, pair in enumerate(pairs):
        first.setdefault(pair, row)
    return list(first.values())
