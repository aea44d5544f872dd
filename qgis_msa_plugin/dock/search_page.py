"""The first tab: ask, see the cost, look through the hits."""

from __future__ import annotations

import dataclasses
from typing import Optional

from qgis.core import QgsRasterLayer
from qgis.gui import QgisInterface
from qgis.PyQt.QtCore import QSize, Qt, QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from msa_model.protocol.messages import Example
from qgis_msa_plugin.dock.answer_bar import AnswerBar, hint_text, title_wordings
from qgis_msa_plugin.dock.compare_strip import CompareStrip
from qgis_msa_plugin.dock.cost_strip import CostStrip, ProgressStrip
from qgis_msa_plugin.dock.filter_bar import FilterBar
from qgis_msa_plugin.dock.fold_line import FoldLine
from qgis_msa_plugin.dock.history_panel import HistoryPanel
from qgis_msa_plugin.dock.query_bar import ExampleStrip, QueryBar
from qgis_msa_plugin.dock.results_model import ResultsModel
from qgis_msa_plugin.dock.results_view import ResultsView
from qgis_msa_plugin.dock.review_bar import ReviewBar
from qgis_msa_plugin.dock.target_bar import TargetBar
from qgis_msa_plugin.dock.tool_row import ToolRow
from qgis_msa_plugin.dock.verdict_strip import NoticeStrip, VerdictStrip, WordsStrip
from qgis_msa_plugin.search.area import AreaSource
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.search.question import Judgement
from qgis_msa_plugin.search.state import ScanPhase
from qgis_msa_plugin.settings import current_settings, keep_settings

_MARGIN = 6
_EXPLAIN_MS = 250  # a hit is looked at this long before its words are asked for


