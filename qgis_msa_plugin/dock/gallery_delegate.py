"""One cell of the gallery: picture with its number, the score as a bar, and what was said of it."""

from __future__ import annotations

from qgis.PyQt.QtCore import QModelIndex, QObject, QRect, QSize, Qt
from qgis.PyQt.QtGui import QColor, QIcon, QImage, QPainter, QPalette, QPen
from qgis.PyQt.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from msa_model.protocol.match import SHOWN
from qgis_msa_plugin.dock.results_delegate import pictures_of
from qgis_msa_plugin.dock.results_model import JUDGEMENT_ROLE, MATCH_ROLE, NUMBER_ROLE, SHARE_ROLE
from qgis_msa_plugin.places import resource
from qgis_msa_plugin.search.question import Judgement
from qgis_msa_plugin.widgets.match_words import match_colour
from qgis_msa_plugin.widgets.score_bar import paint_bar

PLACES = 20  # that a gallery shows at once where it has the room
SMALLEST_PX, LARGEST_PX = 56, 132
_GAP, _FRAME_PX, _BAR_PX, _THUMB_PX = 2, 3, 4, 14
_BELOW_PX = _BAR_PX + _GAP
_DOUBTFUL = 0.55
_BADGE = QColor(0, 0, 0, 170)
_BADGE_TEXT = QColor("#ffffff")


class GalleryDelegate(QStyledItemDelegate):
    """A cell is a square picture of `side` pixels with its margin, over a bar."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.side = SMALLEST_PX
        self.dates = 1  # pictures side by side
        self._icons = {
            Judgement.ACCEPTED: QIcon(str(resource("icons/accept.svg"))),
            Judgement.REJECTED: QIcon(str(resource("icons/reject.svg"))),
        }

    @property
    def cell(self) -> QSize:
        """The size of every cell."""
        return QSize(self.dates * self.side, self.side + _BELOW_PX)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """All cells are alike."""
        return self.cell

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Draw the cell."""
        number = index.data(NUMBER_ROLE)
        if number is None:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        cell = option.rect.adjusted(_GAP, _GAP, -_GAP, -_GAP)
        picture = cell.adjusted(0, 0, 0, -_BELOW_PX)
        images, match = pictures_of(index), index.data(MATCH_ROLE)
        painter.setOpacity(1.0 if match is None or match in SHOWN else _DOUBTFUL)
        for image, part in zip(images, _parts(picture, len(images))):
            if isinstance(image, QImage):
                painter.drawImage(part, image)
            else:
                painter.fillRect(part, option.palette.color(QPalette.ColorRole.AlternateBase))
        bar = QRect(cell.left(), cell.bottom() - _BAR_PX + 1, cell.width(), _BAR_PX)
        paint_bar(painter, bar, index.data(SHARE_ROLE), match_colour(match), option)
        painter.setOpacity(1.0)
        _paint_badge(painter, picture, str(number))
        self._paint_judgement(painter, picture, index.data(JUDGEMENT_ROLE))
        _paint_frame(painter, picture, option)
        painter.restore()

    def _paint_judgement(self, painter: QPainter, picture: QRect, said: Judgement) -> None:
        icon = self._icons.get(said)
        if icon is not None:
            where = QRect(0, 0, _THUMB_PX, _THUMB_PX)
            where.moveBottomRight(picture.bottomRight())
            painter.fillRect(where, _BADGE)
            icon.paint(painter, where)


def _parts(picture: QRect, count: int) -> list[QRect]:
    """A picture's room in as many parts side by side."""
    width = (picture.width() - (count - 1) * _GAP) // count
    return [
        QRect(picture.left() + at * (width + _GAP), picture.top(), width, picture.height())
        for at in range(count)
    ]


def cell_side(width: int, height: int) -> int:
    """The side of the largest cells of which `PLACES` are seen at once, if there is the room."""
    columns = max(width // LARGEST_PX, 1)
    while width // (columns + 1) >= SMALLEST_PX:
        side = width // columns
        if side <= LARGEST_PX and columns * (height // (side + _BELOW_PX)) >= PLACES:
            break
        columns += 1
    return min(max(width // columns, SMALLEST_PX), LARGEST_PX)


def _paint_badge(painter: QPainter, picture: QRect, text: str) -> None:
    metrics = painter.fontMetrics()
    badge = QRect(picture.left(), picture.top(), metrics.horizontalAdvance(text) + 6, metrics.height())
    painter.fillRect(badge, _BADGE)
    painter.setPen(_BADGE_TEXT)
    painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, text)


def _paint_frame(painter: QPainter, picture: QRect, option: QStyleOptionViewItem) -> None:
    """Thick and coloured where the cell is selected, thin where the mouse is."""
    selected = option.state & QStyle.StateFlag.State_Selected
    hovered = option.state & QStyle.StateFlag.State_MouseOver
    role = QPalette.ColorRole.Highlight if selected or hovered else QPalette.ColorRole.Mid
    width = _FRAME_PX if selected else 1
    painter.setPen(QPen(option.palette.color(role), width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    inset = width // 2
    painter.drawRect(picture.adjusted(inset, inset, -inset, -inset))
