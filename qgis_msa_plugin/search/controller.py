"""What the user wants → requests to the worker → the state that the dock shows."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Callable, Optional

from qgis.core import QgsCoordinateReferenceSystem, QgsPointXY, QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QObject, QTimer

from msa_model.protocol.errors import MsaError, WorkerMissing
from msa_model.protocol.messages import ScanPlan
from qgis_msa_plugin.describe.describer import Describer
from qgis_msa_plugin.search.area import AreaSource, whole_layer
from qgis_msa_plugin.search.planner import Planner
from qgis_msa_plugin.search.scanning import Scanning
from qgis_msa_plugin.search.state import Level, ScanPhase, SearchState, WorkerView
from qgis_msa_plugin.search.target import Target, asked_query, target_of
from qgis_msa_plugin.search.thumbnails import Thumbnails
from qgis_msa_plugin.settings import Settings, keep_settings
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.state import WorkerState

LONG_SCAN_S = 120.0  # a scan that takes longer asks first
SETTLE_MS = 300  # layer and area are left alone this long before their cost is asked for


@dataclass(frozen=True)
class Wish:
    """A query and where to answer it."""

    query: str
    target: Target


class SearchController(QObject):
    """The verbs of the dock; everything that happens is told through `state`."""

    def __init__(
        self, client: WorkerClient, settings: Callable[[], Settings], parent: Optional[QObject] = None
    ) -> None:
        super().__init__(parent)
        self.state = SearchState(self)
        self.thumbnails = Thumbnails(client, self)
        self._client = client
        self._settings = settings
        self._planner = Planner(client, self)
        self._scanning = Scanning(client, self.state, self)
        self._describer = Describer(client, self.state, settings, self)
        self._layer: Optional[QgsRasterLayer] = None
        self._area: AreaSource = whole_layer
        self._wish: Optional[Wish] = None  # waits for its plan, for consent, or for the end of another scan
        self._active = False
        self._settle = QTimer(self)
        self._settle.setInterval(SETTLE_MS)
        self._settle.setSingleShot(True)
        self._connect()

    def activate(self) -> None:
        """The dock is on screen: from now on costs are told ahead, for which the worker is started."""
        self._active = True
        self._settle.start()

    def choose_layer(self, layer: Optional[QgsRasterLayer]) -> None:
        """Search this layer from now on."""
        self._layer = layer
        self._describer.choose_layer(layer)
        self._reconsider()

    def choose_area(self, area: AreaSource) -> None:
        """Search there from now on; `area` is asked again whenever it matters."""
        self._area = area
        self._reconsider()

    def area_moved(self) -> None:
        """The chosen area may give another answer than before."""
        self._settle.start()

    def search(self, text: str) -> None:
        """Find the tiles that `text` describes, scanning first what no index holds yet."""
        self.state.notice = None
        self._client.look()
        try:
            wish = Wish(asked_query(text), target_of(self._layer, self._area, self._settings()))
        except MsaError as error:
            self.state.fail(error)
            return
        self._settle.stop()
        self._wish = wish
        self.state.searching = True
        plan = self._planner.plan_of(wish.target.request)
        if plan is None:
            self._plan(wish.target)
        else:
            self._go(wish, plan)

    def consent(self) -> None:
        """The scan that was announced may run."""
        plan = self.state.plan
        if self.state.phase is ScanPhase.CONSENT and self._wish is not None and plan is not None:
            self._scan(self._wish, plan)

    def cancel(self) -> None:
        """Stop what is under way; tiles that are indexed stay so."""
        if self.state.phase.running:
            self._wish = None
            self._scanning.stop()
        else:
            self._drop_wish()
            self._settle.start()

    def describe_at(self, point: QgsPointXY, crs: QgsCoordinateReferenceSystem) -> None:
        """Say what is around the point, given in `crs`."""
        self.state.notice = None
        self._describer.describe_at(point, crs)

    @property
    def describe_scale_m(self) -> Optional[float]:
        """The side of the windows that are described (metres); nothing where the worker chooses."""
        return self._describer.scale_m

    def choose_describe_scale(self, scale_m: Optional[float]) -> None:
        """Describe windows of this side (metres) from now on; the last place is described again."""
        self._describer.choose_scale(scale_m)

    def select_hit(self, rank: Optional[int], zoom: bool = True) -> None:
        """Mark the hit of that rank in list and map, and go there."""
        self.state.selected_rank = rank
        hit = self.state.results.hit(rank) if self.state.results else None
        if hit is not None and zoom:
            self.state.zoom_wanted.emit(hit)

    def forget_results(self) -> None:
        """The user has taken the result layer away: its hits, and what would bring them back, go too."""
        self._scanning.forget_question()
        self.state.selected_rank = self.state.results = None

    def retry_worker(self) -> None:
        """Start the worker again after it has failed."""
        self.state.notice = None
        self._client.start()
        self._settle.start()

    def choose_worker(self, path: str) -> None:
        """Use this program as the worker from now on."""
        keep_settings(dataclasses.replace(self._settings(), worker_command=path))
        self._client.stop()
        self.retry_worker()

    def release(self) -> None:
        """Let go of project and client; nothing is asked of the worker any more."""
        self._active = False
        self.state.blockSignals(True)
        self._settle.stop()
        self._scanning.release()
        self._describer.release()
        QgsProject.instance().layersWillBeRemoved.disconnect(self._on_layers_removed)
        self._client.state_changed.disconnect(self._on_worker)
        self._client.restarted.disconnect(self._on_restarted)

    def _connect(self) -> None:
        self._settle.timeout.connect(self._plan_ahead)
        self._planner.planned.connect(self._on_planned)
        self._planner.failed.connect(self._on_plan_failed)
        self._scanning.ended.connect(self._on_scan_ended)
        self._client.state_changed.connect(self._on_worker)
        self._client.restarted.connect(self._on_restarted)
        QgsProject.instance().layersWillBeRemoved.connect(self._on_layers_removed)
        self._on_worker(self._client.state)

    def _reconsider(self) -> None:
        self.state.plan = self.state.refusal = None
        self._drop_wish()
        self._settle.start()

    def _drop_wish(self) -> None:
        self._wish = None
        self._planner.forget()
        if not self.state.phase.running:
            self.state.phase = ScanPhase.IDLE
            self.state.searching = False

    def _plan_ahead(self) -> None:
        """Tell the cost before anyone asks; refusals stand in its place, and are no failures yet."""
        if not self._active or self._layer is None or self._wish is not None or self._scanning.busy:
            return
        try:
            target = target_of(self._layer, self._area, self._settings())
        except MsaError as error:
            self.state.plan, self.state.refusal = None, error
            return
        self.state.refusal = None
        willing = self._client.state not in (WorkerState.MISSING, WorkerState.FAILED)
        if willing and self._planner.plan_of(target.request) is None:
            self._plan(target)

    def _plan(self, target: Target) -> None:
        if not self._scanning.busy:
            self.state.phase = ScanPhase.PLANNING
        self._planner.ask(target.request)

    def _on_planned(self, plan: ScanPlan) -> None:
        if self.state.phase is ScanPhase.PLANNING:
            self.state.phase = ScanPhase.IDLE
        self.state.refusal, self.state.plan = None, plan
        self.state.describe_scales = tuple(scale.scale_m for scale in plan.scales)
        if self._wish is not None:
            self._go(self._wish, plan)

    def _on_plan_failed(self, error: MsaError) -> None:
        wished, self._wish = self._wish is not None, None
        if self.state.phase is ScanPhase.PLANNING:
            self.state.phase = ScanPhase.IDLE
        if wished:
            self.state.fail(error)
        elif not isinstance(error, WorkerMissing):
            self.state.plan, self.state.refusal = None, error

    def _go(self, wish: Wish, plan: ScanPlan) -> None:
        """Answer from what is indexed, and see to the rest."""
        if plan.missing < plan.tiles or self._scanning.covers(plan):
            self._scanning.ask(wish.target.question(wish.query, plan.index, self._settings().k))
        else:
            self.state.searching = False
        if plan.missing == 0 or self._scanning.completes(wish.target.request):
            self._wish = None
        elif self._scanning.busy:
            text = tr("A scan is under way; the tiles that this search lacks are scanned after it.")
            self.state.say(Level.INFO, text)
        elif plan.seconds > LONG_SCAN_S:
            self.state.phase = ScanPhase.CONSENT
        else:
            self._scan(wish, plan)

    def _scan(self, wish: Wish, plan: ScanPlan) -> None:
        self._wish = self.state.notice = None
        question = wish.target.question(wish.query, plan.index, self._settings().k)
        self._scanning.begin(wish.target, plan, question)

    def _on_scan_ended(self) -> None:
        self._planner.forget()
        if self._wish is not None:
            self._plan(self._wish.target)
        else:
            self._settle.start()

    def _on_worker(self, state: WorkerState) -> None:
        self.state.worker = WorkerView(state, self._client.ready, self._client.error)
        if state is WorkerState.FAILED:
            self.state.notice = None  # it may say that the worker was started again
        if state is WorkerState.STOPPED:
            self._planner.forget()  # the next worker may have another model
        if state in (WorkerState.STOPPED, WorkerState.READY):
            self._settle.start()

    def _on_restarted(self, sentence: str) -> None:
        if not self._scanning.busy:
            self.state.say(Level.WARNING, sentence)

    def _on_layers_removed(self, layer_ids: list[str]) -> None:
        self._scanning.layers_removed(layer_ids)
        if self._layer is not None and self._layer.id() in layer_ids:
            self.choose_layer(None)
