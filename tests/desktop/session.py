"""A real QGIS desktop on a virtual screen of its own, used with real mouse and key events."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from PIL import Image

from tests.desktop.movement import Movement
from tools.desktop import PROFILE, make_profile, qgis_command, qgis_environment
from tools.staging import PLUGIN

SCREEN = "1400x900x24"
PROBE = Path(__file__).with_name("probe.py")
POLL_S, SETTLE_S = 0.1, 0.5
START_S, STOP_S = 90.0, 120.0

State = dict[str, Any]
NOT_UP: State = {"plugin": False, "action": [], "widgets": {}}


class DesktopFailed(AssertionError):
    """QGIS ended, or did not come to the state that was waited for."""


class Desktop:
    """Context manager: starts Xvfb and QGIS with the plugin, ends both.

    `folder` takes the profile, the probe's state and QGIS's output; `rasters` are opened at the start.
    """

    def __init__(
        self,
        folder: Path,
        rasters: Sequence[Path] = (),
        environment: dict[str, str] | None = None,
        screen: str = SCREEN,
    ) -> None:
        self._folder = folder
        self._rasters = rasters
        self._size = screen
        self._extra = environment or {}
        self._orders = 0
        self._screen: subprocess.Popen[str] | None = None
        self._qgis: subprocess.Popen[str] | None = None
        self._display = ""

    def __enter__(self) -> Desktop:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        make_profile(self._folder)
        try:
            self._start_screen()
            self._start_qgis()
            self.wait(lambda state: state["plugin"], "the plugin is loaded", START_S)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._order("shot", str(self._folder / "failure.png"))
        self._order("quit")
        self._end()
        if kind is None and self._qgis is not None and self._qgis.returncode != 0:
            raise DesktopFailed(f"QGIS ended with {self._qgis.returncode}:\n{self.output[-2000:]}")

    @property
    def output(self) -> str:
        """What QGIS printed so far."""
        return (self._folder / "qgis.log").read_text(encoding="utf-8", errors="replace")

    @property
    def pid(self) -> int:
        """QGIS's process id."""
        assert self._qgis is not None
        return self._qgis.pid

    def state(self) -> State:
        """What the probe saw last."""
        file = self._folder / "state.json"
        state: State = json.loads(file.read_text(encoding="utf-8")) if file.exists() else NOT_UP
        return state

    def wait(self, condition: Callable[[State], Any], what: str, seconds: float = 30.0) -> State:
        """The first state that meets the condition; given up when nothing has moved for so many seconds."""
        movement = Movement(self.pid, seconds)
        while True:
            state = self.state()
            if condition(state):
                return state
            if self._qgis is not None and self._qgis.poll() is not None:
                raise DesktopFailed(
                    f"QGIS ended with {self._qgis.returncode} before {what}:\n{self.output[-2000:]}"
                )
            if movement.is_over(state):
                raise DesktopFailed(f"Nothing moves, but not yet: {what}. {json.dumps(state)[:3000]}")
            time.sleep(POLL_S)

    def kill(self) -> None:
        """End QGIS as a crash of the machine would: at once, with nothing put away."""
        assert self._qgis is not None
        self._qgis.kill()
        self._qgis.wait(STOP_S)
        self._qgis = None

    def start_again(self) -> State:
        """Start QGIS with the profile that the last one left behind."""
        (self._folder / "state.json").unlink(missing_ok=True)
        self._start_qgis()
        return self.wait(lambda state: state["plugin"], "the plugin is loaded again", START_S)

    def start_without_plugin(self, files: Sequence[Path]) -> State:
        """Start QGIS on these with the plugin taken out of the profile."""
        (self._folder / "state.json").unlink(missing_ok=True)
        shutil.rmtree(self._folder / "profiles" / PROFILE / "python" / "plugins" / PLUGIN)
        self._rasters = files
        self._start_qgis()
        return self.wait(lambda state: state.get("layers"), "QGIS shows the layers", START_S)

    def toolbox(self, name: str, **parameters: object) -> None:
        """Have QGIS run one of the plugin's algorithms; what it gives is loaded into the project."""
        self._order("toolbox", json.dumps([name, parameters]))

    def click(self, box: Sequence[int], button: int = 1) -> None:
        """Press and release a mouse button in the middle of a box on the screen."""
        left, top, width, height = box
        self._xdotool(
            "mousemove", str(left + width // 2), str(top + height // 2), "sleep", "0.15", "click", str(button)
        )

    def click_widget(self, name: str, seconds: float = 10.0) -> None:
        """Click a widget of the dock once it is there and enabled; if need be, bring up its tab first."""
        tab = self.state()["widgets"].get(name, {}).get("tab")
        if tab:
            self.click(tab)
        self.click_settled(partial(_usable_box, name), f"{name} can be clicked", seconds=seconds)

    def click_settled(
        self, box_of: Callable[[State], list[int]], what: str, button: int = 1, seconds: float = 10.0
    ) -> None:
        """Click what has a box on the screen, once it no longer moves there."""
        self.click(self._settled(box_of, what, seconds), button)

    def choose(self, *entries: str) -> None:
        """Go through the menus, from the menu bar on, by clicks."""
        for entry in entries:
            state = self.wait(partial(_menu_shows, entry), f"the menu shows {entry}")
            self.click(state["menu"][entry])

    def drag(self, start: Sequence[int], end: Sequence[int]) -> None:
        """Press a mouse button at one place and release it at another."""
        moves = [["mousemove", str(x), str(y), "sleep", "0.15"] for x, y in (start[:2], end[:2])]
        self._xdotool(*moves[0], "mousedown", "1", *moves[1], "sleep", "0.15", "mouseup", "1")

    def type_text(self, text: str) -> None:
        """Type into whatever has the focus."""
        self._xdotool("type", "--delay", "25", text)

    def key(self, name: str) -> None:
        """Press a key by its X name, for example Return or ctrl+a."""
        self._xdotool("key", name)

    def on_map(self, box: Sequence[float]) -> list[int]:
        """Where the middle of a box in map units is on the screen, as a box of one pixel."""
        state = self.state()
        left, top, width, height = state["canvas"]
        x0, y0, x1, y1 = state["extent"]
        across, down = ((box[0] + box[2]) / 2 - x0) / (x1 - x0), (y1 - (box[1] + box[3]) / 2) / (y1 - y0)
        return [round(left + across * width), round(top + down * height), 1, 1]

    def shot(self, picture: Path) -> None:
        """Save what the whole screen shows, once the map is drawn."""
        self.wait(lambda state: not state["rendering"], "the map is drawn")
        time.sleep(SETTLE_S)
        picture.parent.mkdir(parents=True, exist_ok=True)
        order = self._order("shot", str(picture.resolve()))
        self.wait(lambda _: not order.exists(), f"{picture.name} is saved")

    def drawn(self, layer: str, picture: Path) -> Image.Image:
        """What the map shows of one layer, where and when it stands, on nothing."""
        order = self._order("draw", json.dumps([layer, str(picture.resolve())]))
        self.wait(lambda _: not order.exists(), f"{layer} is drawn")
        with Image.open(picture) as image:
            return image.convert("RGBA")

    def show_days(self, first: str, last: str) -> None:
        """Have QGIS's temporal controller, whose fixed range is open, show what lies between two days."""
        self._order("days", json.dumps([first, last]))
        self.wait(lambda s: [end[:10] for end in s["range"]] == [first, last], f"the map shows {first}", 10)

    def _settled(self, box_of: Callable[[State], list[int]], what: str, seconds: float) -> list[int]:
        """A box that two later looks of the probe found at the same place: a layout comes in steps."""
        while True:
            box = box_of(self.wait(box_of, what, seconds))
            if box == box_of(self._next_state()) == box_of(self._next_state()):
                return box

    def _next_state(self) -> State:
        """What the probe saw at its next look; it does not look while QGIS lays out or draws."""
        file = self._folder / "state.json"
        seen = file.stat().st_mtime_ns
        return self.wait(lambda _: file.stat().st_mtime_ns != seen, "the probe looks again")

    def _start_screen(self) -> None:
        read, write = os.pipe()
        command = ["Xvfb", "-displayfd", str(write), "-screen", "0", self._size, "-nolisten", "tcp"]
        with (self._folder / "xvfb.log").open("w") as log:
            self._screen = subprocess.Popen(command, pass_fds=[write], stdout=log, stderr=log, text=True)
        os.close(write)
        with os.fdopen(read) as answer:
            self._display = ":" + answer.readline().strip()

    def _start_qgis(self) -> None:
        environment = qgis_environment() | {"DISPLAY": self._display, "QT_QPA_PLATFORM": "xcb"}
        environment |= {"MSA_PROBE_FOLDER": str(self._folder.resolve())} | self._extra
        command = qgis_command(self._folder, ["--code", str(PROBE), *map(str, self._rasters)])
        with (self._folder / "qgis.log").open("w") as log:
            self._qgis = subprocess.Popen(command, env=environment, stdout=log, stderr=log, text=True)

    def _order(self, name: str, argument: str = "") -> Path:
        self._orders += 1
        file = self._folder / f"{self._orders:03}.order"
        part = file.with_suffix(".part")
        part.write_text(json.dumps([name, argument]), encoding="utf-8")
        return part.rename(file)

    def _xdotool(self, *arguments: str) -> None:
        subprocess.run(["xdotool", *arguments], env=os.environ | {"DISPLAY": self._display}, check=True)

    def _end(self) -> None:
        for process in (self._qgis, self._screen):
            if process is None:
                continue
            try:
                process.wait(STOP_S if process is self._qgis else 0)
            except subprocess.TimeoutExpired:
                process.terminate()
                process.wait(STOP_S)


def _menu_shows(entry: str, state: State) -> bool:
    return entry in state["menu"]


def _usable_box(name: str, state: State) -> list[int]:
    """Where a widget can be clicked; empty if it is not there or not enabled."""
    widget = state.get("widgets", {}).get(name)
    box: list[int] = widget["box"] if widget and widget["enabled"] else []
    return box
