"""Clicks on the map: tools that point at a place or draw a box, and clicks of the analyst's own tool."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsPointXY, QgsRectangle, QgsWkbTypes
from qgis.gui import QgsMapCanvas, QgsMapMouseEvent, QgsMapTool, QgsRubberBand
from qgis.PyQt.QtCore import QEvent, QObject, QPoint, QRect, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QCursor, QMouseEvent
from qgis.PyQt.QtWidgets import QApplication

from msa_model.protocol.changing import ChangeHereReply
from msa_model.protocol.errors import MsaError
from qgis_msa_plugin.gis.geometry import ring_of
from qgis_msa_plugin.gis.map_tools import MapToolUse, take_off
from qgis_msa_plugin.map.tile_highlight import TileHighlight
from qgis_msa_plugin.search.controller import SearchController

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
        """Take the box off the canvas."""
        take_off(self.canvas(), self._band)

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


_HERE_COLOUR = QColor("#ffffff")


class ChangeHereLink(QObject):
    """Owns the map tool, and the outline of the tile that the answer is about."""

    active = pyqtSignal(bool)

    def __init__(
        self, controller: SearchController, canvas: QgsMapCanvas, parent: Optional[QObject] = None
    ) -> None:
        super().__init__(parent)
        self._controller, self._canvas = controller, canvas
        self.tool = DescribeTool(canvas)
        self._outline = TileHighlight(canvas, _HERE_COLOUR)
        self._turns = MapToolUse(canvas, self.tool)
        self.tool.placed.connect(self._on_place)
        canvas.mapToolSet.connect(self._on_tool)
        controller.state.changed_here_changed.connect(self._on_told)

    def use(self, wanted: bool) -> None:
        """Take up the tool, or give back the one that was in use before."""
        self._turns.use(self.tool, wanted)

    def release(self) -> None:
        """Take everything off the map."""
        self.use(False)
        self._canvas.mapToolSet.disconnect(self._on_tool)
        self._outline.release()
        self.tool.release()
        self.tool.deleteLater()

    def _on_place(self, point: QgsPointXY) -> None:
        try:
            self._controller.comparing.tell_here(point, self._canvas.mapSettings().destinationCrs())
        except MsaError as error:
            self._controller.state.fail(error)

    def _on_tool(self, tool: Optional[QgsMapTool], _: object = None) -> None:
        self.active.emit(tool is self.tool)

    def _on_told(self, told: Optional[ChangeHereReply]) -> None:
        if told is None:
            self._outline.hide()
        else:
            self._outline.show(ring_of(told.bounds), told.crs)
