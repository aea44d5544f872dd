"""The hits, as a list or as a gallery; empty, it says what to do first."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import QEvent, QModelIndex, QRect, QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import QContextMenuEvent, QKeyEvent, QPainter, QPaintEvent, QPalette, QResizeEvent
from qgis.PyQt.QtWidgets import QAbstractItemView, QListView, QMenu, QStyle, QWidget

from qgis_msa_plugin.dock.hit_actions import (
    COORDINATES,
    DESCRIBE,
    SIMILAR,
    WKT,
    ZOOM,
    HitKeys,
    keys_of,
)
from qgis_msa_plugin.dock.results_delegate import GalleryDelegate, ResultsDelegate, cell_side
from qgis_msa_plugin.dock.results_model import DATES_ROLE, ResultsModel
from qgis_msa_plugin.search.question import Judgement
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets.keyboard import FocusFrame

_MARGIN = 16
_LEAST_HEIGHT = 90
_MOVES = {Qt.Key.Key_J: Qt.Key.Key_Down, Qt.Key.Key_K: Qt.Key.Key_Up}
_GALLERY_MOVES = {Qt.Key.Key_J: Qt.Key.Key_Right, Qt.Key.Key_K: Qt.Key.Key_Left}
_OWN = {*"JKARUFGTX"}  # keys of the list that are no action of their own
_JUDGES = {Qt.Key.Key_A: Judgement.ACCEPTED, Qt.Key.Key_R: Judgement.REJECTED}


class ResultsView(QListView):
    """`chosen` tells the rank that the user clicked or moved to.

    Keys: J and K move on and back; A accepts, R rejects and both go on to the next hit; U takes back;
    S finds places like the current hit; F shows all hits on the map; G changes between list and gallery;
    T shows the other of two dates, X both beside a line.
    """

    chosen = pyqtSignal(int)
    pointed = pyqtSignal(int)  # rank, whose menu opens: the hit is meant, the map stays
    judged = pyqtSignal(int, object)  # rank, Judgement; a thumb was clicked
    reviewed = pyqtSignal(object)  # Judgement; a key said so of the current hit
    undone = pyqtSignal()
    acted = pyqtSignal(str, int)  # what to do (`hit_actions`) with the hit of that rank
    example_wanted = pyqtSignal(int, float)  # rank, weight: 1.0 to find more of this, -1.0 to avoid it
    all_wanted = pyqtSignal()  # the map is to show all hits
    date_wanted = pyqtSignal()  # the map is to show the other of two dates
    swipe_toggled = pyqtSignal()  # both dates beside a line, or one again
    gallery_wanted = pyqtSignal(bool)

    def __init__(self, model: ResultsModel, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("msaResults")
        self.setAccessibleName(tr("Hits"))
        self.setModel(model)
        self._lines, self._cells = ResultsDelegate(self), GalleryDelegate(self)
        self._lines.judged.connect(self._on_thumb)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMouseTracking(True)
        self.clicked.connect(self._on_click)
        self._model = model
        self.keys = HitKeys(self)
        FocusFrame(self)
        model.rowsInserted.connect(self._fit_cells)
        self._thumbed = False
        self._hint = ""
        self.show_gallery(False)

    @property
    def is_gallery(self) -> bool:
        """Whether the hits are shown as pictures side by side."""
        return bool(self.viewMode() == QListView.ViewMode.IconMode)

    def show_gallery(self, on: bool) -> None:
        """Show the hits as pictures side by side, or as a list."""
        self.setItemDelegate(self._cells if on else self._lines)
        self.setViewMode(QListView.ViewMode.IconMode if on else QListView.ViewMode.ListMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self._fit_cells()
        self.scrollTo(self.currentIndex())

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

    def go_on(self) -> None:
        """Choose the next row, if there is one."""
        index = self._model.index(self.currentIndex().row() + 1)
        if index.isValid():
            self.setCurrentIndex(index)
            self._choose(index)

    def minimumSizeHint(self) -> QSize:
        """Room for the hint, or for one hit and a half."""
        return QSize(super().minimumSizeHint().width(), _LEAST_HEIGHT)

    def sizeHint(self) -> QSize:
        """As low as it may be: the page asks for no more, and gives what is left."""
        return QSize(super().sizeHint().width(), _LEAST_HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cells are as large as the room allows."""
        super().resizeEvent(event)
        self._fit_cells()

    def event(self, event: QEvent) -> bool:
        """While the list has the focus its keys are its own, also where QGIS has them for something else."""
        if event.type() == QEvent.Type.ShortcutOverride:
            own = keys_of(event).toString() in _OWN
            if own or self.keys.meant(event) is not None:
                event.accept()
                return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Moving through the list moves the map along; Enter goes there again."""
        key = Qt.Key(event.key())
        meant = self.keys.meant(event)
        if meant is not None:
            if self.selectionModel().hasSelection():
                self._act(meant, self._model.rank(self.currentIndex().row()))
            return
        if event.modifiers() == Qt.KeyboardModifier.NoModifier and self._review(key):
            return
        moves = _GALLERY_MOVES if self.is_gallery else _MOVES
        if key in moves and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            event = QKeyEvent(event.type(), moves[key], event.modifiers())
        before = self.currentIndex()
        super().keyPressEvent(event)
        entered = key in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if self.currentIndex() != before or entered:
            self._choose(self.currentIndex())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with the hit under the mouse, or with the current one."""
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        index = self.indexAt(event.pos()) if by_mouse else self.currentIndex()
        if index.isValid():
            rank = self._model.rank(index.row())
            self.pointed.emit(rank)
            self.menu_of(rank).popup(event.globalPos())

    def menu_of(self, rank: int) -> QMenu:
        """The menu of the hit of that rank."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for text, act in (
            (self.keys.text(ZOOM), lambda: self._act(ZOOM, rank)),
            (tr("Accept\tA"), lambda: self.judged.emit(rank, Judgement.ACCEPTED)),
            (tr("Reject\tR"), lambda: self.judged.emit(rank, Judgement.REJECTED)),
            (self.keys.text(SIMILAR), lambda: self._act(SIMILAR, rank)),
            (tr("Avoid places like this"), lambda: self.example_wanted.emit(rank, -1.0)),
            (self.keys.text(DESCRIBE), lambda: self._act(DESCRIBE, rank)),
            (self.keys.text(COORDINATES), lambda: self._act(COORDINATES, rank)),
            (self.keys.text(WKT), lambda: self._act(WKT, rank)),
        ):
            menu.addAction(text).triggered.connect(act)
        return menu

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

    def _fit_cells(self, *_: object) -> None:
        """The grid of the gallery, with room for the scroll bar whether it is there or not."""
        if not self.is_gallery:
            self.setGridSize(QSize())
            return
        around, style = 2 * self.frameWidth(), self.style()
        # QListView itself leaves the bar, its distance and a frame free.
        metrics = (QStyle.PixelMetric.PM_ScrollBarExtent, QStyle.PixelMetric.PM_ScrollView_ScrollBarSpacing)
        aside = sum(style.pixelMetric(metric) for metric in metrics)
        aside += 2 * style.pixelMetric(QStyle.PixelMetric.PM_DefaultFrameWidth)
        room, dates = self.width() - around - aside, self._dates()
        self._cells.side, self._cells.dates = cell_side(room // dates, self.height() - around), dates
        self.setGridSize(self._cells.cell)

    def _dates(self) -> int:
        """How many pictures stand side by side for a hit."""
        first = self._model.index(0)
        return int(first.data(DATES_ROLE)) if first.isValid() else 1

    def _review(self, key: Qt.Key) -> bool:
        """What the key says of the current hit, or of all; whether it does."""
        if self._acts_on_all(key):
            return True
        if key not in _JUDGES:
            return False
        if self.selectionModel().hasSelection():
            self.reviewed.emit(_JUDGES[key])
        elif self._model.rowCount():  # a first look, before anything is said
            self.setCurrentIndex(self._model.index(0))
            self._choose(self.currentIndex())
        return True

    def _acts_on_all(self, key: Qt.Key) -> bool:
        """Do what the key says of all hits; whether it says anything."""
        if key == Qt.Key.Key_U:
            self.undone.emit()
        elif key == Qt.Key.Key_F:
            self.all_wanted.emit()
        elif key == Qt.Key.Key_G:
            self.gallery_wanted.emit(not self.is_gallery)
        elif key == Qt.Key.Key_T and self._dates() > 1:
            self.date_wanted.emit()
        elif key == Qt.Key.Key_X and self._dates() > 1:
            self.swipe_toggled.emit()
        else:
            return False
        return True

    def _act(self, what: str, rank: int) -> None:
        """Do this with the hit of that rank."""
        if what == ZOOM:
            self.chosen.emit(rank)
        elif what == SIMILAR:
            self.example_wanted.emit(rank, 1.0)
        else:
            self.acted.emit(what, rank)

    def _on_thumb(self, row: int, judgement: Judgement) -> None:
        self._thumbed = True
        self.judged.emit(self._model.rank(row), judgement)

    def _on_click(self, index: QModelIndex) -> None:
        thumbed, self._thumbed = self._thumbed, False
        if not thumbed:
            self._choose(index)

    def _choose(self, index: QModelIndex) -> None:
        if index.isValid():
            self.chosen.emit(self._model.rank(index.row()))
