# ruff: noqa: ANN401, N802, N815  (names and loose types of the interfaces of QGIS)
"""Small stand-ins for what the plugin's widgets use of `qgis.gui`; each is a real widget or tool of Qt."""

from __future__ import annotations

from typing import Any

from PyQt6 import QtCore, QtGui, QtWidgets
from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtWidgets import QWidget

from tests.qt6.core import QgsCoordinateReferenceSystem, QgsPointXY, QgsRectangle
from tests.qt6.project import QgsMapLayer, QgsMapLayerModel, QgsMapLayerProxyModel


class QgsFilterLineEdit(QtWidgets.QLineEdit):
    """A line with a button to clear it."""

    cleared = pyqtSignal()

    def setShowSearchIcon(self, visible: bool) -> None:
        pass


class QgsCollapsibleGroupBox(QtWidgets.QGroupBox):
    """A group that can be folded."""

    def setCollapsed(self, collapsed: bool) -> None:
        self._collapsed = collapsed

    def isCollapsed(self) -> bool:
        return self._collapsed

    def setSaveCollapsedState(self, save: bool) -> None:
        pass


class QgsFileWidget(QWidget):
    """A line that holds a path."""

    fileChanged = pyqtSignal(str)

    class StorageMode:
        GetFile, GetDirectory, SaveFile = range(3)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._line = QtWidgets.QLineEdit(self)
        self._line.textChanged.connect(self.fileChanged)

    def lineEdit(self) -> QtWidgets.QLineEdit:
        return self._line

    def filePath(self) -> str:
        return self._line.text()

    def setFilePath(self, path: str) -> None:
        self._line.setText(path)

    def setStorageMode(self, mode: int) -> None:
        pass

    def setFilter(self, text: str) -> None:
        pass

    def setDialogTitle(self, text: str) -> None:
        pass

    def setDefaultRoot(self, text: str) -> None:
        pass

    def setConfirmOverwrite(self, confirm: bool) -> None:
        pass


class QgsMapLayerComboBox(QtWidgets.QComboBox):
    """A choice among the project's layers."""

    layerChanged = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = QgsMapLayerProxyModel(self)
        self.setModel(self._model)
        self.currentIndexChanged.connect(lambda _: self.layerChanged.emit(self.currentLayer()))

    def setFilters(self, kind: type) -> None:
        self._model.setFilters(kind)

    def setAllowEmptyLayer(self, allowed: bool, text: str = "") -> None:
        pass

    def setExceptedLayerList(self, layers: list[QgsMapLayer]) -> None:
        pass

    def layer(self, row: int) -> QgsMapLayer | None:
        return self.itemData(row, QgsMapLayerModel.LayerRole)

    def currentLayer(self) -> QgsMapLayer | None:
        return self.currentData(QgsMapLayerModel.LayerRole)

    def setLayer(self, layer: QgsMapLayer | None) -> None:
        self.setCurrentIndex(-1 if layer is None else self.findData(layer, QgsMapLayerModel.LayerRole))


class QgsOptionsPageWidget(QWidget):
    """A page of QGIS's options."""

    def setObjectName(self, name: str) -> None:
        super().setObjectName(name)


class QgsMapCanvas(QtWidgets.QGraphicsView):
    """A map without layers: a pixel is a map unit."""

    extentsChanged = pyqtSignal()
    mapToolSet = pyqtSignal(object, object)
    destinationCrsChanged = pyqtSignal()
    selectionChanged = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__(QtWidgets.QGraphicsScene())
        self._tool: QgsMapTool | None = None
        self._extent = QgsRectangle(0, 0, 1, 1)

    def unsetMapTool(self, tool: QgsMapTool) -> None:
        if self._tool is tool:
            self.setMapTool(None)

    def mapSettings(self) -> QgsMapCanvas:
        return self

    def destinationCrs(self) -> QgsCoordinateReferenceSystem:
        return QgsCoordinateReferenceSystem("EPSG:3857")

    def extent(self) -> QgsRectangle:
        return self._extent

    def setExtent(self, extent: QgsRectangle) -> None:
        self._extent = extent
        self.extentsChanged.emit()

    def mapTool(self) -> QgsMapTool | None:
        return self._tool

    def setMapTool(self, tool: QgsMapTool | None) -> None:
        before, self._tool = self._tool, tool
        if before is not None:
            before.deactivate()
        self.mapToolSet.emit(tool, before)

    def getCoordinateTransform(self) -> QgsMapCanvas:
        return self

    def toMapCoordinates(self, pixel: QtCore.QPoint) -> QgsPointXY:
        return QgsPointXY(pixel.x(), -pixel.y())

    def mousePressEvent(self, event: QtGui.QMouseEvent) -> None:
        self._hand_over("canvasPressEvent", event)

    def mouseMoveEvent(self, event: QtGui.QMouseEvent) -> None:
        self._hand_over("canvasMoveEvent", event)

    def mouseReleaseEvent(self, event: QtGui.QMouseEvent) -> None:
        self._hand_over("canvasReleaseEvent", event)

    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        self._hand_over("keyPressEvent", event)

    def _hand_over(self, name: str, event: Any) -> None:
        if isinstance(event, QtGui.QMouseEvent):
            event = QgsMapMouseEvent(self, event)
        getattr(self._tool, name, lambda _: None)(event)


