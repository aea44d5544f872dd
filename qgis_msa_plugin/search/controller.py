"""What the user wants → requests to the worker → the state that the dock shows."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Callable, Optional, Union

from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QObject, pyqtSignal

from msa_model.protocol.errors import BadArgument, MsaError, QueryEmpty
from msa_model.protocol.hit_filter import Filters
from msa_model.protocol.messages import Example
from msa_model.protocol.query import parse_query
from qgis_msa_plugin.search.area import AreaSource
from qgis_msa_plugin.search.asking import Details
from qgis_msa_plugin.search.comparing import Comparing, dates_again
from qgis_msa_plugin.search.examples import ExampleGeometry, example_of, examples_of
from qgis_msa_plugin.search.flow import SETTLE_MS, SearchFlow
from qgis_msa_plugin.search.judged import Judged
from qgis_msa_plugin.search.planner import LONG_SCAN_S
from qgis_msa_plugin.search.question import Dates, Judgement, Question, Results, SavedSearch
from qgis_msa_plugin.search.saved import History, JudgedStore, SavedSearches
from qgis_msa_plugin.search.scanning import Scanning
from qgis_msa_plugin.search.showing import Showing
from qgis_msa_plugin.search.state import ScanPhase, SearchState, WorkerView
from qgis_msa_plugin.search.stored import StoredAnswer
from qgis_msa_plugin.search.target import ReadSettings
from qgis_msa_plugin.search.thumbnails import thumbnails_of_hits
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets.observed import NoticeLevel
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.state import WorkerState

__all__ = ["LONG_SCAN_S", "SETTLE_MS", "SearchController"]


class SearchController(QObject):
    """The verbs of a search; everything that happens is told through `state`."""

    layers_chosen = pyqtSignal(object)  # tuple[QgsRasterLayer, ...], before anything is asked of them

    def __init__(
        self, client: WorkerClient, settings: Callable[[], Settings], parent: Optional[QObject] = None
    ) -> None:
        super().__init__(parent)
        self.state = SearchState(self)
        self.thumbnails = thumbnails_of_hits(client, self.state, settings, self)
        self._client, self._settings = client, settings
        self._showing = Showing(self.state)
        self._scanning = Scanning(client, self.state, self._showing.show, self)
        self._flow = SearchFlow(client, self.state, self._scanning, self._reading, self)
        self._details = Details(client, self.state, self)
        self.comparing = Comparing(client, self.state, self)
        self._history = History(self.state)
        self._saved = SavedSearches(self.state, QgsProject.instance(), self)
        self._judged = JudgedStore(self.state, QgsProject.instance())
        self.state.filters = Filters(limit=settings().k, matching=True)
        self._connect()

    def activate(self) -> None:
        """The dock is on screen: from now on costs are told ahead, for which the worker is started."""
        self._flow.activate()

    def choose_layers(self, layers: Sequence[QgsRasterLayer]) -> None:
        """Search these layers from now on."""
        self.layers_chosen.emit(tuple(layers))
        self._flow.choose_layers(layers)

    def choose_layer(self, layer: Optional[QgsRasterLayer]) -> None:
        """Search this layer from now on."""
        self.choose_layers([] if layer is None else [layer])

    def choose_area(self, area: AreaSource) -> None:
        """Search there from now on; `area` is asked again whenever it matters."""
        self._flow.choose_area(area)

    def area_moved(self) -> None:
        """The chosen area may give another answer than before."""
        self._flow.reconsider_soon()

    def choose_gsd(self, gsd_m: Optional[float]) -> None:
        """Draw layers that are no files at this pixel size (metres); nothing: as each suggests."""
        self.state.gsd_m = gsd_m
        self._flow.reconsider()

    def search(self, text: str) -> None:
        """Find the tiles that text and marked examples describe, scanning first what no index holds yet."""
        self._ask(text, self.state.examples)

    def compare(self, text: str, dates: Dates) -> None:
        """Find what changed between two layers, or how many went; what is missing is scanned."""
        self.state.notice = None
        self._client.look()
        try:
            self.comparing.ask(text, dates, self._flow.targets(every=True), self._flow.ask)
        except MsaError as error:
            self.state.fail(error)

    def compare_like(self, rank: int) -> None:
        """Find places that went as the hit of that rank did, over the same dates."""
        if (question := self.comparing.like(rank)) is not None:
            self.state.notice = None
            self._flow.ask(question)

    def review(self, question: Question, filters: Filters) -> None:
        """List the hits of a question that somebody else has had answered, with these filters."""
        self.state.notice = None
        self.comparing.forget()
        self.state.examples = question.examples
        self._showing.next_filters = filters
        self.comparing.pass_on(question, self._flow.ask)

    def search_like(self, examples: Union[Example, Sequence[Example]]) -> None:
        """Find tiles like these, and unlike those of negative weight; they go along with the next words."""
        self.state.examples = (examples,) if isinstance(examples, Example) else tuple(examples)
        self._ask("", self.state.examples)

    def add_example(self, example: Example) -> None:
        """Mark one more example for the next search."""
        self.state.examples = (*self.state.examples, example)

    def clear_examples(self) -> None:
        """Take back all of them."""
        self.state.examples = ()

    def search_at(self, spot: ExampleGeometry, weight: float = 1.0, more: bool = False) -> None:
        """Find what looks like this place, or avoid it; `more`: besides the places marked before.

        A place to avoid says nothing by itself: it goes along with the last words and examples.
        """
        try:
            example = example_of(spot, self._flow.layers, weight, self._reading())
        except MsaError as error:
            self.state.fail(error)
            return
        if weight > 0 and not more:
            self.search_like(example)
            return
        self.add_example(example)
        question = self.state.question
        self._ask(question.text if question is not None else "", self.state.examples)

    def refine(self) -> None:
        """Ask again, with what the analyst has accepted and rejected as examples; nothing is encoded anew."""
        results = self.state.results
        if results is not None and results.question.dates is not None:
            self.state.fail(BadArgument(tr("What is asked of several dates is not refined by examples.")))
            return
        feedback = self._feedback(results) if results is not None else ()
        if results is None or not feedback:
            self.state.fail(BadArgument(tr("Accept or reject some hits first: they show what you look for.")))
            return
        self.state.notice = None
        self._flow.ask_again(dataclasses.replace(results.question, feedback=feedback))

    def ask_again(self, question: Question) -> None:
        """Answer a question once more, over its layers and the area as they are now."""
        if question.dates is not None:
            self.compare(question.text, dates_again(question, self.state.layers))
            return
        try:
            self._flow.ask(dataclasses.replace(question, layers=self._flow.targets()))
        except MsaError as error:
            self.state.fail(error)

    def consent(self) -> None:
        """The scan that was announced may run."""
        self._flow.consent()

    def consent_to_coarse(self) -> None:
        """Scan the coarser sizes alone, and search these from now on."""
        self._flow.consent_to_coarse()

    def all_sizes(self) -> None:
        """Search every size of tiles again."""
        self.state.coarse = ()
        self.plan_anew()

    def plan_anew(self) -> None:
        """The rasters have become others: what their scan costs holds no more; a question waits on."""
        asking = self.state.phase is ScanPhase.CONSENT
        self._flow.reconsider()
        if asking and self.state.question is not None:
            self.ask_again(self.state.question)

    def cancel(self) -> None:
        """Stop what is under way; tiles that are indexed stay so."""
        self._flow.cancel()

    def set_filters(self, filters: Filters) -> None:
        """Show what passes these; acts at once."""
        self._showing.set_filters(filters)

    def show_doubtful(self, shown: bool) -> None:
        """Show the places that hardly match, too, or only those that match."""
        self.set_filters(dataclasses.replace(self.state.filters, matching=not shown))

    def select_hit(self, rank: Optional[int], zoom: bool = True) -> None:
        """Mark the hit of that rank in list and map, and go there."""
        self._showing.picked = rank is not None
        self.state.selected_rank = rank
        hit = self.state.results.hit(rank) if self.state.results else None
        if hit is not None and zoom:
            self.state.zoom_wanted.emit(hit)

    def show_all(self, asked: bool = True) -> None:
        """Have the map show every hit that is shown; unasked, it stays where it shows them already."""
        self.state.all_wanted.emit(asked)

    def judge(self, rank: int, judgement: Judgement) -> None:
        """Accept or reject the hit of that rank, or take that back."""
        self._showing.judge(rank, judgement)

    def clear_judgements(self) -> None:
        """Take back what was said of this question's hits, and of the places ticked among those shown."""
        self._showing.clear_judgements()

    def take_back(self) -> None:
        """Undo the last judgement, and go to the hit that it was about."""
        rank = self._showing.take_back()
        if rank is not None:
            self.select_hit(rank)

    def judged(self) -> Judged:
        """The judged places that this answer is about: said of its question, or ticked among those shown."""
        return self._showing.concerned()

    def explain(self, rank: int) -> None:
        """Ask which words mattered for the hit of that rank; `explanation` tells."""
        self._details.explain(rank)

    def show_heatmap(self) -> None:
        """Put the map of the question on the map."""
        self._details.show_heatmap()

    def save_search(self, name: str) -> None:
        """Keep the last question and the filters in the project."""
        question, name = self.state.question, name.strip()
        if question is None or not name or question.dates is not None:
            self.state.fail(BadArgument(tr("Search one date first, then save the search under a name.")))
            return
        self._saved.keep(SavedSearch(name, question.text, question.examples, self.state.filters))

    def remove_saved(self, name: str) -> None:
        """Forget a saved search."""
        self._saved.remove(name)

    def run_saved(self, name: str) -> None:
        """Ask a saved search over the layers that are chosen now."""
        search = next((saved for saved in self.state.saved if saved.name == name), None)
        if search is not None:
            self.state.examples = search.examples
            self._ask(search.text, search.examples, search.filters)

    def forget_history(self) -> None:
        """Forget what was asked before."""
        self._history.forget()

    def forget_results(self) -> None:
        """The user has taken the result layer away: its hits, and what would bring them back, go too."""
        self._scanning.forget_question()
        self._showing.clear()

    def restore(self, answer: StoredAnswer) -> None:
        """Show an answer that a project has kept, as it is; the worker only says where its indexes are.

        What is being asked counts no more.
        """
        self._scanning.forget_question()
        self.state.question = answer.results.question
        self._showing.restore(answer.results, answer.filters)
        self._flow.recall(answer.results.question)

    def release(self) -> None:
        """Let go of project and client; nothing is asked of the worker any more."""
        self.state.blockSignals(True)
        parts = (
            *(self._flow, self._scanning, self._details, self.comparing),
            *(self._saved, self._judged, self.thumbnails),
        )
        for part in parts:
            part.release()
        QgsProject.instance().layersWillBeRemoved.disconnect(self._flow.layers_removed)
        QgsProject.instance().cleared.disconnect(self._forget_notice)
        self._client.state_changed.disconnect(self._on_worker)
        self._client.restarted.disconnect(self._on_restarted)

    def _connect(self) -> None:
        self._client.state_changed.connect(self._on_worker)
        self._client.restarted.connect(self._on_restarted)
        QgsProject.instance().layersWillBeRemoved.connect(self._flow.layers_removed)
        QgsProject.instance().cleared.connect(self._forget_notice)
        self._on_worker(self._client.state)

    def _forget_notice(self) -> None:
        """What was said of a project goes with it."""
        self.state.notice = None

    def _ask(self, text: str, examples: tuple[Example, ...], filters: Optional[Filters] = None) -> None:
        self.state.notice = None
        self.comparing.forget()
        self._showing.next_filters = filters
        self._client.look()
        try:
            question = self._question(text, examples)
        except MsaError as error:
            self.state.fail(error)
            return
        self._history.add(question.text)
        self._flow.ask(question)

    def _question(self, text: str, examples: tuple[Example, ...]) -> Question:
        text = " ".join(text.split())
        if text:
            parse_query(text)
        elif not examples:
            raise QueryEmpty(tr("The query is empty."))
        return Question(text, examples, self._flow.targets())

    def _feedback(self, results: Results) -> tuple[Example, ...]:
        """What was judged as examples: of the index files that the worker or this answer names."""
        known = self.state.indexes.union(index.index for index in results.table.reply.indexes)
        return examples_of(tuple(place for place in self.judged() if place.tile.index in known))

    def _reading(self) -> ReadSettings:
        settings, coarse = self._settings(), self.state.coarse
        settings = dataclasses.replace(settings, scales_m=coarse) if coarse else settings
        return ReadSettings(settings, self.state.gsd_m, self._client.shares_files)

    def _on_worker(self, state: WorkerState) -> None:
        self.state.worker = WorkerView(state, self._client.ready, self._client.error)
        if state is WorkerState.FAILED:
            self.state.notice = None  # it may say that the worker was started again
        self._flow.worker_changed(state)

    def _on_restarted(self, sentence: str) -> None:
        if not self._scanning.busy:
            self.state.say(NoticeLevel.WARNING, sentence)
