"""What the dock shows, observable; the controller alone changes it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Optional

from qgis.PyQt.QtCore import QObject, pyqtSignal

from msa_model.protocol.errors import MsaError
from msa_model.protocol.messages import DescribeReply, Hit, Progress, Ready, ScanPlan
from qgis_msa_plugin.search.observed import Observed
from qgis_msa_plugin.worker.state import WorkerState


class ScanPhase(Enum):
    """What is being done about tiles that no index holds yet."""

    IDLE = "idle"
    PLANNING = "planning"
    CONSENT = "consent"
    SCANNING = "scanning"
    CANCELLING = "cancelling"

    @property
    def running(self) -> bool:
        """Whether the worker is writing an index for the dock."""
        return self in (ScanPhase.SCANNING, ScanPhase.CANCELLING)


class Level(Enum):
    """How much a notice matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Notice:
    """A sentence to the user; `error` is what went wrong, with its remedy, where something did."""

    level: Level
    sentence: str
    error: Optional[MsaError] = None


@dataclass(frozen=True)
class WorkerView:
    """The worker as the user sees it."""

    state: WorkerState = WorkerState.STOPPED
    ready: Optional[Ready] = None
    error: Optional[MsaError] = None


@dataclass(frozen=True)
class Results:
    """The answer to `query` over the raster `source` (a path; `title` is the layer's name)."""

    query: str
    source: str
    title: str
    hits: tuple[Hit, ...]
    tiles: int

    def hit(self, rank: Optional[int]) -> Optional[Hit]:
        """The hit of that rank, if it is still among them."""
        return next((hit for hit in self.hits if hit.rank == rank), None)


@dataclass(frozen=True)
class Description:
    """What the worker says of a place."""

    title: str
    reply: DescribeReply


class SearchState(QObject):
    """Everything that widgets and layers draw from."""

    worker_changed = pyqtSignal(object)
    phase_changed = pyqtSignal(object)
    plan_changed = pyqtSignal(object)
    refusal_changed = pyqtSignal(object)
    progress_changed = pyqtSignal(object)
    searching_changed = pyqtSignal(object)
    results_changed = pyqtSignal(object)
    selected_rank_changed = pyqtSignal(object)
    describing_changed = pyqtSignal(object)
    description_changed = pyqtSignal(object)
    describe_scales_changed = pyqtSignal(object)
    notice_changed = pyqtSignal(object)
    zoom_wanted = pyqtSignal(object)

    worker: Observed[WorkerView] = Observed(WorkerView())
    phase: Observed[ScanPhase] = Observed(ScanPhase.IDLE)
    plan: Observed[Optional[ScanPlan]] = Observed(None)
    refusal: Observed[Optional[MsaError]] = Observed(None)
    progress: Observed[Optional[Progress]] = Observed(None)
    searching: Observed[bool] = Observed(False)
    results: Observed[Optional[Results]] = Observed(None)
    selected_rank: Observed[Optional[int]] = Observed(None)
    describing: Observed[bool] = Observed(False)
    description: Observed[Optional[Description]] = Observed(None)
    describe_scales: Observed[tuple[float, ...]] = Observed(())
    notice: Observed[Optional[Notice]] = Observed(None)

    def say(self, level: Level, sentence: str) -> None:
        """Tell the user something that is no failure."""
        self.notice = Notice(level, sentence)

    def fail(self, error: MsaError) -> None:
        """Tell the user what went wrong; the one way that every error takes to the screen."""
        self.searching = False
        self.notice = Notice(Level.ERROR, error.sentence, error)

    def show(self, results: Results) -> None:
        """Show an answer; the tile that was selected stays so if it is still among the hits."""
        rank = self._rank_in(results)
        self.searching = False
        self.results = results
        self.selected_rank = rank

    def _rank_in(self, results: Results) -> Optional[int]:
        selected = self.results.hit(self.selected_rank) if self.results else None
        if selected is None or self.results is None or self.results.query != results.query:
            return None
        same = (hit.rank for hit in results.hits if _tile(hit) == _tile(selected))
        return next(same, None)


def _tile(hit: Hit) -> tuple[str, int, int, int]:
    return hit.index, hit.factor, hit.row, hit.col
