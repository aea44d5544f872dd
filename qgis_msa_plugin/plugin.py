"""Composition root: what `initGui` and `initProcessing` add, `unload` takes away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.core import QgsApplication
from qgis.gui import QgisInterface
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QAction

import qgis_msa_plugin
from qgis_msa_plugin.options import OptionsFactory
from qgis_msa_plugin.places import resource
from qgis_msa_plugin.processing.provider import MsaSearchProvider
from qgis_msa_plugin.settings import Settings, current_settings
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.worker.client import WorkerClient

if TYPE_CHECKING:
    from qgis_msa_plugin.dock.search_dock import SearchDock
    from qgis_msa_plugin.search.controller import SearchController

MENU = "MSA Search"


class MsaSearchPlugin:
    """The plugin as QGIS sees it; `iface` is None under qgis_process."""

    def __init__(self, iface: Optional[QgisInterface]) -> None:
        self._iface = iface
        self._provider: Optional[MsaSearchProvider] = None
        self._action: Optional[QAction] = None
        self._options: Optional[OptionsFactory] = None
        self._client: Optional[WorkerClient] = None
        self._controller: Optional[SearchController] = None
        self._dock: Optional[SearchDock] = None

    def initProcessing(self) -> None:
        """Add the algorithms; qgis_process calls this alone."""
        self._provider = MsaSearchProvider()
        QgsApplication.processingRegistry().addProvider(self._provider)

    def initGui(self) -> None:
        """Add algorithms, options page and the action that shows the dock."""
        self.initProcessing()
        self._options = OptionsFactory(self._on_settings)
        self._iface.registerOptionsWidgetFactory(self._options)
        self._action = self._make_action()
        self._iface.addToolBarIcon(self._action)
        self._iface.addPluginToRasterMenu(MENU, self._action)

    def unload(self) -> None:
        """Undo `initGui` and `initProcessing`, let the worker go, forget the bundle."""
        self._close_dock()
        if self._action is not None:
            self._iface.removePluginRasterMenu(MENU, self._action)
            self._iface.removeToolBarIcon(self._action)
            self._action.deleteLater()
            self._action = None
        if self._options is not None:
            self._iface.unregisterOptionsWidgetFactory(self._options)
            self._options = None
        if self._provider is not None:
            QgsApplication.processingRegistry().removeProvider(self._provider)
            self._provider = None
        qgis_msa_plugin.remove_bundle()

    def show_dock(self, visible: bool = True) -> None:
        """Show or hide the dock; it is made when first shown."""
        if self._dock is None and visible:
            self._open_dock()
        elif self._dock is not None:
            self._dock.setUserVisible(visible)

    def _make_action(self) -> QAction:
        icon = QIcon(str(resource("icons/msa_search.svg")))
        action = QAction(icon, tr("MSA Search"), self._iface.mainWindow())
        action.setObjectName("mActionMsaSearch")
        action.setToolTip(tr("Search rasters by describing what to find"))
        action.setCheckable(True)
        action.triggered.connect(self.show_dock)
        return action

    def _open_dock(self) -> None:
        # Imported here, so that loading the plugin stays instant.
        from qgis_msa_plugin.dock.search_dock import SearchDock  # noqa: PLC0415
        from qgis_msa_plugin.search.controller import SearchController  # noqa: PLC0415

        window = self._iface.mainWindow()
        self._client = WorkerClient(current_settings, window)
        self._controller = SearchController(self._client, current_settings, window)
        self._dock = SearchDock(self._controller, self._iface, window)
        self._iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self._dock)
        self._dock.toggleViewAction().toggled.connect(self._action.setChecked)
        self._dock.setUserVisible(True)

    def _close_dock(self) -> None:
        if self._dock is None:
            return
        self._dock.toggleViewAction().toggled.disconnect(self._action.setChecked)
        self._iface.removeDockWidget(self._dock)
        self._dock.release()
        self._controller.release()
        self._client.stop()
        for part in (self._dock, self._controller, self._client):
            part.deleteLater()
        self._dock = self._controller = self._client = None

    def _on_settings(self, old: Settings, new: Settings) -> None:
        """The running worker was started with other settings: the next request starts another."""
        if self._client is not None and _worker_part(old) != _worker_part(new):
            self._client.stop()
            self._client.look()


def _worker_part(settings: Settings) -> tuple[object, ...]:
    return (
        settings.worker_command,
        settings.device,
        settings.threads,
        settings.model_folder,
        settings.cache_folder,
    )
