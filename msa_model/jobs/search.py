"""Searching: a question against the tiles of any number of indexes, answered as hits or as columns."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from msa_model.index.rank import cosines
from msa_model.jobs.limits import Flags, Limits
from msa_model.jobs.open_files import OpenIndex
from msa_model.jobs.questions import Questions, QuestionVector
from msa_model.jobs.ranked import Floats, Ranking, places_of_hits, rank_indexes
from msa_model.jobs.words import QueryWords
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.hit_filter import Filters, choose, class_counts, depth_of
from msa_model.protocol.hit_table import HitTable, RankedIndex, RankReply, VerdictReply, pack_columns
from msa_model.protocol.messages import Hit, SearchRequest, SearchTimings
from msa_model.protocol.warning_table import EngineWarning
from msa_model.raster.grid import Keys

MOST_HITS = 100_000
DEEPER = 4  # times as many tiles, where too few of the best are of the classes that are sought

Required = Callable[[tuple[str, ...], OpenIndex, Flags | None], Flags]
Judge = Callable[[SearchRequest], tuple[VerdictReply, bytes]]


@dataclass(frozen=True)
class RankedSearch:
    """A search that was made: what was asked, the list in its order, and the time that it took.

    `of` is how many tiles were searched where the list holds those of some classes alone.
    """

    asked: QuestionVector
    ranking: Ranking
    timings: SearchTimings
    of: int | None = None

    @property
    def tiles(self) -> int:
        """How many tiles were searched, of whatever class."""
        return self.ranking.tiles if self.of is None else self.of


JudgeFound = Callable[[SearchRequest, RankedSearch], tuple[VerdictReply, bytes]]


@dataclass(frozen=True)
class ClassCount:
    """How many hits are of a scene class (`Hit.category`)."""

    name: str
    hits: int


@dataclass(frozen=True)
class SearchReply:
    """Hits by falling score, as `msa search --json` prints them.

    `warnings` say what of the query the model does not read; `language` is that of `RankReply`; `classes` how
    many of the hits that a verdict named are of each class, most first.
    """

    query: str
    results: tuple[Hit, ...]
    tiles: int
    timings: SearchTimings
    warnings: tuple[EngineWarning, ...] = ()
    language: str = ""
    classes: tuple[ClassCount, ...] = ()


@dataclass(frozen=True)
class SearchResult:
    """Hits, and the verdict on them where one was asked for and there are any."""

    reply: SearchReply
    verdict: VerdictReply | None = None


def search(
    questions: Questions,
    request: SearchRequest,
    merge: bool = False,
    words: bool = False,
    judge: JudgeFound | None = None,
    *,
    classes: frozenset[str] = frozenset(),
    required: Required | None = None,
) -> SearchResult:
    """The `k` best tiles as hits, or the best tile of each of the `k` best places.

    With the words that mattered where they are asked for, and with what `judge` says; of `classes` alone
    where any are named, which takes a judge. Errors as in `find`.
    """
    _check(questions, request)
    filters = Filters(merge=merge, limit=request.k, categories=classes)
    found, table, rows = _chosen(questions, request, filters, judge, required)
    clock = _Stopwatch()
    hits: Sequence[Hit] = [replace(table.hit(row), rank=rank) for rank, row in enumerate(rows, start=1)]
    if words:
        hits = _with_words(questions, found, hits, rows)
    timings = replace(found.timings, words_ms=clock.lap_ms())
    asked, tiles = found.asked, found.ranking.tiles
    warnings = questions.warnings(asked.terms)
    counts = tuple(ClassCount(*own) for own in class_counts(table))
    reply = SearchReply(asked.query, tuple(hits), tiles, timings, warnings, asked.language, counts)
    return SearchResult(reply, table.verdict.reply if table.verdict else None)


def _chosen(
    questions: Questions,
    request: SearchRequest,
    filters: Filters,
    judge: JudgeFound | None,
    required: Required | None,
) -> tuple[RankedSearch, HitTable, Sequence[int]]:
    """What is found, and the rows that count: so far down the list that all of the classes are seen."""
    depth = depth_of(filters)
    while True:
        found = _found(questions, replace(request, k=depth), required)
        own = None if judge is None else _of_found(judge, found)
        table, rows = judged(HitTable.of(*in_columns(found)), request, filters, own)
        seen = len(found.ranking) == found.ranking.tiles
        if seen or not filters.categories or len(rows) >= filters.limit:
            return found, table, rows
        depth *= DEEPER


def _of_found(judge: JudgeFound, found: RankedSearch) -> Judge:
    return lambda request: judge(request, found)


def judged(
    table: HitTable, request: SearchRequest, filters: Filters, judge: Judge | None
) -> tuple[HitTable, Sequence[int]]:
    """The table with a verdict on it, as far down as hits count, and the rows that do.

    A least match score or categories hide none where there is no `judge`.
    """
    rows = choose(table, filters).rows
    if judge is None or not rows:
        return table, rows
    table = table if filters.categories else table.head(rows[-1] + 1)
    table = table.with_verdict(*judge(replace(request, k=len(table), ranked=table.reply.ranked)))
    return table, choose(table, filters).rows


def rank(questions: Questions, request: SearchRequest) -> tuple[RankReply, bytes]:
    """The `k` best tiles as columns, without words; errors as in `find`."""
    return in_columns(find(questions, request))


def find(questions: Questions, request: SearchRequest, required: Required | None = None) -> RankedSearch:
    """The `k` tiles nearest to what is asked, by cosine, over all indexes; no stored tile is encoded.

    `required` says which tiles show words that must be there; where none are, it is not asked.

    Raises:
        QueryEmpty, QueryNotUnderstood, BadArgument: the request.
        IndexMissing, IndexUnreadable, IndexOfOtherModel, IndexStale: one of the indexes.
        AoiInvalid: the area cannot be expressed in a raster's CRS.
        BadArgument: no tile has a side that was asked for.
        And what `ExampleVectors.vectors` raises.
    """
    _check(questions, request)
    return _found(questions, request, required)


def _found(questions: Questions, request: SearchRequest, required: Required | None) -> RankedSearch:
    """As `find`, of any number of results."""
    clock = _Stopwatch()
    opened = open_all(questions, request)
    load_ms = clock.lap_ms()
    asked = questions.ask(request)
    encode_ms = clock.lap_ms()
    must = tuple(dict.fromkeys(word for term in asked.terms for word in term.must))
    shown = partial(required, must) if required is not None and must else None
    ranking = rank_indexes(opened, asked.vector, request.k, Limits.of(request), request.ranked, shown=shown)
    return RankedSearch(asked, ranking, SearchTimings(load_ms, encode_ms, clock.lap_ms()))


def open_all(questions: Questions, request: SearchRequest) -> list[OpenIndex]:
    """The indexes of a request, each once; errors as in `find`."""
    if not request.indexes:
        raise BadArgument("There is no index to search in.")
    return [questions.indexes.get(path) for path in dict.fromkeys(request.indexes)]


def score_tiles(questions: Questions, index: OpenIndex, request: SearchRequest) -> NDArray[np.float32]:
    """The cosine of every tile of an index with what is asked, float32 [n]; errors as in `find`."""
    return cosines(index.table.vectors, questions.ask(request).vector)


class _Stopwatch:
    def __init__(self) -> None:
        self._at = time.perf_counter()

    def lap_ms(self) -> float:
        before, self._at = self._at, time.perf_counter()
        return (self._at - before) * 1000


def _check(questions: Questions, request: SearchRequest) -> None:
    """What is wrong with a request shows before anything is read."""
    questions.check(request)
    check_count(request.k)
    if not all(0 < side < math.inf for side in request.scales_m):
        raise BadArgument("Tile sides are numbers of metres above 0.")
    if not 0 <= request.min_valid <= 1:
        raise BadArgument(f"A share of pixels lies between 0 and 1, not at {request.min_valid:g}.")


def check_count(k: int) -> None:
    """Refuse a number of results that nobody can want, or a machine not hold."""
    if not 1 <= k <= MOST_HITS:
        raise BadArgument(f"The number of results must be at least 1 and at most {MOST_HITS}, not {k}.")


def in_columns(found: RankedSearch) -> tuple[RankReply, bytes]:
    """What was found as `HIT_COLUMNS`."""
    ranking = found.ranking
    reply = RankReply(
        query=found.asked.query,
        count=len(ranking),
        tiles=found.tiles,
        indexes=tuple(map(described, ranking.indexes, ranking.stored)),
        timings=found.timings,
        language=found.asked.language,
    )
    places, keys = places_of_hits(ranking), ranking.keys
    return reply, hit_columns(ranking.scores, ranking.valid, places, ranking.owners, keys)


def hit_columns(
    scores: Floats, valid: Floats, places: NDArray[np.int32], owners: NDArray[np.int32], keys: Keys
) -> bytes:
    """`HIT_COLUMNS` of n hits, of keys [n, 3]."""
    floats = np.column_stack((scores, valid)).astype("<f4")
    integers = np.column_stack((places, owners, keys)).astype("<i4")
    return pack_columns([floats.T.tobytes(), integers.T.tobytes()])


def described(index: OpenIndex, stored: int) -> RankedIndex:
    """An index as an answer tells of it."""
    manifest = index.manifest
    return RankedIndex(
        index=str(index.path),
        source=index.raster.path,
        crs=manifest.crs,
        transform=manifest.transform,
        gsd_m=manifest.gsd_m,
        tile=manifest.tile,
        lattice=manifest.lattice,
        stored=stored,
    )


def _with_words(
    questions: Questions, found: RankedSearch, hits: Sequence[Hit], rows: Sequence[int]
) -> list[Hit]:
    words = QueryWords.of(questions, found.asked.terms)
    vectors = found.ranking.ordered(np.array(rows, np.int64)).vectors
    return [replace(hit, words=words.for_tile(vector)) for hit, vector in zip(hits, vectors, strict=True)]
