"""What overviews would spare the scan of a raster that has none."""

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
