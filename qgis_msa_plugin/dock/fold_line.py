"""Where is searched, in one line: it opens the choosers of layers and area, and folds them again.

One line of text that gives way.
"""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import QPainter, QPaintEvent, QPalette
from qgis.PyQt.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from qgis_msa_plugin.plain_text import tip
from qgis_msa_plugin.search.state import ScanPhase, SearchState
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording

_FAINT = 0.7


class ElidedLabel(QLabel):
    """The longest wording that there is room for, or what fits of the shortest; all of it in the tool tip."""

    def __init__(
        self,
        parent: Optional[QWidget] = None,
        faint: bool = False,
        elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        super().__init__(parent)
        self._faint = faint
        self._elide = elide
        self._shorter: tuple[str, ...] = ()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def say(self, text: str, *shorter: str) -> None:
        """Show the text, or where it is too long one of the shorter wordings; nothing hides the label."""
        self._shorter = shorter
        self.setText(text)
        self.setToolTip(tip(text))
        self.setVisible(bool(text))

    def shown(self) -> str:
        """What there is room for now."""
        metrics, width = self.fontMetrics(), self.width()
        wordings = (self.text(), *self._shorter)
        fitting = (words for words in wordings if metrics.horizontalAdvance(words) <= width)
        return next(fitting, None) or str(metrics.elidedText(wordings[-1], self._elide, width))

    def minimumSizeHint(self) -> QSize:
        """One line, however long."""
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what fits."""
        painter = QPainter(self)
        painter.setOpacity(_FAINT if self._faint else 1.0)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        sides = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self.rect(), sides, self.shown())
        painter.end()


class FoldLine(QWidget):
    """Folded by itself once nothing is left to decide; what the user does holds until a scan or an answer.

    It does not fold while a scan runs: what stops the scan would move away from under the mouse.
    """

    folded = pyqtSignal(bool)

    def __init__(self, state: SearchState, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._state = state
        self._layers = self._area = ""
        self._by_hand: Optional[bool] = None
        self._running = self.is_folded = False
        self.arrow = QToolButton(self)
        self.arrow.setObjectName("msaFold")
        self.arrow.setAutoRaise(True)
        self.arrow.setAccessibleName(tr("Layer and area"))
        self.arrow.setToolTip(tr("Show or hide layer, area and cost"))
        self.label = ElidedLabel(self, elide=Qt.TextElideMode.ElideMiddle)  # what is last is told
        self.label.setObjectName("msaTarget")
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(2)
        self.row.addWidget(self.arrow)
        self.row.addWidget(self.label, 1)
        self.arrow.clicked.connect(self._toggle)
        state.answered.connect(self._let_go)
        for signal in (
            state.results_changed,
            state.plan_changed,
            state.refusal_changed,
            state.layers_changed,
            state.coarse_changed,
        ):
            signal.connect(self.update_fold)
        state.phase_changed.connect(self._on_phase)
        self.update_fold()

    def name(self, layers: str, area: str) -> None:
        """What is searched, and where in it."""
        self._layers, self._area = layers, area
        self.update_fold()

    def update_fold(self, _: object = None) -> None:
        """Fold where everything is decided; say what is folded away."""
        folded = self._is_settled() if self._by_hand is None else self._by_hand
        self.arrow.setArrowType(Qt.ArrowType.RightArrow if folded else Qt.ArrowType.DownArrow)
        if folded:
            self.label.say(self._summary(self._area), self._summary(""))
        else:
            self.label.say(tr("Where to search"))
        if folded != self.is_folded:
            self.is_folded = folded
            self.folded.emit(folded)

    def _is_settled(self) -> bool:
        """Whether the layers are scanned, are being so, or have been searched."""
        state = self._state
        known = state.plan is not None and state.plan.missing == 0
        asking = state.refusal is not None or state.phase is ScanPhase.CONSENT
        decided = known or state.phase.running or state.results is not None
        return bool(state.layers) and not asking and decided

    def _summary(self, area: str) -> str:
        parts = [self._layers, area]
        if self._state.plan is not None:
            parts.append(wording.brief_cost(self._state.plan))
        if self._state.coarse:
            parts.append(tr("coarse sizes only"))
        return " · ".join(filter(None, parts))

    def _toggle(self) -> None:
        self._by_hand = not self.is_folded
        self.update_fold()

    def _on_phase(self, phase: ScanPhase) -> None:
        begins, self._running = phase.running and not self._running, phase.running
        if begins:
            self._by_hand = None
        self.update_fold()

    def _let_go(self) -> None:
        if not self._running:
            self._by_hand = None
        self.update_fold()
