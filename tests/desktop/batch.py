"""The Batch tab as seen from outside, and what a batch leaves on disk."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from msa_model.index.store import TileIndex
from tests.desktop.dock import text_of
from tests.desktop.session import Desktop, State

_ADVANCE = re.compile(r"([\d,]+) of ([\d,]+)")
_BOX_PX = 9  # from a row's left edge to the middle of its check box


def tick_rasters(desktop: Desktop) -> None:
    """Tick every raster of the list."""
    show_form(desktop)
    desktop.click_widget("msaBatchAll")


def tick_raster(desktop: Desktop, name: str) -> None:
    """Tick one raster of the list."""
    show_form(desktop)
    rasters = desktop.wait(lambda s: name in s["rasters"]["texts"], f"{name} is listed")["rasters"]
    left, top, _, height = rasters["boxes"][rasters["texts"].index(name)]
    desktop.click([left + _BOX_PX, top, 1, height])


def show_form(desktop: Desktop) -> None:
    """Bring up the tab, whose form is made when it is first shown."""
    tab = desktop.state()["widgets"]["msaBatchPanel"]["tab"]
    if tab:
        desktop.click(tab)


def type_queries(desktop: Desktop, queries: list[str]) -> None:
    """Type a query a line."""
    desktop.click_widget("msaBatchQueries")
    for query in queries:
        desktop.type_text(query)
        desktop.key("Return")


def type_output(desktop: Desktop, out: Path) -> None:
    """Name the file for the results; rasters are ticked, and their cost has taken its place."""
    desktop.wait(lambda s: text_of(s, "msaBatchCost"), "the cost is known", 60)
    desktop.click_widget("msaBatchOut")
    desktop.key("ctrl+a")
    desktop.type_text(str(out))


def job_line(state: State) -> str:
    """What the list says of the newest job."""
    texts = state["jobs"]["texts"]
    return str(texts[0]) if texts else ""


def progress(state: State) -> tuple[int, int]:
    """Tiles done, of how many, as the list says; zeros where it says nothing."""
    found = _ADVANCE.search(job_line(state))
    return (_number(found[1]), _number(found[2])) if found else (0, 0)


def tiles_indexed(raster: Path) -> int:
    """How many tiles of a raster are in its index beside it."""
    found = list(raster.parent.glob(f"{raster.stem}*.msa*.gpkg"))
    if not found:
        return 0
    with TileIndex.open_for_reading(found[0]) as index:
        return index.counts().tiles


def results(out: Path) -> dict[tuple[str, str], int]:
    """Hits by query and raster."""
    with closing(sqlite3.connect(f"file:{out}?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT query, source, hits FROM summary ORDER BY fid").fetchall()
    return {(query, Path(source).name): hits for query, source, hits in rows}


def _number(text: str) -> int:
    return int(text.replace(",", ""))
