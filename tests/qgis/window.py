# ruff: noqa: N802  (names of QgisInterface)
"""A main window with real tool bar, menu, docks, canvas and message bar: what the plugin uses of QGIS."""

from __future__ import annotations

from qgis.core import QgsMapLayer, QgsProject
from qgis.gui import QgsLayerTreeMapCanvasBridge, QgsMapCanvas, QgsMessageBar, QgsOptionsWidgetFactory
from qgis.PyQt.QtCore import QObject, Qt, pyqtSignal
from qgis.PyQt.QtGui import QKeySequence
from qgis.PyQt.QtWidgets import QAction, QDockWidget, QMainWindow, QMenu, QToolBar, QVBoxLayout, QWidget


class Signals(QObject):
    """The signals of QgisInterface."""

    currentLayerChanged = pyqtSignal(QgsMapLayer)  # noqa: N815


class LayerTree:
    """The part of QgsLayerTreeView that the plugin uses."""

    def __init__(self) -> None:
        self.selected: list[QgsMapLayer] = []

    def selectedLayers(self) -> list[QgsMapLayer]:
        return self.selected


class Window:
    """The part of QgisInterface that the plugin uses."""

    def __init__(self) -> None:
        self.signals = Signals()
        self.currentLayerChanged = self.signals.currentLayerChanged
        self.window = QMainWindow()
        self.window.resize(1200, 800)
        self.tool_bar = QToolBar(self.window)
        self.window.addToolBar(self.tool_bar)
        self.menu = QMenu(self.window)
        self.registered: list[QAction] = []
        self.layer_actions: list[QAction] = []
        self.tree = LayerTree()
        self.factories: list[QgsOptionsWidgetFactory] = []
        self.bar, self.canvas = QgsMessageBar(), QgsMapCanvas()
        centre = QWidget(self.window)
        layout = QVBoxLayout(centre)
        layout.addWidget(self.bar)
        layout.addWidget(self.canvas, 1)
        self.window.setCentralWidget(centre)
        self.bridge = QgsLayerTreeMapCanvasBridge(QgsProject.instance().layerTreeRoot(), self.canvas)

    def mainWindow(self) -> QMainWindow:
        return self.window

    def mapCanvas(self) -> QgsMapCanvas:
        return self.canvas

    def messageBar(self) -> QgsMessageBar:
        return self.bar

    def activeLayer(self) -> QgsMapLayer | None:
        return None

    def addToolBarIcon(self, action: QAction) -> None:
        self.tool_bar.addAction(action)

    def removeToolBarIcon(self, action: QAction) -> None:
        self.tool_bar.removeAction(action)

    def addPluginToRasterMenu(self, name: str, action: QAction) -> None:
        self.menu.addAction(action)

    def removePluginRasterMenu(self, name: str, action: QAction) -> None:
        self.menu.removeAction(action)

    def registerMainWindowAction(self, action: QAction, keys: str) -> bool:
        action.setShortcut(QKeySequence(keys))
        self.registered.append(action)
        return True

    def unregisterMainWindowAction(self, action: QAction) -> bool:
        self.registered.remove(action)
        return True

    def addCustomActionForLayerType(self, action: QAction, menu: str, kind: object, every: bool) -> None:
        self.layer_actions.append(action)

    def removeCustomActionForLayerType(self, action: QAction) -> bool:
        self.layer_actions.remove(action)
        return True

    def layerTreeView(self) -> LayerTree:
        return self.tree

    def registerOptionsWidgetFactory(self, factory: QgsOptionsWidgetFactory) -> None:
        self.factories.append(factory)

    def unregisterOptionsWidgetFactory(self, factory: QgsOptionsWidgetFactory) -> None:
        self.factories.remove(factory)

    def addDockWidget(self, area: Qt.DockWidgetArea, dock: QDockWidget) -> None:
        self.window.addDockWidget(area, dock)

    def removeDockWidget(self, dock: QDockWidget) -> None:
        self.window.removeDockWidget(dock)

    def docks(self) -> list[str]:
        return [dock.objectName() for dock in self.window.findChildren(QDockWidget)]

    def close(self) -> None:
        self.bridge.deleteLater()
        self.window.close()
        self.window.deleteLater()
