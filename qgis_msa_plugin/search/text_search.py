"""Text queries to the worker: the newest one counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from qgis.PyQt.QtCore import QObject, pyqtSignal

from msa_model.protocol import rpc
from msa_model.protocol.errors import MsaError
from msa_model.protocol.messages import SearchReply, SearchRequest
from qgis_msa_plugin.search.state import Results
from qgis_msa_plugin.worker.client import WorkerClient


@dataclass(frozen=True)
class Question:
    """A search and the raster it is about: `source` its path, `title` its layer's name."""

    request: SearchRequest
    source: str
    title: str


class TextSearch(QObject):
    """Keeps at most one search that matters on its way; answers to older questions are dropped."""

    found = pyqtSignal(object)
    failed = pyqtSignal(object)

    def __init__(self, client: WorkerClient, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._client = client
        self._call: Optional[int] = None
        self.question: Optional[Question] = None

    def ask(self, question: Question) -> None:
        """Ask now, whatever is under way."""
        self.question = question
        call = self._call = self._client.call(
            rpc.SEARCH,
            question.request,
            SearchReply,
            lambda reply, _: self._take(call, question, reply),
            lambda error: self._refuse(call, error),
        )

    def ask_again(self) -> None:
        """Refresh the last question's answer, unless one is under way already."""
        if self.question is not None and self._call is None:
            self.ask(self.question)

    def ask_last(self) -> None:
        """Ask the last question once more: an answer under way may not know all that is indexed now."""
        if self.question is not None:
            self.ask(self.question)

    def later(self, question: Question) -> None:
        """Ask this when `ask_again` is next called; an answer under way to an older question is dropped."""
        self.question, self._call = question, None

    def forget(self) -> None:
        """Drop the question, and the answer that may be under way."""
        self.question = self._call = None

    def _take(self, call: int, question: Question, reply: SearchReply) -> None:
        if call == self._call:
            self._call = None
            query = question.request.query
            self.found.emit(Results(query, question.source, question.title, reply.results, reply.tiles))

    def _refuse(self, call: int, error: MsaError) -> None:
        if call == self._call:
            self._call = None
            self.failed.emit(error)
