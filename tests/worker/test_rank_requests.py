"""search.rank asked of a real worker: columns, grammar, examples, feedback; and from the command line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from msa_model.cli.main import main
from msa_model.jobs.search import SearchReply
from msa_model.protocol.codec import from_wire
from msa_model.protocol.hit_filter import class_counts
from msa_model.protocol.hit_table import HitTable, RankReply, VerdictReply
from msa_model.protocol.messages import Example, Hit, RasterRef, ScanSummary, SearchRequest, TileRef
from msa_model.protocol.query import WordsReply, WordsRequest
from msa_model.protocol.rpc import RANK, VERDICT, WORDS
from tests.present import present
from tests.worker.client import WorkerProcess
from tests.worker.conftest import EAST, GSD_M, NORTH

Captured = pytest.CaptureFixture[str]
QUERY = "green fields"


def ranked(worker: WorkerProcess, indexed: ScanSummary, query: str = QUERY, **options: object) -> HitTable:
    request = SearchRequest(query, (indexed.index,), **options)  # type: ignore[arg-type]
    reply = worker.call(RANK, request)
    return HitTable.of(from_wire(RankReply, reply.result), reply.attachment)


def test_columns_hold_what_the_command_prints(
    worker: WorkerProcess, indexed: ScanSummary, capsys: Captured
) -> None:
    table = ranked(worker, indexed, k=1000)
    hits = printed(["search", indexed.index, QUERY, "-k", 1000, "--json"], capsys).results
    assert len(table) == indexed.encoded == table.reply.tiles
    for row, hit in enumerate(hits):
        assert table.hit(row) == replace(hit, score=cast("float", pytest.approx(hit.score)))
    assert set(table.valid) == {1.0}


def test_tiles_of_a_class_are_those_that_the_command_finds(
    worker: WorkerProcess, indexed: ScanSummary, capsys: Captured
) -> None:
    request = SearchRequest(QUERY, (indexed.index,), k=1000)
    table = judged(worker, request)
    counts = class_counts(table)
    assert len(counts) > 1
    name, count = counts[-1]
    asked = replace(request, k=3, classes=(name,))
    of_class = judged(worker, asked)
    assert class_counts(of_class) == ((name, min(count, 3)),)
    command = ["search", indexed.index, QUERY, "-k", 3, "--class", name, "--json"]
    hits = printed(command, capsys).results
    assert [of_class.tile(row) for row in range(len(of_class))] == [tile_of(hit) for hit in hits]
    assert present(of_class.verdict).reply.best_score == pytest.approx(
        present(table.verdict).reply.best_score
    )
    assert len(ranked(worker, indexed, k=1000, classes=("no such thing",))) == 0


@pytest.mark.parametrize("k", [1, 2, 3])
def test_however_few_tiles_of_a_class_are_asked_for_those_are_judged(
    worker: WorkerProcess, indexed: ScanSummary, k: int
) -> None:
    request = SearchRequest(QUERY, (indexed.index,), k=1000)
    every = judged(worker, request)
    first = {every.hit(row).category for row in range(3)}
    name, count = next(own for own in class_counts(every) if own[0] not in first)
    of_class = judged(worker, replace(request, k=k, classes=(name,)))
    assert [of_class.hit(row).category for row in range(len(of_class))] == [name] * min(count, k)
    assert of_class.reply.tiles == every.reply.tiles == indexed.encoded


def judged(worker: WorkerProcess, request: SearchRequest) -> HitTable:
    """A search with its verdict."""
    reply = worker.call(RANK, request)
    table = HitTable.of(from_wire(RankReply, reply.result), reply.attachment)
    verdict = worker.call(VERDICT, replace(request, ranked=table.reply.ranked))
    return table.with_verdict(from_wire(VerdictReply, verdict.result), verdict.attachment)


def tile_of(hit: Hit) -> TileRef:
    return TileRef(hit.index, hit.factor, hit.row, hit.col)


def test_neighbours_are_fewer_places_than_hits(worker: WorkerProcess, indexed: ScanSummary) -> None:
    places = list(ranked(worker, indexed, k=1000).places)
    assert places[0] == 0
    assert 1 < max(places) + 1 < len(places) / 2


def test_a_tile_that_is_shown_is_found_first(worker: WorkerProcess, indexed: ScanSummary) -> None:
    shown = ranked(worker, indexed, k=1000).tile(17)
    table = ranked(worker, indexed, "", examples=(Example(tile=shown),))
    assert table.tile(0) == shown
    assert table.reply.query == ""


def test_a_window_of_the_raster_finds_its_own_tile(
    worker: WorkerProcess, indexed: ScanSummary, scene: Path
) -> None:
    side = 256 * GSD_M
    window = Example(
        raster=RasterRef(str(scene)),
        point=(EAST + side / 2, NORTH - side / 2),
        scale_m=side,
        crs="EPSG:32633",
    )
    best = ranked(worker, indexed, "", examples=(window,)).tile(0)
    assert (best.factor, best.row, best.col) == (1, 0, 0)


def test_rejected_hits_sink_and_accepted_ones_rise(worker: WorkerProcess, indexed: ScanSummary) -> None:
    before = ranked(worker, indexed, k=1000)
    bad, good = before.tile(0), before.tile(len(before) - 1)
    judged = (Example(-1.0, bad), Example(1.0, good))
    after = ranked(worker, indexed, k=1000, examples=judged)
    order = [after.tile(row) for row in range(len(after))]
    assert order.index(bad) > 0
    assert order.index(good) < len(order) - 1


def test_a_term_with_a_minus_changes_the_order(worker: WorkerProcess, indexed: ScanSummary) -> None:
    plain, mixed = (ranked(worker, indexed, q, k=1000) for q in (QUERY, f"{QUERY} - 0.5:{QUERY} + water"))
    assert mixed.reply.query == f"{QUERY} - 0.5:{QUERY} + water"
    assert [plain.tile(row) for row in range(9)] != [mixed.tile(row) for row in range(9)]


def test_of_several_terms_each_is_told_what_it_adds(worker: WorkerProcess, indexed: ScanSummary) -> None:
    table = ranked(worker, indexed, '"green fields" - water')
    reply = worker.call(WORDS, WordsRequest(table.reply.query, table.tile(0)))
    words = from_wire(WordsReply, reply.result)
    assert [share.word for share in words.words] == ["green fields", "- water"]
    assert words.score == pytest.approx(table.scores[0], abs=1e-5)


@pytest.mark.parametrize(
    ("query", "examples", "kind"),
    [
        ("", (), "query_empty"),
        ("fields +", (), "query_not_understood"),
        ("fields - पुल", (), "query_not_understood"),
        ("fields", (Example(),), "bad_argument"),
        ("", (Example(crs="EPSG:32633", point=(0.0, 0.0)),), "point_outside"),
        ("", (Example(raster=RasterRef("nowhere.tif"), point=(0.0, 0.0)),), "raster_missing"),
    ],
    ids=str,
)
def test_a_question_that_makes_no_sense_is_refused_by_name(
    worker: WorkerProcess, indexed: ScanSummary, query: str, examples: tuple[Example, ...], kind: str
) -> None:
    request = SearchRequest(query, (indexed.index,), examples=examples)
    assert worker.refusal(RANK, request).error.kind == kind


def test_more_results_than_anybody_can_want_are_refused_and_not_cut(
    worker: WorkerProcess, indexed: ScanSummary
) -> None:
    request = SearchRequest(QUERY, (indexed.index,), k=100_001)
    assert worker.refusal(RANK, request).error.kind == "bad_argument"


def printed(line: list[object], capsys: Captured) -> SearchReply:
    capsys.readouterr()
    assert main([str(word) for word in line]) == 0
    return from_wire(SearchReply, json.loads(capsys.readouterr().out))


def test_the_command_finds_what_is_like_a_place_and_merges(indexed: ScanSummary, capsys: Captured) -> None:
    place = f"{EAST + 64 * GSD_M},{NORTH - 64 * GSD_M},{256 * GSD_M}"
    far = f"{EAST + 700 * GSD_M},{NORTH - 700 * GSD_M}"
    line = ["search", indexed.index, "--like", place, "--unlike", far, "--json", "-k", 4]
    alike = printed(line, capsys)
    best = alike.results[0]
    assert alike.query == ""
    assert (best.factor, best.row, best.col) == (1, 0, 0)
    merged = printed([*line, "--merge"], capsys).results
    assert len({hit.place for hit in merged}) == len(merged) == 4
    assert [hit.rank for hit in merged] == [1, 2, 3, 4]
    mixed = printed(["search", indexed.index, "2:fields - water", *line[2:]], capsys)
    assert mixed.query == "2:fields - water"
    assert not np.array_equal([hit.score for hit in mixed.results], [hit.score for hit in alike.results])
