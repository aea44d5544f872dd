"""The index files as the worker sees them, and its jobs on them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Optional

from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QObject, pyqtSignal

from msa_model.protocol import methods
from msa_model.protocol.errors import Cancelled, MsaError
from msa_model.protocol.indexes import (
    IndexDeleteRequest,
    IndexInfo,
    IndexListReply,
    IndexListRequest,
    IndexMoveRequest,
)
from msa_model.protocol.messages import Progress, RasterRef, ScanRequest, ScanSettings
from msa_model.protocol.methods import Method
from qgis_msa_plugin.gis.raster_source import raster_ref
from qgis_msa_plugin.widgets.observed import Observed
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.newest import NewestCall

Job = tuple[Method[Any, Any], object]

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
        for info in indexes:
            if info.state in REBUILDABLE:
                request = self._scan_of(info)
                jobs.append((methods.DELETE, IndexDeleteRequest(info.index)))
                jobs.append((methods.BUILD, request))
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
        known = {reference.address: reference for reference in self._references()}
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
