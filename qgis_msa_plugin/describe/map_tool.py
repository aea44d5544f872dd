"""The map tool that asks what is at a place."""

from __future__ import annotations

from qgis.gui import QgsMapCanvas, QgsMapMouseEvent, QgsMapTool
from qgis.PyQt.QtCore import Qt, pyqtSignal


class DescribeTool(QgsMapTool):
    """A left click tells where; panning and zooming by wheel and keys go on as ever."""

    placed = pyqtSignal(object)  # QgsPointXY in the map's CRS

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self.setCursor(Qt.CursorShape.WhatsThisCursor)

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:
        """Tell where the click was."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.placed.emit(event.mapPoint())
