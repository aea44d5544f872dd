"""One row of the result list: picture, number, score as a bar, size and kind, two thumbs."""

from __future__ import annotations

from qgis.PyQt.QtCore import QAbstractItemModel, QEvent, QModelIndex, QObject, QRect, QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import QFont, QFontMetrics, QIcon, QImage, QPainter, QPalette
from qgis.PyQt.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

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
from qgis_msa_plugin.places import resource
from qgis_msa_plugin.search.question import Judgement
from qgis_msa_plugin.widgets.match_words import match_colour
from qgis_msa_plugin.widgets.score_bar import BAR_PX, paint_background, paint_bar, text_colour

PICTURE_PX = 56
THUMB_PX = 16
_PAD = 6
_BETWEEN = 2  # the pictures of two dates
_FAINT, _UNUSED = 0.45, 0.0
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ResultsDelegate(QStyledItemDelegate):
    """Text and background come from the palette. `judged` tells row and thumb that were clicked."""

    judged = pyqtSignal(int, object)  # row, Judgement

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._icons = {
            Judgement.ACCEPTED: QIcon(str(resource("icons/accept.svg"))),
            Judgement.REJECTED: QIcon(str(resource("icons/reject.svg"))),
        }

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """Every row is as high as its picture."""
        return QSize(PICTURE_PX + 2 * _PAD, PICTURE_PX + 2 * _PAD)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Draw the row."""
        number = index.data(NUMBER_ROLE)
        if number is None:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
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
        painter.restore()

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


def _paint_picture(painter: QPainter, where: QRect, image: object, palette: QPalette) -> None:
    if isinstance(image, QImage):
        painter.drawImage(where, image)
    else:
        painter.fillRect(where, palette.color(QPalette.ColorRole.AlternateBase))
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
