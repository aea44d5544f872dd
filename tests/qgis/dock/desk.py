"""What the dock stands on in these tests: a window, and a client that records what it is asked."""

# ruff: noqa: ANN401, N802, PLR0917  (stands for interfaces of Qt and of the client)

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qgis.core import QgsMapLayer
from qgis.gui import QgsMapToolPan
from qgis.PyQt.QtCore import QObject, Qt, pyqtSignal
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QDockWidget, QWidget

from msa_model.protocol.errors import MsaError
from msa_model.protocol.hit_table import RankedIndex, RankReply, pack_columns
from msa_model.protocol.messages import Progress, Ready, ScaleInfo, ScanPlan, SearchTimings
from msa_model.protocol.methods import Method
from msa_model.protocol.rpc import BATCH
from qgis_msa_plugin.search.state import SearchState
from qgis_msa_plugin.worker.state import WorkerState
from tests.present import present
from tests.qgis.window import Window

BEAT_MS, PATIENCE = 20, 1_000
READY = Ready("cpu", "a processor", False, "msa-small", "0" * 64, 4, 0.0)


class Desk(Window):
    """The window with a pan tool in use and an active layer; notes which options pages are opened."""

    def __init__(self) -> None:
        super().__init__()
        self.pan = QgsMapToolPan(self.canvas)
        self.canvas.setMapTool(self.pan)
        self.active: QgsMapLayer | None = None
        self.options_pages: list[str] = []

    def activeLayer(self) -> QgsMapLayer | None:
        return self.active

    def showOptionsDialog(self, parent: QWidget, page: str) -> None:
        self.options_pages.append(page)

    def add(self, dock: QDockWidget) -> None:
        self.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
        self.window.show()

    def close(self) -> None:
        self.canvas.unsetMapTool(self.pan)
        super().close()


@dataclass
class Asked:
    """A call that waits for its answer."""

    id: int
    method: str
    params: Any
    done: Callable[[Any, bytes], None]
    failed: Callable[[MsaError], None]
    progress: Callable[[Progress], None] | None
    attachment: bytes
    draw: Any = None


class Client(QObject):
    """The interface of `WorkerClient`; answers come from the test."""

    state_changed = pyqtSignal(object)
    restarted = pyqtSignal(str)
    log_line = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__()
        self.state = WorkerState.READY
        self.ready: Ready | None = READY
        self.error: MsaError | None = None
        self.open: list[Asked] = []
        self.cancelled: list[int] = []
        self.starts = 0
        self.shares_files = self.sees_some_files = True
        self._last = 0

    def call(
        self,
        method: Method[Any, Any],
        params: Any,
        done: Any,
        failed: Any,
        progress: Any = None,
        attachment: bytes = b"",
        draw: Any = None,
    ) -> int:
        assert isinstance(params, method.params)
        self._last += 1
        self.open.append(Asked(self._last, method.name, params, done, failed, progress, attachment, draw))
        return self._last

    def cancel(self, call_id: int) -> None:
        self.cancelled.append(call_id)

    def start(self) -> None:
        self.starts += 1

    def stop(self) -> None:
        self.enter(WorkerState.STOPPED)

    def look(self) -> None:
        pass

    def enter(self, state: WorkerState, error: MsaError | None = None) -> None:
        self.state, self.error = state, error
        self.ready = READY if state is WorkerState.READY else None
        self.state_changed.emit(state)

    def waiting(self, method: str) -> list[Asked]:
        return [asked for asked in self.open if asked.method == method]

    def answer(self, method: str, reply: Any, attachment: bytes = b"") -> Asked:
        asked = self._take(method)
        if method == BATCH and not asked.params.sent:
            for path in filter(None, (asked.params.out, asked.params.report)):
                Path(path).touch()  # a worker writes its results first
        asked.done(reply, attachment)
        return asked

    def refuse(self, method: str, error: MsaError) -> Asked:
        asked = self._take(method)
        asked.failed(error)
        return asked

    def _take(self, method: str) -> Asked:
        """The oldest call of that method, which may still hang on a timer of the dock."""
        for _ in range(PATIENCE):
            if self.waiting(method):
                break
            QTest.qWait(BEAT_MS)
        asked = self.waiting(method)[0]
        self.open.remove(asked)
        return asked


def refused_as(state: SearchState) -> str:
    """The kind of the error that the dock's notice tells."""
    return present(present(state.notice).error).kind


def plan(tiles: int = 100, missing: int = 100, seconds: float = 20.0, name: str = "town") -> ScanPlan:
    scales = (ScaleInfo(1, 38.4, 19.2, 70), ScaleInfo(2, 76.8, 38.4, 30))
    return ScanPlan(f"/nowhere/{name}.msa.gpkg", tiles, missing, seconds, 1_000_000, 0.15, scales)


@dataclass(frozen=True)
class Square:
    """A hit: its upper left corner, in steps of 10 m, and its side, the same for all of one answer."""

    left: int
    top: int
    side: int = 10
    score: float = 0.5


def answer(
    *squares: Square, query: str = "blue roofs", tiles: int = 100, index: RankedIndex | None = None
) -> tuple[RankReply, bytes]:
    """A reply to `search.rank` and its attachment: these squares, in this order."""
    side = squares[0].side if squares else 10
    index = index or index_of("town", side)
    count = len(squares)
    columns = [
        array("f", [square.score - row / 100 for row, square in enumerate(squares)]),
        array("f", [1.0] * count),
        array("i", range(count)),
        array("i", [0] * count),
        array("i", [1] * count),
        array("i", [(3000 - square.top) // 10 for square in squares]),
        array("i", [square.left // 10 for square in squares]),
    ]
    reply = RankReply(query, count, tiles, (index,), SearchTimings(0.0, 0.0, 0.0))
    return reply, pack_columns(columns)


def index_of(name: str, side: int = 10, crs: str = "EPSG:3857") -> RankedIndex:
    """An index whose pixels are 1 m wide; its rows start at 3000."""
    paths = (f"/nowhere/{name}.msa.gpkg", f"/nowhere/{name}.tif")
    return RankedIndex(*paths, crs, (1.0, 0.0, 0.0, 0.0, -1.0, 3000.0), 1.0, side, 10)
