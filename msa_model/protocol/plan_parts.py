"""What plans and scans tell: what overviews would spare, where the time goes, parts of a raster."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class OverviewGain:
    """A part of a scan's plan.

    `read_share`: of the pixels that are read; `read_seconds`: what reading takes without them; `seconds`: of
    the scan, which is less where encoding takes longer than reading.
    """

    read_share: float
    read_seconds: float
    seconds: float


STAGES = ("reading", "preparing", "encoding", "writing")


@dataclass(frozen=True)
class ScanProfile:
    """Seconds that were spent in each stage; they overlap.

    `reading` is what reading ahead left to wait for. `limit` is the stage that took longest, for `share` of
    all the time: at 0.9 and more the scan is as fast as that stage.
    """

    reading: float = 0.0
    preparing: float = 0.0
    encoding: float = 0.0
    writing: float = 0.0
    limit: str = ""
    share: float = 0.0


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
