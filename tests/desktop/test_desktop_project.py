"""A project that is saved, a QGIS that goes down, and what is there when both are opened again."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.desktop.dock import (
    ask,
    click_row,
    open_dock,
    pictures_are_there,
    search_is_done,
    show_doubtful,
    text_of,
    worker_is_ready,
)
from tests.desktop.session import Desktop, State

pytestmark = pytest.mark.desktop
SCAN_S = 240.0


def reviewed(state: State) -> list[str]:
    """What the features of the result layer say of their review, by rank."""
    layer = next(layer for layer in state["layers"] if layer["group"] == "MSA Search")
    column, rank = layer["fields"].index("review"), layer["fields"].index("rank")
    features = sorted(layer["features"], key=lambda feature: int(feature["attributes"][rank]))
    return [feature["attributes"][column] for feature in features]


def save_as(desktop: Desktop, project: Path) -> None:
    desktop.key("ctrl+s")
    time.sleep(2.0)  # the file dialog comes up
    desktop.type_text(str(project))
    desktop.key("Return")
    until = time.monotonic() + 20
    while not project.exists() and time.monotonic() < until:
        time.sleep(0.2)
    assert project.exists()


def package(desktop: Desktop, project: Path) -> None:
    """Have the results lie beside the project, and save it."""
    before = project.stat().st_mtime_ns
    desktop.click_widget("msaKeep")
    desktop.choose("Package results with the project")
    desktop.wait(lambda _: (project.parent / "kept_results.gpkg").is_file(), "the results are packaged")
    time.sleep(1.0)
    desktop.key("ctrl+s")
    desktop.wait(lambda _: project.stat().st_mtime_ns != before, "the project is saved")
    time.sleep(1.0)


def test_hits_review_and_the_dock_are_there_again_after_qgis_went_down(
    airfield: Path, tmp_path: Path, screenshots: Path
) -> None:
    with Desktop(tmp_path / "desktop", [airfield]) as desktop:
        open_dock(desktop)
        ask(desktop, "airplanes parked at an airport", SCAN_S)
        desktop.wait(search_is_done, "hits", SCAN_S)
        show_doubtful(desktop)
        desktop.wait(pictures_are_there, "the rows have their pictures")
        click_row(desktop, 0)
        desktop.wait(lambda s: text_of(s, "msaWords"), "the words that mattered")
        desktop.key("a")
        desktop.wait(lambda s: reviewed(s)[0] == "accepted", "the first hit is accepted")
        before = desktop.state()
        time.sleep(1.0)
        save_as(desktop, tmp_path / "kept.qgz")
        desktop.kill()
        desktop._rasters = [tmp_path / "kept.qgz"]
        desktop.start_again()
        state = desktop.wait(lambda s: s["results"]["count"] > 0, "the hits are in the list again", 90)
        assert state["widgets"]["MsaSearchDock"]["box"]
        assert state["results"]["count"] == before["results"]["count"]
        assert reviewed(state) == reviewed(before)
        desktop.wait(worker_is_ready, "the worker is ready", 120)
        desktop.wait(pictures_are_there, "the rows have their pictures again")
        desktop.shot(screenshots / "project-opened-again.png")
        assert desktop.state()["errors"] == []
        package(desktop, tmp_path / "kept.qgz")
        desktop.kill()
        state = desktop.start_without_plugin([tmp_path / "kept.qgz"])
        assert not state["plugin"]
        assert reviewed(state) == reviewed(before)
        (layer,) = (layer for layer in state["layers"] if layer["group"] == "MSA Search")
        assert "kept_results.gpkg" in layer["source"]
        desktop.shot(screenshots / "project-without-plugin.png")
