"""One row of the result list: picture, rank, score as a bar, ground size."""

from __future__ import annotations

from qgis.PyQt.QtCore import QModelIndex, QRect, QSize, Qt
from qgis.PyQt.QtGui import QFont, QImage, QPainter, QPalette
from qgis.PyQt.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from msa_model.protocol.messages import Hit
from qgis_msa_plugin.dock.results_model import BEST_ROLE, HIT_ROLE
from qgis_msa_plugin.dock.score_bar import BAR_PX, paint_background, paint_bar, text_colour
from qgis_msa_plugin.layers.heat import rank_colour
from qgis_msa_plugin.search import wording
from qgis_msa_plugin.translate import tr

PICTURE_PX = 56
_PAD = 6


class ResultsDelegate(QStyledItemDelegate):
    """Text and background come from the palette; only the heat colours are the plugin's own."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """Every row is as high as its picture."""
        return QSize(PICTURE_PX + 2 * _PAD, PICTURE_PX + 2 * _PAD)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Draw the row."""
        hit = index.data(HIT_ROLE)
        if not isinstance(hit, Hit):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        paint_background(painter, option)
        inner = option.rect.adjusted(_PAD, _PAD, -_PAD, -_PAD)
        picture = QRect(inner.left(), inner.top(), PICTURE_PX, PICTURE_PX)
        _paint_picture(painter, picture, index.data(Qt.ItemDataRole.DecorationRole), option.palette)
        text = inner.adjusted(PICTURE_PX + 2 * _PAD, 0, 0, 0)
        _paint_texts(painter, text, hit, option)
        best = index.data(BEST_ROLE)
        bar = QRect(text.left(), text.center().y() - BAR_PX // 2, text.width(), BAR_PX)
        paint_bar(painter, bar, hit.score / best if best > 0 else 0.0, rank_colour(hit.rank), option)
        painter.restore()


def _paint_picture(painter: QPainter, where: QRect, image: object, palette: QPalette) -> None:
    if isinstance(image, QImage):
        painter.drawImage(where, image)
    else:
        painter.fillRect(where, palette.color(QPalette.ColorRole.AlternateBase))
    painter.setPen(palette.color(QPalette.ColorRole.Mid))
    painter.drawRect(where)


def _paint_texts(painter: QPainter, where: QRect, hit: Hit, option: QStyleOptionViewItem) -> None:
    painter.setPen(text_colour(option))
    small, bold = QFont(option.font), QFont(option.font)
    bold.setBold(True)
    top = QRect(where.left(), where.top(), where.width(), where.height() // 2 - BAR_PX)
    bottom = QRect(where.left(), where.bottom() - top.height(), where.width(), top.height())
    left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    painter.setFont(bold)
    painter.drawText(top, left, str(hit.rank))
    painter.setFont(small)
    painter.drawText(top, right, f"{hit.score:.3f}")
    painter.drawText(bottom, left, tr("{scale} wide").format(scale=wording.metres(hit.scale_m)))
