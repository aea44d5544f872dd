"""The index files as the worker sees them, and its jobs on them.

Asks the worker what is indexed, and keeps the coverage layers of the project up to date.
Asks the worker what is in indexed rasters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Callable, Optional

from qgis.core import QgsProject, QgsRasterLayer, QgsVectorLayer
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from msa_model.protocol import methods
from msa_model.protocol.errors import Cancelled, IndexMissing, MsaError, WorkerDied
from msa_model.protocol.indexes import (
    CoverageReply,
    CoverageRequest,
    IndexDeleteRequest,
    IndexInfo,
    IndexListReply,
    IndexListRequest,
    IndexMoveRequest,
)
from msa_model.protocol.messages import Example, Progress, RasterRef, ScanRequest, ScanSettings
from msa_model.protocol.methods import Method
from msa_model.protocol.tile_groups import ExploreReply, ExploreRequest, TileGroup
from qgis_msa_plugin.gis.raster_source import raster_ref
from qgis_msa_plugin.map.coverage import CoverageLayers, add_groups
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.search.permitted_sources import check_indexes
from qgis_msa_plugin.search.state import SearchState
from qgis_msa_plugin.search.thumbnails import Thumbnails
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.translate import interface_language, tr
from qgis_msa_plugin.widgets.observed import NoticeLevel, Observed
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.newest import NewestCall
from qgis_msa_plugin.worker.state import WorkerState

Job = tuple[Method[Any, Any], object]

_OF_A_FILE = re.compile(r"/(?!vsi|/)|[A-Za-z]:[\\/]", re.IGNORECASE)  # on this machine, by its whole path
REBUILDABLE = ("current", "stale", "other_model")


class IndexFiles(QObject):
    """One job at a time, one index after the other; after each the list is asked for anew."""

    indexes_changed = pyqtSignal(object)
    busy_changed = pyqtSignal(object)
    progress_changed = pyqtSignal(object)
    failed = pyqtSignal(object)  # MsaError

    indexes: Observed[tuple[IndexInfo, ...]] = Observed(())
    busy: Observed[bool] = Observed(False)
    progress: Observed[Optional[Progress]] = Observed(None)

    def __init__(self, client: WorkerClient, project: QgsProject, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._project = project
        self._call = NewestCall(client)
        self._method: Optional[Method[Any, Any]] = None
        self._ahead: list[Job] = []
        self.folders: tuple[str, ...] = ()

    def refresh(self) -> None:
        """Look at the folders, the cache, and beside the project's rasters again."""
        rasters = tuple(reference.path for reference in self._references())
        self._start([(methods.LIST, IndexListRequest(self.folders, rasters))])

    def delete(self, indexes: Iterable[IndexInfo]) -> None:
        """Delete these files."""
        self._start([(methods.DELETE, IndexDeleteRequest(info.index)) for info in indexes])

    def move(self, indexes: Iterable[IndexInfo], folder: str) -> None:
        """Move these files to a folder, in which they are looked for from now on."""
        self.folders = tuple(dict.fromkeys((*self.folders, folder)))
        self._start([(methods.MOVE, IndexMoveRequest(info.index, folder)) for info in indexes])

    def rebuild(self, indexes: Iterable[IndexInfo]) -> None:
        """Scan these rasters anew, at the same scales, with the present model."""
        jobs: list[Job] = []
        try:
            for info in indexes:
                if info.state in REBUILDABLE:
                    request = self._scan_of(info)
                    jobs.append((methods.DELETE, IndexDeleteRequest(info.index)))
                    jobs.append((methods.BUILD, request))
        except MsaError as error:
            self.failed.emit(error)
            return
        self._start(jobs)

    def cancel(self) -> None:
        """Stop what is under way; what a scan has done is kept."""
        self._ahead.clear()
        self._call.cancel()

    def release(self) -> None:
        """Wait for nothing any more."""
        self.cancel()
        self._call.ignore()

    def _scan_of(self, info: IndexInfo) -> ScanRequest:
        """Of the project's layer, or of a file: what an index says chooses no server to speak to.

        Raises:
            not_of_project: it is of neither.
        """
        known = {reference.address: reference for reference in self._references()}
        if info.source not in known and not _OF_A_FILE.match(info.source):
            check_indexes((info.index,), ())
        raster = known.get(info.source) or RasterRef(info.source)
        # The file of another model carries that model's mark in its name: the new one gets its own.
        index = None if info.state == "other_model" else info.index
        return ScanRequest(raster, settings=ScanSettings(scales_m=info.scales_m), index=index)

    def _references(self) -> list[RasterRef]:
        layers = (layer for layer in self._project.mapLayers().values() if isinstance(layer, QgsRasterLayer))
        return [reference for reference in map(_reference, layers) if reference is not None]

    def _start(self, jobs: list[Job]) -> None:
        if not self.busy and jobs:
            self._ahead = jobs
            self.busy = True
            self._next()

    def _next(self) -> None:
        method, request = self._ahead.pop(0)
        self._method, self.progress = method, None
        self._call.ask(method, request, lambda value, _: self._take(value), self._refuse, self._advance)

    def _advance(self, progress: Progress) -> None:
        self.progress = progress

    def _take(self, value: object) -> None:
        if isinstance(value, IndexListReply):
            self.indexes = value.indexes
        if self._ahead:
            self._next()
        else:
            self._end()

    def _refuse(self, error: MsaError) -> None:
        """What follows would follow on a failure: it is left, and the list tells how things stand."""
        self._ahead.clear()
        if not isinstance(error, Cancelled):
            self.failed.emit(error)
        self._end()

    def _end(self) -> None:
        self.progress = None
        self.busy = False
        if self._method != methods.LIST:
            self.refresh()


