"""The first tab: ask, see the cost, look through the hits."""

from __future__ import annotations

from typing import Optional

from qgis.gui import QgisInterface
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QVBoxLayout, QWidget

from msa_model.protocol.messages import Example
from qgis_msa_plugin.dock.cost_strip import CostStrip
from qgis_msa_plugin.dock.elided_label import ElidedLabel
from qgis_msa_plugin.dock.example_strip import ExampleStrip
from qgis_msa_plugin.dock.filter_bar import FilterBar
from qgis_msa_plugin.dock.notice_strip import NoticeStrip
from qgis_msa_plugin.dock.progress_strip import ProgressStrip
from qgis_msa_plugin.dock.query_bar import QueryBar
from qgis_msa_plugin.dock.results_model import ResultsModel
from qgis_msa_plugin.dock.results_title import hint_text, title_text
from qgis_msa_plugin.dock.results_view import ResultsView
from qgis_msa_plugin.dock.review_bar import ReviewBar
from qgis_msa_plugin.dock.target_bar import TargetBar
from qgis_msa_plugin.dock.tool_row import ToolRow
from qgis_msa_plugin.dock.verdict_strip import VerdictStrip
from qgis_msa_plugin.dock.words_strip import WordsStrip
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.search.question import Judgement

_EXPLAIN_MS = 250  # a hit is looked at this long before its words are asked for


class SearchPage(QWidget):
    """Parts bind to the state; what the user does goes to the controller's verbs."""

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
        self.update_texts()

    def _make_parts(self, iface: QgisInterface) -> None:
        state = self._state
        self.query = QueryBar(state, self)
        self.examples = ExampleStrip(state, self)
        self.tools = ToolRow(state, self.query.query.text, self)
        self.target = TargetBar(iface, self)
        self.cost = CostStrip(state, self)
        self.progress = ProgressStrip(state, self)
        self.notice = NoticeStrip(self)
        self.title = ElidedLabel(self)
        self.title.setObjectName("msaResultsTitle")
        self.verdict = VerdictStrip(state, self)
        self.filters = FilterBar(state, self)
        self.results = ResultsView(ResultsModel(state, self._controller.thumbnails, self), self)
        self.words = WordsStrip(state, self)
        self.review = ReviewBar(state, self)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        asking = (self.query, self.examples, self.tools, self.target, self.cost, self.progress, self.notice)
        for part in (*asking, self.title, self.verdict, self.filters):
            column.addWidget(part)
        column.addWidget(self.results, 1)
        column.addWidget(self.words)
        column.addWidget(self.review)

    def _connect_asking(self) -> None:
        controller, saved = self._controller, self.tools.saved
        self.query.asked.connect(controller.search)
        saved.save.connect(controller.save_search)
        saved.run.connect(controller.run_saved)
        saved.remove.connect(controller.remove_saved)
        saved.forget_history.connect(controller.forget_history)
        self.examples.cleared.connect(controller.clear_examples)
        self.target.layers_chosen.connect(controller.choose_layers)
        self.target.area_chosen.connect(controller.choose_area)
        self.target.area_moved.connect(controller.area_moved)
        self.target.gsd_chosen.connect(controller.choose_gsd)
        self.tools.heatmap_wanted.connect(controller.show_heatmap)
        self.cost.consented.connect(controller.consent)
        self.cost.declined.connect(controller.cancel)
        self.progress.cancelled.connect(controller.cancel)

    def _connect_looking(self) -> None:
        controller = self._controller
        self.filters.filtered.connect(controller.set_filters)
        self.results.chosen.connect(controller.select_hit)
        self.results.chosen.connect(self._explain_soon)  # chosen again, it is no other rank
        self.results.judged.connect(self._on_thumb)
        self.results.example_wanted.connect(self._on_example)
        for part in (self.results, self.review):
            part.reviewed.connect(self._on_reviewed)
            part.undone.connect(controller.take_back)
        self.review.refined.connect(controller.refine)
        self.review.cleared.connect(controller.clear_judgements)
        self._explain.timeout.connect(self._explain_selected)

    def _connect_state(self) -> None:
        state = self._state
        state.selected_rank_changed.connect(self._on_selected)
        state.results_changed.connect(self._explain_soon)
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
        self.title.say(title_text(state))
        self.filters.setVisible(state.results is not None and len(state.results.table) > 0)
        self.results.set_hint(hint_text(state))
        self.results.mark(state.selected_rank)

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
