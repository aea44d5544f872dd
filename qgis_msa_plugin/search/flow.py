"""From a question to its answer: plan, ask for consent, scan, and meanwhile show what there is."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Callable, Optional

from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QObject, QTimer

from msa_model.protocol.errors import BadArgument, MsaError, WorkerMissing
from msa_model.protocol.messages import ScanRequest
from qgis_msa_plugin.search.area import AreaSource, whole_layer
from qgis_msa_plugin.search.changed import check_both
from qgis_msa_plugin.search.permitted_sources import check_indexes, indexes_of, with_own_rasters
from qgis_msa_plugin.search.planner import (
    Planned,
    Planner,
    coarse_of,
    is_long,
    joined_plan,
    plans_in,
    without_overviews,
)
from qgis_msa_plugin.search.question import Question
from qgis_msa_plugin.search.scanning import Scanning, ScanPart
from qgis_msa_plugin.search.state import ScanPhase, SearchState
from qgis_msa_plugin.search.target import ReadSettings, Target, renewed, target_of
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets.observed import NoticeLevel
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.state import WorkerState

SETTLE_MS = 300  # layers and area are left alone this long before their cost is asked for


@dataclass(frozen=True)
class PendingQuestion:
    """A question that waits for its plans, for consent, or for the end of another scan."""

    question: Question
    agreed: bool = False  # to its scan, however long it takes

    @property
    def requests(self) -> tuple[ScanRequest, ...]:
        """What has to be indexed to answer it in full."""
        return tuple(target.request for target in self.question.layers)


class SearchFlow(QObject):
    """Owns what is searched (layers, area) and the phases up to a scan; `Scanning` does the rest."""

    def __init__(
        self,
        client: WorkerClient,
        state: SearchState,
        scanning: Scanning,
        reading: Callable[[], ReadSettings],
        parent: Optional[QObject] = None,
    ) -> None:
        super().__init__(parent)
        self._client, self._state, self._scanning, self._reading = client, state, scanning, reading
        self._planner, self._locator = Planner(client, self), Planner(client, self)
        self._recalled: tuple[Target, ...] = ()
        self._layers: tuple[QgsRasterLayer, ...] = ()
        self._area: AreaSource = whole_layer
        self._pending: Optional[PendingQuestion] = None
        self._active = False
        self._settle = QTimer(self, interval=SETTLE_MS, singleShot=True)
        self._settle.timeout.connect(self._plan_ahead)
        self._planner.planned.connect(self._on_planned)
        self._planner.failed.connect(self._on_plan_failed)
        self._planner.unseen.connect(self._on_unseen)
        self._locator.planned.connect(self._learn)
        self._locator.unseen.connect(self._draw_recalled)
        scanning.ended.connect(self._on_scan_ended)

    @property
    def layers(self) -> tuple[QgsRasterLayer, ...]:
        """What is searched."""
        return self._layers

    def activate(self) -> None:
        """Costs are told ahead from now on, for which the worker is started."""
        self._active = True
        self._settle.start()
        self._locate()

    def release(self) -> None:
        """Ask for nothing any more."""
        self._active = False
        self._settle.stop()

    def choose_layers(self, layers: Sequence[QgsRasterLayer]) -> None:
        """Search these from now on."""
        if tuple(layers) != self._layers:
            self._state.coarse = ()
        self._layers = tuple(layers)
        self._state.layers = tuple(layer.id() for layer in layers)
        self.reconsider()

    def choose_area(self, area: AreaSource) -> None:
        """Search there from now on; `area` is asked again whenever it matters."""
        self._area = area
        self.reconsider()

    def reconsider(self) -> None:
        """What is known of costs holds no more."""
        self._state.update(plan=None, plans=(), refusal=None)
        self._drop_pending()
        self._settle.start()

    def reconsider_soon(self) -> None:
        """Layers, area or settings may give other plans than before."""
        self._settle.start()

    def targets(self, tell: bool = True, every: bool = False) -> tuple[Target, ...]:
        """The layers and the area as they are now, `every` one or none; `tell` which layers are left out.

        Raises:
            MsaError: there is no layer, or none can be searched; the refusal of the first is told.
        """
        if not self._layers:
            target_of(None, self._area, self._reading())
        targets, refusals = [], []
        for layer in self._layers:
            try:
                targets.append(target_of(layer, self._area, self._reading()))
            except MsaError as error:
                refusals.append(error)
        if not targets or (every and refusals):
            raise refusals[0]
        for refusal in refusals if tell else ():
            self._state.say(NoticeLevel.WARNING, tr("Left out: {sentence}").format(sentence=refusal.sentence))
        return tuple(targets)

    def ask_again(self, question: Question) -> None:
        """Answer a question of before, whoever kept it, over its layers as the project has them now."""
        targets = self._renewed(question.layers)
        if targets:
            self.ask(dataclasses.replace(question, layers=targets))
        else:
            text = tr(
                "The project has no layer any more that this question is about: choose one, and search."
            )
            self._state.fail(BadArgument(text))

    def recall(self, question: Question) -> None:
        """Have the worker name the index files of a question that was answered before."""
        self._recalled = self._renewed(question.layers)
        self._locate()

    def ask(self, question: Question, agreed: bool = False) -> None:
        """Answer the question, scanning first what no index holds yet; a long scan asks, unless `agreed`."""
        try:
            question = with_own_rasters(question, QgsProject.instance(), self._client.shares_files)
        except MsaError as error:
            self._state.fail(error)
            return
        self._settle.stop()
        self._state.question = question
        self._pending = PendingQuestion(question, agreed)
        self._state.searching = True
        planned = self._planner.plans_of(self._pending.requests)
        if planned is None:
            self._plan(self._pending.requests)
        else:
            self._go(self._pending, planned)

    def consent(self) -> None:
        """The scan that was announced may run."""
        if self._state.phase is not ScanPhase.CONSENT or self._pending is None:
            return
        planned = self._planner.plans_of(self._pending.requests)
        if planned is not None:
            self._scan(self._pending, planned)

    def consent_to_coarse(self) -> None:
        """Scan, from now on, the coarser sizes of these layers alone."""
        pending, coarse = self._pending, coarse_of(self._state.plans)
        if self._state.phase is not ScanPhase.CONSENT or pending is None or coarse is None:
            return
        self._state.coarse = coarse.scales_m
        self._state.phase = ScanPhase.IDLE
        layers = tuple(target.at_scales(coarse.scales_m) for target in pending.question.layers)
        self.ask(dataclasses.replace(pending.question, layers=layers), agreed=True)

    def cancel(self) -> None:
        """Stop what is under way; tiles that are indexed stay so."""
        if self._state.phase.running:
            self._pending = None
            self._scanning.stop()
        elif self._state.phase is ScanPhase.IDLE and self._state.progress is not None:
            self._scanning.forget_question()
        else:
            self._drop_pending()
            self._settle.start()

    def worker_changed(self, state: WorkerState) -> None:
        """Another worker may have another model."""
        if state is WorkerState.STOPPED:
            self._planner.forget()
        if state is WorkerState.READY:
            self._renew_pending()
            self._locate()
        if state in (WorkerState.STOPPED, WorkerState.READY):
            self._settle.start()

    def layers_removed(self, layer_ids: Sequence[str]) -> None:
        """Layers that have gone are not searched any more, nor scanned."""
        self._scanning.layers_removed(layer_ids)
        left = [layer for layer in self._layers if layer.id() not in layer_ids]
        if len(left) < len(self._layers):
            self.choose_layers(left)

    def _renewed(self, targets: Sequence[Target]) -> tuple[Target, ...]:
        return renewed(targets, QgsProject.instance(), self._reading())

    def _locate(self) -> None:
        willing = self._client.state not in (WorkerState.MISSING, WorkerState.FAILED)
        if self._active and willing and self._recalled:
            self._locator.ask(tuple(target.request for target in self._recalled))

    def _draw_recalled(self) -> None:
        self._recalled = self._renewed(self._recalled)
        self._locate()

    def _learn(self, planned: tuple[Planned, ...]) -> None:
        self._recalled = ()
        self._state.learn(plan.index for plan in plans_in(planned))

    def _renew_pending(self) -> None:
        """A worker that has just said where it runs may want pixels instead of paths, or paths again."""
        if self._pending is None or self._scanning.busy or self._pending.question.dates is not None:
            return
        targets = self._renewed(self._pending.question.layers)
        question = dataclasses.replace(self._pending.question, layers=targets)
        if targets and question != self._pending.question:
            self.ask(question, self._pending.agreed)

    def _drop_pending(self) -> None:
        self._pending = None
        self._planner.forget()
        if not self._state.phase.running:
            self._state.phase = ScanPhase.IDLE
            self._state.searching = False

    def _plan_ahead(self) -> None:
        """Tell the cost before anyone asks; refusals stand in its place, and are no failures yet."""
        if not self._active or not self._layers or self._pending is not None or self._scanning.busy:
            return
        try:
            requests = tuple(target.request for target in self.targets(tell=False))
        except MsaError as error:
            self._state.update(plan=None, plans=(), refusal=error)
            return
        self._state.refusal = None
        willing = self._client.state not in (WorkerState.MISSING, WorkerState.FAILED)
        if willing and self._planner.plans_of(requests) is None:
            self._plan(requests)

    def _plan(self, requests: tuple[ScanRequest, ...]) -> None:
        if not self._scanning.busy:
            self._state.phase = ScanPhase.PLANNING
        self._planner.ask(requests)

    def _on_planned(self, planned: tuple[Planned, ...]) -> None:
        self._to_idle()
        plans = plans_in(planned)
        self._state.learn(plan.index for plan in plans)
        whole = joined_plan(plans)
        self._state.update(refusal=None, plan=whole, plans=plans, bare=without_overviews(planned))
        if self._pending is not None:
            self._go(self._pending, planned)

    def _on_unseen(self, error: MsaError) -> None:
        """Ask for the layers as they are drawn; two dates are laid over by files that are no more."""
        if self._pending is None:
            self._to_idle()
            self._settle.start()
            return
        question, agreed = self._pending.question, self._pending.agreed
        targets = self._renewed(question.layers) if question.dates is None else ()
        if targets:
            self._to_idle()
            self.ask(dataclasses.replace(question, layers=targets), agreed)
        else:
            self._on_plan_failed(error)

    def _to_idle(self) -> None:
        if self._state.phase is ScanPhase.PLANNING:
            self._state.phase = ScanPhase.IDLE

    def _on_plan_failed(self, error: MsaError) -> None:
        asked, self._pending = self._pending is not None, None
        self._to_idle()
        if asked:
            self._state.fail(error)
        elif not isinstance(error, WorkerMissing):
            self._state.update(plan=None, plans=(), refusal=error)

    def _go(self, pending: PendingQuestion, planned: tuple[Planned, ...]) -> None:
        """Answer from what is indexed, and see to the rest."""
        try:
            check_indexes(indexes_of(pending.question), self._state.indexes)
            check_both(pending.question, planned)
        except MsaError as error:
            self._drop_pending()
            self._state.fail(error)
            return
        self._tell_left_out(pending, planned)
        plans = plans_in(planned)
        self._scanning.ask(pending.question, plans)
        missing = tuple(answer.request for answer in planned if answer.plan and answer.plan.missing)
        if not missing or self._scanning.completes(missing):
            self._pending = None
        elif self._scanning.busy:
            text = tr("A scan is under way; the tiles that this search lacks are scanned after it.")
            self._state.say(NoticeLevel.INFO, text)
        elif not pending.agreed and is_long(planned):
            self._state.phase = ScanPhase.CONSENT
        else:
            self._scan(pending, planned)

    def _tell_left_out(self, pending: PendingQuestion, planned: tuple[Planned, ...]) -> None:
        for target, answer in zip(pending.question.layers, planned):
            if answer.error is not None:
                text = tr("'{name}' was left out: {sentence}")
                text = text.format(name=target.title, sentence=answer.error.sentence)
                self._state.say(NoticeLevel.WARNING, text)

    def _scan(self, pending: PendingQuestion, planned: tuple[Planned, ...]) -> None:
        self._pending = None
        if len(planned) == 1:
            self._state.notice = None
        pairs = zip(pending.question.layers, planned)
        parts = [ScanPart(target, one.plan) for target, one in pairs if one.plan and one.plan.missing]
        self._scanning.begin(parts, pending.question, plans_in(planned))

    def _on_scan_ended(self) -> None:
        self._planner.forget()
        if self._pending is not None:
            self._plan(self._pending.requests)
        else:
            self._settle.start()
