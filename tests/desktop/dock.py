"""The dock as seen from outside: how to open it, and what its widgets say."""

from __future__ import annotations

from collections.abc import Callable

from tests.desktop.session import Desktop, State

READY_S = 120.0


def show_dock(desktop: Desktop) -> None:
    """Press the plugin's button in QGIS's tool bar."""
    state = desktop.wait(lambda s: s["action"], "the plugin's button is on the screen")
    desktop.click(state["action"])


def open_dock(desktop: Desktop) -> State:
    """Show the dock; the state with a ready worker and the cost of a search."""
    show_dock(desktop)
    desktop.wait(worker_is_ready, "the worker is ready", READY_S)
    return desktop.wait(cost_is_known, "the cost is known", READY_S)


def text_of(state: State, name: str) -> str:
    """What a widget shows; empty if it is not on the screen."""
    widget = state["widgets"].get(name, {})
    return str(widget["text"]) if widget.get("box") else ""


def worker_is_ready(state: State) -> bool:
    """Whether the dock says so."""
    return text_of(state, "msaWorker").startswith("Ready")


def cost_is_known(state: State) -> bool:
    """Whether the dock tells how many tiles there are."""
    return "tiles" in text_of(state, "msaCost") + text_of(state, "msaTarget")


def is_indexed(state: State) -> bool:
    """Whether the folded line says that nothing is left to scan."""
    return text_of(state, "msaTarget").endswith(" tiles")


def scan_runs(state: State) -> bool:
    """Whether the progress bar is on the screen."""
    return bool(state["widgets"].get("msaProgress", {}).get("box"))


def search_is_done(state: State) -> bool:
    """Whether there are hits, or a verdict that there are none, and no scan is running."""
    answered = state["results"]["count"] > 0 or bool(text_of(state, "msaVerdict"))
    return answered and not scan_runs(state)


def show_doubtful(desktop: Desktop) -> State:
    """Have list and map show the places that hardly match, too."""
    state = desktop.wait(lambda s: text_of(s, "msaVerdict"), "the verdict", READY_S)
    if text_of(state, "msaShowMore") == "Show more":
        desktop.click_widget("msaShowMore")
        state = desktop.wait(lambda s: text_of(s, "msaShowMore") == "Matches only", "all are shown", 10)
    return state


def is_titled(words: str) -> Callable[[State], bool]:
    """Whether the list is that of a query, or of another title with these words."""
    return lambda state: words in text_of(state, "msaResultsTitle")


def type_query(desktop: Desktop, query: str) -> None:
    """Type over what is in the query, and press Enter."""
    desktop.click_widget("msaQuery")
    desktop.key("ctrl+a")
    desktop.type_text(query)
    desktop.key("Return")


def agree_if_asked(desktop: Desktop, query: str, seconds: float) -> None:
    """Wait for what Enter leads to; where the machine is slow and the scan long, the dock asks first."""
    titled = is_titled(query)
    state = desktop.wait(
        lambda s: text_of(s, "msaConsent") or scan_runs(s) or titled(s),
        f"a scan, an answer or a question about {query}",
        seconds,
    )
    if text_of(state, "msaConsent"):
        desktop.click_widget("msaConsent")
        desktop.wait(lambda s: not text_of(s, "msaConsent"), "the question is gone")


def ask(desktop: Desktop, query: str, seconds: float) -> None:
    """Type a query and press Enter, and agree if the dock asks before a long scan."""
    type_query(desktop, query)
    agree_if_asked(desktop, query, seconds)


def click_row(desktop: Desktop, row: int, button: int = 1) -> None:
    """Click a row of the list once it is there and stays where it is."""

    def box_of(state: State) -> list[int]:
        boxes: list[list[int]] = state["results"]["boxes"]
        return boxes[row] if row < len(boxes) else []

    desktop.click_settled(box_of, f"row {row} can be clicked", button)


def choose_row(desktop: Desktop, row: int) -> State:
    """Click a row; the state in which it is the current one."""
    click_row(desktop, row)
    return desktop.wait(lambda s: s["results"]["current"] == row, f"row {row} is chosen", 10)


def click_layer(desktop: Desktop, name: str, button: int = 1) -> None:
    """Click a layer in the layer panel, whose rows move while layers of hits come."""
    desktop.click_settled(lambda s: s["tree"].get(name, []), f"{name} is in the layer panel", button)


def pictures_are_there(state: State) -> bool:
    """Whether every row on the screen has its thumbnail."""
    rows = state["results"]
    return rows["count"] > 0 and all(
        has for has, box in zip(rows["pictures"], rows["boxes"], strict=True) if box
    )
