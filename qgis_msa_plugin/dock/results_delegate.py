"""One row of the result list: picture, number, score as a bar, size and kind, two thumbs.

One cell of the gallery: picture with its number, the score as a bar, and what was said of it.
"""

from __future__ import annotations

from qgis.PyQt.QtCore import QAbstractItemModel, QEvent, QModelIndex, QObject, QRect, QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QFont, QFontMetrics, QIcon, QImage, QPainter, QPalette, QPen
from qgis.PyQt.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from msa_model.protocol.match import SHOWN
from qgis_msa_plugin.dock.results_model import (
    AFTER_ROLE,
    DATES_ROLE,
    JUDGEMENT_ROLE,
    MATCH_ROLE,
    NUMBER_ROLE,
    PLACE_ROLE,
    SCORE_ROLE,
    SHARE_ROLE,
)
from qgis_msa_plugin.plugin_files import resource
from qgis_msa_plugin.search.question import Judgement
from qgis_msa_plugin.widgets.match_words import BAR_PX, match_colour, paint_background, paint_bar, text_colour

PICTURE_PX = 56
THUMB_PX = 16
_PAD = 6
_BETWEEN = 2  # the pictures of two dates
_FAINT, _UNUSED = 0.45, 0.0
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class HitDelegate(QStyledItemDelegate):
    """Subclasses draw a hit; a row that has gone is left out."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._icons = {
            Judgement.ACCEPTED: QIcon(str(resource("icons/accept.svg"))),
            Judgement.REJECTED: QIcon(str(resource("icons/reject.svg"))),
        }

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Draw the hit, smoothly."""
        number = index.data(NUMBER_ROLE)
        if number is None:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self.paint_hit(painter, option, index, number)
        painter.restore()

    def paint_hit(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex, number: int
    ) -> None:
        """Draw the hit of that number."""
        raise NotImplementedError


