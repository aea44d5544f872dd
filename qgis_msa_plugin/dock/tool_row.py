"""The ways of asking and looking besides words: examples on the map, heat map, coverage."""

from __future__ import annotations

from typing import Callable, Optional

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from qgis_msa_plugin.dock.answers_menu import AnswersButton
from qgis_msa_plugin.dock.saved_menu import SavedButton
from qgis_msa_plugin.places import resource
from qgis_msa_plugin.search.state import SearchState
from qgis_msa_plugin.translate import tr


class ToolRow(QWidget):
    """`example_wanted` asks for the map tool: 1.0 for what to find, -1.0 for what to avoid, None to stop."""

    example_wanted = pyqtSignal(object)  # Optional[float]
    heatmap_wanted = pyqtSignal()
    coverage_wanted = pyqtSignal()
    compare_wanted = pyqtSignal(bool)

    def __init__(
        self, state: SearchState, suggestion: Callable[[], str], parent: Optional[QWidget] = None
    ) -> None:
        super().__init__(parent)
        self._state = state
        self.saved = SavedButton(state, suggestion, self)
        self.answers = AnswersButton(state, self)
        self._weight = 1.0
        self._make_parts()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.similar)
        row.addWidget(self.saved)
        row.addWidget(self.answers)
        row.addStretch(1)
        for button in (self.heatmap, self.coverage):
            row.addWidget(button)
        for signal in (
            state.results_changed,
            state.worker_changed,
            state.heatmap_busy_changed,
            state.layers_changed,
        ):
            signal.connect(self.update_buttons)
        self.update_buttons()

    def set_tool_active(self, active: bool) -> None:
        """Show whether the map tool is the one in use."""
        self._check(self.similar, active)

    def update_buttons(self, _: object = None) -> None:
        """Offer what can be done now."""
        state = self._state
        has_map = state.results is not None and state.results.series is None  # which date's would it be?
        self.heatmap.setEnabled(has_map and not state.heatmap_busy)
        self.similar.setEnabled(bool(state.layers))
        self.coverage.setEnabled(bool(state.layers))

    def _make_parts(self) -> None:
        self.similar = self._similar()
        self.compare = self._button("msaCompare", "compare_dates", tr("Compare dates"))
        self.compare.setToolTip(tr("Find what changed between two layers of one place"))
        self.compare.setCheckable(True)
        self.compare.toggled.connect(self.compare_wanted)
        self.heatmap = self._button("msaHeatmap", "heat_map", tr("Heat map"))
        self.heatmap.setToolTip(tr("Show on the map how well every place matches the query"))
        self.heatmap.clicked.connect(self.heatmap_wanted)
        self.coverage = self._button("msaCoverage", "coverage", tr("Coverage"))
        self.coverage.setToolTip(tr("Show on the map what is indexed and what is not"))
        self.coverage.clicked.connect(self.coverage_wanted)

    def _similar(self) -> QToolButton:
        button = self._button("msaSimilar", "similar", tr("F&ind similar"))
        button.setAccessibleName(tr("Find similar"))
        button.setToolTip(tr("Click on the map, or draw a box, and find places that look like it"))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setCheckable(True)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        menu = QMenu(button)
        for name, text, weight in (
            ("msaMoreLike", tr("Find places like this"), 1.0),
            ("msaLessLike", tr("Avoid places like this"), -1.0),
        ):
            action = menu.addAction(text)
            action.setObjectName(name)
            action.triggered.connect(lambda _, weight=weight: self._use(weight))
        button.setMenu(menu)
        button.toggled.connect(self._on_similar)
        return button

    def _button(self, name: str, icon: str, text: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setText(text)
        button.setAccessibleName(text)
        button.setIcon(QIcon(str(resource(f"icons/{icon}.svg"))))
        return button

    def _use(self, weight: float) -> None:
        """Take up the tool for examples of that weight, whatever it was used for before."""
        self._weight = weight
        if self.similar.isChecked():
            self.example_wanted.emit(weight)
        else:
            self.similar.setChecked(True)

    def _on_similar(self, wanted: bool) -> None:
        self.example_wanted.emit(self._weight if wanted else None)
        self._weight = 1.0

    def _check(self, button: QToolButton, checked: bool) -> None:
        was = button.blockSignals(True)
        button.setChecked(checked)
        button.blockSignals(was)
