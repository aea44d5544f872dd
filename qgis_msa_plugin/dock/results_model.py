"""Ranked tiles as rows."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import QAbstractListModel, QModelIndex, QObject, Qt
from qgis.PyQt.QtGui import QImage

from msa_model.protocol.messages import Hit
from qgis_msa_plugin.search import wording
from qgis_msa_plugin.search.state import Results
from qgis_msa_plugin.search.thumbnails import Thumbnails
from qgis_msa_plugin.translate import tr

HIT_ROLE = int(Qt.ItemDataRole.UserRole)
BEST_ROLE = HIT_ROLE + 1


class ResultsModel(QAbstractListModel):
    """One row per hit, by rank; a picture is asked for when its row is first painted."""

    def __init__(self, thumbnails: Thumbnails, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._hits: tuple[Hit, ...] = ()
        thumbnails.arrived.connect(self._repaint)

    def show(self, results: Optional[Results]) -> None:
        """Take over the hits; rows that stay keep their selection and place on screen."""
        hits = results.hits if results else ()
        fewer, more = len(self._hits) - len(hits), len(hits) - len(self._hits)
        if fewer > 0:
            self.beginRemoveRows(QModelIndex(), len(hits), len(self._hits) - 1)
            self._hits = hits
            self.endRemoveRows()
        elif more > 0:
            self.beginInsertRows(QModelIndex(), len(self._hits), len(hits) - 1)
            self._hits = hits
            self.endInsertRows()
        self._hits = hits
        self._repaint()

    def hit(self, row: int) -> Hit:
        """The hit in that row."""
        return self._hits[row]

    def row_of(self, rank: Optional[int]) -> int:
        """The row of a rank; -1 where there is none."""
        return next((row for row, hit in enumerate(self._hits) if hit.rank == rank), -1)

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008  (Qt's own default)
        """How many hits there are."""
        return 0 if parent.isValid() else len(self._hits)

    def data(self, index: QModelIndex, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        """What views and screen readers show of a hit."""
        if not index.isValid():
            return None
        hit = self._hits[index.row()]
        if role == HIT_ROLE:
            return hit
        if role == BEST_ROLE:
            return self._hits[0].score
        if role == Qt.ItemDataRole.DecorationRole:
            return self._picture(hit)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{hit.rank} · {hit.score:.3f} · {wording.metres(hit.scale_m)}"
        return _tool_tip(hit) if role == Qt.ItemDataRole.ToolTipRole else None

    def _picture(self, hit: Hit) -> Optional[QImage]:
        return self._thumbnails.image(hit)

    def _repaint(self) -> None:
        if self._hits:
            self.dataChanged.emit(self.index(0), self.index(len(self._hits) - 1))


def _tool_tip(hit: Hit) -> str:
    text = tr(
        "Rank {rank}: similarity {score} (cosine between query and tile).\n"
        "Compare scores within one query only; they are no probabilities.\n"
        "The tile is {scale} wide on the ground. Click to go there."
    )
    return text.format(rank=hit.rank, score=f"{hit.score:.4f}", scale=wording.metres(hit.scale_m))
