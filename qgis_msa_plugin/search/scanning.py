"""A scan as the dock shows it: hits while it runs, what is kept when it ends."""

from __future__ import annotations

import dataclasses
from typing import Optional

from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from msa_model.protocol.errors import Cancelled, IndexMissing, IndexStale, MsaError, WorkerDied
from msa_model.protocol.messages import Progress, ScanPlan, ScanRequest, ScanSummary
from qgis_msa_plugin.search import wording
from qgis_msa_plugin.search.scan_run import ScanRun
from qgis_msa_plugin.search.state import Level, ScanPhase, SearchState
from qgis_msa_plugin.search.target import Target
from qgis_msa_plugin.search.text_search import Question, TextSearch
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.worker.client import WorkerClient

REFRESH_MS = 2000  # between two looks at what a running scan has found

# What a search may meet while the index is only just coming into being, or coming back.
_PASSING = (IndexMissing, IndexStale, WorkerDied)


class Scanning(QObject):
    """Owns the phases SCANNING and CANCELLING of the state, and the answers to text queries."""

    ended = pyqtSignal()

    def __init__(self, client: WorkerClient, state: SearchState, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._state = state
        self._run = ScanRun(client, self)
        self._search = TextSearch(client, self)
        self._target: Optional[Target] = None
        self._why_stopped = ""
        self._refresh = QTimer(self)
        self._refresh.setInterval(REFRESH_MS)
        self._refresh.timeout.connect(self._search.ask_again)
        self._run.progressed.connect(self._on_progress)
        self._run.resumed.connect(self._on_resumed)
        self._run.finished.connect(self._on_finished)
        self._run.failed.connect(self._on_failed)
        self._search.found.connect(state.show)
        self._search.failed.connect(self._on_search_failed)

    @property
    def busy(self) -> bool:
        """Whether a scan is under way."""
        return self._target is not None

    def completes(self, request: ScanRequest) -> bool:
        """Whether the scan under way leaves nothing of that request to scan; one called off does."""
        same = self._target is not None and self._target.request == request
        return same and self._state.phase is ScanPhase.SCANNING

    def covers(self, plan: ScanPlan) -> bool:
        """Whether the scan under way writes the index of that plan."""
        return self._run.plan is not None and self.busy and self._run.plan.index == plan.index

    def ask(self, question: Question) -> None:
        """Answer the question from what is indexed now; while a scan runs, again and again."""
        self._state.searching = True
        self._search.ask(question)

    def begin(self, target: Target, plan: ScanPlan, question: Optional[Question]) -> None:
        """Scan what is missing; the question is answered as far as the scan has come."""
        self._target, self._why_stopped = target, ""
        self._state.progress = None
        self._state.phase = ScanPhase.SCANNING
        self._run.start(target.request, plan)
        if question is not None:
            self._state.searching = True
            self._search.later(question)
        self._refresh.start()

    def stop(self, why: str = "") -> None:
        """Call the scan off; `why` is told before what was kept."""
        if self.busy and self._state.phase is ScanPhase.SCANNING:
            self._why_stopped = why
            self._state.phase = ScanPhase.CANCELLING
            self._run.cancel()

    def forget_question(self) -> None:
        """Answer no more; a scan goes on."""
        self._search.forget()
        self._state.searching = False

    def layers_removed(self, layer_ids: list[str]) -> None:
        """A scan whose layer has gone serves nobody."""
        if self._target is not None and self._target.layer_id in layer_ids:
            name = self._target.title
            self.stop(tr("The layer '{name}' was removed, so its scan was stopped.").format(name=name))

    def release(self) -> None:
        """Ask for nothing any more."""
        self._refresh.stop()
        self._run.cancel()

    def _on_progress(self, progress: Progress) -> None:
        first = self._state.progress is None
        self._state.progress = progress
        if first:
            self._search.ask_again()

    def _on_resumed(self, error: MsaError) -> None:
        self._state.progress = None
        text = tr("{sentence} It was started again; the scan goes on.")
        self._state.say(Level.WARNING, text.format(sentence=error.sentence))

    def _on_finished(self, summary: ScanSummary) -> None:
        self._end(left=0)
        if summary.skipped:
            text = tr("{skipped} of {tiles} tiles were left out: too few valid pixels.")
            skipped, tiles = wording.count(summary.skipped), wording.count(summary.tiles)
            self._state.say(Level.INFO, text.format(skipped=skipped, tiles=tiles))

    def _on_failed(self, error: MsaError) -> None:
        cancelled, plan = isinstance(error, Cancelled), self._run.plan
        self._end(look_again=cancelled)
        if cancelled and plan is not None:
            kept = wording.kept(self._run.indexed, plan.tiles)
            self._state.say(Level.INFO, f"{self._why_stopped} {kept}".strip())
        else:
            self._state.fail(error)

    def _end(self, left: Optional[int] = None, look_again: bool = True) -> None:
        """Leave the scan; `left` tiles are still to be indexed, or all that no progress has told of."""
        self._refresh.stop()
        self._show_left(left)
        self._target = None
        self._state.phase = ScanPhase.IDLE
        self._state.progress = None
        if look_again and self._run.indexed:
            self._search.ask_last()
        else:
            self._state.searching = False
        self.ended.emit()

    def _show_left(self, left: Optional[int]) -> None:
        """The cost of the rest, until the worker has told it anew."""
        plan, shown = self._run.plan, self._state.plan
        if plan is None or shown is None or shown.index != plan.index or shown.missing != plan.missing:
            return
        missing = plan.tiles - self._run.indexed if left is None else left
        seconds = plan.seconds * missing / max(plan.missing, 1)
        size = round(plan.bytes * missing / max(plan.missing, 1))
        self._state.plan = dataclasses.replace(plan, missing=missing, seconds=seconds, bytes=size)

    def _on_search_failed(self, error: MsaError) -> None:
        if not (self.busy and isinstance(error, _PASSING)):
            self._state.fail(error)
