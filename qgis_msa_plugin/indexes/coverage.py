"""Asks the worker what is indexed, and keeps the coverage layers of the project up to date."""

from __future__ import annotations

from collections.abc import Mapping

from qgis.core import QgsProject
from qgis.PyQt.QtCore import QObject, QTimer

from msa_model.protocol import methods
from msa_model.protocol.errors import Cancelled, IndexMissing, MsaError, WorkerDied
from msa_model.protocol.indexes import CoverageReply, CoverageRequest
from qgis_msa_plugin.map.coverage import CoverageLayers
from qgis_msa_plugin.search.state import SearchState
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets.notices import NoticeLevel
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.state import WorkerState

REFRESH_MS = 3000  # between two looks while a scan runs


class CoverageController(QObject):
    """`show` adds a layer per index; while scans run, `refresh_soon` brings them up to date now and then."""

    def __init__(
        self, client: WorkerClient, state: SearchState, project: QgsProject, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._client, self._state, self._project = client, state, project
        self._layers = CoverageLayers(project)
        self._open: set[str] = set()
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_MS)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.refresh)
        state.progress_changed.connect(self.refresh_soon)
        state.phase_changed.connect(self.refresh_soon)
        state.indexes_changed.connect(self.refresh_soon)
        client.state_changed.connect(self._on_worker)
        project.readProject.connect(self._on_project)

    def show(self, titles: Mapping[str, str]) -> None:
        """Show what these index files hold; `titles` are the rasters' names by index file."""
        if not titles:
            self._state.say(
                NoticeLevel.INFO, tr("Nothing is known of this layer's index yet: search it first.")
            )
        self._state.learn(titles)  # the worker has listed or planned them
        for index, title in titles.items():
            self._ask(index, title, quiet=False)

    def show_chosen(self) -> None:
        """Show it for the layers that are searched."""
        layers = (self._project.mapLayer(layer_id) for layer_id in self._state.layers)
        titles = [layer.name() for layer in layers if layer is not None]
        self.show({plan.index: title for plan, title in zip(self._state.plans, titles)})

    def refresh(self) -> None:
        """Bring the layers of the project up to date."""
        if self._client.state is WorkerState.READY:
            for index, title in self._layers.shown().items():
                if index in self._state.indexes:
                    self._ask(index, title, quiet=True)

    def refresh_soon(self, *_: object) -> None:
        """Bring them up to date within three seconds, if there are any."""
        if not self._timer.isActive() and self._layers.shown():
            self._timer.start()

    def release(self) -> None:
        """Ask for nothing any more; the layers stay, they are the user's."""
        self._timer.stop()
        self._client.state_changed.disconnect(self._on_worker)
        self._project.readProject.disconnect(self._on_project)

    def _ask(self, index: str, title: str, quiet: bool) -> None:
        if index in self._open:
            return
        self._open.add(index)
        self._client.call(
            methods.COVERAGE,
            CoverageRequest(index),
            lambda reply, _: self._take(index, title, reply, quiet),
            lambda error: self._refuse(index, error, quiet),
        )

    def _take(self, index: str, title: str, reply: CoverageReply, quiet: bool) -> None:
        self._open.discard(index)
        if not quiet or self._layers.layer_of(index) is not None:  # else it was taken away meanwhile
            self._layers.show(title, reply)

    def _refuse(self, index: str, error: MsaError, quiet: bool) -> None:
        self._open.discard(index)
        if quiet or isinstance(error, (Cancelled, WorkerDied)):
            return
        if isinstance(error, IndexMissing):
            self._state.say(NoticeLevel.INFO, tr("Nothing of this layer is indexed yet."))
        else:
            self._state.fail(error)

    def _on_worker(self, state: WorkerState) -> None:
        if state is WorkerState.READY:
            self.refresh_soon()

    def _on_project(self, *_: object) -> None:
        """Layers in memory come back empty."""
        self.refresh_soon()
