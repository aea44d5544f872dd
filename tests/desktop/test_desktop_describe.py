"""Describing a box, what is indexed on the map, and the index manager, with the mouse and the keyboard."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desktop.dock import ask, open_dock, search_is_done, text_of
from tests.desktop.session import Desktop, State

pytestmark = pytest.mark.desktop
SCAN_S = 240.0
LOOK_S = 60.0
DRAWN_S = 3.0  # until the map has begun to draw the new layer, on a busy machine


@pytest.fixture(scope="module")
def desktop(airfield: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desktop]:
    """QGIS with a raster that was searched once."""
    cache = {"XDG_CACHE_HOME": str(tmp_path_factory.mktemp("cache"))}  # no index of another test is listed
    with Desktop(tmp_path_factory.mktemp("described") / "desktop", [airfield], cache) as desktop:
        open_dock(desktop)
        ask(desktop, "a bridge over a river", SCAN_S)
        desktop.wait(search_is_done, "the raster is indexed", SCAN_S)
        yield desktop


def named(state: State, start: str) -> State:
    """The first layer whose name starts so; empty if there is none."""
    return next((layer for layer in state["layers"] if layer["name"].startswith(start)), {})


def test_a_box_on_the_map_is_described_at_every_scale(desktop: Desktop, screenshots: Path) -> None:
    desktop.click_widget("msaDescribe")
    desktop.wait(lambda s: text_of(s, "msaDescribeText").startswith("Click"), "the dock says what to do")
    left, top, width, height = desktop.state()["canvas"]
    x, y = left + width // 2, top + height // 2
    desktop.drag((x - width // 6, y - height // 4), (x + width // 6, y + height // 4))
    state = desktop.wait(lambda s: len(s["phrases"]) > 3, "what matches at each scale is listed", LOOK_S)
    desktop.shot(screenshots / "describe-1-a-box-by-scale.png")
    assert any(text.startswith("At ") for text in state["phrases"])
    headings = [text for text in state["phrases"] if text.startswith(("At ", "All of it"))]
    assert len(headings) == len(set(headings)) < len(state["phrases"])
    told = {text for text in state["phrases"] if text not in headings}
    assert "No phrase fits." in told  # paint is no imagery, and the model says so


def test_the_description_goes_into_a_table(desktop: Desktop) -> None:
    desktop.click_widget("msaDescribeTable")
    state = desktop.wait(
        lambda s: [layer for layer in s["layers"] if layer["name"] == "Descriptions"],
        "a layer of descriptions",
    )
    (layer,) = (layer for layer in state["layers"] if layer["name"] == "Descriptions")
    assert len(layer["features"]) == 1
    assert "airfield" in layer["features"][0]["attributes"]
    desktop.click_widget("msaDescribe")


def test_what_is_indexed_is_shown_on_the_map(desktop: Desktop, screenshots: Path) -> None:
    desktop.click_widget("msaCoverage")
    state = desktop.wait(lambda s: named(s, "Coverage").get("features"), "the coverage is known", LOOK_S)
    assert {feature["attributes"][0] for feature in named(state, "Coverage")["features"]} == {"indexed"}
    time.sleep(DRAWN_S)
    desktop.shot(screenshots / "indexes-1-coverage.png")


def test_the_index_manager_lists_the_index_of_the_raster(desktop: Desktop, screenshots: Path) -> None:
    desktop.choose("Raster", "MSA Search", "Manage Indexes…")
    state = desktop.wait(lambda s: s["indexes"]["count"], "an index is listed", LOOK_S)
    assert "airfield.tif" in state["indexes"]["texts"]
    desktop.shot(screenshots / "indexes-2-manager.png")
    assert "Traceback" not in desktop.output


def test_a_raster_is_explored_from_the_index_manager(desktop: Desktop, screenshots: Path) -> None:
    desktop.click(desktop.state()["indexes"]["boxes"][0])
    desktop.click_widget("msaIndexExplore")
    state = desktop.wait(lambda s: s["groups"]["count"], "groups are listed", SCAN_S)
    assert any(text.startswith("group ") for text in state["groups"]["texts"])
    desktop.click_widget("msaExploreLayer")
    state = desktop.wait(
        lambda s: named(s, "What is in").get("features"), "the groups are on the map", LOOK_S
    )
    assert len(named(state, "What is in")["features"]) == state["groups"]["count"]
    time.sleep(DRAWN_S)
    desktop.shot(screenshots / "explore-1-groups.png")
    assert "Traceback" not in desktop.output
