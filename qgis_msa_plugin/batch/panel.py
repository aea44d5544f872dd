"""The Batch section of the dock: what to scan, and the jobs that there are."""

from __future__ import annotations

from typing import Optional

from qgis.gui import QgisInterface
from qgis.PyQt.QtWidgets import QVBoxLayout, QWidget

from qgis_msa_plugin.batch.queue import BatchQueue


class BatchPanel(QWidget):
    """Needs only the queue (`controller.batches`, made by whoever has the client) and QGIS's interface.

    `release()` takes its map tool off the canvas, before the dock is taken away.
    """

    def __init__(self, queue: BatchQueue, iface: QgisInterface, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("msaBatchPanel")
        self._queue, self._iface = queue, iface
        QVBoxLayout(self)

    def release(self) -> None:
        """Let go of the map."""
