"""Parts of a scan: where finer tiles are wanted, and what a part costs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Refine:
    """Where finer tiles are wanted: in the `share` of the coarsest tiles that match `query` best."""

    query: str
    share: float = 0.05


@dataclass(frozen=True)
class PartCost:
    """What a part of a scan would cost."""

    missing: int
    seconds: float
    bytes: int
