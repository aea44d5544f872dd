"""One loaded model with what it needs to answer: open rasters and indexes, questions, phrases, verdicts."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Generator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from msa_model.index.finding import may_be_opened
from msa_model.index.vector_cache import VectorCache
from msa_model.jobs.answers import Answers, ChangeAnswers
from msa_model.jobs.batch import Batch, planned_batch
from msa_model.jobs.batch_sent import batch_for_peer
from msa_model.jobs.change import Changes
from msa_model.jobs.describe import describe
from msa_model.jobs.describe_many import describe_many
from msa_model.jobs.explore import explore
from msa_model.jobs.heatmap import heatmap
from msa_model.jobs.index_files import IndexLister, coverage
from msa_model.jobs.open_files import OpenIndexes, OpenSources
from msa_model.jobs.pairing import paired
from msa_model.jobs.phrases import PhraseBanks, shipped_phrases
from msa_model.jobs.plan import best_coarse, planning
from msa_model.jobs.questions import Questions
from msa_model.jobs.scan import scan
from msa_model.jobs.search import (
    DEEPER,
    MOST_HITS,
    RankedSearch,
    SearchResult,
    check_count,
    find,
    in_columns,
    search,
)
from msa_model.jobs.series import SeriesSearch
from msa_model.jobs.thumbnails import thumbnails
from msa_model.jobs.verdict import Verdicts
from msa_model.jobs.words import words_of_tile
from msa_model.model.agreement import check_model
from msa_model.model.loading import load_encoder
from msa_model.protocol.batch import BatchPlan, BatchRequest, BatchSummary
from msa_model.protocol.changing import PairReply, PairRequest
from msa_model.protocol.describing import (
    DescribeManyReply,
    DescribeManyRequest,
    DescribeReply,
    DescribeRequest,
)
from msa_model.protocol.hit_table import HeatmapReply, RankReply, VerdictReply
from msa_model.protocol.indexes import CoverageReply, CoverageRequest
from msa_model.protocol.messages import (
    Progress,
    ScanPlan,
    ScanRequest,
    ScanSummary,
    SearchRequest,
    ThumbnailReply,
    ThumbnailRequest,
)
from msa_model.protocol.models import CheckModel, EnginesMeasured, MeasureEngines, ModelChecked
from msa_model.protocol.pixels import Draw
from msa_model.protocol.query import WordsReply, WordsRequest
from msa_model.protocol.tile_groups import ExploreReply, ExploreRequest
from msa_model.raster.copies import COPIES
from msa_model.raster.drawn import undrawn

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
        self.indexes = OpenIndexes(
            encoder.sha256,
            self.sources,
            VectorCache(cache_folder),
            partial(may_be_opened, cache_folder=cache_folder),
        )
        self.banks = PhraseBanks(encoder)
        self.questions = Questions(encoder, self.indexes, self.sources)
        self.index_files = IndexLister(encoder.sha256, cache_folder)
        self._verdicts = Verdicts(self.questions, self.banks)
        self.changes = Changes(self.questions, self.banks, self._verdicts)
        self.batch = Batch(
            encoder,
            Answers(self.rank, self.verdict),
            ChangeAnswers(self.changes.search),
            self.sources,
            cache_folder,
        )
        self.series = SeriesSearch(self.questions, self.banks, self._verdicts)
        self._best_coarse = partial(best_coarse, self.questions)
        self._rankings: OrderedDict[SearchRequest, RankedSearch] = OrderedDict()

    def search(
        self,
        request: SearchRequest,
        merge: bool = False,
        words: bool = False,
        judge: bool = False,
        classes: frozenset[str] = frozenset(),
    ) -> SearchResult:
        """The `k` best tiles or places as hits, with what a verdict says of each; errors as in `find`.

        Raises:
            BadArgument: one of `classes` is none of the phrase bank's.
        """
        self.banks.check_classes(classes)
        verdict = self._verdicts.verdict if judge or classes else None
        return search(
            self.questions, request, merge, words, verdict, classes=classes, required=self._verdicts.shows
        )

    def rank(self, request: SearchRequest) -> tuple[RankReply, bytes]:
        """The `k` best tiles as columns; errors as in `find`."""
        found = self._found(request)
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
        if found is None and request.classes:
            found = self._found(request)
        return self._verdicts.verdict(request, found)

    def _found(self, request: SearchRequest) -> RankedSearch:
        """What a search finds; of `classes` alone, as far down the list as hits may be asked for."""
        check_count(request.k)
        depth = request.k
        while True:
            found = find(self.questions, replace(request, k=min(depth, MOST_HITS)), self._verdicts.shows)
            ranking = found.ranking
            if not request.classes:
                return found
            rows = np.flatnonzero(np.isin(self._verdicts.kinds(request, ranking), request.classes))
            if len(rows) >= request.k or len(ranking) == ranking.tiles or depth >= MOST_HITS:
                listed = replace(ranking.ordered(rows), tiles=len(rows)).head(request.k)
                return replace(found, ranking=listed, of=ranking.tiles)
            depth *= DEEPER

    def plan(self, request: ScanRequest, draw: Draw = undrawn) -> Generator[Progress, None, ScanPlan]:
        """See `jobs.plan`."""
        return planning(self.encoder, request, self.cache_folder, draw, self._best_coarse)

    def scan(self, request: ScanRequest, draw: Draw = undrawn) -> Generator[Progress, None, ScanSummary]:
        """See `jobs.scan`."""
        return scan(self.encoder, request, self.cache_folder, draw, best=self._best_coarse)

    def describe(
        self, request: DescribeRequest, draw: Draw = undrawn
    ) -> Generator[Progress, None, DescribeReply]:
        """See `jobs.describe`."""
        return describe(self.encoder, self.banks, self.sources, request, draw)

    def describe_many(
        self, request: DescribeManyRequest, draw: Draw = undrawn
    ) -> Generator[Progress, None, DescribeManyReply]:
        """See `jobs.describe_many`."""
        return describe_many(self.encoder, self.banks, request, draw)

    def batch_for_peer(
        self, request: BatchRequest, draw: Draw = undrawn
    ) -> Generator[Progress, None, tuple[BatchSummary, bytes]]:
        """See `jobs.batch_sent`."""
        return batch_for_peer(self.batch, self.cache_folder, request, draw)

    def pair(self, request: PairRequest) -> PairReply:
        """See `jobs.pairing.paired`."""
        return paired(request, self.encoder.sha256, self.cache_folder)

    def plan_batch(self, request: BatchRequest, draw: Draw = undrawn) -> Generator[Progress, None, BatchPlan]:
        """See `jobs.batch.planned_batch`."""
        return planned_batch(self.batch, self.plan, request, draw)

    def coverage(self, request: CoverageRequest) -> CoverageReply:
        """See `jobs.index_files.coverage`."""
        return coverage(request, self.encoder.sha256, self.cache_folder)

    def explore(self, request: ExploreRequest) -> ExploreReply:
        """See `jobs.explore`."""
        return explore(self.encoder, self.indexes, self.banks, request)

    def check_model(self, _request: CheckModel) -> ModelChecked:
        """The model beside the shipped one, which is loaded for that; see `model.agreement`."""
        shipped = load_encoder(None, self.encoder.device)
        return check_model(self.encoder, shipped, shipped_phrases())

    def measure_engines(self, _request: MeasureEngines) -> EnginesMeasured:
        """What each engine is worth for the model here, measured now."""
        return self.encoder.measure_engines()

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
    return replace(request, k=1, phrases=None, language="")
