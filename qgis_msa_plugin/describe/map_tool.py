"""The map tool that asks what is at a place."""

from __future__ import annotations

from qgis.gui import QgsMapCanvas, QgsMapMouseEvent, QgsMapTool
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QCursor


class DescribeTool(QgsMapTool):
    """A left click tells where; panning and zooming by wheel and keys go on as ever."""

    placed = pyqtSignal(object)  # QgsPointXY in the map's CRS
    hovered = pyqtSignal(object)

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self.setCursor(QCursor(Qt.CursorShape.CrossCursor))

    def canvasMoveEvent(self, event: QgsMapMouseEvent) -> None:
        """Tell where a click would be."""
        self.hovered.emit(event.mapPoint())

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:
        """Tell where the click was."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.placed.emit(event.mapPoint())
