"""Over the hits: what they are, and how to look at them.

Over the list: what it shows. In the empty list: what to do next.
"""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QHBoxLayout, QToolButton, QWidget

from msa_model.protocol.hit_filter import is_weak_at_best
from qgis_msa_plugin.dock.fold_line import ElidedLabel
from qgis_msa_plugin.search.question import Results, TileLimits
from qgis_msa_plugin.search.state import SearchState
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording
from qgis_msa_plugin.worker.state import WorkerState


class AnswerBar(QWidget):
    """`filters` is the button that opens the filters; it belongs to those who filter."""

    all_wanted = pyqtSignal()
    gallery_wanted = pyqtSignal(bool)

    def __init__(self, filters: QToolButton, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.title = ElidedLabel(self)
        self.title.setObjectName("msaResultsTitle")
        extent = QgsApplication.getThemeIcon("/mActionZoomToLayer.svg")
        self.zoom = self._button("msaZoomToAll", extent, tr("Zoom to all hits (F)"))
        gallery = QgsApplication.getThemeIcon("/mActionIconView.svg")
        self.gallery = self._button("msaGallery", gallery, tr("Pictures side by side, or a list (G)"))
        self.gallery.setCheckable(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.title, 1)
        for button in (self.zoom, self.gallery, filters):
            button.setAutoRaise(True)
            row.addWidget(button)
        self._with_hits = (self.zoom, self.gallery, filters)
        self.zoom.clicked.connect(self.all_wanted)
        self.gallery.clicked.connect(self.gallery_wanted)

    def say(self, wordings: tuple[str, ...], has_hits: bool) -> None:
        """Show the title, in as many words as there is room for; the buttons only where there are hits."""
        self.title.say(*wordings)
        for button in self._with_hits:
            button.setVisible(has_hits)
        self.setVisible(bool(wordings[0]) or has_hits)

    def _button(self, name: str, icon: QIcon, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setIcon(icon)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        return button


def title_wordings(state: SearchState) -> tuple[str, ...]:
    """What is in the list, or that it is on its way; then the same without the words that were sought."""
    if state.searching:
        starting = state.worker.state is WorkerState.STARTING
        return (tr("The worker is starting…") if starting else tr("Searching…"),)
    results = state.results
    if results is None:
        return ("",)
    judged = state.verdict is not None and state.filters.matching
    text = (
        tr("{n} of {tiles} tiles so far")
        if state.phase.running
        else tr("Not scanned yet")
        if _is_unscanned(state, results)
        else _matches(results, len(state.shown.rows))
        if judged
        else tr("{n} of {tiles} tiles")
    )
    shown, tiles = wording.count(len(state.shown.rows)), wording.count(results.tiles)
    counted = text.format(n=shown, tiles=tiles)
    whole = tr("{counted}: {query}").format(counted=counted, query=wording.brief(results.question.sought))
    language = language_text(results.table.reply.language)
    return tuple("\n".join(filter(None, (line, language))) for line in (whole, counted))


def _matches(results: Results, shown: int) -> str:
    if is_weak_at_best(results.table):
        one, many = tr("{n} weak match in {tiles} tiles"), tr("{n} weak matches in {tiles} tiles")
    else:
        one, many = tr("{n} match in {tiles} tiles"), tr("{n} matches in {tiles} tiles")
    return one if shown == 1 else many


def language_text(language: str) -> str:
    """Which encoder read the query, where it is not English."""
    notes = {
        "other": tr("Not read as English; the shares of words need English."),
        "missing": tr(
            "This does not look English. Other languages need a package that the worker lacks: repair it."
        ),
    }
    return notes.get(language, "")


def _nothing_text(state: SearchState, results: Results) -> str:
    """Why there is nothing to see of an answer."""
    if state.shown.hidden.get("match", 0):
        return tr("No place here matches well. “Show more” lists those that come nearest.")
    if len(results.table) or results.limits != TileLimits():
        return tr("The filters above hide every hit.")
    if _is_unscanned(state, results):
        return tr("Nothing is scanned here yet. Press Enter in the query to scan it.")
    return tr("No tile was found in this area.")


def _is_unscanned(state: SearchState, results: Results) -> bool:
    """Whether there was nothing to search, as of a scan that was stopped at once."""
    asked_of_all = results.limits == TileLimits()
    return results.tiles == 0 and asked_of_all and state.plan is not None and state.plan.missing > 0


def hint_text(state: SearchState) -> str:
    """What to do while the list is empty."""
    if state.phase.running:
        return tr("The first hits appear here in a moment.")
    if state.worker.state in (WorkerState.MISSING, WorkerState.FAILED):
        return tr("Searching needs the worker: the button below sets it up or starts it again.")
    if not state.layers:
        return tr("Add a raster layer, then describe what you want to find in it.")
    if state.results is not None:
        return _nothing_text(state, state.results)
    if state.plan is not None and state.plan.missing == 0:
        return tr("Type what you want to see, for example “a bridge over a wide river”, and press Enter.")
    return tr(
        "Type what you want to see, for example “a bridge over a wide river”, and press Enter.\n\n"
        "The first search scans the layer; later ones answer at once."
    )