def _reference(layer: QgsRasterLayer) -> Optional[RasterRef]:
    try:
        return raster_ref(layer)
    except MsaError:
        return None


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


class Explorer(QObject):
    """Of the overviews asked for, the last one alone is answered."""

    reply_changed = pyqtSignal(object)
    busy_changed = pyqtSignal(object)
    opening_changed = pyqtSignal(object)
    failed = pyqtSignal(object)  # MsaError

    reply: Observed[Optional[ExploreReply]] = Observed(None)
    opening: Observed[Optional[Progress]] = Observed(None)  # of a very large index, the first time
    busy: Observed[bool] = Observed(False)

    def __init__(
        self,
        client: WorkerClient,
        search: SearchController,
        settings: Callable[[], Settings],
        parent: Optional[QObject] = None,
    ) -> None:
        super().__init__(parent)
        self._search, self._settings = search, settings
        self._call = NewestCall(client)
        self.thumbnails = Thumbnails(client, self)
        self.titles: Mapping[str, str] = {}

    def explore(self, titles: Mapping[str, str], groups: int) -> None:
        """Group the tiles of index files; `titles` are the rasters' names by index file."""
        self.titles = dict(titles)
        self._search.state.learn(titles)  # the worker has listed them
        self.reply, self.busy = None, True
        phrases = self._settings().phrase_bank or None
        request = ExploreRequest(tuple(titles), groups, phrases, interface_language())
        self._call.ask(
            methods.EXPLORE, request, lambda reply, _: self._take(reply), self._refuse, self._advance
        )

    def add_layer(self) -> Optional[QgsVectorLayer]:
        """Put the groups on the map; nothing where there are none yet."""
        if self.reply is None:
            return None
        return add_groups(QgsProject.instance(), ", ".join(self.titles.values()), self.reply)

    def search_like(self, group: TileGroup) -> None:
        """Search for tiles like those typical of a group."""
        self._search.search_like([Example(tile=example.tile) for example in group.examples[:3]])

    def release(self) -> None:
        """Wait for nothing any more."""
        self._call.drop()
        self.thumbnails.release()

    def _advance(self, progress: Progress) -> None:
        self.opening = progress

    def _take(self, reply: ExploreReply) -> None:
        self.busy, self.opening = False, None
        self.reply = reply

    def _refuse(self, error: MsaError) -> None:
        self.busy, self.opening = False, None
        if not isinstance(error, Cancelled):
            self.failed.emit(error)
