"""The list of hits; empty, it says what to do first."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import QModelIndex, QRect, QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import QKeyEvent, QPainter, QPaintEvent, QPalette
from qgis.PyQt.QtWidgets import QAbstractItemView, QListView, QWidget

from qgis_msa_plugin.dock.results_delegate import ResultsDelegate
from qgis_msa_plugin.dock.results_model import ResultsModel

_MARGIN = 16
_LEAST_HEIGHT = 120


class ResultsView(QListView):
    """`chosen` tells the rank that the user clicked or moved to."""

    chosen = pyqtSignal(int)

    def __init__(self, model: ResultsModel, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("msaResults")
        self.setModel(model)
        self.setItemDelegate(ResultsDelegate(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.clicked.connect(self._choose)
        self._model = model
        self._hint = ""

    def set_hint(self, text: str) -> None:
        """Say this while there are no hits."""
        self._hint = text
        self.setAccessibleDescription(text)
        self.viewport().update()

    def mark(self, rank: Optional[int]) -> None:
        """Select the row of that rank, without going anywhere on the map."""
        row = self._model.row_of(rank)
        index = self._model.index(row) if row >= 0 else QModelIndex()
        self.setCurrentIndex(index)
        if not index.isValid():
            self.clearSelection()

    def minimumSizeHint(self) -> QSize:
        """Room for the hint, or for one hit and a half."""
        return QSize(super().minimumSizeHint().width(), _LEAST_HEIGHT)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Moving through the list moves the map along; Enter goes there again."""
        before = self.currentIndex()
        super().keyPressEvent(event)
        entered = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if self.currentIndex() != before or entered:
            self._choose(self.currentIndex())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the hits, or the hint."""
        super().paintEvent(event)
        if self._model.rowCount() == 0 and self._hint:
            painter = QPainter(self.viewport())
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            room: QRect = self.viewport().rect().adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(room, flags, self._hint)
            painter.end()

    def _choose(self, index: QModelIndex) -> None:
        if index.isValid():
            self.chosen.emit(self._model.hit(index.row()).rank)
