"""The analyst's workbench in a real QGIS: filters, verdict, review, feedback, examples, heat map."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.desktop import dock
from tests.desktop.dock import (
    choose_row,
    is_indexed,
    is_titled,
    open_dock,
    pictures_are_there,
    scan_runs,
    search_is_done,
    show_doubtful,
    text_of,
)
from tests.desktop.session import SETTLE_S, Desktop, State

pytestmark = pytest.mark.desktop
QUERY = "a runway"
SCAN_S, ANSWER_S = 240.0, 90.0  # the worker gives way to everything else on the machine


def ask(desktop: Desktop, query: str, doubtful: bool = True) -> State:
    """Type a query and press Enter; the state with its answer and its verdict; with the `doubtful` hits."""
    dock.ask(desktop, query, SCAN_S)
    desktop.wait(is_titled(query), f"an answer to {query}", SCAN_S)
    state = desktop.wait(lambda s: search_is_done(s) and text_of(s, "msaVerdict"), "its verdict", SCAN_S)
    return show_doubtful(desktop) if doubtful else state


def has_style(name: str, renderer: str) -> Callable[[State], bool]:
    return lambda state: (name, renderer) in [(layer["name"], layer["renderer"]) for layer in state["layers"]]


def says(name: str, text: str) -> Callable[[State], bool]:
    return lambda state: text_of(state, name) == text


def tells_precision(right: str, share: str) -> Callable[[State], bool]:
    """'2 of 3 judged hits right (67 %)', whatever there is room for."""
    return says("msaReview", f"{right} judged hits right ({share})")


def sources_of(state: State) -> set[str]:
    newest = layers_of(state)[0]
    source = newest["fields"].index("source")
    return {Path(feature["attributes"][source]).stem for feature in newest["features"]}


def layers_of(state: State) -> list[State]:
    return [layer for layer in state["layers"] if layer["group"] == "MSA Search"]


def cells_on_screen(state: State) -> int:
    return sum(bool(box) for box in state["results"]["boxes"])


def drag_threshold(desktop: Desktop, share: float) -> None:
    """Press the mouse at that share of the slider's way."""
    desktop.wait(lambda s: s["widgets"]["msaThreshold"]["box"], "the filters are open", 10)
    time.sleep(SETTLE_S)
    left, top, width, height = desktop.state()["widgets"]["msaThreshold"]["box"]
    desktop.click([left + round(share * width), top - height, 1, 1])  # the histogram above it does as well


@pytest.fixture(scope="module")
def desktop(
    airfield: Path, town: Path, tmp_path_factory: pytest.TempPathFactory, screenshots: Path
) -> Iterator[Desktop]:
    """QGIS with two rasters, the first of them searched once."""
    with Desktop(tmp_path_factory.mktemp("workbench") / "desktop", [town, airfield]) as desktop:
        open_dock(desktop)
        ask(desktop, QUERY, doubtful=False)
        desktop.wait(pictures_are_there, "the rows have their pictures", ANSWER_S)
        desktop.shot(screenshots / "search-1-verdict-and-filters.png")
        show_doubtful(desktop)
        yield desktop
        assert desktop.state()["errors"] == []


def test_the_verdict_says_that_runways_match_and_so_does_every_row(desktop: Desktop) -> None:
    state = desktop.state()
    assert text_of(state, "msaVerdict").startswith(("Strong match", "Likely match"))
    assert " match · " in state["results"]["texts"][0]


def test_the_threshold_hides_hits_at_once_in_list_and_map(desktop: Desktop, screenshots: Path) -> None:
    before = desktop.state()["results"]["count"]
    desktop.click_widget("msaMoreFilters")
    drag_threshold(desktop, 0.75)
    state = desktop.wait(lambda s: 0 < s["results"]["count"] < before, "fewer hits are shown", 5)
    assert "below the score" in text_of(state, "msaHidden")
    shown = state["results"]["count"]
    desktop.wait(lambda s: len(layers_of(s)[0]["features"]) == shown, "the map shows the same", 5)
    desktop.shot(screenshots / "search-2-threshold.png")
    drag_threshold(desktop, 0.0)
    desktop.wait(lambda s: s["results"]["count"] == before, "all hits are back", 5)
    desktop.click_widget("msaMoreFilters")


def test_overlapping_hits_are_one_place_until_the_switch_says_otherwise(
    desktop: Desktop, screenshots: Path
) -> None:
    places = layers_of(desktop.state())[0]["features"]
    desktop.click_widget("msaMoreFilters")
    desktop.wait(lambda s: "same places" in text_of(s, "msaHidden"), "hits of one place are told", 5)
    desktop.click_widget("msaMerge")
    desktop.wait(lambda s: "same places" not in text_of(s, "msaHidden"), "nothing is merged", 5)
    state = desktop.wait(lambda s: layers_of(s)[0]["features"] != places, "the map shows other tiles", 5)
    assert layers_of(state)[0]["features"][0] == places[0]
    assert layers_of(state)[0]["features"][1] != places[1]  # a tile that overlaps the best one
    desktop.wait(pictures_are_there, "the rows have their pictures", ANSWER_S)
    desktop.shot(screenshots / "search-3-every-overlapping-tile.png")
    desktop.click_widget("msaMerge")
    desktop.wait(lambda s: "same places" in text_of(s, "msaHidden"), "places again", 5)
    desktop.click_widget("msaMoreFilters")
    desktop.wait(lambda s: not s["widgets"]["msaMerge"]["box"], "the filters are folded away", 5)


