"""Where the time of a scan goes."""

from __future__ import annotations

from dataclasses import dataclass

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
