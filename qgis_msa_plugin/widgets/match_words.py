"""How well something matches, in words and in colours: one vocabulary for list, map and verdict.

What the rows of lists have in common: background, text colour, score bar.
"""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import QRect, QRectF, Qt
from qgis.PyQt.QtGui import QColor, QPainter, QPalette
from qgis.PyQt.QtWidgets import QApplication, QStyle, QStyleOptionViewItem

from msa_model.protocol.match import LIKELY_FROM, STRONG_FROM, WEAK_FROM, Match
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording

# As in `resources/styles/results.qml`: strong colours for what matches, hardly any for the rest.
COLOURS: dict[Optional[Match], str] = {
    "strong": "#ff1744",
    "likely": "#ff9100",
    "weak": "#cfd8dc",
    "none": "#90a4ae",
    None: "#ffea00",  # not judged yet
}
_FULL = 1.5 * STRONG_FROM  # the match score that fills a bar


def match_text(match: Optional[Match]) -> str:
    """'strong match'; nothing before there is a verdict."""
    texts = {
        "strong": tr("strong match"),
        "likely": tr("likely match"),
        "weak": tr("weak match"),
        "none": tr("no match"),
    }
    return texts[match] if match is not None else ""


def verdict_sentence(match: Match, by_example: bool) -> str:
    """What a verdict says; a search by example is judged by the tiles that are no examples."""
    texts = {
        "strong": tr("Strong match here."),
        "likely": tr("Likely match here."),
        "weak": tr("Weak match at best: look at the places, they hardly stand out here."),
        "none": tr("Nothing here matches well, as far as the scores tell."),
    }
    beside_examples = {
        "strong": tr("Besides the examples: strong match here."),
        "likely": tr("Besides the examples: likely match here."),
        "weak": tr("Besides the examples: weak match at best, they hardly stand out here."),
        "none": tr("Nothing else here is like the examples."),
    }
    return (beside_examples if by_example else texts)[match]


def match_colour(match: Optional[Match]) -> QColor:
    """What a bar or an outline wears."""
    return QColor(COLOURS[match])


def match_share(match_score: float) -> float:
    """How much of a bar a match score fills, 0 to 1."""
    return min(max(match_score / _FULL, 0.0), 1.0)


def scale_text() -> str:
    """Where each match begins."""
    text = tr("Strong from {strong} on, likely from {likely}, weak from {weak}.")
    return text.format(
        strong=wording.decimal(STRONG_FROM, 1),
        likely=wording.decimal(LIKELY_FROM, 1),
        weak=wording.decimal(WEAK_FROM, 1),
    )


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