def test_hits_are_reviewed_from_the_keyboard_with_a_live_precision(
    desktop: Desktop, screenshots: Path
) -> None:
    choose_row(desktop, 0)
    desktop.wait(lambda s: "runway" in text_of(s, "msaWords"), "the words that mattered")
    for key, right, share in (("a", "1 of 1", "100 %"), ("a", "2 of 2", "100 %"), ("r", "2 of 3", "67 %")):
        desktop.key(key)
        desktop.wait(tells_precision(right, share), right, 15)
    desktop.key("u")
    desktop.wait(tells_precision("2 of 2", "100 %"), "the last is taken back", 5)
    desktop.key("r")
    state = desktop.wait(tells_precision("2 of 3", "67 %"), "and said again", 5)
    assert state["results"]["current"] == 3
    time.sleep(SETTLE_S)
    desktop.shot(screenshots / "search-4-review.png")


def test_judged_hits_refine_the_search_without_another_scan(desktop: Desktop, screenshots: Path) -> None:
    first = desktop.state()["results"]["texts"]
    desktop.click_widget("msaRefine")
    state = desktop.wait(is_titled("refined"), "the refined answer", ANSWER_S)
    assert not scan_runs(state)
    assert state["results"]["texts"] != first
    desktop.shot(screenshots / "search-5-refined.png")


def test_a_click_on_the_map_finds_places_that_look_like_it(desktop: Desktop, screenshots: Path) -> None:
    time.sleep(SETTLE_S)
    choose_row(desktop, next(row for row, box in enumerate(desktop.state()["results"]["boxes"]) if box))
    state = desktop.wait(lambda s: layers_of(s)[0]["selected"] and not s["rendering"], "the map is there", 10)
    layer = layers_of(state)[0]
    box = next(feature["box"] for feature in layer["features"] if feature["id"] in layer["selected"])
    desktop.click_widget("msaSimilar")
    desktop.click(desktop.on_map(box))
    state = desktop.wait(is_titled("similar places"), "places like the one clicked", ANSWER_S)
    assert text_of(state, "msaExamples") == "Examples: 1 to find"
    desktop.wait(pictures_are_there, "the rows have their pictures", ANSWER_S)
    desktop.shot(screenshots / "search-6-similar-to-this.png")
    desktop.click_widget("msaSimilar")
    desktop.click_widget("msaClearExamples")
    desktop.wait(lambda s: not text_of(s, "msaExamples"), "no example is left", 5)


def test_a_query_of_several_terms_is_answered_and_a_faulty_one_explained(desktop: Desktop) -> None:
    ask(desktop, "trees + 2:river - houses")
    desktop.click_widget("msaQuery")
    desktop.key("ctrl+a")
    desktop.type_text('"car park')
    desktop.key("Return")
    desktop.wait(lambda s: text_of(s, "msaNotice"), "the dock says what is wrong", 10)
    assert desktop.state()["results"]["count"] > 0


def test_the_heat_map_and_what_is_indexed_lie_on_the_map(desktop: Desktop, screenshots: Path) -> None:
    ask(desktop, QUERY)
    before = len(desktop.state()["layers"])
    desktop.click_widget("msaHeatmap")
    desktop.wait(lambda s: len(s["layers"]) == before + 1, "a heat map layer", ANSWER_S)
    time.sleep(SETTLE_S)
    desktop.shot(screenshots / "search-7-heat-map.png")
    desktop.click_widget("msaCoverage")
    desktop.wait(lambda s: len(s["layers"]) > before + 1, "a coverage layer", ANSWER_S)


def test_a_search_is_saved_and_run_again_and_earlier_queries_are_a_key_away(
    desktop: Desktop, screenshots: Path
) -> None:
    desktop.click_widget("msaSaved")
    desktop.wait(lambda s: s["widgets"].get("msaSaveName", {}).get("box"), "the menu is open", 5)
    desktop.click_widget("msaSaveName")
    desktop.key("ctrl+a")
    desktop.type_text("runways")
    desktop.key("Return")
    ask(desktop, "a wide river")
    desktop.click_widget("msaSaved")
    desktop.wait(lambda s: s["widgets"].get("msaSaveName", {}).get("box"), "the menu is open again", 5)
    time.sleep(SETTLE_S)
    desktop.shot(screenshots / "search-8-saved-searches.png")
    desktop.key("Down")
    desktop.key("Return")
    desktop.wait(is_titled(QUERY), "the saved search is answered", ANSWER_S)
    desktop.click_widget("msaQuery")
    for key in ("ctrl+a", "BackSpace", "Down", "Down", "Return"):
        desktop.key(key)
        time.sleep(0.2)
    desktop.wait(lambda s: text_of(s, "msaQuery") != "", "an earlier query is asked again", 5)


