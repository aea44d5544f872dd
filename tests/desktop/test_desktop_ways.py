"""Menus of layers and hits, a batch's hits in the list, overviews, and the ways out of a long scan."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.desktop.batch import job_line, tick_raster, type_output, type_queries
from tests.desktop.dock import (
    agree_if_asked,
    choose_row,
    click_layer,
    click_row,
    cost_is_known,
    is_indexed,
    pictures_are_there,
    scan_runs,
    search_is_done,
    show_doubtful,
    text_of,
    type_query,
    worker_is_ready,
)
from tests.desktop.session import SETTLE_S, Desktop, State

pytestmark = pytest.mark.desktop
QUERY, OTHER = "a bridge over a river", "houses along streets"
SCAN_S, ANSWER_S = 240.0, 90.0
WHEEL_UP = 4


@pytest.fixture(scope="module")
def desktop(
    region: Path, town: Path, airfield: Path, tmp_path_factory: pytest.TempPathFactory, screenshots: Path
) -> Iterator[Desktop]:
    """QGIS whose dock was opened by the menu of the layer that it searches."""
    cache = {"XDG_CACHE_HOME": str(tmp_path_factory.mktemp("cache"))}
    with Desktop(tmp_path_factory.mktemp("ways") / "desktop", [region, town, airfield], cache) as desktop:
        click_layer(desktop, "airfield", 3)
        desktop.wait(lambda s: "Search This Layer" in s["menu"], "the layer's menu is open")
        desktop.shot(screenshots / "menu-1-layer.png")
        desktop.choose("Search This Layer")
        desktop.wait(lambda s: text_of(s, "msaLayer") == "airfield", "the dock searches this layer")
        desktop.wait(worker_is_ready, "the worker is ready", SCAN_S)
        desktop.wait(cost_is_known, "the cost is known", SCAN_S)
        desktop.type_text(QUERY)  # the cursor is in the query
        desktop.key("Return")
        agree_if_asked(desktop, QUERY, SCAN_S)
        desktop.wait(lambda s: search_is_done(s) and QUERY in text_of(s, "msaResultsTitle"), "hits", SCAN_S)
        show_doubtful(desktop)
        desktop.wait(pictures_are_there, "the rows have their pictures", ANSWER_S)
        yield desktop
        assert desktop.state()["errors"] == []
        assert "Traceback" not in desktop.output


def choose_layer(desktop: Desktop, name: str) -> None:
    click_layer(desktop, name)
    desktop.wait(lambda s: s["widgets"]["msaLayer"]["text"] == name, "the dock follows the layer panel", 10)


def unfold(desktop: Desktop) -> None:
    """Have layer, area and cost shown."""
    time.sleep(SETTLE_S)
    if text_of(desktop.state(), "msaTarget") != "Where to search":
        desktop.click_widget("msaFold")
    desktop.wait(is_shown("msaArea"), "layer and area are shown", 10)


def hit_menu(desktop: Desktop, row: int) -> None:
    """Right-click a row of the list."""
    click_row(desktop, row, 3)
    desktop.wait(lambda s: "Copy as WKT\tW" in s["menu"], "the hit's menu is open")


def box_of(state: State, place: str) -> list[float]:
    """The box of a place on the map."""
    layer = next(layer for layer in state["layers"] if layer["group"] == "MSA Search")
    column = layer["fields"].index("place")
    boxes: list[list[float]] = [f["box"] for f in layer["features"] if f["attributes"][column] == place]
    return boxes[0]


def copies(text: str) -> Callable[[State], bool]:
    return lambda state: bool(re.fullmatch(text, state["clipboard"]))


def is_shown(name: str) -> Callable[[State], bool]:
    return lambda state: bool(state["widgets"].get(name, {}).get("box"))


def has_hits_of(state: State, query: str) -> bool:
    return bool(state["results"]["count"]) and query in text_of(state, "msaResultsTitle")


def tiles_to_scan(state: State) -> int:
    """How many tiles the cost speaks of; 0 while it speaks of none."""
    found = re.search(r"([\d,]+) tiles", text_of(state, "msaCost"))
    return int(found[1].replace(",", "")) if found else 0


def ask_of_region(desktop: Desktop, query: str) -> State:
    """Choose the region, type a query and press Enter; the dock asks before the long scan."""
    choose_layer(desktop, "region")
    type_query(desktop, query)
    return desktop.wait(is_shown("msaConsent"), "the dock asks before the scan", SCAN_S)


def cancel(desktop: Desktop) -> None:
    desktop.click_widget("msaCancel")
    desktop.wait(lambda s: not scan_runs(s), "the scan has ended", SCAN_S)


def test_the_layers_menu_and_its_keys_describe_and_search(desktop: Desktop) -> None:
    click_layer(desktop, "airfield", 3)
    desktop.choose("Describe This Layer…")
    desktop.wait(is_shown("msaDescribeText"), "the Describe tab is up")
    desktop.click(desktop.on_map(box_of(desktop.state(), "1")))  # the tool is in the hand
    desktop.wait(lambda s: s["phrases"], "what is there is told", ANSWER_S)
    click_layer(desktop, "airfield")
    desktop.key("ctrl+alt+shift+f")
    desktop.wait(is_shown("msaQuery"), "the Search tab is up again")
    desktop.type_text(QUERY)
    desktop.wait(lambda s: text_of(s, "msaQuery") == QUERY, "the cursor is in the query, which is typed over")
    desktop.key("ctrl+alt+shift+d")
    desktop.wait(is_shown("msaDescribeText"), "the Describe tab by its keys")


def test_the_hits_menu_copies_describes_and_goes_there(desktop: Desktop, screenshots: Path) -> None:
    desktop.click_widget("msaResults")  # brings the tab up
    hit_menu(desktop, 1)
    desktop.shot(screenshots / "menu-2-hit.png")
    desktop.choose("Copy coordinates\tC")
    desktop.wait(copies(r"4\d\.\d{6}, 14\.\d{6}"), "latitude and longitude are copied", 10)
    hit_menu(desktop, 1)
    desktop.choose("Copy as WKT\tW")
    state = desktop.wait(copies(r"Polygon \(\(.*\)\)"), "the outline is copied", 10)
    numbers = [float(number) for number in re.findall(r"[\d.]+", state["clipboard"])]
    xs, ys = numbers[::2], numbers[1::2]
    assert [min(xs), min(ys), max(xs), max(ys)] == pytest.approx(box_of(state, "2"), abs=0.01)
    whole = state["extent"]
    hit_menu(desktop, 1)
    desktop.choose("Go there\tZ")
    desktop.wait(lambda s: s["extent"] != whole, "the map goes there", 10)
    hit_menu(desktop, 1)
    desktop.choose("Describe\tD")
    desktop.wait(is_shown("msaPhrases"), "the Describe tab tells of the place", ANSWER_S)
    desktop.click_widget("msaResults")


def test_keys_do_the_same_with_a_hit(desktop: Desktop) -> None:
    choose_row(desktop, 0)
    desktop.key("c")
    first = desktop.wait(copies(r"4\d\.\d{6}, 14\.\d{6}"), "the first place's coordinates", 10)["clipboard"]
    desktop.key("j")
    desktop.wait(lambda s: s["results"]["current"] == 1, "the next row", 10)
    desktop.key("c")
    desktop.wait(lambda s: copies(r"4\d\.\d{6}, 14\.\d{6}")(s) and s["clipboard"] != first, "others", 10)
    desktop.key("w")
    desktop.wait(copies(r"Polygon \(\(.*\)\)"), "the outline", 10)
    close = desktop.state()["extent"]
    desktop.key("f")
    desktop.wait(lambda s: s["extent"] != close, "all hits are on the map", 10)
    desktop.key("z")
    desktop.wait(lambda s: s["extent"] == close, "the map goes to the hit again", 10)
    desktop.key("d")
    desktop.wait(is_shown("msaPhrases"), "the place is described", ANSWER_S)
    desktop.click_widget("msaResults")
    choose_row(desktop, 0)
    desktop.key("s")
    desktop.wait(lambda s: "similar places" in text_of(s, "msaResultsTitle"), "places like it", ANSWER_S)


def test_a_batchs_hits_are_reviewed_in_the_list(desktop: Desktop, tmp_path: Path, screenshots: Path) -> None:
    tick_raster(desktop, "airfield")
    type_queries(desktop, [QUERY])
    type_output(desktop, tmp_path / "watch.gpkg")
    desktop.click_widget("msaBatchStart")
    desktop.wait(lambda s: "done" in job_line(s), "the batch is done", SCAN_S)
    desktop.click_widget("msaBatchReview")
    state = desktop.wait(lambda s: any(QUERY in entry for entry in s["menu"]), "its queries are listed", 10)
    desktop.choose(next(entry for entry in state["menu"] if QUERY in entry))
    desktop.wait(
        lambda s: is_shown("msaResults")(s) and QUERY in text_of(s, "msaResultsTitle"), "its hits", ANSWER_S
    )
    desktop.wait(pictures_are_there, "the rows have their pictures", ANSWER_S)
    choose_row(desktop, 0)
    desktop.key("a")
    desktop.wait(lambda s: text_of(s, "msaReview").startswith("1 of 1 "), "the first is accepted", 10)
    desktop.shot(screenshots / "batch-4-review.png")


def test_overviews_are_built_in_the_background_by_a_button(
    desktop: Desktop, town: Path, screenshots: Path
) -> None:
    choose_layer(desktop, "town")
    unfold(desktop)
    state = desktop.wait(is_shown("msaOverviews"), "the dock offers overviews", ANSWER_S)
    assert "The raster has no overviews" in text_of(state, "msaCost")
    desktop.click_widget("msaOverviews")
    desktop.wait(is_shown("msaOverviewsConfirmed"), "it asks before it writes", 10)
    assert not town.with_name("town.tif.ovr").exists()
    desktop.shot(screenshots / "search-15-overviews.png")
    desktop.click_widget("msaOverviewsConfirmed")
    desktop.wait(lambda s: "town.tif are built" in text_of(s, "msaNotice"), "they are built", ANSWER_S)
    assert town.with_name("town.tif.ovr").is_file()
    desktop.wait(lambda s: not is_shown("msaOverviews")(s), "nothing is left to build", ANSWER_S)


def test_enter_does_what_the_default_button_does(desktop: Desktop) -> None:
    ask_of_region(desktop, OTHER)
    desktop.key("Return")
    desktop.wait(scan_runs, "the scan runs", ANSWER_S)
    cancel(desktop)


def test_a_long_scan_can_become_a_batch(desktop: Desktop, screenshots: Path) -> None:
    state = ask_of_region(desktop, OTHER)
    assert text_of(state, "msaCoarse").startswith("Coarse sizes only: ")
    desktop.shot(screenshots / "search-16-a-long-scan.png")
    desktop.click_widget("msaAsBatch")
    desktop.wait(lambda s: OTHER in text_of(s, "msaBatchQueries").splitlines(), "the batch has the query", 10)
    desktop.click_widget("msaQuery")
    desktop.wait(lambda s: not is_shown("msaConsent")(s), "the question is answered", 10)


def test_a_long_scan_can_be_cut_down_to_coarse_sizes(desktop: Desktop) -> None:
    ask_of_region(desktop, OTHER)
    desktop.click_widget("msaCoarse")
    desktop.wait(lambda s: scan_runs(s) and has_hits_of(s, OTHER), "hits of the coarse scan", SCAN_S)
    cancel(desktop)
    unfold(desktop)
    desktop.wait(lambda s: "Coarse sizes only: tiles of 205 m." in text_of(s, "msaCost"), "which sizes", 10)


def test_all_sizes_are_a_button_away_again(desktop: Desktop, screenshots: Path) -> None:
    coarse = tiles_to_scan(desktop.wait(is_shown("msaAllSizes"), "all sizes are offered", ANSWER_S))
    desktop.shot(screenshots / "search-17-coarse-sizes.png")
    desktop.click_widget("msaAllSizes")
    state = desktop.wait(
        lambda s: tiles_to_scan(s) > coarse and not is_shown("msaAllSizes")(s), "all count", ANSWER_S
    )
    assert "Coarse sizes only" not in text_of(state, "msaCost")
    assert state["results"]["count"], "what was found stays"


def test_a_long_scan_can_be_cut_down_to_the_map_view(desktop: Desktop) -> None:
    click_layer(desktop, "town", 3)
    desktop.choose("Zoom to Layer(s)")
    whole = desktop.state()["extent"]
    desktop.click(desktop.state()["canvas"], WHEEL_UP)  # half as wide
    desktop.wait(lambda s: s["extent"] != whole and not s["rendering"], "the map is closer", 10)
    ask_of_region(desktop, OTHER)
    desktop.click_widget("msaScanView")
    desktop.wait(
        lambda s: search_is_done(s) and "Map view" in text_of(s, "msaTarget") and is_indexed(s),
        "the map view is indexed",
        SCAN_S,
    )
    unfold(desktop)
    assert text_of(desktop.state(), "msaArea") == "Map view"
