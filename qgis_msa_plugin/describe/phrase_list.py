"""Phrases with score bars."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import QModelIndex, QRect, QSize, Qt
from qgis.PyQt.QtGui import QFontMetrics, QPainter, QPalette
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from msa_model.protocol.describing import Phrase
from qgis_msa_plugin.describe.describe_words import no_phrase, sections
from qgis_msa_plugin.describe.describer import Description
from qgis_msa_plugin.plain_text import tip
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording
from qgis_msa_plugin.widgets.keyboard import FocusFrame
from qgis_msa_plugin.widgets.match_words import (
    BAR_PX,
    match_share,
    match_text,
    paint_background,
    paint_bar,
    scale_text,
    text_colour,
)

PHRASE_ROLE = int(Qt.ItemDataRole.UserRole)

_PAD = 6
_GAP = 3


class PhraseList(QListWidget):
    """The best phrases of a place, by falling score."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("msaPhrases")
        self.setAccessibleName(tr("Phrases"))
        self.setItemDelegate(_PhraseDelegate(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        FocusFrame(self)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_description(self, description: Description) -> None:
        """Show its phrases that match and no others, under a heading for each scale."""
        self.clear()
        for heading, phrases in sections(description):
            if heading:
                self._add_heading(heading)
            for phrase in phrases:
                item = QListWidgetItem(phrase.phrase, self)
                item.setData(PHRASE_ROLE, phrase)
                item.setToolTip(tip(_tool_tip(phrase)))
            if not phrases:
                self._add_text(no_phrase())
        self.scrollToTop()

    def _add_text(self, text: str) -> QListWidgetItem:
        item = QListWidgetItem(text, self)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        return item

    def _add_heading(self, text: str) -> None:
        item = self._add_text(text)
        font = item.font()
        font.setBold(True)
        item.setFont(font)


class _PhraseDelegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        if not isinstance(index.data(PHRASE_ROLE), Phrase):
            return super().sizeHint(option, index)
        height = QFontMetrics(option.font).height() + BAR_PX + _GAP + 2 * _PAD
        return QSize(height, height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        phrase = index.data(PHRASE_ROLE)
        if not isinstance(phrase, Phrase):
            super().paint(painter, option, index)
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_background(painter, option)
        inner = option.rect.adjusted(_PAD, _PAD, -_PAD, -_PAD)
        _paint_texts(painter, inner, phrase, option)
        bar = QRect(inner.left(), inner.bottom() - BAR_PX + 1, inner.width(), BAR_PX)
        paint_bar(
            painter,
            bar,
            match_share(phrase.match_score),
            option.palette.color(QPalette.ColorRole.Highlight),
            option,
        )
        painter.restore()


def _paint_texts(painter: QPainter, inner: QRect, phrase: Phrase, option: QStyleOptionViewItem) -> None:
    metrics = QFontMetrics(option.font)
    match = match_text(phrase.match)
    line = QRect(inner.left(), inner.top(), inner.width(), metrics.height())
    room = line.width() - metrics.horizontalAdvance(match) - _PAD
    painter.setPen(text_colour(option))
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    painter.drawText(line, right, match)
    painter.drawText(line, left, metrics.elidedText(phrase.phrase, Qt.TextElideMode.ElideRight, room))


def _tool_tip(phrase: Phrase) -> str:
    text = tr(
        "{phrase}\n{match}, score {score}. {scale}\n"
        "It is what the cosine between phrase and picture ({cosine}) is worth beside that of other phrases."
    )
    return text.format(
        phrase=phrase.phrase,
        match=match_text(phrase.match),
        score=wording.decimal(phrase.match_score, 1),
        cosine=wording.decimal(phrase.cosine, 3),
        scale=scale_text(),
    )
