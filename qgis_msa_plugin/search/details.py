"""What is asked about an answer besides its hits: the words that mattered, the map of the query."""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
from itertools import count
from pathlib import Path
from typing import Any, Optional
from weakref import finalize

from qgis.core import QgsProject
from qgis.PyQt.QtCore import QObject

from msa_model.protocol import methods
from msa_model.protocol.errors import MsaError
from msa_model.protocol.messages import SearchRequest
from msa_model.protocol.methods import Method
from msa_model.protocol.ranking import HeatmapReply, RankReply
from msa_model.protocol.words import WordsReply
from qgis_msa_plugin.logs import log_warning
from qgis_msa_plugin.render.feeder import Feeder
from qgis_msa_plugin.search.changed import change_request, words_request
from qgis_msa_plugin.search.question import Results
from qgis_msa_plugin.search.state import Explanation, Heatmap, SearchState
from qgis_msa_plugin.search.vouched import check_indexes, indexes_of, with_own_rasters
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.newest import NewestCall


class Details(QObject):
    """Keeps `explanation`, `heatmap` and `heatmap_busy` of the state."""

    def __init__(self, client: WorkerClient, state: SearchState, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._client, self._state = client, state
        self._feeder = Feeder(parent=self)
        self._words = NewestCall(client)
        self._maps: list[int] = []
        self._folder: Optional[Path] = None
        self._files = count(1)
        self._unexplained: Optional[int] = None
        self._answer: Optional[RankReply] = None
        state.results_changed.connect(self._follow)
        state.indexes_changed.connect(lambda _: self._explain_late())

    def explain(self, rank: int) -> None:
        """Ask which words of the query mattered for that hit."""
        results = self._state.results
        if results is None or not 0 < rank <= len(results.table):
            return
        request = words_request(results, rank - 1)
        if request is None:
            self._state.explanation = Explanation(rank)
            return
        self._state.explanation = None
        if request.tile.index not in self._state.indexes:
            self._unexplained = rank  # once the worker has named the index
            return
        self._words.ask(
            methods.WORDS,
            request,
            lambda reply, _: self._take_words(rank, reply),
            lambda error: log_warning(error.sentence),
        )

    def show_heatmap(self) -> None:
        """Ask for the map of the question over each of its rasters."""
        results = self._state.results
        if results is None or results.series is not None:
            return
        try:
            question = with_own_rasters(results.question, QgsProject.instance())
            indexes = [index.index for index in results.table.reply.indexes]
            check_indexes((*indexes, *indexes_of(question)), self._state.indexes)
        except MsaError as error:
            self._state.fail(error)
            return
        results = dataclasses.replace(results, question=question)
        self._state.heatmap_busy = True
        for position in range(len(results.table.reply.indexes) if results.change is None else 1):
            self._ask_map(results, position)
        self._state.heatmap_busy = bool(self._maps)

    def release(self) -> None:
        """Ask for nothing any more."""
        self._forget()

    def _explain_late(self) -> None:
        rank, self._unexplained = self._unexplained, None
        if rank is not None and rank == self._state.selected_rank:
            self.explain(rank)

    def _ask_map(self, results: Results, position: int) -> None:
        index, question = results.table.reply.indexes[position], results.question
        title = results.titles.get(index.source, Path(index.source).stem)
        diverging = results.change is not None
        heatmap = Heatmap(question.sought, index.source, title, "", 0.0, 1.0, index.crs, diverging)
        method, request = _map_request(results, index.index)
        call = self._client.call(
            method,
            request,
            lambda reply, tiff: self._take_map(call, heatmap, reply, tiff),
            lambda error: self._refuse_map(call, error),
            draw=self._feeder.draw,
        )
        self._maps.append(call)

    def _take_map(self, call: int, heatmap: Heatmap, reply: HeatmapReply, tiff: bytes) -> None:
        if self._close(call):
            path = self._file()
            path.write_bytes(tiff)
            crs = heatmap.crs if reply.crs_apart else ""
            self._state.heatmap = dataclasses.replace(
                heatmap, path=str(path), low=reply.low, high=reply.high, crs=crs
            )

    def _refuse_map(self, call: int, error: MsaError) -> None:
        if self._close(call):
            self._state.fail(error)

    def _close(self, call: int) -> bool:
        if call not in self._maps:
            return False
        self._maps.remove(call)
        self._state.heatmap_busy = bool(self._maps)
        return True

    def _file(self) -> Path:
        """A new file, for the layer to take to its own place."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="msa_heat_"))
            finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        return self._folder / f"{next(self._files)}.tif"

    def _take_words(self, rank: int, reply: WordsReply) -> None:
        self._state.explanation = Explanation(rank, reply.words)

    def _follow(self, results: Optional[Results]) -> None:
        """Another answer ends what was asked of the last one; its own verdict does not."""
        answer = None if results is None else results.table.reply
        if answer is not self._answer or answer is None:
            self._answer = answer
            self._forget()

    def _forget(self) -> None:
        self._words.ignore()
        self._maps = []
        self._feeder.rest()
        self._state.heatmap_busy = False


def _map_request(results: Results, index: str) -> tuple[Method[Any, HeatmapReply], object]:
    """What to ask for the map: of one index, or of both dates."""
    question = results.question
    if results.change is not None:
        indexes = [known.index for known in results.change.indexes]
        return methods.CHANGE_HEATMAP, change_request(question, indexes)
    aoi = next((target.request.aoi for target in question.layers), None)
    examples = question.examples + question.feedback
    return methods.HEATMAP, SearchRequest(question.text, (index,), aoi=aoi, examples=examples)
