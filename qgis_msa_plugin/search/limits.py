"""Filters that reach beyond the best tiles of an answer: it is asked anew, and ranks only what passes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Optional

from msa_model.protocol.hit_filter import Filters, categories_of, choose, scales_of

if TYPE_CHECKING:
    from qgis_msa_plugin.search.question import Results


@dataclass(frozen=True)
class TileLimits:
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
