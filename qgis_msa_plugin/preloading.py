"""Imports what the dock is made of, one module at a time while QGIS is idle, so that it opens at once."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

from qgis.PyQt.QtCore import QObject, QTimer

import qgis_msa_plugin

START_MS = 1500  # after the plugin is loaded: QGIS itself comes first
STEP_MS = 20

# Those that others are built on come first, so that no step imports many.
_PACKAGES = ("worker", "gis", "widgets", "search", "describe", "map", "batch", "dock")


class Preloader(QObject):
    """Ends by itself; a module that cannot be imported says so when the dock is opened, not here."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._names = _module_names()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._step)
        self._timer.start(START_MS)

    def stop(self) -> None:
        """Import no more."""
        self._timer.stop()

    def _step(self) -> None:
        name = next(self._names, None)
        if name is None:
            return
        try:
            importlib.import_module(name)
        except ImportError:
            return
        self._timer.start(STEP_MS)


def _module_names() -> Iterator[str]:
    for package in _PACKAGES:
        prefix = f"{qgis_msa_plugin.__name__}.{package}"
        folders = [f"{folder}/{package}" for folder in qgis_msa_plugin.__path__]
        for module in pkgutil.iter_modules(folders, f"{prefix}."):
            yield module.name
