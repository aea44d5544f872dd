"""Clicks on the map: tools that point at a place or draw a box, and clicks of the analyst's own tool.

The outline of one tile above the map, and the way there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from qgis.core import QgsCsException, QgsGeometry, QgsPointXY, QgsRectangle, QgsWkbTypes
from qgis.gui import QgsMapCanvas, QgsMapMouseEvent, QgsMapTool, QgsRubberBand
from qgis.PyQt.QtCore import QEvent, QObject, QPoint, QRect, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QCursor, QMouseEvent
from qgis.PyQt.QtWidgets import QApplication

from msa_model.protocol.changing import ChangeHereReply
from msa_model.protocol.errors import MsaError
from msa_model.protocol.hit_table import HitTable
from msa_model.protocol.messages import Ring
from qgis_msa_plugin.gis.geometry import crs_of, polygon_of, ring_of, to_crs
from qgis_msa_plugin.gis.map_tools import MapToolUse, take_off
from qgis_msa_plugin.map.layer_fill import extent_of
from qgis_msa_plugin.search.controller import SearchController

_ALL_MARGIN = 1.1
_SPECK = 1 / 40  # of the map's width or height: some twenty pixels
_MARGIN = 2.2  # the tile fills less than half of the view: what lies around tells where it is


class TileHighlight:
    """At most one outlined tile on a canvas, legible over dark and bright imagery alike."""

    def __init__(self, canvas: QgsMapCanvas, colour: QColor, dashed: bool = False) -> None:
        self._canvas = canvas
        self._band = QgsRubberBand(canvas, QgsWkbTypes.GeometryType.PolygonGeometry)
        self._band.setFillColor(QColor(0, 0, 0, 0))
        self._band.setStrokeColor(colour)
        self._band.setSecondaryStrokeColor(QColor(0, 0, 0, 200))
        self._band.setWidth(3)
        if dashed:
            self._band.setLineStyle(Qt.PenStyle.DashLine)

    def show(self, ring: Ring, crs: str) -> None:
        """Outline the ring; a place that the map's CRS does not reach is left out."""
        geometry = self._on_canvas(ring, crs)
        if geometry is None:
            self.hide()
        else:
            self._band.setToGeometry(geometry)
            self._band.show()

    def hide(self) -> None:
        """Take the outline away."""
        self._band.reset(QgsWkbTypes.GeometryType.PolygonGeometry)

    def zoom(self, ring: Ring, crs: str) -> None:
        """Show the ring in the middle of the map, with its surroundings."""
        geometry = self._on_canvas(ring, crs)
        if geometry is None:
            return
        extent = geometry.boundingBox()
        extent.scale(_MARGIN)
        self._canvas.setExtent(extent)
        self._canvas.refresh()

    def zoom_to_rows(self, table: HitTable, rows: Sequence[int], asked: bool) -> None:
        """Show the tiles of all these rows; unasked, the map stays as it is where they are seen already."""
        box = extent_of(table, rows, self._canvas.mapSettings().destinationCrs())
        if box is not None and (asked or not self._is_seen(box)):
            box.scale(_MARGIN if len(rows) == 1 else _ALL_MARGIN)
            self._canvas.setExtent(box)
            self._canvas.refresh()

    def release(self) -> None:
        """Take the item off the canvas."""
        take_off(self._canvas, self._band)

    def _is_seen(self, box: QgsRectangle) -> bool:
        """Whether the map shows all of it, and not as a speck: of rasters far apart it shows the world."""
        whole = self._canvas.extent()
        if whole.isEmpty() or not whole.contains(box):
            return False
        return max(box.width() / whole.width(), box.height() / whole.height()) >= _SPECK

    def _on_canvas(self, ring: Ring, crs: str) -> Optional[QgsGeometry]:
        try:
            return to_crs(polygon_of(ring), crs_of(crs), self._canvas.mapSettings().destinationCrs())
        except QgsCsException:
            return None


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
