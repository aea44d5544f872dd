"""The dock as an analyst sees it, in pictures: sizes of screen, themes, German, above another dock.

    .venv/worker/bin/python -m tests.desktop.tour FOLDER RASTER [NAME…]

`five` as a name takes the dock's pictures of docs/before-and-after.md.

The raster should have its index beside it: then nothing is scanned.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from unittest.mock import patch

from PIL import Image

from tests.desktop.dock import ask, pictures_are_there, show_dock, text_of
from tests.desktop.session import Desktop, State
from tools import desktop as tool

QUERY = "a runway"
FIVE = (
    "storage tanks",
    "airplanes parked at an airport",
    "farmland",
    "a sandy beach",
    "a glacier between snowy mountains",
)
WAIT_S = 240.0
_NIGHT = "\n[UI]\nUITheme=Night Mapping\n"
_STYLING_PANEL = "F7"  # stands below the dock


@dataclass(frozen=True)
class Stop:
    """A way to look at the dock."""

    name: str
    screen: str = "1400x900x24"
    locale: str = "en_US"
    dark: bool = False
    stacked: bool = False

    @property
    def settings(self) -> str:
        """Of the QGIS that shows it."""
        text = tool.SETTINGS.replace("userLocale=en_US", f"userLocale={self.locale}")
        return text + _NIGHT if self.dark else text


STOPS = (
    Stop("light-1400"),
    Stop("light-1920", screen="1920x1080x24"),
    Stop("dark-1400", dark=True),
    Stop("dark-1920", screen="1920x1080x24", dark=True),
    Stop("stacked-1400", stacked=True),
    Stop("german-1400", locale="de"),
    Stop("german-dark-stacked-1400", locale="de", dark=True, stacked=True),
)


def look(stop: Stop, raster: Path, folder: Path) -> None:
    """Ask, and take pictures of cost, list, gallery and the other tabs."""
    with (
        tempfile.TemporaryDirectory() as profile,
        patch.object(tool, "SETTINGS", stop.settings),
        Desktop(Path(profile) / "desktop", [raster], screen=stop.screen) as desktop,
    ):
        show_dock(desktop)
        if stop.stacked:
            desktop.key(_STYLING_PANEL)
        desktop.wait(lambda s: "1" in text_of(s, "msaTarget") + text_of(s, "msaCost"), "the cost", WAIT_S)
        desktop.shot(folder / f"{stop.name}-1-cost.png")
        ask(desktop, QUERY, WAIT_S)
        state = desktop.wait(lambda s: text_of(s, "msaVerdict"), "the verdict", WAIT_S)
        if not state["results"]["count"]:
            desktop.click_widget("msaShowMore")
        desktop.wait(pictures_are_there, "the pictures", WAIT_S)
        desktop.shot(folder / f"{stop.name}-2-list.png")
        desktop.click_widget("msaGallery")
        desktop.shot(folder / f"{stop.name}-3-gallery.png")
        for at, widget in enumerate(("msaDescribe", "msaBatchJobs"), 4):
            desktop.click_widget(widget)  # brings its tab up
            desktop.shot(folder / f"{stop.name}-{at}-{widget}.png")


def answer_five(raster: Path, folder: Path) -> None:
    """Ask the five questions, and take a picture of the dock for each."""
    with tempfile.TemporaryDirectory() as profile, Desktop(Path(profile) / "desktop", [raster]) as desktop:
        show_dock(desktop)
        desktop.wait(lambda s: "1" in text_of(s, "msaTarget"), "the layer is known as indexed", WAIT_S)
        for at, question in enumerate(FIVE, 1):
            ask(desktop, question, WAIT_S)
            desktop.wait(partial(_is_answered, question), f"the answer to {question}", WAIT_S)
            picture = folder / f"before-now-{at}-{question.split()[-1]}.png"
            desktop.shot(picture)
            left, top, width, height = desktop.state()["widgets"]["MsaSearchDock"]["box"]
            with Image.open(picture) as screen:
                dock = screen.convert("RGB").crop((left, top, left + width, top + height))
            dock.quantize(256, dither=Image.Dither.FLOYDSTEINBERG).save(picture, optimize=True)


def _is_answered(question: str, state: State) -> bool:
    """Whether the answer is there, with its pictures where it has hits."""
    titled = question[:12] in text_of(state, "msaResultsTitle")
    there = titled and text_of(state, "msaVerdict") and not text_of(state, "msaProgressText")
    return bool(there) and (not state["results"]["count"] or pictures_are_there(state))


def main() -> None:
    """Take the pictures of all stops, or of those that are named."""
    folder, raster, *names = sys.argv[1:]
    if not Path(raster).is_file():
        sys.exit(f"{raster} is not there; `make demo` paints the scene and indexes it")
    if "five" in names:
        answer_five(Path(raster), Path(folder))
    for stop in STOPS:
        if not names or stop.name in names:
            look(stop, Path(raster), Path(folder))
            print(stop.name, flush=True)


if __name__ == "__main__":
    main()
