"""One line of text that gives way."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import QSize, Qt
from qgis.PyQt.QtGui import QPainter, QPaintEvent, QPalette
from qgis.PyQt.QtWidgets import QLabel, QSizePolicy, QWidget

from qgis_msa_plugin.plain_text import tip

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
