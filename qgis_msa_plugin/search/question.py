"""What was asked, what came back, and what of it is shown: values that never change.

Filters that reach beyond the best tiles of an answer: it is asked anew, and ranks only what passes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Optional

from msa_model.protocol.changing import ChangeHit, ChangeReply, SeriesHit, SeriesReply
from msa_model.protocol.codec import OpenRecord
from msa_model.protocol.hit_filter import Filters, categories_of, choose, scales_of
from msa_model.protocol.hit_table import VerdictReply
from msa_model.protocol.match import WEAK_FROM
from msa_model.protocol.messages import Aoi, Example, Hit, TileRef
from qgis_msa_plugin.search.target import Target
from qgis_msa_plugin.translate import tr

if TYPE_CHECKING:
    from msa_model.protocol.hit_table import HitTable


class Judgement(Enum):
    """What the analyst says of a hit."""

    NONE = ""
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Dates:
    """When layers were taken, as ISO dates; empty: what the rasters tell.

    `before` and `after` are of two layers; `many` are of each layer of a series, with the least match score
    that counts. `point` is where a change, or a history, like those sought lies, in `point_crs`.
    """

    before: str = ""
    after: str = ""
    point: Optional[tuple[float, float]] = None
    point_crs: str = ""
    factor: int = 0  # of the tile there; 0: the finest
    many: tuple[str, ...] = ()
    threshold: float = WEAK_FROM


@dataclass(frozen=True)
class Question:
    """What is sought and where; `feedback` are judged tiles that `refine` adds for this once.

    With `dates`, what changed from the first of two layers to the second, or how a series of layers went.
    """

    text: str = ""
    examples: tuple[Example, ...] = ()
    layers: tuple[Target, ...] = ()
    feedback: tuple[Example, ...] = ()
    dates: Optional[Dates] = None

    @property
    def sources(self) -> tuple[str, ...]:
        """The rasters, as paths or as QGIS names them."""
        return tuple(target.source for target in self.layers)

    @property
    def titles(self) -> dict[str, str]:
        """The layers' names by raster."""
        return {target.source: target.title for target in self.layers}

    @property
    def aoi(self) -> Optional[Aoi]:
        """The area of its layers; nothing where none of them is left in the project."""
        return next((target.request.aoi for target in self.layers), None)

    @property
    def is_series(self) -> bool:
        """Whether it is about many dates."""
        return self.dates is not None and bool(self.dates.many)

    @property
    def sought(self) -> str:
        """What it is after: its words, or the tiles it goes by."""
        if self.is_series and self.dates is not None and self.dates.point is not None:
            return tr("{query}, gone like one place").format(query=self.text)
        if self.text and self.feedback:
            return tr("{query}, refined").format(query=self.text)
        if self.text and self.examples:
            return tr("{query} + examples").format(query=self.text)
        return self.text or tr("similar places")


@dataclass(frozen=True)
class TileLimits(OpenRecord):
    """What tiles must meet to be ranked: sides in metres, share of pixels with data, kinds (none: all)."""

    scales_m: frozenset[float] = frozenset()
    min_valid: float = 0.0
    categories: frozenset[str] = frozenset()

    @classmethod
    def of(cls, filters: Filters) -> TileLimits:
        """What filters say that the ranking can heed."""
        return cls(filters.scales_m, filters.min_valid, filters.categories)

    def are_within(self, others: TileLimits) -> bool:
        """Whether every tile that meets these meets the others."""
        sides = _among(self.scales_m, others.scales_m)
        return sides and _among(self.categories, others.categories) and self.min_valid >= others.min_valid


def _among(some: frozenset[Any], others: frozenset[Any]) -> bool:
    """Whether all of some are among others; an empty set stands for everything."""
    return not others or (bool(some) and some <= others)


