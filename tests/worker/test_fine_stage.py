"""Re-ranking and word contributions, asked of a real worker and of the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from msa_model.cli.main import main
from msa_model.model.checkpoint import read_checkpoint, write_checkpoint
from msa_model.model.config import FineConfig, ImageConfig, ModelConfig
from msa_model.model.network import MsaNetwork
from msa_model.protocol.codec import from_wire
from msa_model.protocol.messages import (
    ScanPlan,
    ScanSummary,
    SearchReply,
    SearchRequest,
    TileRef,
    WordsReply,
    WordsRequest,
)
from msa_model.protocol.rpc import BUILD, PLAN, SEARCH, WORDS
from tests.worker.client import WorkerProcess, started_worker
from tests.worker.conftest import GSD_M, scan_of

Captured = pytest.CaptureFixture[str]
QUERY = "a road beside green fields"


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model with a fine stage and random weights."""
    shipped = read_checkpoint().config
    image = ImageConfig("mobilenet_edgetpu_100", (127.5,) * 3, (127.5,) * 3, size=64, pad_type="same")
    config = ModelConfig(
        "tiny", image, replace(shipped.text, tuned_layers=0), 24, 16, fine=FineConfig(12, 3, 0.5)
    )
    torch.manual_seed(0)
    tensors = {name: tensor.numpy() for name, tensor in MsaNetwork(config).state_dict().items()}
    folder = tmp_path_factory.mktemp("tiny")
    write_checkpoint(folder, config, tensors, np.ones(16, np.float32) / 8)
    return folder


@pytest.fixture(scope="module")
def fine_worker(checkpoint: Path) -> Iterator[WorkerProcess]:
    with started_worker() as worker:
        worker.initialize(model=str(checkpoint))
        worker.ready()
        yield worker


@pytest.fixture(scope="module")
def fine_index(
    fine_worker: WorkerProcess, scene: Path, tmp_path_factory: pytest.TempPathFactory
) -> ScanSummary:
    index = tmp_path_factory.mktemp("fine") / "fine.gpkg"
    return from_wire(ScanSummary, fine_worker.call(BUILD, scan_of(scene, index), seconds=120).result)


def search(worker: WorkerProcess, index: ScanSummary, **options: object) -> SearchReply:
    request = SearchRequest(QUERY, (index.index,), **options)  # type: ignore[arg-type]
    return from_wire(SearchReply, worker.call(SEARCH, request).result)


def places(reply: SearchReply) -> list[tuple[int, int, int]]:
    return [(hit.factor, hit.row, hit.col) for hit in reply.results]


def test_the_head_is_ordered_by_the_fine_score_and_the_rest_by_the_cosine(
    fine_worker: WorkerProcess, fine_index: ScanSummary
) -> None:
    coarse = search(fine_worker, fine_index, k=1000)
    fine = search(fine_worker, fine_index, k=1000, rerank=10)
    assert sorted(places(fine)[:10]) == sorted(places(coarse)[:10])
    assert places(fine)[:10] != places(coarse)[:10]
    assert places(fine)[10:] == places(coarse)[10:]
    assert [hit.rank for hit in fine.results] == list(range(1, len(fine.results) + 1))
    head = fine.results[:10]
    scores = [hit.fine_score for hit in head if hit.fine_score is not None]
    assert scores == sorted(scores, reverse=True)
    for hit in head:
        assert hit.fine_score == pytest.approx(hit.score + 0.5 * sum(s.score for s in hit.scales), abs=1e-5)
    assert {(hit.fine_score, hit.scales) for hit in fine.results[10:]} == {(None, ())}
    assert fine.timings.rerank_ms > 0


def test_what_was_re_ranked_into_sight_is_shown(fine_worker: WorkerProcess, fine_index: ScanSummary) -> None:
    all_ = search(fine_worker, fine_index, k=1000, rerank=1000)
    assert places(search(fine_worker, fine_index, k=3, rerank=1000)) == places(all_)[:3]
    assert all(hit.fine_score is not None for hit in all_.results)
    assert len(all_.results) == fine_index.encoded