class QgsMapMouseEvent(QtGui.QMouseEvent):
    """A mouse event of Qt that also tells its place in map units."""

    def __init__(self, canvas: QgsMapCanvas, event: QtGui.QMouseEvent) -> None:
        super().__init__(
            event.type(),
            event.position(),
            event.globalPosition(),
            event.button(),
            event.buttons(),
            event.modifiers(),
        )
        self._place = canvas.toMapCoordinates(event.pos())

    def mapPoint(self) -> QgsPointXY:
        return self._place


class QgsMapTool(QObject):
    """What the mouse does on the map."""

    deactivated = pyqtSignal()

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas

    def canvas(self) -> QgsMapCanvas:
        return self._canvas

    def setCursor(self, cursor: QtGui.QCursor) -> None:
        pass

    def deactivate(self) -> None:
        self.deactivated.emit()

    def toMapCoordinates(self, pixel: QtCore.QPoint) -> QgsPointXY:
        return self._canvas.toMapCoordinates(pixel)


class QgsMapToolPan(QgsMapTool):
    """Moves the map."""


class QgsLayerTreeMapCanvasBridge(QObject):
    """Shows the project's layers on the map."""

    def __init__(self, root: QObject, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)


class QgsOptionsWidgetFactory:
    """Makes a page of QGIS's options."""

    def setTitle(self, title: str) -> None:
        self._title = title

    def setIcon(self, icon: QtGui.QIcon) -> None:
        self._icon = icon

    def title(self) -> str:
        return self._title


class QgsMessageBarItem(QtWidgets.QFrame):
    """One message."""

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._title, self._text, self._level = title, text, None
        QtWidgets.QHBoxLayout(self).addWidget(QtWidgets.QLabel(text, self))

    def title(self) -> str:
        return self._title

    def text(self) -> str:
        return self._text

    def level(self) -> Any:
        return self._level


class QgsMessageBar(QtWidgets.QFrame):
    """Messages above the map."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: list[QgsMessageBarItem] = []
        QtWidgets.QVBoxLayout(self)

    def items(self) -> list[QgsMessageBarItem]:
        return list(self._items)

    def currentItem(self) -> QgsMessageBarItem | None:
        return self._items[-1] if self._items else None

    @staticmethod
    def createMessage(title: str, text: str) -> QgsMessageBarItem:
        return QgsMessageBarItem(title, text)

    def pushWidget(self, item: QgsMessageBarItem, level: Any = None, seconds: int = 0) -> None:
        item._level = level
        self._items.append(item)
        self.layout().addWidget(item)

    def pushMessage(self, title: str, text: str = "", level: Any = None, seconds: int = 0) -> None:
        self.pushWidget(self.createMessage(title, text), level)

    pushInfo = pushSuccess = pushWarning = pushMessage

    def popWidget(self, item: QgsMessageBarItem) -> bool:
        self._items.remove(item)
        item.deleteLater()
        return True


class QgsRubberBand(QtWidgets.QGraphicsRectItem):
    """A mark on the map; keeps what it was told."""

    def __init__(self, canvas: QgsMapCanvas, kind: object) -> None:
        super().__init__()
        canvas.scene().addItem(self)
        self.points: list[QgsPointXY] = []

    def reset(self, kind: object = None) -> None:
        self.points = []

    def addPoint(self, point: QgsPointXY, update: bool = True) -> None:
        self.points.append(point)

    def setToCanvasRectangle(self, box: QtCore.QRect) -> None:
        self.setRect(QtCore.QRectF(box))

    def setColor(self, colour: QtGui.QColor) -> None:
        self.setPen(QtGui.QPen(colour))

    setStrokeColor = setFillColor = setSecondaryStrokeColor = setColor

    def setWidth(self, width: int) -> None:
        pass

    def setLineStyle(self, style: Qt.PenStyle) -> None:
        pass
