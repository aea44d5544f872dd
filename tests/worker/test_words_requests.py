"""Which words mattered, asked of a real worker and of the command line."""

from __future__ import annotations

import json

import pytest

from msa_model.cli.main import main
from msa_model.jobs.search import SearchReply
from msa_model.protocol.codec import from_wire
from msa_model.protocol.messages import ScanSummary, TileRef
from msa_model.protocol.query import WordsReply, WordsRequest
from msa_model.protocol.rpc import WORDS
from tests.worker.client import WorkerProcess

Captured = pytest.CaptureFixture[str]
QUERY = "a road beside green fields"


def search(index: ScanSummary, capsys: Captured) -> SearchReply:
    line = ["search", index.index, QUERY, "-k", "3", "--words", "--json"]
    return from_wire(SearchReply, json.loads(printed(line, capsys)))


def test_the_words_of_every_hit_are_told(indexed: ScanSummary, capsys: Captured) -> None:
    reply = search(indexed, capsys)
    for hit in reply.results:
        assert [word.word for word in hit.words] == QUERY.split()
        assert [word.minor for word in hit.words] == [True, False, True, False, False]
    assert reply.results[0].words != reply.results[1].words
    assert reply.timings.words_ms > 0


def test_the_words_of_one_tile_are_those_of_its_hit(
    worker: WorkerProcess, indexed: ScanSummary, capsys: Captured
) -> None:
    hit = search(indexed, capsys).results[1]
    request = WordsRequest(QUERY, TileRef(hit.index, hit.factor, hit.row, hit.col))
    reply = from_wire(WordsReply, worker.call(WORDS, request).result)
    assert reply.query == QUERY
    assert reply.score == pytest.approx(hit.score, abs=1e-5)
    assert [w.contribution for w in reply.words] == pytest.approx(
        [w.contribution for w in hit.words], abs=1e-5
    )


@pytest.mark.parametrize(
    ("query", "row", "kind"),
    [("", 0, "query_empty"), ("पुल", 0, "query_not_understood"), ("river", 999, "bad_argument")],
)
def test_words_of_nothing_are_refused(
    worker: WorkerProcess, indexed: ScanSummary, query: str, row: int, kind: str
) -> None:
    request = WordsRequest(query, TileRef(indexed.index, 1, row, 0))
    assert worker.refusal(WORDS, request).error.kind == kind


def printed(line: list[str], capsys: Captured) -> str:
    capsys.readouterr()
    assert main(line) == 0
    return capsys.readouterr().out


def test_the_command_prints_words(indexed: ScanSummary, capsys: Captured) -> None:
    line = ["search", indexed.index, QUERY, "-k", "4", "--words"]
    hits = json.loads(printed([*line, "--json"], capsys))["results"]
    assert [len(hit["words"]) for hit in hits] == [5] * 4
    shown = printed(line, capsys)
    assert "(beside)" in shown
    assert "words weighed in" in shown
