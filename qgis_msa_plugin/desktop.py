"""What the plugin adds to QGIS's window: actions, options page, the dock once it is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.core import QgsProject, QgsSettings
from qgis.gui import QgisInterface
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QAction

from qgis_msa_plugin.gis.marks import follow, is_result_layer
from qgis_msa_plugin.map.kept_hits import KeptHits, restore_memory_layers
from qgis_msa_plugin.menu import LayerMenu, add_actions
from qgis_msa_plugin.options import OptionsFactory
from qgis_msa_plugin.plugin_files import resource
from qgis_msa_plugin.raster_menu import add_to_menu, remove_from_menu
from qgis_msa_plugin.settings import PREFIX, Settings, current_settings
from qgis_msa_plugin.setup.desktop import add_setup
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.desktop_worker import DesktopWorker

if TYPE_CHECKING:
    from qgis_msa_plugin.dock.search_dock import SearchDock
    from qgis_msa_plugin.session import Session

_OPEN = f"{PREFIX}/dock_open"
_ASK_KEYS = "Ctrl+Alt+F"  # where the user has not chosen others in QGIS's keyboard shortcuts
_ON_THE_LEFT = f"{PREFIX}/dock_on_the_left"


class DesktopParts:
    """Actions, options page, layers filled again and, once it was wanted, the dock."""

    def __init__(self, iface: QgisInterface) -> None:
        self._iface = iface
        self._worker = DesktopWorker(iface.mainWindow())
        self._opened: Optional[OpenedDock] = None
        self._position = DockPosition()
        self._action = self._make_action()
        self._ask = self._make_ask()
        iface.addToolBarIcon(self._action)
        add_to_menu(iface, self._action)
        self._setup = add_setup(iface, self.client)
        self._options = OptionsFactory(self._on_settings, self._setup.show)
        iface.registerOptionsWidgetFactory(self._options)
        self._entries = add_actions(self)
        self._layer_menu = LayerMenu(iface, lambda: self._open().dock)
        self._kept = KeptHits(QgsProject.instance(), iface.mainWindow())
        QgsProject.instance().readProject.connect(self._on_project)
        follow(QgsProject.instance())
        if self._position.was_open:
            self.show_dock(True)

    @property
    def iface(self) -> QgisInterface:
        """QGIS."""
        return self._iface

    def client(self) -> Optional[WorkerClient]:
        """The worker client of this QGIS, once the dock or a Processing run has wanted it."""
        return self._worker.client

    def session(self) -> Session:
        """What the dock works on; for that the dock is made, hidden, if there is none yet."""
        return self._open().session

    def remove(self) -> None:
        """Take away what the constructor and `show_dock` added."""
        QgsProject.instance().readProject.disconnect(self._on_project)
        self._entries.remove()
        self._layer_menu.remove()
        self._kept.release()
        self._kept.deleteLater()
        if self._opened is not None:
            self._opened.close()
            self._opened = None
        self._worker.release()
        self._worker.deleteLater()
        self._setup.remove()
        remove_from_menu(self._iface, self._action)
        self._iface.removeToolBarIcon(self._action)
        self._iface.unregisterOptionsWidgetFactory(self._options)
        self._action.deleteLater()
        self._iface.unregisterMainWindowAction(self._ask)
        self._ask.deleteLater()

    def show_dock(self, visible: bool) -> None:
        """Show or hide the dock; it is made when first shown, so that QGIS starts no slower."""
        self._open().dock.setUserVisible(visible)

    def _open(self) -> OpenedDock:
        if self._opened is None:
            self._opened = OpenedDock(self._iface, self._action, self._position, self._worker.keep())
            self._setup.attach(self._opened.dock)
        return self._opened

    def _make_action(self) -> QAction:
        icon = QIcon(str(resource("icons/msa_search.svg")))
        action = QAction(icon, tr("MSA Search"), self._iface.mainWindow())
        action.setObjectName("mActionMsaSearch")
        action.setToolTip(tr("Search rasters by describing what to find"))
        action.setCheckable(True)
        action.triggered.connect(self.show_dock)
        return action

    def _make_ask(self) -> QAction:
        action = QAction(tr("Search by Words"), self._iface.mainWindow())
        action.setObjectName("mActionMsaAsk")
        self._iface.mainWindow().addAction(action)  # its keys act where it is: older QGIS registers them only
        action.triggered.connect(lambda _: self._open().dock.ask())
        self._iface.registerMainWindowAction(action, _ASK_KEYS)
        return action

    def _on_project(self, *_: object) -> None:
        """Result layers of the project are filled again, dock or no dock."""
        restore_memory_layers(QgsProject.instance())
        follow(QgsProject.instance())
        if self._opened is None and any(map(is_result_layer, QgsProject.instance().mapLayers().values())):
            from qgis_msa_plugin.map.result_layer import refill  # noqa: PLC0415  (see OpenedDock)

            refill(QgsProject.instance())

    def _on_settings(self, old: Settings, new: Settings) -> None:
        """The running worker was started with other settings: the next request starts another."""
        client = self._worker.client
        if client is not None and old.of_worker() != new.of_worker():
            client.stop()
            client.look()
        if self._opened is not None:
            self._opened.session.search.area_moved()  # the grid of the tiles may be another, and so the cost


class DockPosition:
    """Whether the dock was open and where, from one QGIS to the next.

    A dock that was open is made as the plugin is loaded: QGIS then puts it where it was.
    """

    def __init__(self) -> None:
        self._settings = QgsSettings()

    @property
    def was_open(self) -> bool:
        """Whether QGIS was left with the dock open."""
        return bool(self._settings.value(_OPEN, False, type=bool))

    @property
    def area(self) -> Qt.DockWidgetArea:
        """The side of the window that the dock was on."""
        left = self._settings.value(_ON_THE_LEFT, False, type=bool)
        return Qt.DockWidgetArea.LeftDockWidgetArea if left else Qt.DockWidgetArea.RightDockWidgetArea

    def follow(self, dock: SearchDock) -> None:
        """Note what the user does with the dock; that a window takes its docks down with it is not that."""
        dock.closedStateChanged.connect(self._note_closed)
        dock.dockLocationChanged.connect(self._note_area)

    def _note_closed(self, closed: bool) -> None:
        self._settings.setValue(_OPEN, not closed)

    def _note_area(self, area: Qt.DockWidgetArea) -> None:
        if area != Qt.DockWidgetArea.NoDockWidgetArea:
            self._settings.setValue(_ON_THE_LEFT, area == Qt.DockWidgetArea.LeftDockWidgetArea)


class OpenedDock:
    """The dock with its session; `action` follows its visibility."""

    def __init__(
        self, iface: QgisInterface, action: QAction, position: DockPosition, client: WorkerClient
    ) -> None:
        # Imported here, so that loading the plugin stays instant.
        from qgis_msa_plugin.dock.search_dock import SearchDock  # noqa: PLC0415
        from qgis_msa_plugin.session import Session  # noqa: PLC0415

        window = iface.mainWindow()
        self._iface, self._action = iface, action
        self.session = Session(client, current_settings, window)
        self.dock = SearchDock(self.session, iface, window)
        # Before it is added: QGIS shows it then.
        self.dock.toggleViewAction().toggled.connect(action.setChecked)
        position.follow(self.dock)
        iface.addDockWidget(position.area, self.dock)

    def close(self) -> None:
        """Take the dock away and let the worker go."""
        self.dock.toggleViewAction().toggled.disconnect(self._action.setChecked)
        self._iface.removeDockWidget(self.dock)
        self.dock.release()
        self.session.release()
        for part in (self.dock, self.session):
            part.deleteLater()
