"""A frame around the list that has the focus: styles show it on a chosen row at most."""

from __future__ import annotations

from qgis.PyQt.QtCore import QEvent, QObject, Qt
from qgis.PyQt.QtGui import QPainter, QPaintEvent, QPalette, QPen
from qgis.PyQt.QtWidgets import QAbstractItemView, QWidget

_WIDTH = 2  # px


class FocusFrame(QWidget):
    """Lies on the edge of a list, in the colour of what is chosen, while the list has the focus."""

    def __init__(self, view: QAbstractItemView) -> None:
        super().__init__(view)
        self._view = view
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setVisible(view.hasFocus())
        view.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Come with the focus, go with it, and keep the list's size."""
        if watched is self._view and event.type() == QEvent.Type.Resize:
            self.resize(self._view.size())
        elif watched is self._view and event.type() == QEvent.Type.FocusIn:
            self.raise_()
            self.show()
        elif watched is self._view and event.type() == QEvent.Type.FocusOut:
            self.hide()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the frame."""
        painter = QPainter(self)
        pen = QPen(self.palette().color(QPalette.ColorRole.Highlight), _WIDTH)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        inner = _WIDTH // 2
        painter.drawRect(self.rect().adjusted(inner, inner, -inner, -inner))
        painter.end()
