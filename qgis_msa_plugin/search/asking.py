"""Questions to the worker: the newest one counts; its verdict follows the answer.

What is asked about an answer besides its hits: the words that mattered, the map of the query.
"""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Optional, Union
from weakref import finalize

from qgis.core import QgsProject
from qgis.PyQt.QtCore import QDateTime, QObject, Qt, pyqtSignal

from msa_model.protocol import methods
from msa_model.protocol.changing import ChangeReply, SeriesReply
from msa_model.protocol.errors import MsaError, ProtocolError
from msa_model.protocol.hit_filter import DEPTH
from msa_model.protocol.hit_table import HeatmapReply, HitTable, RankReply, VerdictReply
from msa_model.protocol.messages import Progress, SearchRequest
from msa_model.protocol.methods import Method
from msa_model.protocol.query import WordsReply
from qgis_msa_plugin.logs import log_warning
from qgis_msa_plugin.render.feeder import Feeder
from qgis_msa_plugin.search.changed import (
    change_request,
    changed_results,
    series_request,
    series_results,
    words_request,
)
from qgis_msa_plugin.search.permitted_sources import asked_again
from qgis_msa_plugin.search.question import Question, Results, TileLimits
from qgis_msa_plugin.search.state import Explanation, Heatmap, SearchState
from qgis_msa_plugin.settings import current_settings
from qgis_msa_plugin.translate import interface_language
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.newest import NewestCall


@dataclass(frozen=True)
class PreparedQuestion:
    """A question and the index files that are to answer it."""

    question: Question
    indexes: tuple[str, ...]
    limits: TileLimits = field(default_factory=TileLimits)

    def request(self) -> SearchRequest:
        """As the worker reads it."""
        question = self.question
        aoi = next((target.request.aoi for target in question.layers), None)
        examples = question.examples + question.feedback
        return SearchRequest(
            question.text,
            self.indexes,
            DEPTH,
            aoi,
            examples=examples,
            scales_m=tuple(sorted(self.limits.scales_m)),
            min_valid=self.limits.min_valid,
            classes=tuple(sorted(self.limits.categories)),
            phrases=_phrases() if self.limits.categories else None,
            language=interface_language() if self.limits.categories else "",
        )


class Asking(QObject):
    """Keeps at most one question that matters on its way; answers to older ones are dropped."""

    found = pyqtSignal(object)  # Results
    judged = pyqtSignal(object)  # Results with their verdict
    failed = pyqtSignal(object)  # MsaError
    opening = pyqtSignal(object)  # Progress: of a very large index, the first time

    def __init__(self, client: WorkerClient, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._feeder = Feeder(parent=self)
        self._rank = NewestCall(client)
        self._verdict = NewestCall(client)
        self.asked: Optional[PreparedQuestion] = None

    @property
    def busy(self) -> bool:
        """Whether an answer is under way."""
        return self._rank.open

    def ask(self, asked: PreparedQuestion) -> None:
        """Ask now, whatever is under way."""
        self._verdict.drop()  # the worker does one thing after the other
        self.asked = asked
        if asked.question.dates is not None:
            self._ask_of_dates(asked)
            return
        self._rank.ask(
            methods.RANK,
            asked.request(),
            lambda reply, columns: self._take(asked, reply, columns),
            self._refuse,
            self._advance,
            draw=self._feeder.draw,
        )

    def later(self, asked: PreparedQuestion) -> None:
        """An answer under way to an older question is dropped; this one is asked in a while."""
        self.asked = asked
        self._rank.ignore()

    def judge(self, results: Results) -> None:
        """Have the answer just found judged; nothing comes of it where another question is asked first."""
        if self.asked is None or not len(results.table) or results.question.dates is not None:
            return
        # The user's own phrases name the hits; what they are measured against stays the same.
        request = dataclasses.replace(
            self.asked.request(),
            phrases=_phrases(),
            language=interface_language(),
            ranked=results.table.reply.ranked,
        )
        self._verdict.ask(
            methods.VERDICT,
            request,
            lambda reply, columns: self._take_verdict(results, reply, columns),
            lambda error: log_warning(error.sentence),
            draw=self._feeder.draw,
        )

    def forget(self) -> None:
        """Drop the question, and the answer that may be under way."""
        self._verdict.drop()
        self._rank.drop()
        self._feeder.rest()
        self.asked = None

    def _refuse(self, error: MsaError) -> None:
        self._feeder.rest()
        self.failed.emit(error)

    def _ask_of_dates(self, asked: PreparedQuestion) -> None:
        question, indexes = asked.question, asked.indexes
        if question.is_series:
            request = series_request(question, indexes)
            self._rank.ask(
                methods.SERIES, request, lambda r, _: self._take_dates(asked, r), self._refuse, self._advance
            )
        else:
            pair = change_request(question, indexes)
            self._rank.ask(
                methods.CHANGE, pair, lambda r, _: self._take_dates(asked, r), self._refuse, self._advance
            )

    def _advance(self, progress: Progress) -> None:
        if progress.total:  # else a layer is being drawn
            self.opening.emit(progress)

    def _take_dates(self, asked: PreparedQuestion, reply: Union[ChangeReply, SeriesReply]) -> None:
        """What is told of several dates comes with its verdict."""
        try:
            if isinstance(reply, SeriesReply):
                results = series_results(asked.question, reply, _now())
            else:
                results = changed_results(asked.question, reply, _now())
        except ProtocolError as error:
            self.failed.emit(error)
            return
        self.found.emit(results)

    def _take(self, asked: PreparedQuestion, reply: RankReply, columns: bytes) -> None:
        self._feeder.rest()
        try:
            table = HitTable.of(reply, columns)
        except ProtocolError as error:
            self.failed.emit(error)
            return
        question = asked.question
        self.found.emit(
            Results(
                question,
                table,
                reply.tiles,
                titles=question.titles,
                asked=_now(),
                limits=asked.limits,
            )
        )

    def _take_verdict(self, results: Results, reply: VerdictReply, columns: bytes) -> None:
        try:
            table = results.table.with_verdict(reply, columns)
        except ProtocolError as error:
            log_warning(error.sentence)
            return
        self.judged.emit(dataclasses.replace(results, table=table, verdict=reply))


def _phrases() -> Optional[str]:
    """The user's own phrases, if there are any."""
    return current_settings().phrase_bank or None


def _now() -> str:
    return str(QDateTime.currentDateTimeUtc().toString(Qt.DateFormat.ISODate))


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
            question = asked_again(results, QgsProject.instance(), self._state.indexes)
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
    examples = question.examples + question.feedback
    return methods.HEATMAP, SearchRequest(question.text, (index,), aoi=question.aoi, examples=examples)
