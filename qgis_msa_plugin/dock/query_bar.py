"""The query and the button that searches."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsApplication
from qgis.gui import QgsFilterLineEdit
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QHBoxLayout, QPushButton, QWidget

from qgis_msa_plugin.translate import tr


class QueryBar(QWidget):
    """Enter in the field and the button say the same."""

    asked = pyqtSignal(str)

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.query = QgsFilterLineEdit(self)
        self.query.setObjectName("msaQuery")
        self.query.setPlaceholderText(tr("Describe what to find"))
        self.query.setToolTip(tr("In English words, for example: a bridge over a wide river"))
        self.query.setAccessibleName(tr("Query"))
        self.button = QPushButton(tr("Search"), self)
        self.button.setObjectName("msaSearch")
        self.button.setIcon(QgsApplication.getThemeIcon("/search.svg"))
        self.button.setToolTip(tr("Find the tiles that match the query (Enter)"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.query, 1)
        row.addWidget(self.button)
        self.query.returnPressed.connect(self._ask)
        self.button.clicked.connect(self._ask)

    def _ask(self) -> None:
        self.asked.emit(self.query.text())
