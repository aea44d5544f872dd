"""The dock as seen from outside: how to open it, and what its widgets say."""

from __future__ import annotations

import time

from tests.desktop.session import SETTLE_S, Desktop, State

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
        time.sleep(SETTLE_S)
        desktop.click_widget("msaShowMore")
        state = desktop.wait(lambda s: text_of(s, "msaShowMore") == "Matches only", "all are shown", 10)
    return state


def has_answered(state: State) -> bool:
    """Whether a query led to a scan, to hits, or to the question whether to scan."""
    return bool(text_of(state, "msaConsent")) or scan_runs(state) or state["results"]["count"] > 0


def ask(desktop: Desktop, query: str, seconds: float) -> None:
    """Type a query and press Enter, and agree if the dock asks before a long scan."""
    desktop.click_widget("msaQuery")
    desktop.key("ctrl+a")
    desktop.type_text(query)
    desktop.key("Return")
    state = desktop.wait(has_answered, f"a scan, an answer or a question about {query}", seconds)
    if text_of(state, "msaConsent"):
        time.sleep(SETTLE_S)  # the question above the button is still being laid out
        desktop.click_widget("msaConsent")
        desktop.wait(lambda s: not text_of(s, "msaConsent"), "the question is gone")


def pictures_are_there(state: State) -> bool:
    """Whether every row on the screen has its thumbnail."""
    rows = state["results"]
    return rows["count"] > 0 and all(
        has for has, box in zip(rows["pictures"], rows["boxes"], strict=True) if box
    )
