"""Many dates in a real QGIS: followed in words, drawn over time, two of them beside a line on the map."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
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
    ask(desktop, "houses", SCAN_S)
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