class ResultsDelegate(HitDelegate):
    """Text and background come from the palette. `judged` tells row and thumb that were clicked."""

    judged = pyqtSignal(int, object)  # row, Judgement

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """Every row is as high as its picture."""
        return QSize(PICTURE_PX + 2 * _PAD, PICTURE_PX + 2 * _PAD)

    def paint_hit(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex, number: int
    ) -> None:
        """Draw the row."""
        paint_background(painter, option)
        inner = option.rect.adjusted(_PAD, _PAD, -_PAD, -_PAD)
        picture = QRect(inner.left(), inner.top(), PICTURE_PX, PICTURE_PX)
        pictures = pictures_of(index)
        for image in pictures:
            _paint_picture(painter, picture, image, option.palette)
            picture.translate(PICTURE_PX + _BETWEEN, 0)
        text = inner.adjusted(len(pictures) * (PICTURE_PX + _BETWEEN) - _BETWEEN + 2 * _PAD, 0, 0, 0)
        said = index.data(JUDGEMENT_ROLE)
        _paint_texts(painter, text, index, number, option)
        thumbs = said is not Judgement.NONE or _is_offered(option)
        room = thumb_rects(option.rect)[Judgement.ACCEPTED].left() if thumbs else text.right()
        _paint_place(painter, text, index.data(PLACE_ROLE), room, option)
        bar = QRect(text.left(), text.center().y() - BAR_PX // 2, text.width(), BAR_PX)
        paint_bar(painter, bar, index.data(SHARE_ROLE), match_colour(index.data(MATCH_ROLE)), option)
        self._paint_thumbs(painter, said, option)

    def editorEvent(
        self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: QModelIndex
    ) -> bool:
        """A click on a thumb judges, and goes nowhere."""
        if event.type() == QEvent.Type.MouseButtonRelease and event.button() == Qt.MouseButton.LeftButton:
            for judgement, where in thumb_rects(option.rect).items():
                if where.adjusted(-2, -2, 2, 2).contains(event.pos()):
                    self.judged.emit(index.row(), judgement)
                    return True
        return bool(super().editorEvent(event, model, option, index))

    def _paint_thumbs(self, painter: QPainter, said: Judgement, option: QStyleOptionViewItem) -> None:
        """The one that was said in full; both faintly where the mouse or the keyboard is."""
        offered = _FAINT if _is_offered(option) else _UNUSED
        for judgement, where in thumb_rects(option.rect).items():
            painter.setOpacity(1.0 if judgement is said else offered)
            if painter.opacity() > 0:
                self._icons[judgement].paint(painter, where)
        painter.setOpacity(1.0)


def pictures_of(index: QModelIndex) -> list[object]:
    """The pictures of a row side by side: one, or before and after; none where they are on their way."""
    roles = (int(Qt.ItemDataRole.DecorationRole), AFTER_ROLE)
    return [index.data(role) for role in roles[: index.data(DATES_ROLE)]]


def thumb_rects(row: QRect) -> dict[Judgement, QRect]:
    """Where the thumbs are in a row."""
    line = (PICTURE_PX // 2 - BAR_PX + 1) // 2  # half the height of the lower line of text
    top = row.bottom() - _PAD - line - THUMB_PX // 2
    reject = QRect(row.right() - _PAD - THUMB_PX, top, THUMB_PX, THUMB_PX)
    return {Judgement.ACCEPTED: reject.translated(-THUMB_PX - _PAD, 0), Judgement.REJECTED: reject}


def paint_image(painter: QPainter, where: QRect, image: object, palette: QPalette) -> None:
    """A picture, or its room where it is on its way."""
    if isinstance(image, QImage):
        painter.drawImage(where, image)
    else:
        painter.fillRect(where, palette.color(QPalette.ColorRole.AlternateBase))


def _paint_picture(painter: QPainter, where: QRect, image: object, palette: QPalette) -> None:
    paint_image(painter, where, image, palette)
    painter.setPen(palette.color(QPalette.ColorRole.Mid))
    painter.drawRect(where)


def _paint_texts(
    painter: QPainter, where: QRect, index: QModelIndex, number: int, option: QStyleOptionViewItem
) -> None:
    painter.setPen(text_colour(option))
    plain, bold = QFont(option.font), QFont(option.font)
    bold.setBold(True)
    top = QRect(where.left(), where.top(), where.width(), where.height() // 2 - BAR_PX)
    painter.setFont(bold)
    painter.drawText(top, _LEFT, str(number))
    painter.setFont(plain)
    painter.drawText(top, _RIGHT, index.data(SCORE_ROLE))


def _paint_place(
    painter: QPainter, where: QRect, text: str, right: int, option: QStyleOptionViewItem
) -> None:
    height = where.height() // 2 - BAR_PX
    line = QRect(where.left(), where.bottom() - height, right - where.left() - _PAD, height)
    elide = Qt.TextElideMode.ElideRight
    painter.setPen(text_colour(option))
    painter.drawText(line, _LEFT, QFontMetrics(option.font).elidedText(text, elide, line.width()))


def _is_offered(option: QStyleOptionViewItem) -> bool:
    """Whether the thumbs are shown because the mouse or the selection is there."""
    return bool(option.state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_Selected))


PLACES = 20  # that a gallery shows at once where it has the room
SMALLEST_PX, LARGEST_PX = 56, 132
_GAP, _FRAME_PX, _BAR_PX, _THUMB_PX = 2, 3, 4, 14
_BELOW_PX = _BAR_PX + _GAP
_DOUBTFUL = 0.55
_BADGE = QColor(0, 0, 0, 170)
_BADGE_TEXT = QColor("#ffffff")


class GalleryDelegate(HitDelegate):
    """A cell is a square picture of `side` pixels with its margin, over a bar."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.side = SMALLEST_PX
        self.dates = 1  # pictures side by side

    @property
    def cell(self) -> QSize:
        """The size of every cell."""
        return QSize(self.dates * self.side, self.side + _BELOW_PX)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """All cells are alike."""
        return self.cell

    def paint_hit(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex, number: int
    ) -> None:
        """Draw the cell."""
        cell = option.rect.adjusted(_GAP, _GAP, -_GAP, -_GAP)
        picture = cell.adjusted(0, 0, 0, -_BELOW_PX)
        images, match = pictures_of(index), index.data(MATCH_ROLE)
        painter.setOpacity(1.0 if match is None or match in SHOWN else _DOUBTFUL)
        for image, part in zip(images, _parts(picture, len(images))):
            paint_image(painter, part, image, option.palette)
        bar = QRect(cell.left(), cell.bottom() - _BAR_PX + 1, cell.width(), _BAR_PX)
        paint_bar(painter, bar, index.data(SHARE_ROLE), match_colour(match), option)
        painter.setOpacity(1.0)
        _paint_badge(painter, picture, str(number))
        self._paint_judgement(painter, picture, index.data(JUDGEMENT_ROLE))
        _paint_frame(painter, picture, option)

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
