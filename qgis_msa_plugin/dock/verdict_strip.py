"""Whether anything here matches at all, in words: a best tile there always is."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from msa_model.protocol.ranking import VerdictReply
from qgis_msa_plugin.search.state import SearchState
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording

_ICON_PX = 16
_ICONS = {"good": "/mIconSuccess.svg", "doubtful": "/mIconInfo.svg", "nothing": "/mIconWarning.svg"}


class VerdictStrip(QFrame):
    """Hidden while there is nothing to judge."""

    def __init__(self, state: SearchState, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._state = state
        self._icon = QLabel(self)
        self.label = QLabel(self)
        self.label.setObjectName("msaVerdict")
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setWordWrap(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.label, 1)
        state.verdict_changed.connect(self.update_text)
        self.update_text()

    def update_text(self) -> None:
        """Show what the state says."""
        verdict = self._state.verdict
        self.setVisible(verdict is not None)
        if verdict is None:
            return
        question = self._state.results.question if self._state.results is not None else None
        by_example = question is not None and bool(question.examples or question.feedback)
        self.label.setText(verdict_text(verdict, by_example))
        self.setToolTip(verdict_details(verdict))
        icon = _ICONS["nothing"] if verdict.warnings else _ICONS.get(verdict.level, "")
        self._icon.setPixmap(QgsApplication.getThemeIcon(icon).pixmap(_ICON_PX, _ICON_PX))


def verdict_text(verdict: VerdictReply, by_example: bool = False) -> str:
    """The verdict and what the best tiles look like, and in lines of their own what makes it doubtful.

    A search by example is judged by the tiles that are no examples.
    """
    levels = {
        "good": tr("Stands out here."),
        "doubtful": tr("Doubtful: hardly stands out here."),
        "nothing": tr("Nothing else here is like the examples.")
        if by_example
        else tr("Nothing here matches well, as far as the scores tell."),
    }
    text = levels.get(verdict.level, "")
    if verdict.runner_up:
        best = tr("The best tiles look like “{phrase}”.")
        if verdict.level == "good":
            best = tr("The best tiles also look like “{phrase}”.")
        text += " " + best.format(phrase=verdict.runner_up)
    return "\n".join([text.strip(), *verdict.warnings])


def verdict_details(verdict: VerdictReply) -> str:
    """The figures behind the verdict."""
    text = tr(
        "The best tiles stand {standing} σ above what background phrases reach on these rasters;\n"
        "{share} % of the background phrases stand out less.\n"
        "Best background phrase on the same tiles: {phrase} ({runner_up} σ)."
    )
    return text.format(
        standing=wording.decimal(verdict.standing, 1),
        share=wording.decimal(100 * verdict.percentile, 0),
        phrase=verdict.runner_up,
        runner_up=wording.decimal(verdict.runner_up_standing, 1),
    )
