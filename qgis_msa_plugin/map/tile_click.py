"""Clicks on the map, seen without taking them from the analyst's tool."""

from __future__ import annotations

from typing import Optional

from qgis.gui import QgsMapCanvas, QgsMapTool
from qgis.PyQt.QtCore import QEvent, QObject, QPoint, Qt, pyqtSignal
from qgis.PyQt.QtGui import QMouseEvent
from qgis.PyQt.QtWidgets import QApplication

# The select tools are left out: what they select in a result layer is followed by the layer itself.
_LOOKING = ("QgsMapToolPan", "QgsMapToolIdentify", "QgsMapToolIdentifyAction")


class TileClicks(QObject):
    """Tells of plain left clicks while a tool is active that only looks (pan, identify).

    Tools that select, edit, draw or zoom keep their clicks to themselves.
    """

    clicked = pyqtSignal(object)  # QgsPointXY in the map's CRS

    def __init__(self, canvas: QgsMapCanvas, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._pressed: Optional[QPoint] = None
        canvas.viewport().installEventFilter(self)

    def release(self) -> None:
        """Stop watching."""
        self._canvas.viewport().removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Never consumes an event."""
        if event.type() == QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent):
            self._pressed = event.pos() if _is_plain(event) else None
        elif event.type() == QEvent.Type.MouseButtonRelease and isinstance(event, QMouseEvent):
            self._release(event)
        return False

    def _release(self, event: QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, None
        if pressed is None or not _looks_only(self._canvas.mapTool()):
            return
        if (event.pos() - pressed).manhattanLength() < QApplication.startDragDistance():
            # Now: once the pan tool has seen the release, the map is centred elsewhere.
            self.clicked.emit(self._canvas.getCoordinateTransform().toMapCoordinates(event.pos()))


def _is_plain(event: QMouseEvent) -> bool:
    plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
    return plain and event.button() == Qt.MouseButton.LeftButton


def _looks_only(tool: Optional[QgsMapTool]) -> bool:
    return tool is None or tool.metaObject().className() in _LOOKING
