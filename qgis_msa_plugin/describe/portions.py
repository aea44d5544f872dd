"""How much the worker is asked in one request, so that request and answer fit the wire; knows no QGIS."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

MOST_PHRASES = 20_000  # that one answer tells, of all its areas together
MOST_TEXT = 8 * 2**20  # bytes of WKT; a polygon of more has over 200,000 corners


def sendable(area: str) -> str:
    """The WKT; nothing, which the worker refuses by name, for one that no request holds."""
    return area if len(area) <= MOST_TEXT else ""


def portion(areas: Sequence[str], k: int) -> int:
    """How many of the first areas go into one request for `k` phrases of each; one at least."""
    count = text = 0
    for area in areas[: max(1, MOST_PHRASES // max(1, k))]:
        text += len(area)
        if count and text > MOST_TEXT:
            break
        count += 1
    return count


def portions(areas: Sequence[str], k: int) -> Iterator[Sequence[str]]:
    """All areas in such portions; one empty portion of none."""
    start = 0
    while True:
        part = areas[start : start + portion(areas[start:], k)]
        yield part
        start += len(part)
        if start >= len(areas):
            return
