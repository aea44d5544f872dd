"""Accept and reject hits, see how good the list is so far, and search again with what was learnt."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from qgis_msa_plugin.dock.fold_line import ElidedLabel
from qgis_msa_plugin.dock.place_files import KeepButton
from qgis_msa_plugin.plugin_files import resource
from qgis_msa_plugin.search.question import Judgement, Review
from qgis_msa_plugin.search.state import SearchState
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording


class ReviewBar(QWidget):
    """Visible while there are hits; the first two buttons speak of the selected one."""

    reviewed = pyqtSignal(object)  # Judgement
    undone = pyqtSignal()
    refined = pyqtSignal()
    cleared = pyqtSignal()

    def __init__(self, state: SearchState, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._state = state
        self._make_parts()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for button in (self.accept, self.reject, self.undo):
            row.addWidget(button)
        row.addWidget(self.text, 1)
        row.addWidget(self.keep)
        row.addWidget(self.refine)
        for signal in (
            state.review_changed,
            state.judgements_changed,
            state.can_take_back_changed,
            state.selected_rank_changed,
            state.shown_changed,
            state.results_changed,
        ):
            signal.connect(self.update_text)
        self.update_text()

    def update_text(self, _: object = None) -> None:
        """Show what the state says."""
        state = self._state
        self.setVisible(state.results is not None and len(state.shown.rows) > 0)
        selected = state.selected_rank is not None
        self.accept.setEnabled(selected)
        self.reject.setEnabled(selected)
        judged = bool(state.judgements) or state.review.accepted + state.review.rejected > 0
        self.undo.setEnabled(state.can_take_back)
        self.refine.setEnabled(judged and state.results is not None and state.results.question.dates is None)
        self.text.say(*review_wordings(state.review))
        self.text.setToolTip(review_details(state.review))

    def _make_parts(self) -> None:
        self.accept = self._button("msaAccept", tr("Accept the selected hit (A)"), _icon("accept"))
        self.reject = self._button("msaReject", tr("Reject the selected hit (R)"), _icon("reject"))
        undo = QgsApplication.getThemeIcon("/mActionUndo.svg")
        self.undo = self._button("msaUndoJudgement", tr("Take the last judgement back (U)"), undo)
        self.text = ElidedLabel(self)
        self.text.setObjectName("msaReview")
        self.keep = KeepButton(self._state, self)
        self.keep.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.refine = self._button(
            "msaRefine", tr("Search again: more like what you accepted, less like what you rejected")
        )
        self.refine.setText(tr("Re&fine"))
        self.refine.setAccessibleName(tr("Refine"))
        self.refine.setAutoRaise(False)
        self.refine.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        menu = QMenu(self.refine)
        self.clear = menu.addAction(tr("Forget all judgements"))
        self.clear.setObjectName("msaClearJudgements")
        self.refine.setMenu(menu)
        self.accept.clicked.connect(lambda: self.reviewed.emit(Judgement.ACCEPTED))
        self.reject.clicked.connect(lambda: self.reviewed.emit(Judgement.REJECTED))
        self.undo.clicked.connect(self.undone)
        self.clear.triggered.connect(self.cleared)
        self.refine.clicked.connect(self.refined)

    def _button(self, name: str, tip: str, icon: Optional[QIcon] = None) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setAutoRaise(True)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        if icon is not None:
            button.setIcon(icon)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the list
        return button


def review_wordings(review: Review) -> tuple[str, ...]:
    """'17 of 20 judged hits right (85 %)', or what to do; and the same in fewer letters."""
    if review.precision_at is None:
        return tr("Judge hits: A yes, R no"), tr("Judge hits"), tr("Judge")
    figures = {
        "right": wording.count(review.right),
        "judged": wording.count(review.judged),
        "share": wording.decimal(100 * review.precision_at, 0),
    }
    texts = (
        tr("{right} of {judged} judged hits right ({share} %)"),
        tr("{right} of {judged} right ({share} %)"),
        tr("{right} of {judged} right"),
        tr("{right}/{judged} right"),
        "{right}/{judged}",
    )
    return tuple(text.format(**figures) for text in texts)


def review_details(review: Review) -> str:
    """What the figure counts and what it does not; the keys."""
    texts = [tr("Nothing in this list is judged for this question yet.")]
    if review.precision_at is not None:
        text = tr(
            "Of the first {k} hits shown you judged {judged} for this question and accepted {right}: "
            "precision@{k} {share} %."
        )
        share = wording.decimal(100 * review.precision_at, 0)
        counts = {name: wording.count(getattr(review, name)) for name in ("k", "judged", "right")}
        texts = [text.format(**counts, share=share)]
    if review.others:
        text = tr("Hits with a tick from another question, which are not counted: {n}")
        texts.append(text.format(n=wording.count(review.others)))
    text = tr("Judged places that this answer is about: {accepted} accepted, {rejected} rejected.")
    accepted, rejected = wording.count(review.accepted), wording.count(review.rejected)
    texts.append(text.format(accepted=accepted, rejected=rejected))
    texts.append(tr("Keys in the list: A accepts, R rejects, U takes back, J and K move."))
    return "\n".join(texts)


def _icon(name: str) -> QIcon:
    return QIcon(str(resource(f"icons/{name}.svg")))
