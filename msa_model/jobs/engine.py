"""One loaded model with what it needs to answer: open rasters and indexes, questions, phrases, verdicts."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING

from msa_model.jobs.answers import Answers
from msa_model.jobs.batch import Batch
from msa_model.jobs.heatmap import heatmap
from msa_model.jobs.open_indexes import OpenIndexes
from msa_model.jobs.phrases import PhraseBanks
from msa_model.jobs.questions import Questions
from msa_model.jobs.search import Found, find, in_columns, search
from msa_model.jobs.sources import OpenSources
from msa_model.jobs.thumbnails import thumbnails
from msa_model.jobs.verdict import Verdicts
from msa_model.jobs.words import words_of_tile
from msa_model.protocol.messages import (
    SearchReply,
    SearchRequest,
    ThumbnailReply,
    ThumbnailRequest,
    WordsReply,
    WordsRequest,
)
from msa_model.protocol.ranking import HeatmapReply, RankReply, VerdictReply
from msa_model.raster.copies import COPIES

if TYPE_CHECKING:
    from msa_model.model.dual_encoder import DualEncoder

_KEPT_RANKINGS = 4  # a batch and the dock may ask by turns


class Engine:
    """Asked by the worker, the command line and tests. For one thread at a time."""

    def __init__(self, encoder: DualEncoder, cache_folder: str | None = None) -> None:
        COPIES.keep_in(cache_folder)
        self.encoder = encoder
        self.cache_folder = cache_folder
        self.sources = OpenSources()
        self.indexes = OpenIndexes(encoder.sha256, self.sources)
        self.banks = PhraseBanks(encoder)
        self.questions = Questions(encoder, self.indexes, self.sources)
        self.batch = Batch(encoder, Answers(self.rank, self.verdict), self.sources, cache_folder)
        self._verdicts = Verdicts(self.questions, self.banks)
        self._rankings: OrderedDict[SearchRequest, Found] = OrderedDict()

    def search(self, request: SearchRequest, merge: bool = False, judge: bool = False) -> SearchReply:
        """The `k` best tiles or places as hits, with what a verdict says of each; errors as in `find`."""
        return search(self.questions, request, merge, self.verdict if judge else None)

    def rank(self, request: SearchRequest) -> tuple[RankReply, bytes]:
        """The `k` best tiles as columns; errors as in `find`."""
        found = find(self.questions, request)
        reply, columns = in_columns(found)
        self._rankings[_key(replace(request, ranked=reply.ranked))] = found
        while len(self._rankings) > _KEPT_RANKINGS:
            self._rankings.popitem(last=False)
        return reply, columns

    def verdict(self, request: SearchRequest) -> tuple[VerdictReply, bytes]:
        """The verdict on a search; with `ranked`, on the tiles ranked then, however indexes have grown.

        Raises:
            BadArgument: there is no tile to judge, or `ranked` fits no longer.
            And what `find` raises.
        """
        found = self._rankings.get(_key(request)) if request.ranked else None
        return self._verdicts.verdict(request, found)

    def heatmap(self, request: SearchRequest) -> tuple[HeatmapReply, bytes]:
        """See `jobs.heatmap`."""
        return heatmap(self.questions, request)

    def words(self, request: WordsRequest) -> WordsReply:
        """See `jobs.words.words_of_tile`."""
        return words_of_tile(self.questions, request)

    def thumbnails(self, request: ThumbnailRequest) -> tuple[ThumbnailReply, bytes]:
        """See `jobs.thumbnails`."""
        return thumbnails(self.indexes, self.sources, request)


def _key(request: SearchRequest) -> SearchRequest:
    """A request without what its ranking does not depend on, but for its length."""
    return replace(request, k=1, words=False, phrases=None, language="")
