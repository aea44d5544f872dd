"""The query, the queries before it, and the button that searches.

The places on the map that go along with the words of the next search.
"""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsApplication
from qgis.gui import QgsFilterLineEdit
from qgis.PyQt.QtCore import QEvent, QObject, QStringListModel, Qt, QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import QCompleter, QHBoxLayout, QLineEdit, QPushButton, QToolButton, QWidget

from msa_model.protocol.messages import Example
from qgis_msa_plugin.search.state import SearchState
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording
from qgis_msa_plugin.widgets.wrapped_label import WrappedLabel


class QueryBar(QWidget):
    """Enter in the field and the button say the same; Down in the field lists earlier queries."""

    asked = pyqtSignal(str)

    def __init__(self, state: SearchState, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._state = state
        self._earlier = QStringListModel(self)
        self.query = self._make_field()
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
        state.history_changed.connect(self._show_history)
        state.question_changed.connect(self._show_question)
        self._show_history()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Down lists what was asked before; a field left behind shows how its query begins."""
        left = event.type() == QEvent.Type.FocusOut and event.reason() != Qt.FocusReason.PopupFocusReason
        if left and watched is self.query and not self._completer.popup().isVisible():
            self.query.setCursorPosition(0)
        down = event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Down
        if down and watched is self.query and not self._completer.popup().isVisible():
            self._list_all()
            return True
        return bool(super().eventFilter(watched, event))

    def _make_field(self) -> QgsFilterLineEdit:
        field = QgsFilterLineEdit(self)
        field.setObjectName("msaQuery")
        field.setPlaceholderText(tr("Describe what to find"))
        field.setAccessibleName(tr("Query"))
        field.setToolTip(
            tr(
                "In your own words, for example: a bridge over a wide river\n"
                'Several things at once: "car park" + trees - water\n'
                "A thing that counts double: 2:trees + houses"
            )
        )
        self._completer = QCompleter(self._earlier, self)
        self._completer.setObjectName("msaHistory")
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._completer.setFilterMode(Qt.MatchFlag.MatchContains)
        field.setCompleter(self._completer)
        field.installEventFilter(self)
        icon = QgsApplication.getThemeIcon("/mIconHistory.svg")
        self._history = field.addAction(icon, QLineEdit.ActionPosition.LeadingPosition)
        self._history.setObjectName("msaShowHistory")
        self._history.setToolTip(tr("Earlier queries (Down)"))
        self._history.triggered.connect(self._list_all)
        # The list would come back over the button that the user is about to press.
        field.textEdited.connect(lambda _: QTimer.singleShot(0, self._hide_if_alone))
        return field

    def _ask(self) -> None:
        self._completer.popup().hide()
        self.query.setModified(False)
        self.asked.emit(self.query.text())

    def _list_all(self) -> None:
        """All earlier queries, whatever stands in the field."""
        self.query.setFocus()
        self._completer.setCompletionPrefix("")
        self._completer.complete()

    def _hide_if_alone(self) -> None:
        alone = self._completer.completionCount() == 1
        if alone and self._completer.currentCompletion() == self.query.text():
            self._completer.popup().hide()

    def _show_history(self, _: object = None) -> None:
        self._earlier.setStringList(list(self._state.history))
        self._history.setEnabled(bool(self._state.history))  # hidden, it would move the text when it comes

    def _show_question(self, question: object) -> None:
        """A saved search or a reopened project brings words of its own, a search by example none."""
        text = getattr(question, "text", None)
        if text == "" and not self.query.isModified():
            self.query.clear()
        if text and not self.query.isModified():
            self.query.setText(text)
            if not self.query.hasFocus():
                self.query.setCursorPosition(0)


class ExampleStrip(QWidget):
    """Hidden while there are no examples."""

    cleared = pyqtSignal()

    def __init__(self, state: SearchState, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._state = state
        self.label = WrappedLabel("msaExamples", self)
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
