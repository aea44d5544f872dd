"""What of an answer is shown: a threshold and other filters, behind a funnel."""

from __future__ import annotations

import dataclasses
from typing import Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from msa_model.protocol.hit_filter import Filters, ShownHits, cosine_of
from msa_model.protocol.match import match_of
from msa_model.protocol.ranking import VerdictReply
from qgis_msa_plugin.dock.elided_label import ElidedLabel
from qgis_msa_plugin.dock.filter_panel import FilterPanel
from qgis_msa_plugin.dock.score_slider import ScoreSlider
from qgis_msa_plugin.search.state import SearchState
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording
from qgis_msa_plugin.widgets.match_words import match_text

_VALUE_CHARACTERS = "≥ 0.000"


class FilterBar(QWidget):
    """`filtered` tells the wanted filters. Thresholds are cosines until a verdict gives honest scores."""

    filtered = pyqtSignal(object)  # Filters

    def __init__(self, state: SearchState, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._state = state
        self.slider = ScoreSlider(self)
        self.slider.slider.setToolTip(tr("Hide hits below this score; the search is not run again"))
        self.value = QLabel(self)
        self.value.setTextFormat(Qt.TextFormat.PlainText)
        self.value.setObjectName("msaThresholdValue")
        self.value.setMinimumWidth(self.value.fontMetrics().horizontalAdvance(_VALUE_CHARACTERS))
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.more = self._funnel()
        self.panel = FilterPanel(state, self)
        self.hidden = ElidedLabel(self, faint=True)
        self.hidden.setObjectName("msaHidden")
        self._lay_out()
        self.more.toggled.connect(self.show_filters)
        self.panel.filtered.connect(self.filtered)
        self.slider.threshold_moved.connect(self._on_threshold)
        state.results_changed.connect(self.update_results)
        state.filters_changed.connect(self.update_filters)
        state.shown_changed.connect(self._show_hidden)
        self.show_filters(False)
        self.update_results()

    def show_filters(self, shown: bool) -> None:
        """Open or fold them, and what they hide."""
        for part in (self.slider, self.value, self.panel):
            part.setVisible(shown)
        self._show_hidden()

    def update_results(self, _: object = None) -> None:
        """Other hits have other scores, sizes and categories."""
        results = self._state.results
        self.slider.set_scores(results.table.scores if results is not None else ())
        self.update_filters()

    def update_filters(self, _: object = None) -> None:
        """Show the filters of the state."""
        filters = self._state.filters
        results = self._state.results
        cosine = cosine_of(results.table, filters) if results is not None else None
        self.slider.set_threshold(cosine)
        self.value.setText(threshold_text(cosine, self._verdict()))
        self.panel.update_choices()
        plain = dataclasses.replace(Filters(), limit=filters.limit, matching=filters.matching)
        self.more.setChecked(self.more.isChecked() or filters != plain)
        self._show_hidden()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self.slider, 1)
        row.addWidget(self.value, 0, Qt.AlignmentFlag.AlignBottom)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addWidget(self.panel)
        column.addWidget(self.hidden)

    def _funnel(self) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName("msaMoreFilters")
        button.setIcon(QgsApplication.getThemeIcon("/mActionFilter2.svg"))
        button.setCheckable(True)
        button.setToolTip(tr("Filters: score, overlaps, number, sizes, kinds, pixels with data"))
        button.setAccessibleName(tr("Filters"))
        return button

    def _verdict(self) -> Optional[VerdictReply]:
        table = self._state.results.table if self._state.results is not None else None
        return table.verdict.reply if table is not None and table.verdict is not None else None

    def _on_threshold(self, cosine: Optional[float]) -> None:
        verdict = self._verdict()
        score = cosine if verdict is None or cosine is None else as_honest(cosine, verdict)
        self.value.setText(threshold_text(cosine, verdict))
        filters = dataclasses.replace(self._state.filters, min_score=score, honest=verdict is not None)
        self.filtered.emit(filters)

    def _show_hidden(self, _: object = None) -> None:
        text = hidden_text(self._state.shown)
        self.hidden.say(text)
        self.hidden.setVisible(bool(text) and self.more.isChecked())


def as_honest(cosine: float, verdict: VerdictReply) -> float:
    """A cosine in spreads above the background."""
    return (cosine - verdict.offset) / verdict.spread


def threshold_text(cosine: Optional[float], verdict: Optional[VerdictReply]) -> str:
    """'all', '≥ 0.412' or 'likely ≥ 1.3'."""
    if cosine is None:
        return tr("all")
    if verdict is None:
        return f"≥ {wording.decimal(cosine, 3)}"
    honest = as_honest(cosine, verdict)
    return f"{match_text(match_of(honest))} ≥ {wording.decimal(honest, 1)}"


def hidden_text(shown: ShownHits) -> str:
    """What the filters hide, and why; those that hardly match are told of with the verdict."""
    reasons = {
        "merged": tr("{n} at the same places"),
        "score": tr("{n} below the score"),
        "scale": tr("{n} of other sizes"),
        "category": tr("{n} of other kinds"),
        "valid": tr("{n} with too few pixels"),
        "limit": tr("{n} over the limit"),
    }
    parts = [
        text.format(n=wording.count(shown.hidden.get(why, 0)))
        for why, text in reasons.items()
        if shown.hidden.get(why, 0)
    ]
    return tr("Hidden: {parts}").format(parts=", ".join(parts)) if parts else ""