class SearchPage(QScrollArea):
    """Parts bind to the state; what the user does goes to the controller's verbs.

    Scrolls where the dock is lower than its parts: beside another dock, with everything unfolded.
    """

    batch_wanted = pyqtSignal(str)  # the query, over the layers and the area that are chosen

    def __init__(
        self, controller: SearchController, iface: QgisInterface, parent: Optional[QWidget] = None
    ) -> None:
        super().__init__(parent)
        self._controller, self._state = controller, controller.state
        self._explain = QTimer(self)
        self._explain.setSingleShot(True)
        self._explain.setInterval(_EXPLAIN_MS)
        self._make_parts(iface)
        self._lay_out()
        self._connect_asking()
        self._connect_looking()
        self._connect_state()
        controller.choose_layers(self.target.layers())
        self._choose_area(self.target.area())
        self._fold(self.fold.is_folded)
        self.show_gallery(current_settings().gallery)
        self.update_texts()

    def minimumSizeHint(self) -> QSize:
        """As narrow as the parts, and as low as a few lines."""
        bar = self.verticalScrollBar().sizeHint().width()
        return QSize(self.widget().minimumSizeHint().width() + bar, super().minimumSizeHint().height())

    def show_gallery(self, on: bool) -> None:
        """Show the hits as pictures side by side, or as a list."""
        self.results.show_gallery(on)
        self.answer.gallery.setChecked(on)

    def focus_query(self) -> None:
        """Put the cursor into the query, ready to type another."""
        self.query.query.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.query.query.selectAll()

    def _make_parts(self, iface: QgisInterface) -> None:
        state = self._state
        self.query = QueryBar(state, self)
        self.examples = ExampleStrip(state, self)
        self.tools = ToolRow(state, self.query.query.text, self)
        self.compare = CompareStrip(state, self)
        self.compare.hide()
        self.fold = FoldLine(state, self)
        self.target = TargetBar(iface, self)
        self.cost = CostStrip(state, self)
        self.progress = ProgressStrip(state, self)
        self.notice = NoticeStrip(self)
        self.verdict = VerdictStrip(state, self)
        self.filters = FilterBar(state, self)
        self.answer = AnswerBar(self.filters.more, self)
        self.results = ResultsView(ResultsModel(state, self._controller.thumbnails, self), self)
        self.history = HistoryPanel(state, self._controller.thumbnails, self)
        self.words = WordsStrip(state, self)
        self.review = ReviewBar(state, self)

    def _lay_out(self) -> None:
        body = QWidget(self)
        column = QVBoxLayout(body)
        column.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        self.fold.row.addWidget(self.tools.compare)
        where = (self.fold, self.target, self.cost)
        asking = (self.query, self.examples, self.tools, self.compare, *where, self.progress, self.notice)
        for part in (*asking, self.answer, self.verdict, self.filters):
            column.addWidget(part)
        column.addWidget(self.results, 1)
        column.addWidget(self.history)
        column.addWidget(self.words)
        column.addWidget(self.review)
        self.setWidget(body)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # it follows the part that has the focus

    def _connect_asking(self) -> None:
        controller, saved = self._controller, self.tools.saved
        self.query.asked.connect(self._ask)
        saved.save.connect(controller.save_search)
        saved.run.connect(controller.run_saved)
        saved.remove.connect(controller.remove_saved)
        saved.forget_history.connect(controller.forget_history)
        self.examples.cleared.connect(controller.clear_examples)
        self.target.layers_chosen.connect(self._on_layers)
        self.tools.compare_wanted.connect(self._compare)
        self.compare.layers_chosen.connect(self._choose_pair)
        self.compare.written.connect(self._write)
        self.query.query.textChanged.connect(self.compare.follow)
        self.target.area_chosen.connect(self._choose_area)
        self.target.area_moved.connect(controller.area_moved)
        self.target.gsd_chosen.connect(controller.choose_gsd)
        self.fold.folded.connect(self._fold)
        self.tools.heatmap_wanted.connect(controller.show_heatmap)
        ways = self.cost.ways
        ways.consented.connect(controller.consent)
        ways.declined.connect(controller.cancel)
        ways.coarse_wanted.connect(controller.consent_to_coarse)
        ways.all_wanted.connect(controller.all_sizes)
        ways.view_wanted.connect(self._search_view)
        ways.batch_wanted.connect(self._hand_over)
        self.progress.cancelled.connect(controller.cancel)

    def _connect_looking(self) -> None:
        controller = self._controller
        self.filters.filtered.connect(controller.set_filters)
        self.verdict.more_wanted.connect(controller.show_doubtful)
        self.results.chosen.connect(controller.select_hit)
        self.results.pointed.connect(lambda rank: controller.select_hit(rank, zoom=False))
        self.results.chosen.connect(self._explain_soon)  # chosen again, it is no other rank
        self.results.judged.connect(self._on_thumb)
        self.results.example_wanted.connect(self._on_example)
        for view in (self.results, self.answer):
            view.all_wanted.connect(controller.show_all)
            view.gallery_wanted.connect(self._choose_gallery)
        for part in (self.results, self.review):
            part.reviewed.connect(self._on_reviewed)
            part.undone.connect(controller.take_back)
        self.history.alike_wanted.connect(controller.compare_like)
        self.review.refined.connect(controller.refine)
        self.review.cleared.connect(controller.clear_judgements)
        self._explain.timeout.connect(self._explain_selected)

    def _connect_state(self) -> None:
        state = self._state
        state.selected_rank_changed.connect(self._on_selected)
        state.results_changed.connect(self._explain_soon)
        state.answered.connect(self._on_answered)
        state.notice_changed.connect(self.notice.show_notice)
        for signal in (
            state.results_changed,
            state.shown_changed,
            state.phase_changed,
            state.searching_changed,
            state.worker_changed,
            state.layers_changed,
        ):
            signal.connect(self.update_texts)

    def update_texts(self, _: object = None) -> None:
        """Say what the list shows, or what to do."""
        state = self._state
        has_hits = state.results is not None and len(state.results.table) > 0
        self.answer.say(title_wordings(state), has_hits)
        self.filters.setVisible(has_hits)
        self.results.set_hint(hint_text(state))
        self.results.mark(state.selected_rank)

    def _fold(self, folded: bool) -> None:
        self.target.setVisible(not folded)
        self.cost.fold(folded)

    def _ask(self, text: str) -> None:
        """Enter on the question that waits for consent agrees, as the button beside it does."""
        if self.tools.compare.isChecked():
            text = self.compare.asked(text)
            self._write(text)
        question = self._state.question if self._state.phase is ScanPhase.CONSENT else None
        if question is not None and question.text == " ".join(text.split()):
            self._controller.consent()
        elif self.tools.compare.isChecked():
            self._controller.compare(text, self.compare.dates())
        else:
            self._controller.search(text)

    def _compare(self, on: bool) -> None:
        """Ask of two layers, or again of those chosen below."""
        self.compare.setVisible(on)
        self.target.show_layers(not on)
        if on:
            self.compare.begin(self.target.layers())
            self._choose_pair(self.compare.layers())
        else:
            self._choose_layers(self.target.layers())

    def _choose_pair(self, layers: tuple[QgsRasterLayer, ...]) -> None:
        if self.tools.compare.isChecked():
            self._choose_layers(layers)
            self._controller.comparing.tell_dates(layers)

    def _on_layers(self, layers: tuple[QgsRasterLayer, ...]) -> None:
        """A layer that is chosen for a search of one date is none of two that are compared."""
        if not self.tools.compare.isChecked():
            self._choose_layers(layers)

    def _write(self, text: str) -> None:
        """Put these words into the query, the cursor where some are missing."""
        field = self.query.query
        field.setText(text)
        if text.startswith(" "):
            field.setCursorPosition(0)

    def _choose_layers(self, layers: tuple[QgsRasterLayer, ...]) -> None:
        self._name_target()
        self._controller.choose_layers(layers)

    def _choose_area(self, area: AreaSource) -> None:
        self._name_target()
        self.cost.follows_view = self.target.follows_view
        self._controller.choose_area(area)

    def _search_view(self) -> None:
        """Ask the same of what the map shows alone."""
        question = self._state.question
        self.target.choose_view()
        if question is not None:
            self._controller.ask_again(question)

    def _hand_over(self) -> None:
        """The question that waits goes to the Batch tab."""
        question = self._state.question
        self._controller.cancel()
        self.batch_wanted.emit(question.text if question is not None else "")

    def _name_target(self) -> None:
        comparing = self.tools.compare.isChecked()
        layers = self.compare.title() if comparing else self.target.choice.currentText()
        self.fold.name(layers, self.target.areas.currentText())

    def _choose_gallery(self, on: bool) -> None:
        self.show_gallery(on)
        keep_settings(dataclasses.replace(current_settings(), gallery=on))

    def _on_answered(self) -> None:
        """The map shows a new answer, unless the map is what was searched."""
        self.results.scrollToTop()
        if not self.target.follows_view:
            self._controller.show_all(asked=False)

    def _on_selected(self, rank: Optional[int]) -> None:
        self.results.mark(rank)
        self._explain_soon()

    def _explain_soon(self, _: object = None) -> None:
        """Another hit, or another answer: its verdict comes while the analyst already looks at a hit."""
        rank, known = self._state.selected_rank, self._state.explanation
        if rank is None or (known is not None and known.rank == rank):
            self._explain.stop()
        else:
            self._explain.start()

    def _explain_selected(self) -> None:
        if self._state.selected_rank is not None:
            self._controller.explain(self._state.selected_rank)

    def _on_thumb(self, rank: int, judgement: Judgement) -> None:
        """A second click on the same thumb takes it back."""
        said = self._state.judgement(rank)
        self._controller.select_hit(rank, zoom=False)
        self._controller.judge(rank, Judgement.NONE if said is judgement else judgement)

    def _on_example(self, rank: int, weight: float) -> None:
        """More like a hit stands alone; less like it goes along with what was asked."""
        results, question = self._state.results, self._state.question
        if results is None:
            return
        if results.question.dates is not None:
            self._controller.compare_like(rank)
            return
        example = Example(weight, results.table.tile(rank - 1))
        if weight > 0:
            self._controller.search_like(example)
        else:
            self._controller.add_example(example)
            self._controller.search(question.text if question is not None else "")

    def _on_reviewed(self, judgement: Judgement) -> None:
        rank = self._state.selected_rank
        if rank is not None:
            self._controller.judge(rank, judgement)
            self.results.go_on()
