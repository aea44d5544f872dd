"""The ways of asking and looking besides words: examples on the map, heat map, coverage.

Searches kept in the project: to run, to keep, to forget.
The answers of the project: each brings back its list, filters and judgements.
"""

from __future__ import annotations

from typing import Callable, Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import (
    QAbstractButton,
    QAction,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QToolButton,
    QWidget,
    QWidgetAction,
)

from qgis_msa_plugin.map.result_layer import answers_in
from qgis_msa_plugin.plain_text import entry, tip
from qgis_msa_plugin.plugin_files import resource
from qgis_msa_plugin.search.question import SavedSearch
from qgis_msa_plugin.search.state import SearchState
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording

_NAME_WIDTH_PX = 180


class SavedButton(QToolButton):
    """A star; `suggestion` names what is being searched, for want of a better name."""

    save = pyqtSignal(str)
    run = pyqtSignal(str)
    remove = pyqtSignal(str)
    forget_history = pyqtSignal()

    def __init__(
        self, state: SearchState, suggestion: Callable[[], str], parent: Optional[QWidget] = None
    ) -> None:
        super().__init__(parent)
        self._state, self._suggestion = state, suggestion
        self.setObjectName("msaSaved")
        self.setIcon(QgsApplication.getThemeIcon("/mIconFavorites.svg"))
        self.setToolTip(tr("Saved searches of this project"))
        self.setAccessibleName(tr("Saved searches"))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        menu.setObjectName("msaSavedMenu")
        menu.aboutToShow.connect(self.fill)
        self.setMenu(menu)

    def fill(self) -> None:
        """Make the menu anew."""
        menu = self.menu()
        menu.clear()
        for saved in self._state.saved:
            self._add_run(menu, saved)
        if self._state.saved:
            menu.addSeparator()
        self._add_name(menu)
        if self._state.saved:
            self._add_removals(menu)
        forget = menu.addAction(tr("Forget earlier queries"))
        forget.setObjectName("msaForgetHistory")
        forget.setEnabled(bool(self._state.history))
        forget.triggered.connect(self.forget_history)

    def _add_run(self, menu: QMenu, saved: SavedSearch) -> None:
        action = menu.addAction(entry(saved.name))
        action.setToolTip(tip(saved.text))
        action.setData(saved.name)
        action.triggered.connect(lambda: self.run.emit(saved.name))

    def _add_name(self, menu: QMenu) -> None:
        """A field in the menu: Enter keeps the search under that name."""
        row = QWidget(menu)
        field = QLineEdit(wording.brief(self._suggestion()), row)
        field.setObjectName("msaSaveName")
        field.setPlaceholderText(tr("Name of this search"))
        field.setAccessibleName(field.placeholderText())
        field.setMinimumWidth(_NAME_WIDTH_PX)
        field.selectAll()
        keep = QToolButton(row)
        keep.setObjectName("msaSave")
        keep.setText(tr("Save"))
        keep.setIcon(QgsApplication.getThemeIcon("/mActionFileSave.svg"))
        keep.setToolTip(tr("Keep question and filters in the project under this name"))
        layout = QHBoxLayout(row)
        layout.addWidget(field, 1)
        layout.addWidget(keep)
        field.returnPressed.connect(lambda: self._keep(field.text()))
        keep.clicked.connect(lambda: self._keep(field.text()))
        action = QWidgetAction(menu)
        action.setDefaultWidget(row)
        menu.addAction(action)

    def _add_removals(self, menu: QMenu) -> None:
        removals = menu.addMenu(tr("Remove"))
        for saved in self._state.saved:
            action: QAction = removals.addAction(entry(saved.name))
            action.triggered.connect(lambda _, name=saved.name: self.remove.emit(name))

    def _keep(self, name: str) -> None:
        if name.strip():
            self.menu().close()
            self.save.emit(name.strip())


class AnswersButton(QToolButton):
    """Its menu names the result layers, topmost first; the one whose hits are listed is ticked."""

    wanted = pyqtSignal(str)  # id of a result layer

    def __init__(self, state: SearchState, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._state = state
        self.setObjectName("msaAnswers")
        self.setIcon(QIcon(str(resource("icons/answers.svg"))))
        self.setToolTip(tr("Answers of this project: bring one back with its list, filters and judgements"))
        self.setAccessibleName(tr("Answers"))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        menu.setObjectName("msaAnswersMenu")
        menu.aboutToShow.connect(self.fill)
        self.setMenu(menu)

    def fill(self) -> None:
        """Make the menu anew."""
        menu = self.menu()
        menu.clear()
        for answer in answers_in(self._state.results):
            action = menu.addAction(entry(answer.name))
            action.setData(answer.layer_id)
            action.setCheckable(True)
            action.setChecked(answer.current)
            action.setEnabled(not self._state.phase.running)
            action.triggered.connect(lambda _, layer_id=answer.layer_id: self.wanted.emit(layer_id))
        if menu.isEmpty():
            menu.addAction(tr("No answers yet")).setEnabled(False)


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
        show_checked(self.similar, active)

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


def show_checked(button: QAbstractButton, checked: bool) -> None:
    """Check a button, or not, without telling."""
    was = button.blockSignals(True)
    button.setChecked(checked)
    button.blockSignals(was)
