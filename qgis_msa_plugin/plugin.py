"""Composition root: what `initGui` and `initProcessing` add, `unload` takes away.

Where somebody is at work already, the modules that it takes are imported one at a time.
"""

from __future__ import annotations

import pkgutil
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Optional

from qgis.core import QgsApplication
from qgis.gui import QgisInterface
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

import qgis_msa_plugin
from msa_model import protocol
from qgis_msa_plugin.translate import Translation

if TYPE_CHECKING:
    from qgis_msa_plugin.desktop import DesktopParts
    from qgis_msa_plugin.processing.provider import MsaSearchProvider

START_MS = 1500  # after the plugin is loaded: QGIS itself comes first
STEP_MS = 20

# Those that others are built on come first, so that no step imports many.
_FIRST = (
    *("errors", "codec", "layers", "match", "warning_table"),
    *("messages", "hit_table", "changing", "describing"),
)
_PACKAGES = (
    *("gis", "worker", "render", "widgets", "search", "describe", "map", "batch"),
    *("setup", "processing", "dock", "indexes"),
)


class Preloader(QObject):
    """Imports what the plugin is made of, one module at a time; then, or where one cannot be, is `finished`.

    Such a one says so when it is wanted, not here.
    """

    finished = pyqtSignal()

    def __init__(self, parent: QObject, start_ms: int, step_ms: int) -> None:
        super().__init__(parent)
        self._names = _module_names()
        self._step_ms = step_ms
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._step)
        self._timer.start(start_ms)

    def stop(self) -> None:
        """Import no more."""
        self._timer.stop()
        self.deleteLater()

    def _step(self) -> None:
        name = next((name for name in self._names if name not in sys.modules), None)
        try:
            if name is not None:
                _import(name)
        except ImportError:
            name = None
        if name is None:
            self.finished.emit()
        else:
            self._timer.start(self._step_ms)


def _import(name: str) -> None:
    """As a statement does: QGIS notes what comes so, and forgets it as the plugin is unloaded."""
    __import__(name)


def _module_names() -> Iterator[str]:
    prefix = f"{protocol.__name__}."
    yield from (f"{prefix}{name}" for name in _FIRST)
    yield from _modules_in(protocol.__path__, prefix)
    for package in _PACKAGES:
        folders = [f"{folder}/{package}" for folder in qgis_msa_plugin.__path__]
        yield from _modules_in(folders, f"{qgis_msa_plugin.__name__}.{package}.")
    yield f"{qgis_msa_plugin.__name__}.desktop"


def _modules_in(folders: Iterable[str], prefix: str) -> Iterator[str]:
    """Those that put others together come last."""
    names = (module.name for module in pkgutil.iter_modules(folders, prefix))
    return iter(sorted(names, key=lambda name: name.endswith((".desktop", ".search_dock", ".form"))))


class MsaSearchPlugin:
    """The plugin as QGIS sees it; `iface` is None under qgis_process, which calls no `initGui`."""

    def __init__(self, iface: Optional[QgisInterface]) -> None:
        self._iface = iface
        self._translation = Translation()
        self._provider: Optional[MsaSearchProvider] = None
        self._desktop: Optional[DesktopParts] = None
        self._preloader: Optional[Preloader] = None

    def initProcessing(self) -> None:
        """Add the algorithms."""
        from qgis_msa_plugin.processing.provider import MsaSearchProvider  # noqa: PLC0415  (see `initGui`)

        self._provider = MsaSearchProvider()
        QgsApplication.processingRegistry().addProvider(self._provider)

    def initGui(self) -> None:
        """Add algorithms, options page and the action that shows the dock.

        As QGIS starts, at once: a script that it is started with may want them. In a window that is in use
        already, once the modules are there: together they take longer than a window may stand still.
        """
        if self._iface is None:
            return
        window = self._iface.mainWindow()
        if window.isVisible():
            self._preloader = Preloader(window, 0, 0)
            self._preloader.finished.connect(self._begin)
        else:
            self._begin()
            self._preloader = Preloader(window, START_MS, STEP_MS)

    def unload(self) -> None:
        """Undo `initGui` and `initProcessing`, let the worker go, forget the bundle."""
        if self._preloader is not None:
            self._preloader.stop()
            self._preloader = None
        if self._desktop is not None:
            self._desktop.remove()
            self._desktop = None
        if self._provider is not None:
            QgsApplication.processingRegistry().removeProvider(self._provider)
            self._provider = None
        self._translation.remove()
        qgis_msa_plugin.remove_bundle()

    def _begin(self) -> None:
        from qgis_msa_plugin.desktop import DesktopParts  # noqa: PLC0415  (see `initGui`)

        self.initProcessing()
        self._desktop = DesktopParts(self._iface)
