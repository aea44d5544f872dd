"""Asks the worker what is in indexed rasters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Callable, Optional

from qgis.core import QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QObject, pyqtSignal

from msa_model.protocol import methods
from msa_model.protocol.errors import Cancelled, MsaError
from msa_model.protocol.exploring import ExploreReply, ExploreRequest, TileGroup
from msa_model.protocol.messages import Example
from qgis_msa_plugin.map.group_layer import add_groups
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.search.thumbnails import Thumbnails
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.translate import interface_language
from qgis_msa_plugin.widgets.observed import Observed
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.newest import NewestCall


class Explorer(QObject):
    """Of the overviews asked for, the last one alone is answered."""

    reply_changed = pyqtSignal(object)
    busy_changed = pyqtSignal(object)
    failed = pyqtSignal(object)  # MsaError

    reply: Observed[Optional[ExploreReply]] = Observed(None)
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
        self._call.ask(methods.EXPLORE, request, lambda reply, _: self._take(reply), self._refuse)

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

    def _take(self, reply: ExploreReply) -> None:
        self.busy = False
        self.reply = reply

    def _refuse(self, error: MsaError) -> None:
        self.busy = False
        if not isinstance(error, Cancelled):
            self.failed.emit(error)
