"""The one worker client of a QGIS window: for the dock, once there is one, and for Processing runs."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import QObject

from qgis_msa_plugin.logs import log_info
from qgis_msa_plugin.settings import current_settings
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.lending import IDLE_S, Lender, lend, lend_no_more


class DesktopWorker(QObject):
    """Makes the client when it is first wanted; what only runs have used is let go once they rest."""

    def __init__(self, parent: QObject, idle_s: float = IDLE_S) -> None:
        super().__init__(parent)
        self._client: Optional[WorkerClient] = None
        self._lender = Lender(self._made, self, idle_s)
        self._lender.idle.connect(self._let_go)
        self._kept = False
        lend(self._lender)

    @property
    def client(self) -> Optional[WorkerClient]:
        """The client, if anybody has wanted it."""
        return self._client

    def keep(self) -> WorkerClient:
        """The client, for good: the dock uses it."""
        self._kept = True
        return self._made()

    def release(self) -> None:
        """Let the worker go, and lend no more."""
        lend_no_more(self._lender)
        if self._client is not None:
            self._client.stop()
            self._client.deleteLater()
            self._client = None

    def _made(self) -> WorkerClient:
        if self._client is None:
            self._client = WorkerClient(current_settings, self)
            self._client.log_line.connect(log_info)
        return self._client

    def _let_go(self) -> None:
        if self._client is not None and not self._kept:
            self._client.stop()
