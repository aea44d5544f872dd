"""The dock as seen from outside: how to open it, and what its widgets say."""

from __future__ import annotations

from tests.desktop.session import Desktop, State

READY_S = 120.0


def open_dock(desktop: Desktop) -> State:
    """Choose the plugin in QGIS's Raster menu; the state with a ready worker and the cost of a search."""
    desktop.choose_menu("Raster", "MSA Search", "MSA Search")
    return desktop.wait(
        lambda s: worker_is_ready(s) and cost_is_known(s), "worker and cost are there", READY_S
    )


def text_of(state: State, name: str) -> str:
    """What a widget shows; empty if it is not on the screen."""
    widget = state["widgets"].get(name, {})
    return str(widget["text"]) if widget.get("box") else ""


def worker_is_ready(state: State) -> bool:
    """Whether the dock says so."""
    return text_of(state, "msaWorker").startswith("Ready")


def cost_is_known(state: State) -> bool:
    """Whether the dock tells how many tiles there are."""
    return "tiles" in text_of(state, "msaCost")


def scan_runs(state: State) -> bool:
    """Whether the progress bar is on the screen."""
    return bool(state["widgets"].get("msaProgress", {}).get("box"))


def search_is_done(state: State) -> bool:
    """Whether there are hits, and no scan is running."""
    return state["results"]["count"] > 0 and not scan_runs(state)


def pictures_are_there(state: State) -> bool:
    """Whether every row on the screen has its thumbnail."""
    rows = state["results"]
    return rows["count"] > 0 and all(
        has for has, box in zip(rows["pictures"], rows["boxes"], strict=True) if box
    )
