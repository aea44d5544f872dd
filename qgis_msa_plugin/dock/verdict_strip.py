"""Whether anything here matches at all, in words: a best tile there always is.

Which words of the query mattered for the selected hit.
What the user should know now, inside the dock.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from msa_model.protocol.hit_filter import stands_out_alone
from msa_model.protocol.hit_table import VerdictReply
from msa_model.protocol.match import LIKELY_FROM, SHOWN, match_of
from msa_model.protocol.messages import WordShare
from qgis_msa_plugin.dock.change_words import change_figures, change_verdict, series_verdict
from qgis_msa_plugin.errors import error_text
from qgis_msa_plugin.plain_text import tip
from qgis_msa_plugin.search.state import SearchState
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording
from qgis_msa_plugin.widgets.match_words import scale_text, verdict_sentence
from qgis_msa_plugin.widgets.observed import Notice, NoticeLevel
from qgis_msa_plugin.widgets.wording import warning_texts
from qgis_msa_plugin.widgets.wrapped_label import WrappedLabel

_ICON_PX = 16
_ICONS = {"strong": "/mIconSuccess.svg", "likely": "/mIconSuccess.svg", "weak": "/mIconInfo.svg"}
_WARNING = "/mIconWarning.svg"


class VerdictStrip(QFrame):
    """Hidden while there is nothing to judge; `more_wanted` tells whether the doubtful hits are wanted."""

    more_wanted = pyqtSignal(bool)

    def __init__(self, state: SearchState, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._state = state
        self._icon = QLabel(self)
        self.label = WrappedLabel("msaVerdict", self)
        self.label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)  # beside the icon
        self.more = QToolButton(self)
        self.more.setObjectName("msaShowMore")
        self.more.setToolTip(tr("Show or hide the places that hardly match, drawn weakly"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.label, 1)
        row.addWidget(self.more, 0, Qt.AlignmentFlag.AlignTop)
        self.more.clicked.connect(lambda: self.more_wanted.emit(state.filters.matching))
        for signal in (state.verdict_changed, state.shown_changed, state.filters_changed):
            signal.connect(self.update_text)
        self.update_text()

    def update_text(self, _: object = None) -> None:
        """Show what the state says."""
        verdict, state = self._state.verdict, self._state
        self.setVisible(verdict is not None)
        if verdict is None:
            return
        question = state.results.question if state.results is not None else None
        by_example = question is not None and bool(question.examples or question.feedback)
        results = state.results
        if results is not None and results.change is not None:
            self.label.setText(change_verdict(results.change))
            self.setToolTip(tip(change_figures(results.change)))
        elif results is not None and results.series is not None:
            self.label.setText(series_verdict(results.series, verdict.best_score))
            self.setToolTip(scale_text())
        else:
            few = results is not None and not by_example and stands_out_alone(results.table)
            self.label.setText(verdict_text(verdict, by_example, few))
            self.setToolTip(tip(verdict_details(verdict)))
        icon = _WARNING if verdict.warnings else _ICONS.get(match_of(verdict.best_score), _WARNING)
        self._icon.setPixmap(QgsApplication.getThemeIcon(icon).pixmap(_ICON_PX, _ICON_PX))
        self.more.setText(tr("Show more") if state.filters.matching else tr("Matches only"))
        self.more.setVisible(not state.filters.matching or state.shown.hidden.get("match", 0) > 0)


def verdict_text(verdict: VerdictReply, by_example: bool = False, few: bool = False) -> str:
    """The verdict and what the best tiles look like, and in lines of their own what makes it doubtful.

    A search by example is judged by the tiles that are no examples; `few` hits match better than the best
    together, and are shown.
    """
    match = match_of(verdict.best_score)
    text = verdict_sentence(match, by_example)
    if few:
        text = tr("Only a few places match here, and that is not certain: look at them.")
    if verdict.runner_up and verdict.runner_up_score >= LIKELY_FROM:
        best = tr("The best tiles look like “{phrase}”.")
        if match in SHOWN:
            best = tr("The best tiles also look like “{phrase}”.")
        text += " " + best.format(phrase=verdict.runner_up)
    return "\n".join([text, *warning_texts(verdict.warnings)])


def verdict_details(verdict: VerdictReply) -> str:
    """The figures behind the verdict."""
    text = tr(
        "The best tiles have a match score of {score}:\n"
        "how far they stand above what other phrases reach on these rasters;\n"
        "{share} % of those phrases stand out less.\n"
        "Best other phrase on the same tiles: {phrase} (match score {runner_up})."
    )
    figures = text.format(
        score=wording.decimal(verdict.best_score, 1),
        share=wording.decimal(100 * verdict.percentile, 0),
        phrase=verdict.runner_up,
        runner_up=wording.decimal(verdict.runner_up_score, 1),
    )
    return "\n".join([figures, scale_text()])


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
        self.setToolTip(tip(words_details(words)))


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


_NOTICE_ICONS = {
    NoticeLevel.INFO: "/mIconInfo.svg",
    NoticeLevel.WARNING: "/mIconWarning.svg",
    NoticeLevel.ERROR: "/mIconCritical.svg",
}


class NoticeStrip(QFrame):
    """One notice, until the next or until it is dismissed."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._icon = QLabel(self)
        self._text = WrappedLabel("msaNotice", self)
        self._text.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)  # beside the icon
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        close = QToolButton(self)
        close.setAutoRaise(True)
        close.setIcon(QgsApplication.getThemeIcon("/mIconClose.svg"))
        close.setToolTip(tr("Dismiss"))
        close.setAccessibleName(close.toolTip())
        close.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._text, 1)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def show_notice(self, notice: Optional[Notice]) -> None:
        """Show the notice, or nothing."""
        self.setVisible(notice is not None)
        if notice is None:
            return
        remedy = error_text(notice.error).remedy if notice.error is not None else ""
        self._text.setText("\n".join(filter(None, (notice.sentence, remedy))))
        self._icon.setPixmap(
            QgsApplication.getThemeIcon(_NOTICE_ICONS[notice.level]).pixmap(_ICON_PX, _ICON_PX)
        )
