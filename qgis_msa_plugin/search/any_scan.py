"""A scan of either kind behind the interface of `ScanRun`: by path, or by pixels that QGIS draws."""

from __future__ import annotations

from typing import Optional, Union

from qgis.core import QgsProject
from qgis.PyQt.QtCore import QObject, pyqtSignal

from msa_model.protocol.pixels import PixelPlan, PixelPlanRequest
from qgis_msa_plugin.search.pixel_scan import PixelScan
from qgis_msa_plugin.search.request import AnyPlan, AnyRequest
from qgis_msa_plugin.search.scan_run import ScanRun
from qgis_msa_plugin.worker.client import WorkerClient


class AnyScan(QObject):
    """Takes the place of `ScanRun`; `start` needs the layer's id besides, for those that QGIS draws.

    One scan at a time. Ends in exactly one of `finished` (a `ScanSummary`) and `failed`.
    """

    progressed = pyqtSignal(object)
    resumed = pyqtSignal(object)
    finished = pyqtSignal(object)
    failed = pyqtSignal(object)

    def __init__(self, client: WorkerClient, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._by_path = ScanRun(client, self)
        self._by_pixels = PixelScan(client, self)
        self._run: Union[ScanRun, PixelScan] = self._by_path
        for run in (self._by_path, self._by_pixels):
            run.progressed.connect(self.progressed)
            run.resumed.connect(self.resumed)
            run.finished.connect(self.finished)
            run.failed.connect(self.failed)

    @property
    def plan(self) -> Optional[AnyPlan]:
        """The plan of the scan started last."""
        return self._run.plan

    @property
    def indexed(self) -> int:
        """Tiles of the plan that the index holds by now."""
        return self._run.indexed

    def start(self, request: AnyRequest, plan: AnyPlan, layer_id: str) -> None:
        """Build what the index lacks."""
        if isinstance(request, PixelPlanRequest) and isinstance(plan, PixelPlan):
            self._run = self._by_pixels
            self._by_pixels.start(request, plan, QgsProject.instance().mapLayer(layer_id))
        else:
            self._run = self._by_path
            self._by_path.start(request, plan)

    def cancel(self) -> None:
        """Ask for the end; it comes as `failed` with `Cancelled`."""
        self._run.cancel()
