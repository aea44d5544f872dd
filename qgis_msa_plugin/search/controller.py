"""What the user wants → requests to the worker → the state that the dock shows."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Callable, Optional, Union

from qgis.core import QgsCoordinateReferenceSystem, QgsPointXY, QgsProject, QgsRasterLayer, QgsRectangle
from qgis.PyQt.QtCore import QObject

from msa_model.protocol.errors import BadArgument, MsaError, QueryEmpty
from msa_model.protocol.hit_filter import Filters
from msa_model.protocol.messages import Example
from msa_model.protocol.query import parse_query
from qgis_msa_plugin.batch.queue import BatchQueue
from qgis_msa_plugin.describe.describer import Describer
from qgis_msa_plugin.indexes.coverage import Coverage
from qgis_msa_plugin.search.area import AreaSource
from qgis_msa_plugin.search.details import Details
from qgis_msa_plugin.search.examples import Spot, example_of
from qgis_msa_plugin.search.feedback import examples_of
from qgis_msa_plugin.search.flow import LONG_SCAN_S, SETTLE_MS, SearchFlow
from qgis_msa_plugin.search.history import History
from qgis_msa_plugin.search.question import Judgement, Judgements, Question, SavedSearch
from qgis_msa_plugin.search.saved import SavedSearches
from qgis_msa_plugin.search.scanning import Scanning
from qgis_msa_plugin.search.showing import Showing
from qgis_msa_plugin.search.state import Level, ScanPhase, SearchState, WorkerView
from qgis_msa_plugin.search.stored import Answer
from qgis_msa_plugin.search.target import Reading
from qgis_msa_plugin.search.thumbnails import Thumbnails
from qgis_msa_plugin.settings import Settings, keep_settings
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.state import WorkerState

__all__ = ["LONG_SCAN_S", "SETTLE_MS", "SearchController"]


class SearchController(QObject):
    """The verbs of the dock; everything that happens is told through `state`."""

    def __init__(
        self, client: WorkerClient, settings: Callable[[], Settings], parent: Optional[QObject] = None
    ) -> None:
        super().__init__(parent)
        self.state = SearchState(self)
        self.thumbnails = self._make_thumbnails(client, settings)
        self.client = client
        self.settings = settings
        self.describer = Describer(client, self.state, settings, self)
        self._showing = Showing(self.state)
        self._scanning = Scanning(client, self.state, self._showing.show, self)
        self._flow = SearchFlow(client, self.state, self._scanning, self._reading, self)
        self._details = Details(client, self.state, self)
        self._history = History(self.state)
        self._saved = SavedSearches(self.state, QgsProject.instance(), self)
        self._batches: Optional[BatchQueue] = None
        self.coverage = Coverage(client, self.state, QgsProject.instance(), self)
        self.state.filters = Filters(limit=settings().k)
        self._connect()

    @property
    def batches(self) -> BatchQueue:
        """The batch scans of this profile; looked up when first asked for."""
        if self._batches is None:
            self._batches = BatchQueue(self.client, parent=self)
            for signal in (self._batches.advanced, self._batches.finished):
                signal.connect(self.coverage.refresh_soon)
            self.state.phase_changed.connect(self._tell_queueing)
        return self._batches

    def _make_thumbnails(self, client: WorkerClient, settings: Callable[[], Settings]) -> Thumbnails:
        state = self.state
        wanted, known = (lambda: settings().thumbnails), (lambda index: index in state.indexes)
        thumbnails = Thumbnails(client, self, wanted, known)
        state.indexes_changed.connect(lambda _: thumbnails.arrived.emit())  # rows may be asked for now
        return thumbnails

    def _tell_queueing(self, phase: ScanPhase) -> None:
        if phase is ScanPhase.SCANNING and self.batches.running:
            text = tr("A batch scan is running: this scan starts when it ends, or when you pause it.")
            self.state.say(Level.INFO, text)

    def activate(self) -> None:
        """The dock is on screen: from now on costs are told ahead, for which the worker is started."""
        self._flow.activate()

    def choose_layers(self, layers: Sequence[QgsRasterLayer]) -> None:
        """Search these layers from now on; the first is the one that is described."""
        self.describer.choose_layer(layers[0] if layers else None)
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

    def search_like(self, examples: Union[Example, Sequence[Example]]) -> None:
        """Find tiles like these, and unlike those of negative weight; they go along with the next words."""
        self.state.examples = (examples,) if isinstance(examples, Example) else tuple(examples)
        self._ask("", self.state.examples)

    def add_example(self, example: Example) -> None:
        """Mark one more example for the next search."""
        self.state.examples = (*self.state.examples, example)

    def remove_example(self, position: int) -> None:
        """Take back a marked example."""
        examples = list(self.state.examples)
        del examples[position : position + 1]
        self.state.examples = tuple(examples)

    def clear_examples(self) -> None:
        """Take back all of them."""
        self.state.examples = ()

    def search_at(self, spot: Spot, weight: float = 1.0, more: bool = False) -> None:
        """Find what looks like this place, or avoid it; `more`: besides the places marked before.

        A place to avoid says nothing by itself: it goes along with the last words and examples.
        """
        files = self._reading().shares_files
        try:
            example = example_of(spot, self._flow.layers, weight, self.describer.scale_m, files)
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
        feedback = examples_of(self.state.judgements)
        if results is None or not feedback:
            self.state.fail(BadArgument(tr("Accept or reject some hits first: they show what you look for.")))
            return
        self.state.notice = None
        self._flow.ask_again(dataclasses.replace(results.question, feedback=feedback))

    def consent(self) -> None:
        """The scan that was announced may run."""
        self._flow.consent()

    def cancel(self) -> None:
        """Stop what is under way; tiles that are indexed stay so."""
        self._flow.cancel()

    def set_filters(self, filters: Filters) -> None:
        """Show what passes these; acts at once."""
        self._showing.set_filters(filters)

    def select_hit(self, rank: Optional[int], zoom: bool = True) -> None:
        """Mark the hit of that rank in list and map, and go there."""
        self.state.selected_rank = rank
        hit = self.state.results.hit(rank) if self.state.results else None
        if hit is not None and zoom:
            self.state.zoom_wanted.emit(hit)

    def judge(self, rank: int, judgement: Judgement) -> None:
        """Accept or reject the hit of that rank, or take that back."""
        self._showing.judge(rank, judgement)

    def clear_judgements(self) -> None:
        """Take back all that was said of hits."""
        self._showing.set_judgements({})

    def explain(self, rank: int) -> None:
        """Ask which words mattered for the hit of that rank; `explanation` tells."""
        self._details.explain(rank)

    def show_heatmap(self) -> None:
        """Put the map of the question on the map."""
        self._details.show_heatmap()

    def save_search(self, name: str) -> None:
        """Keep the last question and the filters in the project."""
        question, name = self.state.question, name.strip()
        if question is None or not name:
            self.state.fail(BadArgument(tr("Search first, then save the search under a name.")))
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

    def describe_at(self, point: QgsPointXY, crs: QgsCoordinateReferenceSystem) -> None:
        """Say what is around the point, given in `crs`."""
        self.state.notice = None
        self.describer.describe_at(point, crs)

    def describe_box(self, box: QgsRectangle, crs: QgsCoordinateReferenceSystem) -> None:
        """Say what is in the box, given in `crs`."""
        self.state.notice = None
        self.describer.describe_box(box, crs)

    @property
    def describe_scale_m(self) -> Optional[float]:
        """The side of the windows that are described (metres); nothing where the worker chooses."""
        return self.describer.scale_m

    def choose_describe_scale(self, scale_m: Optional[float]) -> None:
        """Describe windows of this side (metres) from now on; the last place is described again."""
        self.describer.choose_scale(scale_m)

    def show_coverage(self) -> None:
        """Show on the map what of the chosen layers is indexed and what is not."""
        self.coverage.show_chosen()

    def forget_results(self) -> None:
        """The user has taken the result layer away: its hits, and what would bring them back, go too."""
        self._scanning.forget_question()
        self._showing.clear()

    def remember_with(self, recall: Callable[[Question], Judgements]) -> None:
        """Where to find what was said of a question's hits when it was asked before."""
        self._showing.recall = recall

    def restore(self, answer: Answer) -> None:
        """Show an answer that a project has kept, as it is; the worker only says where its indexes are."""
        self.state.question = answer.results.question
        self._showing.restore(answer.results, answer.filters, answer.judgements)
        self._flow.recall(answer.results.question)

    def retry_worker(self) -> None:
        """Start the worker again after it has failed."""
        self.state.notice = None
        self.client.start()
        self._flow.reconsider_soon()

    def choose_worker(self, path: str) -> None:
        """Use this program as the worker from now on."""
        keep_settings(dataclasses.replace(self.settings(), worker_command=path))
        self.client.stop()
        self.retry_worker()

    def release(self) -> None:
        """Let go of project and client; nothing is asked of the worker any more."""
        self.state.blockSignals(True)
        parts = (self._flow, self._scanning, self._details, self._saved)
        for part in (*parts, self.describer, self.batches, self.coverage):
            part.release()
        QgsProject.instance().layersWillBeRemoved.disconnect(self._flow.layers_removed)
        self.client.state_changed.disconnect(self._on_worker)
        self.client.restarted.disconnect(self._on_restarted)

    def _connect(self) -> None:
        self.client.state_changed.connect(self._on_worker)
        self.client.restarted.connect(self._on_restarted)
        QgsProject.instance().layersWillBeRemoved.connect(self._flow.layers_removed)
        self._on_worker(self.client.state)

    def _ask(self, text: str, examples: tuple[Example, ...], filters: Optional[Filters] = None) -> None:
        self.state.notice = None
        self._showing.next_filters = filters
        self.client.look()
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

    def _reading(self) -> Reading:
        return Reading(self.settings(), self.state.gsd_m, self.client.shares_files)

    def _on_worker(self, state: WorkerState) -> None:
        self.state.worker = WorkerView(state, self.client.ready, self.client.error)
        if state is WorkerState.FAILED:
            self.state.notice = None  # it may say that the worker was started again
        self._flow.worker_changed(state)

    def _on_restarted(self, sentence: str) -> None:
        if not self._scanning.busy:
            self.state.say(Level.WARNING, sentence)
