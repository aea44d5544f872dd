"""What a search will cost, before it costs anything; and the consent to a long scan."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QLabel, QVBoxLayout, QWidget

from msa_model.protocol.messages import ScanPlan
from qgis_msa_plugin.dock.ways_out import WaysOut
from qgis_msa_plugin.errors import error_line
from qgis_msa_plugin.search.planner import coarse_of
from qgis_msa_plugin.search.state import ScanPhase, SearchState
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording
from qgis_msa_plugin.worker.state import WorkerState


class CostStrip(QWidget):
    """Hidden while a scan runs: then the progress tells more."""

    def __init__(self, state: SearchState, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._state = state
        self._folded = False
        self.follows_view = False  # what the map shows is what is searched already
        self.label = QLabel(self)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setObjectName("msaCost")
        self.label.setWordWrap(True)
        self.ways = WaysOut(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.label)
        column.addWidget(self.ways)
        for signal in (
            state.layers_changed,
            state.results_changed,
            state.plan_changed,
            state.refusal_changed,
            state.phase_changed,
            state.worker_changed,
            state.coarse_changed,
            state.bare_changed,
        ):
            signal.connect(self.update_text)
        self.update_text()

    def fold(self, folded: bool) -> None:
        """Give way; what waits for an answer, or stands in the way, is shown nevertheless."""
        self._folded = folded
        self.update_text()

    def update_text(self, _: object = None) -> None:
        """Show what the state says."""
        asking = self._state.phase is ScanPhase.CONSENT
        question = self._state.question
        batch = question is not None and bool(question.text) and question.dates is None
        self.ways.offer(
            asking, coarse_of(self._state.plans) if asking else None, not self.follows_view, batch
        )
        self.ways.overviews.setVisible(bool(self._state.bare) and self._state.plan is not None)
        self.ways.all_sizes.setVisible(bool(self._state.coarse) and not asking)
        text = self._text(asking)
        self.label.setText(text)
        self.label.setToolTip(self._details())
        matters = asking or self._state.refusal is not None or not self._folded
        self.setVisible(bool(text) and matters and not self._state.phase.running)

    def _text(self, asking: bool) -> str:
        plan = self._state.plan
        if not self._state.layers:
            return tr("Add a raster layer to the map to begin.")
        if self._state.refusal is not None:
            return error_line(self._state.refusal)
        if plan is None:
            return self._waiting()
        if plan.missing == 0 and self._state.results is not None:
            text = tr("All {tiles} tiles are indexed.").format(tiles=wording.count(plan.tiles))
        else:
            text = wording.cost(plan)
        if asking:
            text += " " + tr("Hits appear while it runs, and it can be cancelled without loss. Scan?")
        gain = [wording.overview_gain(plan.overviews)] if plan.overviews is not None else []
        return "\n".join([text, *self._sizes(plan), *gain, *plan.warnings])

    def _sizes(self, plan: ScanPlan) -> list[str]:
        """Which sizes are searched alone, if it is not all."""
        text = tr("Coarse sizes only: tiles of {scales}.")
        return [text.format(scales=wording.scales_of(plan))] if self._state.coarse else []

    def _waiting(self) -> str:
        if self._state.worker.state is WorkerState.STARTING:
            return tr("The worker is starting; then the cost of the first search is told here.")
        if self._state.phase is ScanPhase.PLANNING:
            return tr("Working out what a search costs…")
        return ""

    def _details(self) -> str:
        plan = self._state.plan
        if plan is None:
            return ""
        text = tr("Tiles of {scales} on the ground; a pixel is {pixel}.\nIndex: {index}")
        pixel = wording.metres(plan.gsd_m)
        return text.format(scales=wording.scales_of(plan), pixel=pixel, index=plan.index)
