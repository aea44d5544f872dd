"""Searching: a question against the tiles of any number of indexes, answered as hits or as columns."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from msa_model.index.rank import cosines
from msa_model.jobs.merging import places_of_hits
from msa_model.jobs.open_indexes import OpenIndex
from msa_model.jobs.questions import Asked, Questions
from msa_model.jobs.ranked import Ranking, rank_indexes
from msa_model.jobs.words import QueryWords
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.hit_table import HitTable, pack_columns
from msa_model.protocol.messages import Hit, SearchReply, SearchRequest, SearchTimings
from msa_model.protocol.ranking import RankedIndex, RankReply

MOST_HITS = 100_000
_TILES_OF_A_PLACE = 50  # looked at; a place of more takes the room of others


@dataclass(frozen=True)
class Found:
    """A search that was made: what was asked, the list in its order, and the time that it took."""

    asked: Asked
    ranking: Ranking
    timings: SearchTimings


def search(questions: Questions, request: SearchRequest) -> SearchReply:
    """The `k` best tiles as hits, with words where they are asked for; errors as in `find`."""
    found = find(questions, request)
    reply, columns = in_columns(found)
    clock = _Stopwatch()
    table = HitTable.of(reply, columns)
    hits: Sequence[Hit] = [table.hit(row) for row in range(len(table))]
    if request.words:
        hits = _with_words(questions, found, hits)
    times = found.timings
    timings = SearchTimings(times.load_ms, times.encode_ms, times.rank_ms, clock.lap_ms())
    asked, tiles = found.asked, found.ranking.tiles
    warnings = questions.warnings(asked.terms)
    return SearchReply(asked.query, tuple(hits), tiles, timings, warnings, asked.language)


def search_places(questions: Questions, request: SearchRequest) -> SearchReply:
    """The `k` best places, each by its best tile; errors as in `find`."""
    asked = min(MOST_HITS, max(request.k * _TILES_OF_A_PLACE, _TILES_OF_A_PLACE**2))
    reply = search(questions, replace(request, k=asked))
    firsts = {hit.place: hit for hit in reversed(reply.results)}
    hits = [replace(firsts[place], rank=number) for number, place in enumerate(sorted(firsts), 1)]
    return replace(reply, results=tuple(hits[: request.k]))


def rank(questions: Questions, request: SearchRequest) -> tuple[RankReply, bytes]:
    """The `k` best tiles as columns, without words; errors as in `find`."""
    return in_columns(find(questions, request))


def find(questions: Questions, request: SearchRequest) -> Found:
    """The `k` tiles nearest to what is asked, by cosine, over all indexes; no stored tile is encoded.

    Raises:
        QueryEmpty, QueryNotUnderstood, BadArgument: the request.
        IndexMissing, IndexUnreadable, IndexOfOtherModel, IndexStale: one of the indexes.
        AoiInvalid: the area cannot be expressed in a raster's CRS.
        And what `ExampleVectors.vectors` raises.
    """
    _check(questions, request)
    clock = _Stopwatch()
    opened = open_all(questions, request)
    load_ms = clock.lap_ms()
    asked = questions.ask(request)
    encode_ms = clock.lap_ms()
    ranking = rank_indexes(opened, asked.vector, request.k, request.aoi)
    return Found(asked, ranking, SearchTimings(load_ms, encode_ms, clock.lap_ms()))


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
    if not 1 <= request.k <= MOST_HITS:
        raise BadArgument(
            f"The number of results must be at least 1 and at most {MOST_HITS}, not {request.k}."
        )
    if not request.indexes:
        raise BadArgument("There is no index to search in.")


def in_columns(found: Found) -> tuple[RankReply, bytes]:
    """What was found as `HIT_COLUMNS`."""
    ranking = found.ranking
    keys = ranking.keys
    integers = np.column_stack((places_of_hits(ranking), ranking.owners, keys)).astype("<i4")
    floats = np.column_stack((ranking.scores, ranking.valid)).astype("<f4")
    reply = RankReply(
        query=found.asked.query,
        count=len(ranking),
        tiles=ranking.tiles,
        indexes=tuple(map(_described, ranking.indexes)),
        timings=found.timings,
        language=found.asked.language,
    )
    return reply, pack_columns([floats.T.tobytes(), integers.T.tobytes()])


def _described(index: OpenIndex) -> RankedIndex:
    manifest = index.manifest
    return RankedIndex(
        index=str(index.path),
        source=index.raster.path,
        crs=manifest.crs,
        transform=manifest.transform,
        gsd_m=manifest.gsd_m,
        tile=manifest.tile,
        lattice=manifest.lattice,
    )


def _with_words(questions: Questions, found: Found, hits: Sequence[Hit]) -> list[Hit]:
    words = QueryWords.of(questions, found.asked.terms)
    return [
        replace(hit, words=words.for_tile(vector))
        for hit, vector in zip(hits, found.ranking.vectors, strict=True)
    ]
