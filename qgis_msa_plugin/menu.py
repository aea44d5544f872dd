"""Menu entries besides the dock's own: batch scans and the index manager; entries for one raster layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Callable, Optional, Protocol

from qgis.core import QgsApplication
from qgis.gui import QgisInterface
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QAction, QDialog, QDockWidget

from qgis_msa_plugin.batch.job import BatchJob
from qgis_msa_plugin.batch.offer import ResumeOffer
from qgis_msa_plugin.raster_menu import add_to_menu, remove_from_menu
from qgis_msa_plugin.translate import tr

if TYPE_CHECKING:
    from qgis_msa_plugin.indexes.dialog import IndexDialog
    from qgis_msa_plugin.indexes.explore_dialog import ExploreDialog
    from qgis_msa_plugin.session import Session
from typing import TYPE_CHECKING

from qgis.core import QgsMapLayerType, QgsRasterLayer
from qgis.PyQt.QtGui import QIcon

from qgis_msa_plugin.gis.marks import is_heat_layer
from qgis_msa_plugin.plugin_files import resource

if TYPE_CHECKING:
    from qgis_msa_plugin.dock.search_dock import SearchDock

DOCK = "MsaSearchDock"


class Desktop(Protocol):
    """What the plugin's own parts give."""

    @property
    def iface(self) -> QgisInterface:
        """QGIS."""

    def session(self) -> Session:
        """What the dock works on; the dock is made for it if need be."""

    def show_dock(self, visible: bool) -> None:
        """Show or hide the dock."""


class MenuEntries:
    """Added by `add_actions`, taken away by `remove`."""

    def __init__(self, desktop: Desktop) -> None:
        self._desktop = desktop
        self._dialog: Optional[IndexDialog] = None
        self._groups: Optional[ExploreDialog] = None
        self._actions = [
            self._action("mActionMsaBatch", tr("Batch Scan…"), "/mActionStart.svg", self.show_batch),
            self._action("mActionMsaIndexes", tr("Manage Indexes…"), "/mIconRaster.svg", self.show_indexes),
        ]
        self._offer = ResumeOffer(desktop.iface.messageBar(), desktop.iface.mainWindow())
        self._offer.accepted.connect(self._resume)
        self._soon = QTimer(self._offer)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._offer.show)
        self._soon.start(0)  # once QGIS is up

    def remove(self) -> None:
        """Take everything away."""
        self._soon.stop()
        self._offer.withdraw()
        self._offer.deleteLater()
        dialogs: tuple[Optional[QDialog], ...] = (self._dialog, self._groups)
        for dialog in filter(None, dialogs):
            dialog.close()
            dialog.deleteLater()
        self._dialog = self._groups = None
        for action in self._actions:
            remove_from_menu(self._desktop.iface, action)
            action.deleteLater()

    def show_batch(self) -> None:
        """Show the dock with its Batch tab in front."""
        self._desktop.show_dock(True)
        dock = self._desktop.iface.mainWindow().findChild(QDockWidget, DOCK)
        if dock is not None:
            dock.tabs.setCurrentWidget(dock.batch)

    def show_indexes(self) -> None:
        """Show the index manager."""
        if self._dialog is None:
            self._dialog = self._make_dialog()
        self._dialog.show()
        self._dialog.raise_()
        self._dialog.refresh_list()

    def _make_dialog(self) -> IndexDialog:
        # Imported here, so that loading the plugin stays instant.
        from qgis_msa_plugin.indexes.dialog import IndexDialog  # noqa: PLC0415

        session = self._desktop.session()
        dialog = IndexDialog(session.index_files, self._desktop.iface.mainWindow())
        dialog.coverage_wanted.connect(session.coverage.show)
        dialog.explore_wanted.connect(self.show_groups)
        return dialog

    def show_groups(self, titles: Mapping[str, str]) -> None:
        """Show what is in these indexes; `titles` are the rasters' names by index file."""
        if self._groups is None:
            # Imported here, so that loading the plugin stays instant.
            from qgis_msa_plugin.indexes.explore_dialog import ExploreDialog  # noqa: PLC0415

            explorer = self._desktop.session().explorer
            self._groups = ExploreDialog(explorer, self._desktop.iface.mainWindow())
        self._groups.show()
        self._groups.raise_()
        self._groups.explore(titles)

    def _resume(self, jobs: tuple[BatchJob, ...]) -> None:
        self.show_batch()
        for job in jobs:
            self._desktop.session().batches.resume(job.id)

    def _action(self, name: str, text: str, icon: str, act: Callable[[], None]) -> QAction:
        window = self._desktop.iface.mainWindow()
        action = QAction(QgsApplication.getThemeIcon(icon), text, window)
        action.setObjectName(name)
        action.triggered.connect(act)
        add_to_menu(self._desktop.iface, action)
        return action


def add_actions(desktop: Desktop) -> MenuEntries:
    """Add the menu entries, and offer to resume what was interrupted."""
    return MenuEntries(desktop)


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
