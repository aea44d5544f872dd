"""The choice of a batch scan's area.

The map tool that draws the area of a batch scan.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import Callable, Optional

from qgis.core import (
    QgsCsException,
    QgsGeometry,
    QgsMapLayer,
    QgsMapLayerProxyModel,
    QgsPointXY,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.gui import (
    QgisInterface,
    QgsMapCanvas,
    QgsMapLayerComboBox,
    QgsMapMouseEvent,
    QgsMapTool,
    QgsRubberBand,
)
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QCursor, QIcon, QKeyEvent
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from msa_model.protocol.errors import AoiInvalid, MsaError
from msa_model.protocol.messages import Aoi
from qgis_msa_plugin.gis.areas import AreaKind, canvas_area, drawn_area, layer_area
from qgis_msa_plugin.gis.geometry import crs_of, to_crs
from qgis_msa_plugin.gis.map_tools import MapToolUse, take_off
from qgis_msa_plugin.plugin_files import resource
from qgis_msa_plugin.translate import tr

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
        """Take the item off the canvas."""
        self._canvas.unsetMapTool(self)
        take_off(self._canvas, self._band)

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


class BatchArea(Enum):
    """The choices."""

    WHOLE = "whole"
    CANVAS = "canvas"
    LAYER = "layer"
    DRAWN = "drawn"


class AreaBar(QWidget):
    """`layers` gives the ticked raster layers, or nothing where not every raster is a layer.

    `changed` tells that the area may be another one.
    """

    changed = pyqtSignal()

    def __init__(
        self, iface: QgisInterface, layers: Callable[[], list[QgsMapLayer]], parent: Optional[QWidget] = None
    ) -> None:
        super().__init__(parent)
        self._iface, self._canvas = iface, iface.mapCanvas()
        self._layers = layers
        self._drawn: Optional[Aoi] = None
        self._tool = DrawTool(self._canvas)
        self._turns = MapToolUse(self._canvas, self._tool)
        self._make_parts()
        self._lay_out()
        self.choice.currentIndexChanged.connect(self._show_parts)
        self.draw.toggled.connect(self._use_tool)
        self._tool.drawn.connect(self._on_drawn)
        self._canvas.mapToolSet.connect(self._on_tool)
        self._canvas.destinationCrsChanged.connect(self._show_drawn)
        for signal in (
            self.choice.currentIndexChanged,
            self.polygons.layerChanged,
            self.selected.toggled,
            self.centres.toggled,
        ):
            signal.connect(lambda _: self.changed.emit())
        self._canvas.extentsChanged.connect(self._on_view)
        self._show_parts()

    def area(self) -> Optional[Aoi]:
        """The area as it is now, and which tiles belong to it; nothing for whole rasters.

        Raises:
            AoiInvalid, AoiOutsideRaster: it cannot be used; the sentence says why.
        """
        area = self._polygons()
        return None if area is None else replace(area, centres=self.centres.isChecked())

    def _polygons(self) -> Optional[Aoi]:
        kind = self.choice.currentData()
        if kind is BatchArea.CANVAS:
            return canvas_area(self._canvas, self._layers())
        if kind is BatchArea.LAYER:
            layer = self.polygons.currentLayer()
            vector = layer if isinstance(layer, QgsVectorLayer) else None
            return layer_area(vector, self.selected.isChecked())
        if kind is BatchArea.DRAWN and self._drawn is None:
            raise AoiInvalid(tr("No area is drawn: press Draw, and click its corners on the map."))
        return self._drawn if kind is BatchArea.DRAWN else None

    def propose(self, area: AreaKind) -> None:
        """Choose what comes nearest to an area of the Search tab."""
        kinds = {AreaKind.CANVAS: BatchArea.CANVAS, AreaKind.SELECTION: BatchArea.LAYER}
        self.choice.setCurrentIndex(self.choice.findData(kinds.get(area, BatchArea.WHOLE)))
        self.selected.setChecked(area is AreaKind.SELECTION)
        active = self._iface.activeLayer()
        if area is AreaKind.SELECTION and isinstance(active, QgsVectorLayer):
            self.polygons.setLayer(active)

    def release(self) -> None:
        """Give the map back."""
        self._canvas.mapToolSet.disconnect(self._on_tool)
        self._canvas.destinationCrsChanged.disconnect(self._show_drawn)
        self._canvas.extentsChanged.disconnect(self._on_view)
        self._use_tool(False)
        self._tool.release()
        self._tool.deleteLater()

    def _make_parts(self) -> None:
        self.choice = QComboBox(self)
        self.choice.setObjectName("msaBatchArea")
        self.choice.setAccessibleName(tr("Area"))
        self.choice.addItem(tr("Whole rasters"), BatchArea.WHOLE)
        self.choice.addItem(tr("Map view"), BatchArea.CANVAS)
        self.choice.addItem(tr("Polygon layer"), BatchArea.LAYER)
        self.choice.addItem(tr("Drawn polygon"), BatchArea.DRAWN)
        self.choice.setToolTip(tr("Where to search; areas of hits are counted inside only"))
        self.choice.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._make_polygons()
        self._make_draw()

    def _make_polygons(self) -> None:
        self.polygons = QgsMapLayerComboBox(self)
        self.polygons.setObjectName("msaBatchPolygons")
        self.polygons.setAccessibleName(tr("Polygon layer"))
        self.polygons.setFilters(QgsMapLayerProxyModel.Filter.PolygonLayer)
        self.polygons.setMinimumContentsLength(8)
        self.polygons.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.selected = QCheckBox(tr("selected only"), self)
        self.selected.setObjectName("msaBatchSelectedOnly")
        self.centres = QCheckBox(tr("only tiles centred inside"), self)
        self.centres.setObjectName("msaBatchCentres")
        self.centres.setToolTip(
            tr("Else whole tiles that touch the area count, too. Either way areas are counted inside only.")
        )

    def _make_draw(self) -> None:
        self.draw = QToolButton(self)
        self.draw.setObjectName("msaBatchDraw")
        self.draw.setText(tr("Draw"))
        self.draw.setIcon(QIcon(str(resource("icons/draw_area.svg"))))
        self.draw.setCheckable(True)
        self.draw.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.draw.setToolTip(
            tr("Click the corners on the map; a right click or Enter ends, Backspace takes the last one back")
        )

    def _lay_out(self) -> None:
        first = QHBoxLayout()
        first.addWidget(self.choice, 1)
        first.addWidget(self.draw)
        second = QHBoxLayout()
        second.addWidget(self.polygons, 1)
        second.addWidget(self.selected)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(first)
        column.addLayout(second)
        column.addWidget(self.centres)
        self.setFocusProxy(self.choice)

    def _show_parts(self) -> None:
        kind = self.choice.currentData()
        self.polygons.setVisible(kind is BatchArea.LAYER)
        self.selected.setVisible(kind is BatchArea.LAYER)
        self.centres.setVisible(kind is not BatchArea.WHOLE)
        self.draw.setVisible(kind is BatchArea.DRAWN)
        self.draw.setChecked(kind is BatchArea.DRAWN and self._drawn is None)
        self._show_drawn()

    def _use_tool(self, wanted: bool) -> None:
        taken_up = wanted and self._canvas.mapTool() is not self._tool
        self._turns.use(self._tool, wanted)
        if taken_up:
            self._canvas.setFocus()  # for Enter and Backspace

    def _on_tool(self, tool: Optional[QgsMapTool], _: object = None) -> None:
        self.draw.setChecked(tool is self._tool)
        if tool is not self._tool:
            self._tool.clear()
            self._show_drawn()

    def _on_view(self) -> None:
        if self.choice.currentData() is BatchArea.CANVAS:
            self.changed.emit()

    def _on_drawn(self, corners: tuple[QgsPointXY, ...]) -> None:
        try:
            self._drawn = drawn_area(corners, self._canvas.mapSettings().destinationCrs())
        except MsaError:
            self._drawn = None
        self.draw.setChecked(self._drawn is None)
        self._show_drawn()
        self.changed.emit()

    def _show_drawn(self) -> None:
        """The drawn area stays on the map as long as it is the chosen one."""
        self._tool.clear()
        if self._drawn is None or self.choice.currentData() is not BatchArea.DRAWN:
            return
        area, crs = QgsGeometry.fromWkt(self._drawn.wkt), crs_of(self._drawn.crs)
        try:
            self._tool.show_area(to_crs(area, crs, self._canvas.mapSettings().destinationCrs()))
        except QgsCsException:
            return  # the map's CRS does not reach there
