"""Scans as the dock shows them: one raster after the other, hits meanwhile, what is kept at the end."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Callable, Optional

from qgis.core import QgsProject
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from msa_model.protocol.errors import Cancelled, IndexMissing, IndexStale, MsaError, WorkerDied
from msa_model.protocol.messages import Progress, ScanPlan, ScanRequest, ScanSummary
from qgis_msa_plugin.search.asking import Asking, PreparedQuestion
from qgis_msa_plugin.search.permitted_sources import asked_again
from qgis_msa_plugin.search.planner import joined_plan, rest_of
from qgis_msa_plugin.search.question import (
    Question,
    Results,
    TileLimits,
    kinds_offered,
    limits_to_ask,
    sides_offered,
)
from qgis_msa_plugin.search.scan_run import ScanRun
from qgis_msa_plugin.search.state import ScanPhase, SearchState
from qgis_msa_plugin.search.target import Target
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording
from qgis_msa_plugin.widgets.observed import NoticeLevel
from qgis_msa_plugin.widgets.wording import warning_texts
from qgis_msa_plugin.worker.client import WorkerClient

REFRESH_MS = 2000  # between two looks at what a running scan has found
_SETTLE_MS = 300  # filters are left alone this long before they are asked for

# What a search may meet while the index is only just coming into being, or coming back.
_PASSING = (IndexMissing, IndexStale, WorkerDied)


@dataclass(frozen=True)
class ScanPart:
    """A raster and what its scan would cost."""

    target: Target
    plan: ScanPlan


class Scanning(QObject):
    """Owns the phases SCANNING and CANCELLING of the state, and the answers to questions."""

    ended = pyqtSignal()

    def __init__(
        self,
        client: WorkerClient,
        state: SearchState,
        show: Callable[[Results], None],
        parent: Optional[QObject] = None,
    ) -> None:
        super().__init__(parent)
        self._state, self._show = state, show
        self._asking = Asking(client, self)
        self._question: Optional[Question] = None
        self._indexes: tuple[str, ...] = ()  # those that the question is about
        self._filled: set[str] = set()  # those known to hold tiles
        self._run = ScanRun(client, self)
        self._part: Optional[ScanPart] = None
        self._waiting: list[ScanPart] = []
        self._done: list[tuple[ScanPart, int]] = []  # with the number of tiles that are indexed now
        self._skipped = 0
        self._why_stopped = ""
        self._told_of_engine = ""
        self._limits = TileLimits()
        self._narrowing = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._narrowing.timeout.connect(self._narrow)
        for signal in (state.filters_changed, state.indexes_changed):
            signal.connect(lambda _: self._narrowing.start())
        self._refresh = QTimer(self)
        self._refresh.setInterval(REFRESH_MS)
        self._refresh.timeout.connect(self._ask_again)
        self._run.progressed.connect(self._on_progress)
        self._run.resumed.connect(self._on_resumed)
        self._run.finished.connect(self._on_finished)
        self._run.failed.connect(self._on_failed)
        self._asking.found.connect(self._on_found)
        self._asking.judged.connect(self._on_judged)
        self._asking.failed.connect(self._on_ask_failed)
        self._asking.opening.connect(self._on_opening)

    @property
    def busy(self) -> bool:
        """Whether a scan is under way."""
        return self._part is not None

    def completes(self, requests: Sequence[ScanRequest]) -> bool:
        """Whether the scans under way leave nothing of these to scan; ones called off do."""
        if self._part is None or self._state.phase is not ScanPhase.SCANNING:
            return False
        parts = [self._part, *self._waiting, *(part for part, _ in self._done)]
        return {part.target.request for part in parts}.issuperset(requests)

    def ask(self, question: Question, plans: Sequence[ScanPlan]) -> None:
        """Answer the question from what is indexed now, if anything is; while scans run, again and again."""
        self._question, self._indexes = question, tuple(plan.index for plan in plans)
        self._limits = TileLimits()
        self._filled.update(plan.index for plan in plans if plan.missing < plan.tiles)
        waits = question.dates is not None and any(plan.missing for plan in plans)
        if waits or not self._ask():
            self._state.searching = self._part is not None and self._part.plan.index in self._indexes
            if not self.busy and self._state.progress is not None:  # what an earlier question still opens
                self._asking.forget()
                self._end_opening()

    def begin(self, parts: Sequence[ScanPart], question: Question, plans: Sequence[ScanPlan]) -> None:
        """Scan these, one after the other; the question is answered as far as they have come."""
        self._question, self._indexes = question, tuple(plan.index for plan in plans)
        self._waiting, self._done, self._skipped = list(parts), [], 0
        self._state.searching = True
        self._state.phase = ScanPhase.SCANNING
        self._asking.later(PreparedQuestion(question, self._indexes))
        self._refresh.start()
        self._start_next()

    def stop(self, why: str = "") -> None:
        """Call the scans off; `why` is told before what was kept."""
        if self.busy and self._state.phase is ScanPhase.SCANNING:
            self._why_stopped = why
            self._waiting = []
            self._state.phase = ScanPhase.CANCELLING
            self._run.cancel()

    def forget_question(self) -> None:
        """Answer no more; scans go on."""
        self._question = None
        self._asking.forget()
        self._state.searching = False
        self._end_opening()

    def layers_removed(self, layer_ids: Sequence[str]) -> None:
        """A scan whose layer has gone serves nobody; those of other layers go on."""
        self._waiting = [part for part in self._waiting if part.target.layer_id not in layer_ids]
        if self._part is None or self._part.target.layer_id not in layer_ids:
            return
        text = tr("The layer '{name}' was removed, so its scan was stopped.")
        sentence = text.format(name=self._part.target.title)
        if self._waiting:
            self._why_stopped = sentence
            self._run.cancel()
        else:
            self.stop(sentence)

    def release(self) -> None:
        """Ask for nothing any more."""
        self._refresh.stop()
        self._narrowing.stop()
        self._waiting = []
        if self.busy:
            self._run.cancel()

    def _asked(self) -> Optional[PreparedQuestion]:
        """The question as far as it can be answered; two dates are compared once both are scanned."""
        indexes = tuple(index for index in self._indexes if index in self._filled)
        if self._question is None or not indexes:
            return None
        partly = self.busy or len(indexes) < len(self._indexes)
        if self._question.dates is not None:
            return None if partly else PreparedQuestion(self._question, indexes)
        return PreparedQuestion(self._question, indexes, self._limits)

    def _narrow(self) -> None:
        """Ask anew where the filters hide hits and others that pass may lie beyond those the answer holds."""
        results = self._state.results
        kept = self._question is None  # an answer of before: nothing else is asked
        if results is None or not (kept or results.question == self._question):
            return
        limits = None if results.question.dates is not None else limits_to_ask(results, self._state.filters)
        if limits is None:
            return
        if kept:
            self._ask_of_kept(results, limits)
        else:
            self._limits = limits
            self._ask()

    def _ask_of_kept(self, results: Results, limits: TileLimits) -> None:
        """Ask an answer's question of its index files, once the worker has named them: nothing is scanned."""
        try:
            question = asked_again(results, QgsProject.instance(), self._state.indexes)
        except MsaError:
            if not limits.are_within(results.limits):
                text = tr("Other hits of this answer are not at hand: search again to see them.")
                self._state.say(NoticeLevel.INFO, text)
            return
        self._state.notice = None
        self._state.searching = True
        indexes = tuple(index.index for index in results.table.reply.indexes)
        self._asking.ask(PreparedQuestion(question, indexes, limits))

    def _ask(self) -> bool:
        """Ask as far as the question can be answered; whether it can."""
        asked = self._asked()
        if asked is not None:
            self._state.searching = True
            self._asking.ask(asked)
        return asked is not None

    def _ask_again(self) -> None:
        asked = self._asked()
        if asked is not None and not self._asking.busy:
            self._asking.ask(asked)

    @property
    def _current(self) -> ScanPart:
        if self._part is None:
            raise RuntimeError("The scan has ended, and reports still.")
        return self._part

    def _start_next(self) -> None:
        self._part = self._waiting.pop(0)
        self._why_stopped = ""
        self._state.progress = None
        self._run.start(self._part.target.request, self._part.plan)

    def _on_progress(self, progress: Progress) -> None:
        first = self._state.progress is None
        self._state.progress = self._overall(progress)
        self._filled.add(self._current.plan.index)
        if first:
            self._ask_again()

    def _overall(self, progress: Progress) -> Progress:
        """How far the scans of all rasters together are."""
        rasters = len(self._done) + 1 + len(self._waiting)
        if rasters == 1:
            return progress
        before = sum(part.plan.missing for part, _ in self._done)
        total = before + progress.total + sum(part.plan.missing for part in self._waiting)
        label = tr("{name} ({n} of {rasters})")
        label = label.format(name=self._current.target.title, n=len(self._done) + 1, rasters=rasters)
        return progress.within(before, total, label)

    def _on_resumed(self, error: MsaError) -> None:
        self._state.progress = None
        text = tr("{sentence} It was started again; the scan goes on.")
        self._state.say(NoticeLevel.WARNING, text.format(sentence=error.sentence))

    def _on_finished(self, summary: ScanSummary) -> None:
        self._filled.add(self._current.plan.index)
        self._skipped += summary.skipped
        self._leave(self._current.plan.tiles)
        if self._waiting:
            self._start_next()
            return
        tiles = sum(part.plan.tiles for part, _ in self._done)
        self._end()
        if self._skipped:
            text = tr("{skipped} of {tiles} tiles were left out: too few pixels with data.")
            text = text.format(skipped=wording.count(self._skipped), tiles=wording.count(tiles))
            self._state.say(NoticeLevel.INFO, text)
        self._tell_engine(" ".join(warning_texts(summary.engine_warnings)))

    def _tell_engine(self, note: str) -> None:
        """Say once why the model runs on another engine than it could."""
        if note and note != self._told_of_engine:
            self._told_of_engine = note
            self._state.say(NoticeLevel.INFO, note)

    def _on_failed(self, error: MsaError) -> None:
        cancelled = isinstance(error, Cancelled)
        name = self._current.target.title
        self._leave(self._run.indexed)
        if self._waiting and not isinstance(error, WorkerDied):
            sentence = self._why_stopped or tr("'{name}' could not be scanned: {sentence}").format(
                name=name, sentence=error.sentence
            )
            self._state.say(NoticeLevel.WARNING, sentence)
            self._start_next()
            return
        indexed = sum(count for _, count in self._done)
        self._waiting = []
        self._end(look_again=cancelled or len(self._done) > 1)
        if cancelled:
            self._state.say(NoticeLevel.INFO, f"{self._why_stopped} {wording.kept(indexed)}".strip())
        else:
            self._state.fail(error)

    def _leave(self, indexed: int) -> None:
        """The scan of one raster is over, for good or ill."""
        if indexed:
            self._filled.add(self._current.plan.index)
        self._done.append((self._current, indexed))

    def _end(self, look_again: bool = True) -> None:
        self._refresh.stop()
        self._show_left()
        self._part = None
        asked = self._asked() if look_again else None
        self._state.searching = asked is not None
        self._state.phase = ScanPhase.IDLE
        self._state.progress = None
        if asked is not None:
            self._asking.ask(asked)
        self.ended.emit()

    def _show_left(self) -> None:
        """The cost of the rest, until the worker has told it anew."""
        scanned = {part.plan.index: (part.plan, indexed) for part, indexed in self._done}
        plans = tuple(rest_of(plan, *scanned.get(plan.index, (plan, None))) for plan in self._state.plans)
        if plans:
            self._state.update(plan=joined_plan(plans), plans=plans)

    def _on_opening(self, progress: Progress) -> None:
        """A very large index is searched for the first time; of a scan, its own progress tells more."""
        if not self.busy:
            self._state.progress = progress

    def _end_opening(self) -> None:
        if not self.busy:
            self._state.progress = None

    def _on_found(self, results: Results) -> None:
        self._state.searching = False
        self._end_opening()
        self._state.learn(index.index for index in results.table.reply.indexes)
        before = self._state.results
        sides, kinds = sides_offered(results, before), kinds_offered(results, before)
        results = dataclasses.replace(results, sides=sides, kinds=kinds)
        self._show(results)
        if not self.busy:
            self._asking.judge(results)
        self._narrowing.start()

    def _on_judged(self, results: Results) -> None:
        """The verdict names kinds, by which hits may be filtered."""
        self._show(dataclasses.replace(results, kinds=kinds_offered(results, self._state.results)))
        self._narrowing.start()

    def _on_ask_failed(self, error: MsaError) -> None:
        self._end_opening()
        if not (self.busy and isinstance(error, _PASSING)):
            self._state.fail(error)