def test_several_layers_are_searched_as_one(desktop: Desktop, screenshots: Path) -> None:
    desktop.click_widget("msaFold")
    desktop.click_widget("msaLayer")
    for key in ("Down", "space", "Escape"):
        desktop.key(key)
    desktop.wait(lambda s: "town" in text_of(s, "msaLayer"), "both layers are chosen", 10)
    ask(desktop, "a football field with a running track")
    desktop.wait(is_indexed, "both layers are indexed", SCAN_S)
    desktop.wait(lambda s: sources_of(s) == {"airfield", "town"}, "hits of both layers on the map", ANSWER_S)
    desktop.wait(pictures_are_there, "the rows have their pictures", ANSWER_S)
    desktop.shot(screenshots / "search-9-two-layers.png")


def test_the_hits_lie_side_by_side_in_the_gallery(desktop: Desktop, screenshots: Path) -> None:
    time.sleep(SETTLE_S)  # the buttons move as the title changes
    if desktop.state()["widgets"]["msaMerge"]["box"]:
        desktop.click_widget("msaMoreFilters")
        desktop.wait(lambda s: not s["widgets"]["msaMerge"]["box"], "the filters are folded away", 5)
    desktop.click_widget("msaGallery")
    desktop.wait(lambda s: cells_on_screen(s) == s["results"]["count"] >= 20, "twenty places at once", 10)
    desktop.wait(pictures_are_there, "the cells have their pictures", ANSWER_S)
    desktop.shot(screenshots / "search-12-gallery.png")
    desktop.click_widget("msaGallery")


def test_keys_put_the_cursor_into_the_query(desktop: Desktop) -> None:
    desktop.click(desktop.state()["canvas"])
    desktop.key("ctrl+alt+f")
    desktop.type_text("a pier")
    desktop.wait(says("msaQuery", "a pier"), "the query is typed over", 5)


def test_a_query_for_what_is_not_there_gets_no_good_verdict(desktop: Desktop, screenshots: Path) -> None:
    state = ask(desktop, "a glacier between snowy mountains", doubtful=False)
    assert text_of(state, "msaVerdict").startswith("Nothing here matches well")
    assert state["results"]["count"] == 0
    assert layers_of(state)[0]["features"] == []
    desktop.shot(screenshots / "search-10-nothing-here.png")
    show_doubtful(desktop)
    desktop.wait(pictures_are_there, "the rows have their pictures", ANSWER_S)
    desktop.shot(screenshots / "search-13-what-comes-nearest.png")


def test_algorithms_of_the_toolbox_load_layers_in_the_docks_styles(
    desktop: Desktop, airfield: Path, screenshots: Path
) -> None:
    """QGIS ends without a crash afterwards, or the session says so."""
    ask(desktop, QUERY)
    desktop.toolbox("searchtext", RASTER=str(airfield), QUERY="a river", OUTPUT="TEMPORARY_OUTPUT")
    desktop.wait(has_style("a river", "categorizedSymbol"), "the hits are loaded", ANSWER_S)
    desktop.toolbox("heatmap", RASTER=str(airfield), QUERY="a bridge", OUTPUT="TEMPORARY_OUTPUT")
    desktop.wait(has_style("a bridge", "singlebandpseudocolor"), "the map is loaded", ANSWER_S)
    desktop.toolbox("explore", RASTER=str(airfield), OUTPUT="TEMPORARY_OUTPUT")
    desktop.wait(has_style("Groups", "categorizedSymbol"), "the groups are loaded", ANSWER_S)
    desktop.shot(screenshots / "search-14-toolbox.png")


def test_the_dock_is_readable_in_the_dark(
    airfield: Path, tmp_path: Path, screenshots: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tools import desktop as tool

    monkeypatch.setattr(tool, "SETTINGS", f"{tool.SETTINGS}\n[UI]\nUITheme=Night Mapping\n")
    with Desktop(tmp_path / "desktop", [airfield]) as desktop:
        open_dock(desktop)
        ask(desktop, QUERY)
        desktop.wait(pictures_are_there, "the rows have their pictures", ANSWER_S)
        choose_row(desktop, 0)
        desktop.wait(lambda s: text_of(s, "msaWords"), "the words that mattered")
        desktop.key("a")
        desktop.wait(lambda s: text_of(s, "msaReview").startswith("1 of 1 "), "the precision", 5)
        desktop.click_widget("msaMoreFilters")
        time.sleep(SETTLE_S)
        desktop.shot(screenshots / "search-11-in-the-dark.png")
        assert desktop.state()["errors"] == []
