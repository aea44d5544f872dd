"""The places on the map that go along with the words of the next search."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from msa_model.protocol.messages import Example
from qgis_msa_plugin.search.state import SearchState
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording


class ExampleStrip(QWidget):
    """Hidden while there are no examples."""

    cleared = pyqtSignal()

    def __init__(self, state: SearchState, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._state = state
        self.label = QLabel(self)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setObjectName("msaExamples")
        self.label.setWordWrap(True)
        self.clear = QToolButton(self)
        self.clear.setObjectName("msaClearExamples")
        self.clear.setAutoRaise(True)
        self.clear.setIcon(QgsApplication.getThemeIcon("/mIconClose.svg"))
        self.clear.setToolTip(tr("Search without these examples"))
        self.clear.setAccessibleName(self.clear.toolTip())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.label, 1)
        row.addWidget(self.clear)
        self.clear.clicked.connect(self.cleared)
        state.examples_changed.connect(self.update_text)
        self.update_text()

    def update_text(self, _: object = None) -> None:
        """Show what the state says."""
        text = examples_text(self._state.examples)
        self.label.setText(text)
        self.setVisible(bool(text))


def examples_text(examples: tuple[Example, ...]) -> str:
    """How many places are to be found again, and how many to be avoided."""
    wanted = sum(example.weight > 0 for example in examples)
    avoided = len(examples) - wanted
    parts = []
    if wanted:
        parts.append(tr("{n} to find").format(n=wording.count(wanted)))
    if avoided:
        parts.append(tr("{n} to avoid").format(n=wording.count(avoided)))
    return tr("Examples: {parts}").format(parts=", ".join(parts)) if parts else ""
