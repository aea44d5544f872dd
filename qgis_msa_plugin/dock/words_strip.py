"""Which words of the query mattered for the selected hit."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Optional

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtWidgets import QLabel, QWidget

from msa_model.protocol.messages import WordShare
from qgis_msa_plugin.search.state import SearchState
from qgis_msa_plugin.translate import tr

_FOR, _AGAINST = QColor("#43a047"), QColor("#e53935")
_STRONGEST = 0.75  # whatever the theme, its ground shines through


class WordsStrip(QLabel):
    """The query's words: green what speaks for the tile, red what speaks against it."""

    def __init__(self, state: SearchState, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._state = state
        self.setObjectName("msaWords")
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        state.explanation_changed.connect(self.update_text)
        state.selected_rank_changed.connect(self.update_text)
        self.update_text()

    def update_text(self, _: object = None) -> None:
        """Show what the state says of the selected hit."""
        explanation = self._state.explanation
        fits = explanation is not None and explanation.rank == self._state.selected_rank
        words = explanation.words if explanation is not None and fits else ()
        self.setVisible(bool(words))
        self.setText(words_html(words))
        self.setToolTip(words_details(words))


def words_html(words: Sequence[WordShare]) -> str:
    """The words in a row, each on a ground as strong as what it adds."""
    most = max((abs(word.contribution) for word in words if not word.minor), default=0.0)
    return " ".join(_word_html(word, most) for word in words)


def words_details(words: Sequence[WordShare]) -> str:
    """What each word adds to the cosine."""
    lines = [f"{word.word}: {word.contribution:+.3f}" for word in words]
    return "\n".join([tr("What each word adds to the tile's cosine:"), *lines]) if words else ""


def _word_html(word: WordShare, most: float) -> str:
    text = escape(word.word)
    if word.minor or most <= 0:
        return text
    colour = _FOR if word.contribution > 0 else _AGAINST
    red, green, blue, _ = colour.getRgb()
    strength = min(abs(word.contribution) / most, 1.0) * _STRONGEST
    ground = f"rgba({red}, {green}, {blue}, {strength:.3f})"
    return f'<span style="background-color: {ground}">&nbsp;{text}&nbsp;</span>'
