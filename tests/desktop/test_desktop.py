"""What an analyst does, in a real QGIS, with the mouse and the keyboard of the X server."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desktop.dock import (
    ask,
    click_row,
    cost_is_known,
    open_dock,
    pictures_are_there,
    scan_runs,
    search_is_done,
    show_dock,
    show_doubtful,
    text_of,
    worker_is_ready,
)
from tests.desktop.session import Desktop, State

pytestmark = pytest.mark.desktop
QUERY = "airplanes parked at an airport"
SCAN_S = 240.0


def result_layer(state: State) -> State:
    found: State = next(layer for layer in state["layers"] if layer["group"] == "MSA Search")
    return found


def boxes_of(layer: State) -> dict[str, list[float]]:
    """The box of each feature by its place."""
    place = layer["fields"].index("place")
    return {feature["attributes"][place]: feature["box"] for feature in layer["features"]}


def ids_of(layer: State) -> dict[str, int]:
    """The id of each feature by its place."""
    place = layer["fields"].index("place")
    return {feature["attributes"][place]: feature["id"] for feature in layer["features"]}


def is_within(inner: list[float], outer: list[float]) -> bool:
    return inner[0] >= outer[0] and inner[1] >= outer[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def search(desktop: Desktop, query: str) -> State:
    desktop.click_widget("msaQuery")
    desktop.key("ctrl+a")
    desktop.type_text(query)
    desktop.click_widget("msaSearch")
    desktop.wait(search_is_done, f"hits for {query}", SCAN_S)
    return show_doubtful(desktop)


def worker_pid(desktop: Desktop) -> int:
    children = Path(f"/proc/{desktop.pid}/task/{desktop.pid}/children").read_text().split()
    workers = [int(pid) for pid in children if b"worker" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    return workers[0]


@pytest.fixture(scope="module")
def desktop(airfield: Path, tmp_path_factory: pytest.TempPathFactory, screenshots: Path) -> Iterator[Desktop]:
    """QGIS with a raster that was searched once, from the menu to the hits."""
    with Desktop(tmp_path_factory.mktemp("searched") / "desktop", [airfield]) as desktop:
        state = open_dock(desktop)
        assert "First search" in text_of(state, "msaCost")
        desktop.shot(screenshots / "1-cost-before-the-first-search.png")
        search(desktop, QUERY)
        desktop.wait(pictures_are_there, "the rows have their pictures")
        desktop.shot(screenshots / "2-ranked-hits.png")
        yield desktop


def test_typing_a_query_and_pressing_search_makes_a_highlighted_layer(desktop: Desktop) -> None:
    state = desktop.state()
    layer = result_layer(state)
    assert layer["fields"][:5] == ["rank", "score", "match_score", "match", "phrase"]
    assert len(layer["features"]) == state["results"]["count"] == 20
    assert layer["renderer"] == "categorizedSymbol"
    assert not [message for message in state["messages"] if "rror" in message]


def test_a_click_on_a_row_goes_to_its_tile(desktop: Desktop, screenshots: Path) -> None:
    state = desktop.state()
    hit, whole = boxes_of(result_layer(state))["2"], state["extent"]
    click_row(desktop, 1)
    second = [ids_of(result_layer(state))["2"]]
    desktop.wait(lambda s: result_layer(s)["selected"] == second, "its tile is selected")
    state = desktop.wait(lambda s: s["extent"] != whole, "the map goes there", 10)
    assert is_within(hit, state["extent"])
    assert state["extent"][2] - state["extent"][0] < (whole[2] - whole[0]) * 0.8
    assert state["results"]["current"] == 1
    desktop.shot(screenshots / "3-a-hit-clicked.png")


def another_shown(state: State, rank: str) -> list[float]:
    """The tile of another rank than `rank` whose centre the map shows, outside the tile of `rank`."""
    boxes = boxes_of(result_layer(state))
    for other, box in boxes.items():
        centre = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2] * 2
        if other != rank and is_within(centre, state["extent"]) and not is_within(centre, boxes[rank]):
            return box
    raise AssertionError("The map shows no other tile.")


def test_a_click_on_a_tile_selects_its_row(desktop: Desktop) -> None:
    state = desktop.state()
    before = state["results"]["current"]
    desktop.click(desktop.on_map(another_shown(state, str(before + 1))))
    state = desktop.wait(lambda s: s["results"]["current"] not in (before, -1), "another row is selected")
    place = str(state["results"]["current"] + 1)
    assert result_layer(state)["selected"] == [ids_of(result_layer(state))[place]]


def test_a_place_is_described_by_a_click(desktop: Desktop, screenshots: Path) -> None:
    desktop.click_widget("msaDescribe")
    desktop.click(desktop.state()["canvas"])
    state = desktop.wait(lambda s: s["phrases"], "what matches is listed, or that nothing does", 60)
    headings = [text for text in state["phrases"] if text.startswith("At ")]
    assert len(headings) == len(set(headings)) < len(state["phrases"])  # no window is told twice
    desktop.shot(screenshots / "4-a-place-described.png")
    desktop.click_widget("msaDescribe")


def test_a_blank_query_is_answered_by_a_sentence_and_starts_nothing(desktop: Desktop) -> None:
    desktop.click_widget("msaQuery")
    desktop.key("ctrl+a")
    desktop.type_text("   ")
    desktop.key("Return")
    state = desktop.wait(lambda s: "empty" in text_of(s, "msaNotice"), "the dock says what is wrong")
    assert not scan_runs(state)
    assert "Traceback" not in desktop.output


def test_without_a_worker_the_dock_says_so_and_offers_a_button(
    airfield: Path, tmp_path: Path, screenshots: Path
) -> None:
    nowhere = {"MSA_SEARCH_WORKER": "/no/such/msa worker"}
    with Desktop(tmp_path / "desktop", [airfield], nowhere) as desktop:
        show_dock(desktop)
        state = desktop.wait(lambda s: text_of(s, "msaWorkerButton"), "there is a button")
        assert "not" in text_of(state, "msaWorker")
        desktop.shot(screenshots / "5-no-worker.png")
        assert "Traceback" not in desktop.output


def test_a_worker_killed_in_mid_scan_is_named_restarted_and_loses_nothing(
    town: Path, tmp_path: Path, screenshots: Path
) -> None:
    with Desktop(tmp_path / "desktop", [town]) as desktop:
        open_dock(desktop)
        ask(desktop, "houses along streets", SCAN_S)
        desktop.wait(
            lambda s: scan_runs(s) and s["results"]["count"] >= 12, "hits appear during the scan", SCAN_S
        )
        desktop.shot(screenshots / "6-hits-during-the-scan.png")
        first = worker_pid(desktop)
        os.kill(first, signal.SIGKILL)
        desktop.wait(lambda s: text_of(s, "msaNotice"), "the dock says that the worker died")
        desktop.wait(worker_is_ready, "another worker is ready", 120)
        assert worker_pid(desktop) != first
        state = search(desktop, "houses along streets")
        assert cost_is_known(state)
        assert state["results"]["count"] == 20
