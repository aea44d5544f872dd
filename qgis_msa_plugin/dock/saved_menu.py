"""Searches kept in the project: to run, to keep, to forget."""

from __future__ import annotations

from typing import Callable, Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QAction, QHBoxLayout, QLineEdit, QMenu, QToolButton, QWidget, QWidgetAction

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
        action = menu.addAction(_plain(saved.name))
        action.setToolTip(saved.text)
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
            action: QAction = removals.addAction(_plain(saved.name))
            action.triggered.connect(lambda _, name=saved.name: self.remove.emit(name))

    def _keep(self, name: str) -> None:
        if name.strip():
            self.menu().close()
            self.save.emit(name.strip())


def _plain(name: str) -> str:
    """A name is no mnemonic."""
    return name.replace("&", "&&")
