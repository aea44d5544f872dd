"""What can be done with a hit besides judging it: describe its place, take its coordinates along."""

from __future__ import annotations

from typing import Optional

from qgis.core import (
    QgsCsException,
    QgsGeometry,
    QgsPointXY,
)
from qgis.gui import QgisInterface
from qgis.PyQt.QtCore import QObject, Qt
from qgis.PyQt.QtGui import QKeyEvent, QKeySequence
from qgis.PyQt.QtWidgets import QAction, QApplication

from msa_model.protocol.messages import Hit
from qgis_msa_plugin.describe.describer import Describer
from qgis_msa_plugin.gis.geometry import WGS84, crs_of, point_to_crs, polygon_of
from qgis_msa_plugin.search.state import SearchState
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets.observed import NoticeLevel

DESCRIBE, COORDINATES, WKT = "describe", "coordinates", "wkt"


class HitActions(QObject):
    """Acts on hits of the answer that is listed, by rank."""

    def __init__(self, state: SearchState, describer: Describer, parent: QObject) -> None:
        super().__init__(parent)
        self._state, self._describer = state, describer

    def act(self, what: str, rank: int) -> None:
        """Do this with the hit of that rank, if there is one."""
        hit = self._state.results.hit(rank) if self._state.results is not None else None
        if hit is None:
            return
        if what == DESCRIBE:
            self._describer.describe_box(polygon_of(hit.ring).boundingBox(), crs_of(hit.crs))
            return
        text = coordinates_of(hit) if what == COORDINATES else wkt_of(hit)
        QApplication.clipboard().setText(text)
        self._state.say(NoticeLevel.INFO, tr("Copied: {text}").format(text=text))


def coordinates_of(hit: Hit) -> str:
    """The middle of a hit as latitude and longitude in degrees; in the raster's CRS where it has none."""
    middle: QgsPointXY = polygon_of(hit.ring).centroid().asPoint()
    try:
        place = point_to_crs(middle, crs_of(hit.crs), crs_of(WGS84))
    except QgsCsException:
        return f"{middle.x():.2f}, {middle.y():.2f}"
    return f"{place.y():.6f}, {place.x():.6f}"


def wkt_of(hit: Hit) -> str:
    """The tile as a polygon in the CRS of its raster."""
    polygon: QgsGeometry = polygon_of(hit.ring)
    return str(polygon.asWkt(6 if crs_of(hit.crs).isGeographic() else 2))


ZOOM, SIMILAR = "zoom", "similar"


class HitKeys(QObject):
    """What may be done with a hit, each with its keys.

    QGIS has some of these keys for itself, such as S: they mean a hit where the list has the focus, which
    looks them up here. So the actions are on no window.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.actions = {
            ZOOM: self._action("mActionMsaHitZoom", tr("Go there"), "Z"),
            SIMILAR: self._action("mActionMsaHitSimilar", tr("Find places like this"), "S"),
            DESCRIBE: self._action("mActionMsaHitDescribe", tr("Describe"), "D"),
            COORDINATES: self._action("mActionMsaHitCoordinates", tr("Copy coordinates"), "C"),
            WKT: self._action("mActionMsaHitWkt", tr("Copy as WKT"), "W"),
        }

    def register(self, iface: QgisInterface) -> None:
        """Have QGIS list them, and put the keys there that the user has chosen."""
        for action in self.actions.values():
            iface.registerMainWindowAction(action, action.shortcut().toString())

    def unregister(self, iface: QgisInterface) -> None:
        """Have QGIS forget them."""
        for action in self.actions.values():
            iface.unregisterMainWindowAction(action)

    def meant(self, event: QKeyEvent) -> Optional[str]:
        """What the keys that were pressed are for, if for anything."""
        pressed = keys_of(event)
        return next((what for what, action in self.actions.items() if pressed == action.shortcut()), None)

    def text(self, what: str) -> str:
        """As an entry of a menu, with its keys."""
        action = self.actions[what]
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        return f"{action.text()}\t{keys}" if keys else str(action.text())

    def _action(self, name: str, text: str, keys: str) -> QAction:
        action = QAction(text, self)
        action.setObjectName(name)
        action.setShortcut(QKeySequence(keys))
        return action


def keys_of(event: QKeyEvent) -> QKeySequence:
    """What was pressed; the keypad's keys are those of the keyboard."""
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if hasattr(event, "keyCombination"):  # Qt 6
        return QKeySequence(modifiers | Qt.Key(event.key()))
    return QKeySequence(int(modifiers) | event.key())
