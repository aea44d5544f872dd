"""Questions to the worker: the newest one counts; its verdict follows the answer."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Optional, Union

from qgis.PyQt.QtCore import QDateTime, QObject, Qt, pyqtSignal

from msa_model.protocol import methods
from msa_model.protocol.changing import ChangeReply, SeriesReply
from msa_model.protocol.errors import MsaError, ProtocolError
from msa_model.protocol.hit_filter import DEPTH
from msa_model.protocol.hit_table import HitTable
from msa_model.protocol.messages import SearchRequest
from msa_model.protocol.ranking import RankReply, VerdictReply
from qgis_msa_plugin.logs import log_warning
from qgis_msa_plugin.render.feeder import Feeder
from qgis_msa_plugin.search.changed import change_request, changed_results, series_request, series_results
from qgis_msa_plugin.search.question import Question, Results
from qgis_msa_plugin.settings import current_settings
from qgis_msa_plugin.translate import interface_language
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.newest import NewestCall


@dataclass(frozen=True)
class Asked:
    """A question and the index files that are to answer it."""

    question: Question
    indexes: tuple[str, ...]

    def request(self) -> SearchRequest:
        """As the worker reads it."""
        question = self.question
        aoi = next((target.request.aoi for target in question.layers), None)
        examples = question.examples + question.feedback
        return SearchRequest(question.text, self.indexes, DEPTH, aoi, examples=examples)


class Asking(QObject):
    """Keeps at most one question that matters on its way; answers to older ones are dropped."""

    found = pyqtSignal(object)  # Results
    judged = pyqtSignal(object)  # Results with their verdict
    failed = pyqtSignal(object)  # MsaError

    def __init__(self, client: WorkerClient, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._feeder = Feeder(parent=self)
        self._rank = NewestCall(client)
        self._verdict = NewestCall(client)
        self.asked: Optional[Asked] = None

    @property
    def busy(self) -> bool:
        """Whether an answer is under way."""
        return self._rank.open

    def ask(self, asked: Asked) -> None:
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
            draw=self._feeder.draw,
        )

    def later(self, asked: Asked) -> None:
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
            phrases=current_settings().phrase_bank or None,
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
        self._rank.ignore()
        self._feeder.rest()
        self.asked = None

    def _refuse(self, error: MsaError) -> None:
        self._feeder.rest()
        self.failed.emit(error)

    def _ask_of_dates(self, asked: Asked) -> None:
        question, indexes = asked.question, asked.indexes
        if question.is_series:
            request = series_request(question, indexes)
            self._rank.ask(methods.SERIES, request, lambda r, _: self._take_dates(asked, r), self._refuse)
        else:
            pair = change_request(question, indexes)
            self._rank.ask(methods.CHANGE, pair, lambda r, _: self._take_dates(asked, r), self._refuse)

    def _take_dates(self, asked: Asked, reply: Union[ChangeReply, SeriesReply]) -> None:
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

    def _take(self, asked: Asked, reply: RankReply, columns: bytes) -> None:
        self._feeder.rest()
        titles = {target.source: target.title for target in asked.question.layers}
        try:
            table = HitTable.of(reply, columns)
        except ProtocolError as error:
            self.failed.emit(error)
            return
        self.found.emit(Results(asked.question, table, reply.tiles, titles=titles, asked=_now()))

    def _take_verdict(self, results: Results, reply: VerdictReply, columns: bytes) -> None:
        try:
            table = results.table.with_verdict(reply, columns)
        except ProtocolError as error:
            log_warning(error.sentence)
            return
        self.judged.emit(dataclasses.replace(results, table=table, verdict=reply))


def _now() -> str:
    return str(QDateTime.currentDateTimeUtc().toString(Qt.DateFormat.ISODate))
