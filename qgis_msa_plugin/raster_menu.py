"""The plugin's own submenu of QGIS's Raster menu."""

from __future__ import annotations

from qgis.gui import QgisInterface
from qgis.PyQt.QtCore import QObject
from qgis.PyQt.QtWidgets import QAction, QMenu

MENU = "MSA Search"


def add_to_menu(iface: QgisInterface, action: QAction) -> None:
    """Put the action into the submenu."""
    iface.addPluginToRasterMenu(MENU, action)


def remove_from_menu(iface: QgisInterface, action: QAction) -> None:
    """Take the action away, and with the last one the submenu: QGIS takes that out of sight, but keeps it."""
    menus = [place for place in _menus_of(action) if isinstance(place, QMenu)]
    iface.removePluginRasterMenu(MENU, action)
    for menu in menus:
        if menu.title().replace("&", "") == MENU and not menu.actions():
            menu.deleteLater()


def _menus_of(action: QAction) -> list[QObject]:
    # Qt 6 has the one, Qt 5 the other.
    return list(
        action.associatedObjects() if hasattr(action, "associatedObjects") else action.associatedWidgets()
    )
