"""The answers of the project: each brings back its list, filters and judgements."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QMenu, QToolButton, QWidget

from qgis_msa_plugin.map.result_layer import answers_in
from qgis_msa_plugin.search.state import SearchState
from qgis_msa_plugin.translate import tr


class AnswersButton(QToolButton):
    """A clock whose menu lists the result layers, topmost first; the one that is listed is ticked."""

    wanted = pyqtSignal(str)  # id of a result layer

    def __init__(self, state: SearchState, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._state = state
        self.setObjectName("msaAnswers")
        self.setIcon(QgsApplication.getThemeIcon("/mIconHistory.svg"))
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
            action = menu.addAction(answer.name.replace("&", "&&"))
            action.setData(answer.layer_id)
            action.setCheckable(True)
            action.setChecked(answer.current)
            action.setEnabled(not self._state.phase.running)
            action.triggered.connect(lambda _, layer_id=answer.layer_id: self.wanted.emit(layer_id))
        if menu.isEmpty():
            menu.addAction(tr("No answers yet")).setEnabled(False)
