"""Two dates in a real QGIS: houses on a field, asked for in words, shown by turns on the map."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import rasterio
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
from tests.desktop.session import SETTLE_S, Desktop, State

pytestmark = pytest.mark.desktop
FIELDS, TOWN = Window(0, 1400, 1280, 1152), Window(1830, 1700, 512, 512)
BUILT = (384, 384)  # row and column of the new houses' upper left
SCAN_S, ANSWER_S = 240.0, 90.0


@pytest.fixture(scope="module")
def dates(scene: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Fields, and ten years later a little paler, with a part of the town where a field was."""
    return two_dates(scene, tmp_path_factory.mktemp("dates"))


def two_dates(scene: Path, folder: Path) -> tuple[Path, Path]:
    """The same in a folder."""
    before = cut(scene, folder / "fields_20100629.tif", FIELDS)
    after = folder / "fields_20200831.tif"
    with rasterio.open(scene) as whole, rasterio.open(before) as dataset:
        houses, pixels, profile = whole.read(window=TOWN), dataset.read(), dataset.profile
    top, left = BUILT
    pixels[:, top : top + houses.shape[1], left : left + houses.shape[2]] = houses
    pixels = np.clip(pixels.astype(np.float32) * 0.95 + 14, 0, 255).astype(np.uint8)
    with rasterio.open(after, "w", **profile) as out:
        out.write(pixels)
    return before, after


@pytest.fixture(scope="module")
def desktop(dates: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desktop]:
    """QGIS with both dates and the strip open."""
    with Desktop(tmp_path_factory.mktemp("dates-desktop") / "desktop", list(dates)) as desktop:
        open_dock(desktop)
        desktop.click_widget("msaCompare")
        yield desktop
        assert desktop.state()["errors"] == []


def shown(state: State) -> dict[str, bool]:
    return {layer["name"]: layer["shown"] for layer in state["layers"] if layer["name"].startswith("fields")}


def test_houses_that_appeared_are_found_and_shown_by_turns(desktop: Desktop, screenshots: Path) -> None:
    desktop.wait(
        lambda s: (
            [text_of(s, name) for name in ("msaDateBefore", "msaDateAfter")] == ["2010-06-29", "2020-08-31"]
        ),
        "the dates are read, the earlier one first",
    )
    ask(desktop, "houses", SCAN_S)
    desktop.wait(search_is_done, "the answer", SCAN_S)
    assert text_of(desktop.state(), "msaQuery") == "appeared: houses"
    show_doubtful(desktop)
    state = desktop.wait(pictures_are_there, "the rows have their pictures", ANSWER_S)
    (layer,) = (layer for layer in state["layers"] if layer["group"] == "MSA Search")
    best = dict(zip(layer["fields"], layer["features"][0]["attributes"], strict=True))
    assert (best["date_before"], best["date_after"]) == ("2010-06-29", "2020-08-31")
    x0, y0, x1, y1 = layer["features"][0]["box"]
    with_houses = [462_000 + 0.4 * (BUILT[1] + 256), 5_208_000 - 0.4 * (1400 + BUILT[0] + 256)]
    assert x0 - 52 < with_houses[0] < x1 + 52
    assert y0 - 52 < with_houses[1] < y1 + 52
    click_row(desktop, 0)
    desktop.wait(lambda s: list(shown(s).values()).count(True) == 1, "one date is on the map", 10)
    rest = {"fields_20100629": False, "fields_20200831": True}
    desktop.wait(lambda s: shown(s) == rest, "the later date is shown", 20)
    time.sleep(4)  # the map comes to rest at the later date
    desktop.wait(lambda s: shown(s) == rest, "the later date is shown at last", 20)
    desktop.shot(screenshots / "change-1-after.png")
    desktop.key("t")
    desktop.wait(lambda s: shown(s) == {name: not on for name, on in rest.items()}, "the earlier date", 10)
    desktop.key("g")
    time.sleep(SETTLE_S)
    desktop.wait(pictures_are_there, "the cells have their pictures", ANSWER_S)
    desktop.shot(screenshots / "change-2-gallery.png")
    desktop.key("g")
