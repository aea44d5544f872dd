"""One line of text that gives way."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import QSize, Qt
from qgis.PyQt.QtGui import QPainter, QPaintEvent, QPalette
from qgis.PyQt.QtWidgets import QLabel, QSizePolicy, QWidget

from qgis_msa_plugin.plain_text import tip

_FAINT = 0.7


class ElidedLabel(QLabel):
    """As much of the text as there is room for; all of it in the tool tip."""

    def __init__(self, parent: Optional[QWidget] = None, faint: bool = False) -> None:
        super().__init__(parent)
        self._faint = faint
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def say(self, text: str) -> None:
        """Show the text; nothing hides the label."""
        self.setText(text)
        self.setToolTip(tip(text))
        self.setVisible(bool(text))

    def minimumSizeHint(self) -> QSize:
        """One line, however long."""
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what fits."""
        painter = QPainter(self)
        painter.setOpacity(_FAINT if self._faint else 1.0)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()
