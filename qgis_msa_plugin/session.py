"""What the dock and the menus work on: one worker client, and a controller for each panel."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Callable, Optional

from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QObject

from msa_model.protocol.messages import ScanPlan
from qgis_msa_plugin.batch.queue import BatchQueue
from qgis_msa_plugin.describe.describer import Describer
from qgis_msa_plugin.describe.many import DescribeMany
from qgis_msa_plugin.indexes.index_files import CoverageController, Explorer, IndexFiles
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.search.state import ScanPhase
from qgis_msa_plugin.settings import Settings, keep_settings
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets.observed import NoticeLevel
from qgis_msa_plugin.worker.client import WorkerClient


class Session(QObject):
    """Makes the controllers and ties them together; none of them knows another.

    Each panel gets its own: `search`; `describer` and `features`; `batches`; `index_files`, `coverage`,
    `explorer`.
    """

    def __init__(
        self, client: WorkerClient, settings: Callable[[], Settings], parent: Optional[QObject] = None
    ) -> None:
        super().__init__(parent)
        self.client, self.settings = client, settings
        self.search = SearchController(client, settings, self)
        self.state = self.search.state
        self.describer = Describer(client, self.state, settings, self)
        self.features = DescribeMany(client, settings, self)
        self.batches = BatchQueue(client, parent=self)
        self.index_files = IndexFiles(client, QgsProject.instance(), self)
        self.coverage = CoverageController(client, self.state, QgsProject.instance(), self)
        self.explorer = Explorer(client, self.search, settings, self)
        self._connect()

    def retry_worker(self) -> None:
        """Start the worker again after it has failed."""
        self.state.notice = None
        self.client.start()
        self.search.area_moved()

    def choose_worker(self, path: str) -> None:
        """Use this program as the worker from now on."""
        keep_settings(dataclasses.replace(self.settings(), worker_command=path))
        self.client.stop()
        self.retry_worker()

    def release(self) -> None:
        """Let go of project and client; nothing is asked of the worker any more."""
        describing, indexes = (
            (self.describer, self.features),
            (self.index_files, self.coverage, self.explorer),
        )
        for part in (self.search, *describing, self.batches, *indexes):
            part.release()

    def _connect(self) -> None:
        self.search.layers_chosen.connect(self._describe_first)
        self.state.gsd_m_changed.connect(self._draw_at)
        self.state.plan_changed.connect(self._offer_scales)
        self.state.phase_changed.connect(self._tell_queueing)
        for signal in (self.batches.advanced, self.batches.finished):
            signal.connect(self.coverage.refresh_soon)

    def _describe_first(self, layers: Sequence[QgsRasterLayer]) -> None:
        self.describer.choose_layer(layers[0] if layers else None)

    def _draw_at(self, gsd_m: Optional[float]) -> None:
        """Every job draws at the pixel size that was picked."""
        self.describer.gsd_m = self.features.gsd_m = self.batches.gsd_m = gsd_m

    def _offer_scales(self, plan: Optional[ScanPlan]) -> None:
        """What is described may be as large as what is searched."""
        if plan is not None:
            self.describer.scales = tuple(scale.scale_m for scale in plan.scales)

    def _tell_queueing(self, phase: ScanPhase) -> None:
        if phase is ScanPhase.SCANNING and self.batches.running:
            text = tr("A batch scan is running: this scan starts when it ends, or when you pause it.")
            self.state.say(NoticeLevel.INFO, text)
