"""Runs inside QGIS (`--code`): tells a test where the widgets are and what they show, and takes screenshots.

It never acts for the user: clicks and keys come from outside, through the X server.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import processing
from qgis.core import (
    QgsApplication,
    QgsDateTimeRange,
    QgsFeature,
    QgsMapLayer,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsProject,
    QgsSettings,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDateTime, QModelIndex, QObject, QPoint, QRect, QRegularExpression, Qt, QTimer
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QComboBox,
    QDateTimeEdit,
    QDialog,
    QDockWidget,
    QMenu,
    QPlainTextEdit,
    QTabWidget,
    QWidget,
)
from qgis.utils import iface, plugins

BEAT_MS = 100
TAG, LAST = "MSA Search", 10
PLUGIN, ACTION = "qgis_msa_plugin", "mActionMsaSearch"
OURS = QRegularExpression("^msa")
CONTROLLER, CONTROLS = "Temporal Controller", QRegularExpression("^mNavigation")
RANGE = ("mFixedRangeStartDateTime", "mFixedRangeEndDateTime")
SPARE_DOCKS = ("Browser", "Browser2", "theLayerOrder")


class Probe(QObject):  # type: ignore[misc]
    """Writes state.json into `folder` at every beat and obeys the orders found there."""

    def __init__(self, folder: Path) -> None:
        super().__init__(iface.mainWindow())
        self._folder = folder
        self._errors: list[str] = []
        self._log: list[str] = []
        QgsApplication.messageLog().messageReceived.connect(self._on_message)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._beat)
        self._timer.start(BEAT_MS)

    def _beat(self) -> None:
        for order in sorted(self._folder.glob("*.order")):
            name, argument = json.loads(order.read_text(encoding="utf-8"))
            getattr(self, f"_{name}")(argument)
            order.unlink()
        part = self._folder / "state.part"
        part.write_text(json.dumps(self._state()), encoding="utf-8")
        os.replace(part, self._folder / "state.json")

    def _on_message(self, message: str, tag: str, _: object) -> None:
        if tag == "Python error":
            self._errors.append(message)
        elif tag == TAG:
            self._log.append(message)

    def _shot(self, path: str) -> None:
        QApplication.primaryScreen().grabWindow(0).save(path)

    def _draw(self, argument: str) -> None:
        """Save what the map would show of one layer at its place and time, on nothing."""
        name, path = json.loads(argument)
        settings = QgsMapSettings(iface.mapCanvas().mapSettings())
        settings.setLayers(QgsProject.instance().mapLayersByName(name))
        settings.setBackgroundColor(Qt.GlobalColor.transparent)
        job = QgsMapRendererSequentialJob(settings)
        job.start()
        job.waitForFinished()
        job.renderedImage().save(path)

    def _days(self, argument: str) -> None:
        """Fill in the temporal controller's fixed range."""
        panel = iface.mainWindow().findChild(QDockWidget, CONTROLLER)
        for name, day in zip(RANGE, json.loads(argument), strict=True):
            panel.findChild(QDateTimeEdit, name).setDateTime(QDateTime.fromString(day, Qt.DateFormat.ISODate))

    def _toolbox(self, argument: str) -> None:
        """Run an algorithm and load what it gives, as the toolbox does; the beat goes on meanwhile."""
        name, parameters = json.loads(argument)
        QTimer.singleShot(0, lambda: processing.runAndLoadResults(f"msa_search:{name}", parameters))

    def _quit(self, _: str) -> None:
        self._timer.stop()
        QgsSettings().setValue("app/askToSaveMemoryLayers", False)
        QgsProject.instance().setDirty(False)
        iface.actionExit().trigger()

    def _state(self) -> dict[str, Any]:
        window, canvas = iface.mainWindow(), iface.mapCanvas()
        extent, ours = canvas.extent(), _ours(window)
        return {
            "log": self._log[-LAST:],
            "plugin": PLUGIN in plugins,
            "action": _action_box(),
            "widgets": {name: _widget(widget) for name, widget in ours.items()},
            "results": _rows(ours.get("msaResults")),
            "rasters": _rows(ours.get("msaBatchRasters")),
            "jobs": _rows(ours.get("msaBatchJobs")),
            "indexes": _rows(ours.get("msaIndexTable")),
            "groups": _rows(ours.get("msaExploreTable")),
            "phrases": _rows(ours.get("msaPhrases"))["texts"],
            "layers": [
                {**_layer(node.layer(), node.parent().name()), "shown": node.itemVisibilityChecked()}
                for node in QgsProject.instance().layerTreeRoot().findLayers()
                if node.layer()
            ],
            "extent": [extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum()],
            "crs": canvas.mapSettings().destinationCrs().authid(),
            "canvas": _box(canvas),
            "controller": _controller_boxes(window),
            "range": [end.toString(Qt.DateFormat.ISODate) for end in _ends(canvas.temporalRange())],
            "menu": _menu_boxes(window),
            "tree": _tree_boxes(),
            "clipboard": QApplication.clipboard().text(),
            "rendering": canvas.isDrawing(),
            "errors": self._errors,
            "messages": [item.text() for item in iface.messageBar().items()],
        }


def _box(widget: QWidget | None) -> list[int]:
    """Left, top, width, height on the screen; empty if there is nothing to see."""
    if widget is None or not widget.isVisible():
        return []
    corner = widget.mapToGlobal(QPoint(0, 0))
    return [corner.x(), corner.y(), widget.width(), widget.height()]


