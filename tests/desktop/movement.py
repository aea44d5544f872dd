"""Whether anything still goes on in QGIS: waits end when nothing moves any more, not by the clock."""

from __future__ import annotations

import time
from pathlib import Path

LONGEST_S = 900.0  # something that moves for ever leads nowhere either


class Movement:
    """Watches what is seen of QGIS, and the processor time of its child processes (Linux)."""

    def __init__(self, pid: int, patience_s: float) -> None:
        self._pid, self._patience = pid, patience_s
        self._began = self._moved = time.monotonic()
        self._last: object = None

    def is_over(self, seen: object) -> bool:
        """Whether `seen` and the children have stood still for as long as the patience lasts."""
        now, found = time.monotonic(), (seen, children_ticks(self._pid))
        if found != self._last:
            self._last, self._moved = found, now
        return now - self._moved > self._patience or now - self._began > LONGEST_S


def children_ticks(pid: int) -> dict[str, int]:
    """The processor time that each child process has used so far, by its id."""
    ticks = {}
    for list_file in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in _text(list_file).split():
            fields = _text(Path(f"/proc/{child}/stat")).rpartition(")")[2].split()
            if fields:
                ticks[child] = int(fields[11]) + int(fields[12])
    return ticks


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:  # the process has just ended
        return ""
