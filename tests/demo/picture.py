"""A picture of a real QGIS in which the plugin's dock was asked the demo's question."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from tests.desktop.dock import open_dock, pictures_are_there, search_is_done
from tests.desktop.session import Desktop

SEARCH_S = 900.0


@dataclass(frozen=True)
class Picture:
    """Seconds until the dock could be asked and from Enter to the hits, and how many there were."""

    start_s: float
    search_s: float
    rows: int


def take_picture(folder: Path, raster: Path, query: str, picture: Path) -> Picture:
    """Ask the dock of a QGIS with the raster, and photograph its answer."""
    start = time.monotonic()
    with Desktop(folder, [raster]) as desktop:
        open_dock(desktop)
        ready = time.monotonic()
        desktop.click_widget("msaQuery")
        desktop.type_text(query)
        asked = time.monotonic()
        desktop.key("Return")
        desktop.wait(search_is_done, "the dock has answered", SEARCH_S)
        found = time.monotonic()
        state = desktop.wait(pictures_are_there, "the rows have their pictures")
        desktop.shot(picture)
    return Picture(ready - start, found - asked, state["results"]["count"])
