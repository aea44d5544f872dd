"""*Search This Layer* and *Describe This Layer…* in the menu of raster layers, and as keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

from qgis.core import QgsMapLayerType, QgsRasterLayer
from qgis.gui import QgisInterface
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QAction

from qgis_msa_plugin.gis.marks import is_heat_layer
from qgis_msa_plugin.plugin_files import resource
from qgis_msa_plugin.translate import tr

if TYPE_CHECKING:
    from qgis_msa_plugin.dock.search_dock import SearchDock

# Where the user has not chosen others in QGIS's keyboard shortcuts.
_SEARCH_KEYS, _DESCRIBE_KEYS = "Ctrl+Alt+Shift+F", "Ctrl+Alt+Shift+D"


class LayerMenu:
    """Added at once, taken away by `remove`; `dock` makes the dock if there is none yet."""

    def __init__(self, iface: QgisInterface, dock: Callable[[], SearchDock]) -> None:
        self._iface, self._dock = iface, dock
        self._actions = [
            self._action("mActionMsaSearchLayer", tr("Search This Layer"), "msa_search", _SEARCH_KEYS),
            self._action("mActionMsaDescribeLayer", tr("Describe This Layer…"), "describe", _DESCRIBE_KEYS),
        ]
        search, describe = self._actions
        search.triggered.connect(lambda _: self._dock().search_layers(self._rasters()))
        describe.triggered.connect(lambda _: self._dock().describe_layers(self._rasters()))

    def remove(self) -> None:
        """Take everything away."""
        for action in self._actions:
            self._iface.removeCustomActionForLayerType(action)
            self._iface.unregisterMainWindowAction(action)
            action.deleteLater()

    def _rasters(self) -> list[QgsRasterLayer]:
        """What is selected in the layer panel, but for layers that show what a search found."""
        chosen = self._iface.layerTreeView().selectedLayers() or [self._iface.activeLayer()]
        return [layer for layer in chosen if isinstance(layer, QgsRasterLayer) and not is_heat_layer(layer)]

    def _action(self, name: str, text: str, icon: str, keys: str) -> QAction:
        window = self._iface.mainWindow()
        action = QAction(QIcon(str(resource(f"icons/{icon}.svg"))), text, window)
        action.setObjectName(name)
        window.addAction(action)  # its keys act where it is: older QGIS registers them only
        self._iface.registerMainWindowAction(action, keys)
        self._iface.addCustomActionForLayerType(action, "", QgsMapLayerType.RasterLayer, True)
        return action
