"""What the plugin adds to QGIS for setting up: a menu entry, and the buttons of the dock's worker line."""

from __future__ import annotations

from typing import Callable, Optional

from qgis.gui import QgisInterface
from qgis.PyQt.QtWidgets import QWidget

from qgis_msa_plugin.worker.client import WorkerClient

FindClient = Callable[[], Optional[WorkerClient]]


class SetupEntry:
    """`attach` after the dock was made, `remove` at the end; between them it looks after itself."""

    def __init__(self, iface: QgisInterface, client: FindClient) -> None:
        self._iface, self._client = iface, client

    def attach(self, dock: QWidget) -> None:
        """Listen to the dock's worker line; the first time without a worker, offer to set one up."""

    def show(self) -> None:
        """Open the window that builds, repairs and removes the worker's environment."""

    def remove(self) -> None:
        """Take away what was added."""


def add_setup(iface: QgisInterface, client: FindClient) -> SetupEntry:
    """Add setting up to QGIS; `client` gives the dock's worker client once there is one."""
    return SetupEntry(iface, client)
