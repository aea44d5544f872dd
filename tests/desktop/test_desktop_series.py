"""Many dates in a real QGIS: followed in words, drawn over time, two of them beside a line on the map."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from rasterio.windows import Window

from tests.desktop.conftest import cut
from tests.desktop.dock import (
    ask,
    click_row,
    open_dock,
    pictures_are_there,
    search_is_done,
    show_doubtful,
    text_of,
)
from tests.desktop.session import SETTLE_S, Desktop
from tests.desktop.test_desktop_dates import ANSWER_S, FIELDS, SCAN_S, shown, two_dates

pytestmark = pytest.mark.desktop
FIRST, BETWEEN, LAST = "2010-06-29", "2015-08-12", "2020-08-31"
OUTLINE = 4  # pixels
LACKS = 256  # rows that the date between does not show, a whole number of steps of the lattice


@pytest.fixture(scope="module")
def dates(scene: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two dates, the later one with houses, and one between them that shows less."""
    folder = tmp_path_factory.mktemp("series")
    first, last = two_dates(scene, folder)
    part = folder / "fields_20150812.tif"
    left, top, width, height = FIELDS.col_off, FIELDS.row_off, FIELDS.width, FIELDS.height
    between = cut(scene, part, Window(left, top + LACKS, width, height - LACKS))
    return [first, between, last]


@pytest.fixture(scope="module")
def desktop(dates: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desktop]:
    """QGIS with three dates and the strip open."""
    with Desktop(tmp_path_factory.mktemp("series-desktop") / "desktop", dates) as desktop:
        open_dock(desktop)
        desktop.click_widget("msaCompare")
        yield desktop
        assert desktop.state()["errors"] == []


def dates_of_tiles(layer: dict[str, Any]) -> dict[str, set[tuple[float, ...]]]:
    """The boxes of the tiles that a layer has at each date."""
    found: dict[str, set[tuple[float, ...]]] = {}
    at = layer["fields"].index("date")
    for row in layer["features"]:
        day = re.findall(r"\d+", row["attributes"][at])[-3:]  # 'PyQt5.QtCore.QDate(2010, 6, 29)'
        found.setdefault("-".join(f"{int(part):02}" for part in day), set()).add(tuple(row["box"]))
    return found


def pixels_of(picture: Image.Image) -> NDArray[np.bool_]:
    """Where anything is drawn, [rows, columns]."""
    return np.asarray(picture)[..., 3] > 0


def on_picture(desktop: Desktop, boxes: set[tuple[float, ...]], like: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which pixels of a picture of the map lie in boxes of the map, with the width of an outline."""
    left, bottom, right, top = desktop.state()["extent"]
    rows, columns = like.shape
    across, down = columns / (right - left), rows / (top - bottom)
    inside = np.zeros_like(like)
    for x0, y0, x1, y1 in boxes:
        rows_of = slice(max(0, round((top - y1) * down) - OUTLINE), round((top - y0) * down) + OUTLINE)
        inside[
            rows_of, max(0, round((x0 - left) * across) - OUTLINE) : round((x1 - left) * across) + OUTLINE
        ] = True
    return inside


def test_a_series_is_drawn_over_time_and_its_dates_are_seen_beside_a_line(
    desktop: Desktop, screenshots: Path
) -> None:
    desktop.click_widget("msaForm")
    desktop.key("End")
    desktop.key("Return")
    desktop.wait(lambda s: text_of(s, "msaForm").startswith("over time"), "the layers are listed", 10)
    desktop.click_widget("msaStackFrom")
    menu = desktop.wait(lambda s: s["menu"].get("All rasters (3)"), "the groups are offered")["menu"]
    desktop.click(menu["All rasters (3)"])
    ask(desktop, "dense housing", SCAN_S)
    desktop.wait(search_is_done, "the answer", SCAN_S)
    show_doubtful(desktop)
    desktop.wait(pictures_are_there, "the rows have their pictures", ANSWER_S)
    click_row(desktop, 0)
    rest = {"fields_20100629": False, "fields_20150812": False, "fields_20200831": True}
    desktop.wait(lambda s: shown(s) == rest, "the last date is shown at last", 20)
    (layer,) = (layer for layer in desktop.state()["layers"] if layer["group"] == "MSA Search")
    days = {dict(zip(layer["fields"], row["attributes"], strict=True))["date"] for row in layer["features"]}
    assert len(days) > 1
    time.sleep(SETTLE_S)
    desktop.shot(screenshots / "series-1-chart.png")
    desktop.click_widget("msaHistory")
    desktop.key("Home")
    first = {"fields_20100629": True, "fields_20150812": False, "fields_20200831": False}
    desktop.wait(lambda s: shown(s) == first, "the first date is shown", 10)
    desktop.click_widget("msaSwipe")
    desktop.wait(lambda s: shown(s) == rest, "the last date is below the line", 10)
    left, top, width, height = desktop.state()["canvas"]
    middle = [left + width // 2, top + height // 2, 1, 1]
    desktop.drag(middle, [left + width // 3, top + height // 2])
    desktop.key("Right")
    time.sleep(2)
    desktop.shot(screenshots / "series-2-swipe.png")
    desktop.key("Escape")


def test_the_temporal_controller_shows_the_tiles_of_one_date(
    desktop: Desktop, screenshots: Path, tmp_path: Path
) -> None:
    (layer,) = (layer for layer in desktop.state()["layers"] if layer["group"] == "MSA Search")
    desktop.click_settled(lambda s: s["controller"].get("button", []), "the temporal controller's button")
    desktop.click_settled(lambda s: s["controller"].get("mNavigationFixedRange", []), "a fixed range")
    desktop.key("ctrl+shift+f")
    desktop.wait(lambda s: not s["rendering"], "all of it is drawn")
    days = dates_of_tiles(layer)
    assert list(days) == [FIRST, BETWEEN, LAST]
    lacking, drawn = days[FIRST] - days[BETWEEN], {}
    assert lacking
    for day, following in ((FIRST, "2010-06-30"), (BETWEEN, "2015-08-13"), (LAST, "2020-09-01")):
        desktop.show_days(day, following)
        drawn[day] = desktop.drawn(layer["name"], tmp_path / f"{day}.png")
        if day == BETWEEN:
            desktop.shot(screenshots / "series-3-temporal-controller.png")
    first, between = pixels_of(drawn[FIRST]), pixels_of(drawn[BETWEEN])
    gone = first & ~between
    assert between.any()
    assert gone.any()
    assert not (gone & ~on_picture(desktop, lacking, gone)).any()
    assert drawn[FIRST].tobytes() != drawn[LAST].tobytes()  # coloured by the match then
    desktop.show_days("2016-01-01", "2017-01-01")
    assert not pixels_of(desktop.drawn(layer["name"], tmp_path / "none.png")).any()