def test_the_evidence_names_each_scale_in_metres(fine_worker: WorkerProcess, fine_index: ScanSummary) -> None:
    hit = search(fine_worker, fine_index, rerank=5).results[0]
    assert [scale.name for scale in hit.scales] == ["texture", "parts", "objects", "scene"]
    pixel = 4 * hit.factor * GSD_M  # the tiny model's input has 64 px for the tile's 256
    assert [s.cell_m for s in hit.scales] == pytest.approx([s * pixel for s in (4, 8, 16, 32)], rel=1e-3)


def test_without_re_ranking_a_hit_is_as_before(fine_worker: WorkerProcess, fine_index: ScanSummary) -> None:
    hit = search(fine_worker, fine_index).results[0]
    assert (hit.fine_score, hit.scales, hit.words) == (None, (), ())


def test_ready_tells_that_the_model_can_re_rank(fine_worker: WorkerProcess) -> None:
    assert fine_worker.ready().can_rerank


def test_a_plan_counts_the_scales(
    fine_worker: WorkerProcess, fine_index: ScanSummary, scene: Path, tmp_path: Path
) -> None:
    plan = from_wire(ScanPlan, fine_worker.call(PLAN, scan_of(scene, tmp_path / "none.gpkg")).result)
    assert plan.bytes == pytest.approx(Path(fine_index.index).stat().st_size, rel=0.5)
    assert plan.bytes > fine_index.tiles * 2 * 368


@pytest.mark.parametrize(("count", "kind"), [(-1, "bad_argument"), (10_001, "bad_argument")])
def test_a_number_that_makes_no_sense_is_refused(
    fine_worker: WorkerProcess, fine_index: ScanSummary, count: int, kind: str
) -> None:
    assert (
        fine_worker.refusal(SEARCH, SearchRequest(QUERY, (fine_index.index,), rerank=count)).error.kind
        == kind
    )


def test_the_words_of_every_hit_are_told(worker: WorkerProcess, indexed: ScanSummary) -> None:
    reply = search(worker, indexed, k=3, words=True)
    for hit in reply.results:
        assert [word.word for word in hit.words] == QUERY.split()
        assert [word.minor for word in hit.words] == [True, False, True, False, False]
    assert reply.results[0].words != reply.results[1].words
    assert reply.timings.words_ms > 0


def test_the_words_of_one_tile_are_those_of_its_hit(worker: WorkerProcess, indexed: ScanSummary) -> None:
    hit = search(worker, indexed, k=3, words=True).results[1]
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


def test_the_command_prints_scales_and_words(
    checkpoint: Path, fine_index: ScanSummary, capsys: Captured
) -> None:
    line = [
        "search",
        fine_index.index,
        QUERY,
        "--model",
        str(checkpoint),
        "-k",
        "4",
        "--rerank",
        "9",
        "--words",
    ]
    hits = json.loads(printed([*line, "--json"], capsys))["results"]
    assert [len(hit["scales"]) for hit in hits] == [4] * 4
    assert [len(hit["words"]) for hit in hits] == [5] * 4
    shown = printed(line, capsys)
    assert "matches best" in shown
    assert "(beside)" in shown
    assert "re-ranked in" in shown


def test_info_tells_whether_model_and_index_can_re_rank(
    checkpoint: Path, fine_index: ScanSummary, indexed: ScanSummary, capsys: Captured
) -> None:
    shown = printed(["info", fine_index.index, "--model", str(checkpoint)], capsys)
    assert "368 fine codes a tile" in shown
    assert "with its fine stage" in shown
    found = json.loads(printed(["info", fine_index.index, indexed.index, "--json"], capsys))["indexes"]
    assert found[0]["fine_codes"] == 368
