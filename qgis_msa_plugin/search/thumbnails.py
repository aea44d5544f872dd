"""Pictures of tiles as the map shows them, fetched in batches when a row first becomes visible, and kept."""

from __future__ import annotations

from collections import OrderedDict
from typing import Callable, Optional

from qgis.core import QgsProject
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal
from qgis.PyQt.QtGui import QImage

from msa_model.protocol import methods
from msa_model.protocol.errors import IndexMissing, IndexStale, IndexUnreadable, MsaError, WorkerDied
from msa_model.protocol.messages import Hit, MapStyle, ThumbnailReply, ThumbnailRequest, TileRef
from qgis_msa_plugin.logs import log_warning
from qgis_msa_plugin.render.style import MapStyles
from qgis_msa_plugin.search.state import SearchState
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.worker.client import WorkerClient

SIDE = 96
_BATCH = 24
_KEPT = 600
_CHANNELS = 3
# What pictures may meet while their index is only just coming into being, or coming back.
_PASSING = (IndexMissing, IndexStale, IndexUnreadable, WorkerDied)


def tile_of(hit: Hit) -> TileRef:
    """The tile that was hit."""
    return TileRef(hit.index, hit.factor, hit.row, hit.col)


class Thumbnails(QObject):
    """Asks at most once for a tile; the least recently seen pictures are dropped beyond some hundreds."""

    arrived = pyqtSignal()

    def __init__(
        self,
        client: WorkerClient,
        parent: Optional[QObject] = None,
        wanted: Callable[[], bool] = lambda: True,
        known: Callable[[str], bool] = lambda _: True,
    ) -> None:
        super().__init__(parent)
        self._client = client
        self._styles = MapStyles(QgsProject.instance(), self)
        self._styles.changed.connect(self._look_again)
        self._are_wanted, self._is_known = wanted, known
        self._images: OrderedDict[TileRef, Optional[QImage]] = OrderedDict()
        self._wanted: dict[TileRef, None] = {}
        self._fetching: tuple[TileRef, ...] = ()
        self._asked_styles: tuple[MapStyle, ...] = ()
        self._outdated = False  # what is being fetched is shown otherwise by now
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._fetch)

    def image(self, hit: Hit) -> Optional[QImage]:
        """The picture, or nothing yet; `arrived` tells when to look again."""
        return self.of_tile(tile_of(hit))

    def of_tile(self, tile: TileRef) -> Optional[QImage]:
        """The same of a tile."""
        if tile in self._images:
            self._images.move_to_end(tile)
            return self._images[tile]
        if tile not in self._fetching and self._are_wanted() and self._is_known(tile.index):
            self._wanted[tile] = None
            self._soon.start()
        return None

    def release(self) -> None:
        """Stop following the project."""
        self._styles.changed.disconnect(self._look_again)
        self._styles.release()

    def _look_again(self) -> None:
        """The map shows a raster otherwise: its pictures are of yesterday."""
        styles = self._styles.all()
        if styles == self._asked_styles:
            return
        self._asked_styles = styles
        self._images.clear()
        self._outdated = bool(self._fetching)
        self.arrived.emit()

    def _fetch(self) -> None:
        if self._fetching or not self._wanted:
            return
        # The rows asked for last are those on screen now.
        self._fetching = tuple(self._wanted)[-_BATCH:]
        self._wanted = {tile: None for tile in self._wanted if tile not in self._fetching}
        self._asked_styles = self._styles.all()
        request = ThumbnailRequest(self._fetching, SIDE, self._asked_styles)
        self._client.call(methods.THUMBNAILS, request, self._take, self._refuse)

    def _take(self, reply: ThumbnailReply, pixels: bytes) -> None:
        tiles, self._fetching = self._fetching, ()
        if not self._outdated:
            self._images.update(zip(tiles, images_of(reply, pixels)))
        self._outdated = False
        self._shrink()
        self.arrived.emit()
        self._fetch()

    def _refuse(self, error: MsaError) -> None:
        # A list without pictures still serves; what a sound worker refuses is not asked for again and again.
        log_warning(error.sentence)
        if not isinstance(error, _PASSING):
            self._images.update(dict.fromkeys(self._fetching))
        self._fetching, self._outdated = (), False
        self._fetch()

    def _shrink(self) -> None:
        while len(self._images) > _KEPT:
            self._images.popitem(last=False)


def thumbnails_of_hits(
    client: WorkerClient, state: SearchState, settings: Callable[[], Settings], parent: QObject
) -> Thumbnails:
    """Pictures for the list of hits, where the options want them and the worker has named the index."""
    wanted, known = (lambda: settings().thumbnails), (lambda index: index in state.indexes)
    thumbnails = Thumbnails(client, parent, wanted, known)
    state.indexes_changed.connect(lambda _: thumbnails.arrived.emit())  # rows may be asked for now
    return thumbnails


def images_of(reply: ThumbnailReply, pixels: bytes) -> list[QImage]:
    """The pictures of an attachment of count × side × side × 3 bytes."""
    size = reply.side * reply.side * _CHANNELS
    return [
        QImage(
            pixels[start : start + size],
            reply.side,
            reply.side,
            reply.side * _CHANNELS,
            QImage.Format.Format_RGB888,
        ).copy()
        for start in range(0, min(reply.count * size, len(pixels) - size + 1), size)
    ]
