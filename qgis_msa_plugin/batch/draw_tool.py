"""The map tool that draws the area of a batch scan."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsGeometry, QgsPointXY, QgsWkbTypes
from qgis.gui import QgsMapCanvas, QgsMapMouseEvent, QgsMapTool, QgsRubberBand
from qgis.PyQt import sip
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QCursor, QKeyEvent

_COLOUR = QColor("#00e5ff")
_LEAST_CORNERS = 3


class DrawTool(QgsMapTool):
    """Left clicks set corners, a right click or Enter ends, Backspace takes one back, Escape starts over."""

    drawn = pyqtSignal(object)  # tuple[QgsPointXY, ...] in the map's CRS

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._corners: list[QgsPointXY] = []
        self._band = _band(canvas)
        self.setCursor(QCursor(Qt.CursorShape.CrossCursor))

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:
        """Set a corner, or end."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._corners.append(event.mapPoint())
            self._show()
        elif event.button() == Qt.MouseButton.RightButton:
            self._finish()

    def canvasMoveEvent(self, event: QgsMapMouseEvent) -> None:
        """Show what the next click would make."""
        if self._corners:
            self._show(event.mapPoint())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter, Backspace and Escape; other keys are the map's."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._finish()
        elif event.key() == Qt.Key.Key_Backspace and self._corners:
            self._corners.pop()
            self._show()
        elif event.key() == Qt.Key.Key_Escape and self._corners:
            self.clear()
        else:
            return
        event.ignore()  # which is how a map tool keeps the canvas from acting on the key as well

    def clear(self) -> None:
        """Take what is drawn off the map."""
        self._corners = []
        self._show()

    def show_area(self, area: QgsGeometry) -> None:
        """Keep an area, in the map's CRS, on the map after it was drawn."""
        self._band.setToGeometry(area)

    def release(self) -> None:
        """Take the item off the canvas, now: one that outlived its canvas would bring QGIS down."""
        self._canvas.unsetMapTool(self)
        self._canvas.scene().removeItem(self._band)
        sip.delete(self._band)

    def _finish(self) -> None:
        corners, self._corners = tuple(self._corners), []
        if len(corners) >= _LEAST_CORNERS:
            self.drawn.emit(corners)
        else:
            self._show()

    def _show(self, next_corner: Optional[QgsPointXY] = None) -> None:
        corners = [*self._corners, *([next_corner] if next_corner is not None else [])]
        self._band.reset(QgsWkbTypes.GeometryType.PolygonGeometry)
        for corner in corners:
            self._band.addPoint(corner)


def _band(canvas: QgsMapCanvas) -> QgsRubberBand:
    band = QgsRubberBand(canvas, QgsWkbTypes.GeometryType.PolygonGeometry)
    fill = QColor(_COLOUR)
    fill.setAlpha(30)
    band.setFillColor(fill)
    band.setStrokeColor(_COLOUR)
    band.setSecondaryStrokeColor(QColor(0, 0, 0, 200))
    band.setWidth(2)
    return band
