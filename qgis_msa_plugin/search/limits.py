"""Filters that reach beyond the best tiles of an answer: it is asked anew, and ranks only what passes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional

from msa_model.protocol.hit_filter import Filters, choose, scales_of

if TYPE_CHECKING:
    from qgis_msa_plugin.search.question import Results


@dataclass(frozen=True)
class TileLimits:
    """What tiles must meet to be ranked: sides in metres (none named: all), share of pixels with data."""

    scales_m: frozenset[float] = frozenset()
    min_valid: float = 0.0

    @classmethod
    def of(cls, filters: Filters) -> TileLimits:
        """What filters say that the ranking can heed."""
        return cls(filters.scales_m, filters.min_valid)

    def are_within(self, others: TileLimits) -> bool:
        """Whether every tile that meets these meets the others."""
        sides = not others.scales_m or (bool(self.scales_m) and self.scales_m <= others.scales_m)
        return sides and self.min_valid >= others.min_valid


def limits_to_ask(results: Results, filters: Filters) -> Optional[TileLimits]:
    """With which limits to ask anew; nothing where the answer holds the best that pass."""
    wanted = TileLimits.of(filters)
    unknown = bool(wanted.scales_m) and wanted.scales_m.isdisjoint(results.sides)  # sides of another layer
    if wanted == results.limits or unknown:
        return None
    if not wanted.are_within(results.limits):
        return wanted
    whole = len(results.table) >= results.tiles
    return None if whole or not _hides(results, filters) else wanted


def _hides(results: Results, filters: Filters) -> bool:
    """Whether hits are hidden for their size or share, so that others further down might pass."""
    hidden = choose(results.table, filters).hidden
    return bool(hidden.get("scale") or hidden.get("valid"))


def sides_offered(results: Results, before: Optional[Results]) -> tuple[float, ...]:
    """The sides that tiles of the answer have, and had before limits left some of them out."""
    known = before.sides if before is not None and before.question == results.question else ()
    return tuple(sorted({*scales_of(results.table), *known}))
