"""The map tools that point at a place, to find its like or to describe it: a click, or a drag for a box."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsRectangle, QgsWkbTypes
from qgis.gui import QgsMapCanvas, QgsMapMouseEvent, QgsMapTool, QgsRubberBand
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QPoint, QRect, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QCursor
from qgis.PyQt.QtWidgets import QApplication

_COLOUR = QColor("#00e5ff")


class ExampleTool(QgsMapTool):
    """`placed` and `drawn` tell where, and whether Shift was held: then it is one example more."""

    placed = pyqtSignal(object, bool)  # QgsPointXY in the map's CRS
    drawn = pyqtSignal(object, bool)  # QgsRectangle in the map's CRS
    hovered = pyqtSignal(object)  # QgsPointXY, in the CRS of the map

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self.setCursor(QCursor(Qt.CursorShape.CrossCursor))
        self._pressed: Optional[QPoint] = None
        self._band = QgsRubberBand(canvas, QgsWkbTypes.GeometryType.PolygonGeometry)
        self._band.setStrokeColor(_COLOUR)
        self._band.setFillColor(QColor(0, 229, 255, 40))
        self._band.setWidth(2)

    def canvasPressEvent(self, event: QgsMapMouseEvent) -> None:
        """A click or a box begins."""
        self._pressed = event.pos() if event.button() == Qt.MouseButton.LeftButton else None

    def canvasMoveEvent(self, event: QgsMapMouseEvent) -> None:
        """Draw the box so far, or tell where a click would be."""
        if self._pressed is None:
            self.hovered.emit(event.mapPoint())
        elif self._is_box(event):
            self._band.setToCanvasRectangle(self._corners(event))

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:
        """Tell the place or the box."""
        if self._pressed is None or event.button() != Qt.MouseButton.LeftButton:
            return
        more = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if self._is_box(event):
            start, end = self.toMapCoordinates(self._pressed), self.toMapCoordinates(event.pos())
            self._forget_box()
            self.drawn.emit(QgsRectangle(start, end), more)
        else:
            self._forget_box()
            self.placed.emit(event.mapPoint(), more)

    def deactivate(self) -> None:
        """Another tool takes over."""
        self._forget_box()
        super().deactivate()

    def release(self) -> None:
        """Take the box off the canvas, now: one that outlived its canvas would bring QGIS down."""
        self.canvas().scene().removeItem(self._band)
        sip.delete(self._band)

    def _is_box(self, event: QgsMapMouseEvent) -> bool:
        moved = (event.pos() - self._pressed).manhattanLength()
        return moved >= QApplication.startDragDistance()

    def _corners(self, event: QgsMapMouseEvent) -> QRect:
        return QRect(self._pressed, event.pos()).normalized()

    def _forget_box(self) -> None:
        self._pressed = None
        self._band.reset(QgsWkbTypes.GeometryType.PolygonGeometry)


class DescribeTool(ExampleTool):
    """`placed` tells a click, `drawn` a box; panning and zooming by wheel and keys go on as ever."""
