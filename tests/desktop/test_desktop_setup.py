"""The first start on a computer without a worker, up to a worker that is ready."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.desktop import session
from tests.desktop.dock import show_dock, text_of, worker_is_ready
from tests.desktop.session import Desktop
from tests.desktop.small_setup import make_small_profile, make_wheels

pytestmark = pytest.mark.desktop
# No worker is named, and the only Pythons are the system's.
ENVIRONMENT = {"MSA_SEARCH_WORKER": "", "PATH": "/usr/bin:/bin"}
SETUP_S = 240.0


@pytest.fixture
def small_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_wheels(tmp_path / "wheels")
    monkeypatch.setattr(session, "make_profile", make_small_profile)


def name_wheels(desktop: Desktop, folder: Path) -> None:
    """Unfold the network's part of the window, and type a folder of wheels."""
    left, top, _, height = desktop.state()["widgets"]["msaSetupNetwork"]["box"]
    desktop.click([left, top, 16, height])
    state = desktop.wait(lambda s: s["widgets"]["msaSetupWheels"]["box"], "it is unfolded")
    left, top, _, height = state["widgets"]["msaSetupWheels"]["box"]
    desktop.click([left, top, 100, height])
    desktop.type_text(str(folder))
    desktop.wait(lambda s: "Fetches nothing" in text_of(s, "msaSetupSizes"), "the folder is known")


def log_of(folder: Path) -> str:
    """What the installers printed."""
    return next(folder.glob("desktop/profiles/*/msa_search/setup.log")).read_text(encoding="utf-8")


def test_the_first_start_offers_to_set_up_the_worker_and_does_it(
    airfield: Path, tmp_path: Path, small_profile: None, screenshots: Path
) -> None:
    with Desktop(tmp_path / "desktop", [airfield], ENVIRONMENT) as desktop:
        show_dock(desktop)
        state = desktop.wait(lambda s: "Python 3" in text_of(s, "msaSetupPython"), "it offers a Python", 60)
        assert "not set up" in text_of(state, "msaSetupState")
        assert state["errors"] == []
        assert "GB" in text_of(state, "msaSetupSizes")
        assert text_of(state, "msaWorkerButton") == "Set up…"
        desktop.shot(screenshots / "setup-1-offer.png")

        name_wheels(desktop, tmp_path / "wheels")
        desktop.click_widget("msaSetupStart")
        desktop.wait(lambda s: "packages" in text_of(s, "msaSetupStep"), "packages are fetched", 60)
        desktop.click_widget("msaSetupDetails")
        desktop.wait(lambda s: text_of(s, "msaSetupCancel"), "it can be stopped")
        desktop.shot(screenshots / "setup-2-progress.png")

        state = desktop.wait(lambda s: text_of(s, "msaSetupOutcome"), "it ends", SETUP_S)
        assert "It works" in text_of(state, "msaSetupOutcome"), log_of(tmp_path)
        assert text_of(state, "msaSetupStart") == "&Repair"
        desktop.wait(worker_is_ready, "the dock's worker is ready", SETUP_S)
        desktop.shot(screenshots / "setup-3-ready.png")

        desktop.click_widget("msaSetupRemove")
        desktop.click_widget("msaSetupConfirmed")
        state = desktop.wait(lambda s: "deleted" in text_of(s, "msaSetupOutcome"), "it is deleted", 60)
        assert text_of(state, "msaWorkerButton") == "Set up…"
        assert not list(tmp_path.glob("desktop/profiles/*/msa_search/env"))
        assert state["errors"] == []
        assert "Traceback" not in desktop.output
