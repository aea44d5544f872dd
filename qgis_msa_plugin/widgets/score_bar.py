"""What the rows of lists have in common: background, text colour, score bar."""

from __future__ import annotations

from qgis.PyQt.QtCore import QRect, QRectF, Qt
from qgis.PyQt.QtGui import QColor, QPainter, QPalette
from qgis.PyQt.QtWidgets import QApplication, QStyle, QStyleOptionViewItem

BAR_PX = 6
_GROOVE_ALPHA = 40


def paint_background(painter: QPainter, option: QStyleOptionViewItem) -> None:
    """The row as the style draws it: plain, hovered or selected."""
    style = option.widget.style() if option.widget is not None else QApplication.style()
    style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget)


def paint_bar(
    painter: QPainter, where: QRect, share: float, colour: QColor, option: QStyleOptionViewItem
) -> None:
    """A bar filled to `share` (0 to 1) in its groove."""
    groove, radius = QRectF(where), where.height() / 2
    shade = text_colour(option)
    shade.setAlpha(_GROOVE_ALPHA)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(shade)
    painter.drawRoundedRect(groove, radius, radius)
    groove.setWidth(groove.width() * min(max(share, 0.0), 1.0))
    painter.setBrush(colour)
    painter.drawRoundedRect(groove, radius, radius)


def text_colour(option: QStyleOptionViewItem) -> QColor:
    """The palette's colour for text on this row."""
    selected = bool(option.state & QStyle.StateFlag.State_Selected)
    role = QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text
    return QColor(option.palette.color(role))
