"""What the dock shows, observable; the controller alone changes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Optional

from qgis.PyQt.QtCore import pyqtSignal

from msa_model.protocol.changing import ChangeHereReply
from msa_model.protocol.errors import MsaError
from msa_model.protocol.hit_filter import Filters, ShownHits
from msa_model.protocol.hit_table import VerdictReply
from msa_model.protocol.messages import Example, Progress, Ready, ScanPlan, WordShare
from qgis_msa_plugin.search.judged import Judged
from qgis_msa_plugin.search.question import Judgement, Judgements, Question, Results, Review, SavedSearch
from qgis_msa_plugin.widgets.observed import Notices, Observed
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


@dataclass(frozen=True)
class WorkerView:
    """The worker as the user sees it."""

    state: WorkerState = WorkerState.STOPPED
    ready: Optional[Ready] = None
    error: Optional[MsaError] = None


@dataclass(frozen=True)
class Explanation:
    """Which words mattered for the hit of that rank; none where the question has no words."""

    rank: int
    words: tuple[WordShare, ...] = ()


@dataclass(frozen=True)
class Heatmap:
    """A question's localisation map of one raster, as a GeoTIFF in a temporary file."""

    query: str
    source: str
    title: str
    path: str
    low: float
    high: float
    crs: str = ""
    diverging: bool = False  # of two dates: around what did not change


class SearchState(Notices):
    """Everything of a search that widgets and layers draw from: `x_changed` tells the new value of `x`."""

    worker_changed = pyqtSignal(object)
    phase_changed = pyqtSignal(object)
    layers_changed = pyqtSignal(object)
    plan_changed = pyqtSignal(object)
    plans_changed = pyqtSignal(object)
    bare_changed = pyqtSignal(object)
    refusal_changed = pyqtSignal(object)
    progress_changed = pyqtSignal(object)
    searching_changed = pyqtSignal(object)
    question_changed = pyqtSignal(object)
    examples_changed = pyqtSignal(object)
    gsd_m_changed = pyqtSignal(object)
    coarse_changed = pyqtSignal(object)
    results_changed = pyqtSignal(object)
    verdict_changed = pyqtSignal(object)
    filters_changed = pyqtSignal(object)
    shown_changed = pyqtSignal(object)
    selected_rank_changed = pyqtSignal(object)
    explanation_changed = pyqtSignal(object)
    places_changed = pyqtSignal(object)
    judgements_changed = pyqtSignal(object)
    can_take_back_changed = pyqtSignal(object)
    review_changed = pyqtSignal(object)
    history_changed = pyqtSignal(object)
    saved_changed = pyqtSignal(object)
    heatmap_busy_changed = pyqtSignal(object)
    heatmap_changed = pyqtSignal(object)
    indexes_changed = pyqtSignal(object)
    told_dates_changed = pyqtSignal(object)
    changed_here_changed = pyqtSignal(object)
    zoom_wanted = pyqtSignal(object)  # Hit
    all_wanted = pyqtSignal(bool)  # the map is to show every hit that is shown; whether the user asks
    answered = pyqtSignal()  # another question has its first answer

    worker: Observed[WorkerView] = Observed(WorkerView())
    phase: Observed[ScanPhase] = Observed(ScanPhase.IDLE)
    layers: Observed[tuple[str, ...]] = Observed(())  # ids of the layers that are searched
    plan: Observed[Optional[ScanPlan]] = Observed(None)  # of all these layers taken together
    plans: Observed[tuple[ScanPlan, ...]] = Observed(())
    bare: Observed[tuple[str, ...]] = Observed(())  # raster files without overviews among them
    refusal: Observed[Optional[MsaError]] = Observed(None)
    progress: Observed[Optional[Progress]] = Observed(None)
    searching: Observed[bool] = Observed(False)
    question: Observed[Optional[Question]] = Observed(None)  # asked last; its answer is in `results`
    examples: Observed[tuple[Example, ...]] = Observed(())  # go along with the words of the next search
    gsd_m: Observed[Optional[float]] = Observed(None)  # at which layers that are no files are drawn
    coarse: Observed[tuple[float, ...]] = Observed(())  # sizes that alone are searched; empty: all
    results: Observed[Optional[Results]] = Observed(None)
    verdict: Observed[Optional[VerdictReply]] = Observed(None)
    filters: Observed[Filters] = Observed(Filters())
    shown: Observed[ShownHits] = Observed(ShownHits())
    selected_rank: Observed[Optional[int]] = Observed(None)
    explanation: Observed[Optional[Explanation]] = Observed(None)
    places: Observed[Judged] = Observed(())  # all that the project keeps, whatever was asked
    judgements: Observed[Judgements] = Observed(MappingProxyType({}))
    can_take_back: Observed[bool] = Observed(False)  # the last judgement
    review: Observed[Review] = Observed(Review())
    history: Observed[tuple[str, ...]] = Observed(())  # newest first
    saved: Observed[tuple[SavedSearch, ...]] = Observed(())
    heatmap_busy: Observed[bool] = Observed(False)
    heatmap: Observed[Optional[Heatmap]] = Observed(None)
    told_dates: Observed[Mapping[str, str]] = Observed(MappingProxyType({}))  # by id of the layer
    changed_here: Observed[Optional[ChangeHereReply]] = Observed(None)  # at the place that was clicked
    indexes: Observed[frozenset[str]] = Observed(frozenset())  # files that the worker has named

    def update(self, **values: object) -> None:
        """Set several at once: whoever hears of one finds all of them set."""
        changed = [name for name, value in values.items() if getattr(self, name) != value]
        self.__dict__.update({name: values[name] for name in changed})
        for name in changed:
            getattr(self, f"{name}_changed").emit(values[name])

    def learn(self, indexes: Iterable[str]) -> None:
        """The worker has named these index files: requests may name them from now on."""
        self.indexes = self.indexes.union(indexes)

    def fail(self, error: MsaError) -> None:
        """Tell the user what went wrong; nothing is searched any more."""
        self.searching = False
        super().fail(error)

    def number(self, rank: int) -> int:
        """The number of that rank on screen: that of its place, where hits of one place are merged."""
        if self.filters.merge and self.results is not None:
            return self.results.table.places[rank - 1] + 1
        return rank

    def judgement(self, rank: int) -> Judgement:
        """What the analyst has said of the hit of that rank."""
        if self.results is None or not 0 < rank <= len(self.results.table):
            return Judgement.NONE
        return self.judgements.get(self.results.table.tile(rank - 1), Judgement.NONE)