def _ours(window: QWidget) -> dict[str, QWidget]:
    """The plugin's widgets by name; the whole window is not searched, as PyQt wraps every child of it."""
    direct = Qt.FindChildOption.FindDirectChildrenOnly
    dock = window.findChild(QDockWidget, "MsaSearchDock", direct)
    dialogs = [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]
    roots = [iface.messageBar(), *dialogs, *([dock] if dock is not None else [])]
    found = [widget for root in roots for widget in (root, *root.findChildren(QWidget, OURS))]
    return {widget.objectName(): widget for widget in found if widget.objectName()}


def _action_box() -> list[int]:
    """Where the plugin's tool button is."""
    bar = iface.pluginToolBar()
    buttons = (bar.widgetForAction(action) for action in bar.actions() if action.objectName() == ACTION)
    return next((box for box in map(_box, buttons) if box), [])


def _controller_boxes(window: QWidget) -> dict[str, list[int]]:
    """Where the widgets of QGIS's temporal controller are, and the tool button that shows it."""
    panel = window.findChild(QDockWidget, CONTROLLER)
    found = [] if panel is None else panel.findChildren(QWidget, CONTROLS)
    bar = iface.mapNavToolToolBar()
    buttons = {action.objectName(): _box(bar.widgetForAction(action)) for action in bar.actions()}
    boxes = {widget.objectName(): box for widget in found if (box := _box(widget))}
    return {**boxes, "button": buttons.get("mActionTemporalController", [])}


def _ends(times: QgsDateTimeRange) -> tuple[QDateTime, QDateTime]:
    return times.begin(), times.end()


def _menu_boxes(window: QWidget) -> dict[str, list[int]]:
    """Where the entries of the menu bar and of every open menu are."""
    opened = QApplication.topLevelWidgets() if QApplication.activePopupWidget() is not None else []
    shown = [window.menuBar(), *(menu for menu in opened if isinstance(menu, QMenu) and menu.isVisible())]
    boxes = {}
    for menu in shown:
        for action in menu.actions():
            rect = menu.actionGeometry(action)
            corner = menu.mapToGlobal(rect.topLeft())
            boxes[action.text().replace("&", "")] = [corner.x(), corner.y(), rect.width(), rect.height()]
    return boxes


def _tree_boxes() -> dict[str, list[int]]:
    """Where each layer is in the layer panel."""
    view = iface.layerTreeView()
    nodes = QgsProject.instance().layerTreeRoot().findLayers()
    return {node.name(): _row_box(view, view.visualRect(view.node2index(node))) for node in nodes}


def _widget(widget: QWidget) -> dict[str, Any]:
    says = widget.currentText if isinstance(widget, QComboBox) else getattr(widget, "text", None)
    says = widget.toPlainText if isinstance(widget, QPlainTextEdit) else says
    text = says() if callable(says) else ""
    return {"box": _box(widget), "text": text, "enabled": widget.isEnabled(), "tab": _tab_box(widget)}


def _tab_box(widget: QWidget) -> list[int]:
    """Where to click to bring up the page that the widget is on; empty if it is up, or on none."""
    above = widget.parentWidget()
    while above is not None and not isinstance(above, QTabWidget):
        above = above.parentWidget()
    if above is None:
        return []
    at = next((i for i in range(above.count()) if above.widget(i).isAncestorOf(widget)), -1)
    if at in (-1, above.currentIndex()) or not above.isVisible():
        return []
    rect = above.tabBar().tabRect(at)
    corner = above.tabBar().mapToGlobal(rect.topLeft())
    return [corner.x(), corner.y(), rect.width(), rect.height()]


def _rows(view: QAbstractItemView | None) -> dict[str, Any]:
    if view is None:
        return {"count": 0, "boxes": [], "texts": [], "pictures": [], "current": -1}
    indexes = [view.model().index(row, 0) for row in range(view.model().rowCount())]
    return {
        "count": len(indexes),
        "boxes": [_row_box(view, view.visualRect(index)) for index in indexes],
        "texts": [str(index.data() or "") for index in indexes],
        "pictures": [_has_picture(index) for index in indexes],
        "current": view.currentIndex().row(),
    }


def _has_picture(index: QModelIndex) -> bool:
    picture = index.data(Qt.ItemDataRole.DecorationRole)
    return picture is not None and not picture.isNull()


def _row_box(view: QAbstractItemView, rect: QRect) -> list[int]:
    if not view.viewport().rect().contains(rect.center()):
        return []
    corner = view.viewport().mapToGlobal(rect.topLeft())
    return [corner.x(), corner.y(), rect.width(), rect.height()]


def _layer(layer: QgsMapLayer, group: str) -> dict[str, Any]:
    found = {"name": layer.name(), "group": group, "crs": layer.crs().authid(), "source": layer.source()}
    found["renderer"] = layer.renderer().type() if layer.renderer() else ""
    if isinstance(layer, QgsVectorLayer):
        found["fields"] = [field.name() for field in layer.fields()]
        found["features"] = [_feature(feature) for feature in layer.getFeatures()]
        found["selected"] = layer.selectedFeatureIds()
    return found


def _feature(feature: QgsFeature) -> dict[str, Any]:
    box = feature.geometry().boundingBox()
    return {
        "id": feature.id(),
        "attributes": [None if value is None else str(value) for value in feature.attributes()],
        "box": [box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()],
    }


def arrange() -> None:
    """A window that fills the screen, without the panels that the search does not need."""
    window = iface.mainWindow()
    window.setGeometry(QApplication.primaryScreen().geometry())
    for name in SPARE_DOCKS:
        dock = window.findChild(QWidget, name)
        if dock is not None:
            dock.hide()
    window.raise_()
    window.activateWindow()


arrange()
probe = Probe(Path(os.environ["MSA_PROBE_FOLDER"]))