@dataclass(frozen=True)
class Results:
    """The answer to `question`: the best of `tiles` tiles; `titles` are layers' names by raster.

    `asked` is when the answer came (UTC, ISO 8601); empty where an earlier version kept it.
    """

    question: Question
    table: HitTable
    tiles: int
    verdict: Optional[VerdictReply] = None
    titles: Mapping[str, str] = field(default_factory=dict)
    asked: str = ""
    change: Optional[ChangeReply] = None  # of two dates: its hits are those of the table
    series: Optional[SeriesReply] = None  # of many dates, likewise
    limits: TileLimits = field(default_factory=TileLimits)  # that the tiles met
    sides: tuple[float, ...] = ()  # of tiles that the question has, in metres
    kinds: tuple[str, ...] = ()  # scene classes of its hits, as far as verdicts have named them

    @property
    def query(self) -> str:
        """The words of the question; empty where it has only examples."""
        return self.question.text

    @property
    def title(self) -> str:
        """The layers' names in one line."""
        return ", ".join(target.title for target in self.question.layers)

    def hit(self, rank: Optional[int]) -> Optional[Hit]:
        """The hit of that rank, from 1, if there is one."""
        return self.row(rank - 1) if rank is not None and 0 < rank <= len(self.table) else None

    def row(self, row: int) -> Hit:
        """The hit of a row, with all that is known of it."""
        hit, changed, history = self.table.hit(row), self.changed(row), self.history(row)
        if history is not None:
            return dataclasses.replace(history, **{name: getattr(hit, name) for name in _WHERE})
        return hit if changed is None else dataclasses.replace(changed, **vars(hit))

    def changed(self, row: int) -> Optional[ChangeHit]:
        """What a row says of two dates."""
        return None if self.change is None else self.change.results[row]

    def history(self, row: int) -> Optional[SeriesHit]:
        """What a row says of many dates."""
        return None if self.series is None else self.series.results[row]

    def compared(self) -> tuple[str, ...]:
        """The ids of the layers whose dates the answer tells apart, the earliest first."""
        if self.change is None and self.series is None:
            return ()
        return tuple(target.layer_id for target in self.question.layers)


_WHERE = ("rank", "bounds", "ring", "crs", "scale_m", "source", "index", "factor", "row", "col")


@dataclass(frozen=True)
class Review:
    """How far the analyst has come.

    `accepted` and `rejected` are all places that the answer is about, judged for whatever question.
    Of the hits shown, `judged` were judged for this question, the last at place `k`, `right` accepted;
    `others` carry the tick of another question.
    """

    accepted: int = 0
    rejected: int = 0
    k: int = 0
    judged: int = 0
    right: int = 0
    others: int = 0

    @property
    def precision_at(self) -> Optional[float]:
        """The share accepted of those judged for this question among the first `k`."""
        return self.right / self.judged if self.judged else None


@dataclass(frozen=True)
class SavedSearch:
    """A question and its filters by name; it is run over the layers that are chosen then."""

    name: str
    text: str
    examples: tuple[Example, ...] = ()
    filters: Filters = Filters()  # noqa: RUF009  (frozen)


Judgements = Mapping[TileRef, Judgement]


def limits_to_ask(results: Results, filters: Filters) -> Optional[TileLimits]:
    """With which limits to ask anew; nothing where the answer holds the best that pass."""
    wanted = TileLimits.of(filters)
    unknown = bool(wanted.scales_m) and wanted.scales_m.isdisjoint(results.sides)  # sides of another layer
    unjudged = bool(wanted.categories) and not results.limits.categories and results.verdict is None
    if wanted == results.limits or unknown or (unjudged and len(results.table)):
        return None
    if not wanted.are_within(results.limits):
        return wanted
    whole = len(results.table) >= results.tiles
    return None if whole or not _hides(results, filters) else wanted


def _hides(results: Results, filters: Filters) -> bool:
    """Whether hits are hidden for their size, share or kind, so that others further down might pass."""
    hidden = choose(results.table, filters).hidden
    return any(hidden.get(why) for why in ("scale", "valid", "category"))


def sides_offered(results: Results, before: Optional[Results]) -> tuple[float, ...]:
    """The sides that tiles of the answer have, and had before limits left some of them out."""
    known = before.sides if before is not None and before.question == results.question else ()
    return tuple(sorted({*scales_of(results.table), *known}))


def kinds_offered(results: Results, before: Optional[Results]) -> tuple[str, ...]:
    """The kinds of hits that a verdict has named, most frequent first, and those known before limits."""
    known = before.kinds if before is not None and before.question == results.question else ()
    return tuple(dict.fromkeys((*known, *categories_of(results.table))))
