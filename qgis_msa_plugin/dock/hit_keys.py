"""Keys of the list that act on a hit, as actions that the user finds in QGIS's keyboard shortcuts."""

from __future__ import annotations

from typing import Optional

from qgis.gui import QgisInterface
from qgis.PyQt.QtCore import QObject, Qt
from qgis.PyQt.QtGui import QKeyEvent, QKeySequence
from qgis.PyQt.QtWidgets import QAction

from qgis_msa_plugin.dock.hit_actions import COORDINATES, DESCRIBE, WKT
from qgis_msa_plugin.translate import tr

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
