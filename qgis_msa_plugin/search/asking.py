"""Questions to the worker: the newest one counts; its verdict follows the answer."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Optional

from qgis.PyQt.QtCore import QObject, pyqtSignal

from msa_model.protocol import methods
from msa_model.protocol.errors import MsaError, ProtocolError
from msa_model.protocol.hit_filter import DEPTH
from msa_model.protocol.hit_table import HitTable
from msa_model.protocol.messages import SearchRequest
from msa_model.protocol.ranking import RankReply, VerdictReply
from qgis_msa_plugin.logs import log_warning
from qgis_msa_plugin.search.question import Question, Results
from qgis_msa_plugin.settings import current_settings
from qgis_msa_plugin.translate import interface_language
from qgis_msa_plugin.worker.client import WorkerClient


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
    failed = pyqtSignal(object)

    def __init__(self, client: WorkerClient, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._client = client
        self._call: Optional[int] = None
        self._verdict: Optional[int] = None
        self.asked: Optional[Asked] = None

    @property
    def busy(self) -> bool:
        """Whether an answer is under way."""
        return self._call is not None

    def ask(self, asked: Asked) -> None:
        """Ask now, whatever is under way."""
        self._drop_verdict()
        self.asked = asked
        call = self._call = self._client.call(
            methods.RANK,
            asked.request(),
            lambda reply, columns: self._take(call, asked, reply, columns),
            lambda error: self._refuse(call, error),
        )

    def later(self, asked: Asked) -> None:
        """An answer under way to an older question is dropped; this one is asked in a while."""
        self.asked, self._call = asked, None

    def judge(self, results: Results) -> None:
        """Have the answer just found judged; nothing comes of it where another question is asked first."""
        if self.asked is None or not len(results.table):
            return
        # The user's own phrases name the hits; what they are measured against stays the same.
        request = dataclasses.replace(
            self.asked.request(),
            phrases=current_settings().phrase_bank or None,
            language=interface_language(),
            ranked=results.table.reply.ranked,
        )
        call = self._verdict = self._client.call(
            methods.VERDICT,
            request,
            lambda reply, columns: self._take_verdict(call, results, reply, columns),
            lambda error: self._refuse_verdict(call, error),
        )

    def forget(self) -> None:
        """Drop the question, and the answer that may be under way."""
        self._drop_verdict()
        self.asked = self._call = None

    def _drop_verdict(self) -> None:
        """The worker does one thing after the other: nobody waits for this one any more."""
        call, self._verdict = self._verdict, None
        if call is not None:
            self._client.cancel(call)

    def _take(self, call: int, asked: Asked, reply: RankReply, columns: bytes) -> None:
        if call != self._call:
            return
        self._call = None
        titles = {target.source: target.title for target in asked.question.layers}
        try:
            table = HitTable.of(reply, columns)
        except ProtocolError as error:
            self.failed.emit(error)
            return
        self.found.emit(Results(asked.question, table, reply.tiles, titles=titles))

    def _refuse(self, call: int, error: MsaError) -> None:
        if call == self._call:
            self._call = None
            self.failed.emit(error)

    def _refuse_verdict(self, call: int, error: MsaError) -> None:
        if call == self._verdict:
            self._verdict = None
            log_warning(error.sentence)

    def _take_verdict(self, call: int, results: Results, reply: VerdictReply, columns: bytes) -> None:
        if call != self._verdict:
            return
        self._verdict = None
        try:
            table = results.table.with_verdict(reply, columns)
        except ProtocolError as error:
            log_warning(error.sentence)
            return
        self.judged.emit(dataclasses.replace(results, table=table, verdict=reply))
