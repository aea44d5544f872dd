"""Verdicts, heat maps and descriptions of many places, asked of a real worker with the shipped model."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import rasterio

from msa_model.cli.main import main
from msa_model.protocol.codec import from_wire
from msa_model.protocol.describing import (
    DescribeManyReply,
    DescribeManyRequest,
    DescribeReply,
    DescribeRequest,
    shown,
)
from msa_model.protocol.hit_table import HeatmapReply, HitTable, RankReply, VerdictReply
from msa_model.protocol.messages import Example, RasterRef, ScanSummary, SearchRequest
from msa_model.protocol.rpc import DESCRIBE, DESCRIBE_MANY, HEATMAP, RANK, VERDICT, Failure, Reply
from tests.present import as_a
from tests.worker.client import WorkerProcess
from tests.worker.conftest import EAST, GSD_M, NORTH, write_scene


def judged(worker: WorkerProcess, request: SearchRequest) -> HitTable:
    ranked, verdict = (worker.call(method, request) for method in (RANK, VERDICT))
    table = HitTable.of(from_wire(RankReply, ranked.result), ranked.attachment)
    return table.with_verdict(from_wire(VerdictReply, verdict.result), verdict.attachment)


@pytest.mark.parametrize("query", ["green fields", '"green fields" + road - water'])
def test_a_verdict_is_on_the_hits_of_the_same_request(
    worker: WorkerProcess, indexed: ScanSummary, query: str
) -> None:
    table = judged(worker, SearchRequest(query, (indexed.index,), k=100))
    assert table.verdict is not None
    reply = table.verdict.reply
    assert reply.level in ("good", "doubtful", "nothing")
    match_score = sorted((table.match_score(row) or 0.0 for row in range(len(table))), reverse=True)
    assert sum(match_score[:3]) / 3 == pytest.approx(reply.best_score, abs=1e-3)
    assert 0 <= reply.percentile <= 1
    assert reply.runner_up
    assert all(table.category(row) for row in range(len(table)))  # also where no phrase is believed
    assert any(not table.phrase(row) for row in range(len(table)))


def test_a_search_by_example_has_a_verdict_too(worker: WorkerProcess, indexed: ScanSummary) -> None:
    table = judged(worker, SearchRequest("green fields", (indexed.index,), k=1))
    like = judged(worker, SearchRequest("", (indexed.index,), k=9, examples=(Example(tile=table.tile(0)),)))
    assert len(like) == 9
    assert like.match_score(0) is not None


def test_a_heat_map_comes_as_a_geotiff(worker: WorkerProcess, indexed: ScanSummary, scene: Path) -> None:
    reply = worker.call(HEATMAP, SearchRequest("green fields", (indexed.index,)))
    told = from_wire(HeatmapReply, reply.result)
    with (
        rasterio.MemoryFile(reply.attachment) as memory,
        memory.open() as heat,
        rasterio.open(scene) as raster,
    ):
        assert (heat.width, heat.height, heat.crs) == (told.width, told.height, raster.crs)
        assert heat.bounds == raster.bounds
        assert heat.read(1).max() >= told.high > told.low


def test_a_place_is_described_at_every_scale_with_keywords(worker: WorkerProcess, scene: Path) -> None:
    point = (EAST + 384 * GSD_M, NORTH - 384 * GSD_M)
    request = DescribeRequest(RasterRef(str(scene)), "EPSG:32633", point=point, k=3, every_scale=True)
    reply = from_wire(DescribeReply, worker.call(DESCRIBE, request).result)
    assert reply.scales
    assert reply.scale_m not in [scale.scale_m for scale in reply.scales]
    assert bool(reply.keywords) == bool(shown(reply.phrases))
    assert all(0 < keyword.weight <= 1 for keyword in reply.keywords)


def test_many_places_are_described_while_others_are_asked(worker: WorkerProcess, tmp_path: Path) -> None:
    scene = write_scene(tmp_path / "many.tif", 768)
    boxes = [(EAST + 3 * i, NORTH - 3 * i, EAST + 3 * i + 150, NORTH - 3 * i - 150) for i in range(16)]
    areas = tuple(f"POLYGON(({a} {b}, {c} {b}, {c} {d}, {a} {d}, {a} {b}))" for a, b, c, d in boxes)
    request = DescribeManyRequest(RasterRef(str(scene)), areas, "EPSG:32633", scale_m=64.0, k=2)
    asked = worker.request(DESCRIBE_MANY, request)
    worker.wait_for_progress(asked, seconds=60)
    one = worker.call(DESCRIBE_MANY, replace(request, areas=areas[:1]), seconds=120)
    reply = from_wire(DescribeManyReply, as_a(Reply, worker.outcome(asked, seconds=120)).result)
    assert len(reply.descriptions) == 16
    assert reply.descriptions[:1] == from_wire(DescribeManyReply, one.result).descriptions


def test_describing_many_can_be_called_off(worker: WorkerProcess, tmp_path: Path) -> None:
    scene = write_scene(tmp_path / "many.tif", 768)
    area = f"POLYGON(({EAST} {NORTH}, {EAST + 300} {NORTH}, {EAST + 300} {NORTH - 300}, {EAST} {NORTH}))"
    request = DescribeManyRequest(RasterRef(str(scene)), (area,) * 2000, scale_m=64.0)
    asked = worker.request(DESCRIBE_MANY, request)
    worker.wait_for_progress(asked, seconds=60)
    worker.cancel(asked)
    outcome = worker.outcome(asked, seconds=60)
    assert as_a(Failure, outcome).error.kind == "cancelled"


def test_the_commands_tell_verdict_and_scales(
    indexed: ScanSummary, scene: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["search", indexed.index, "green fields", "-k", "3", "--verdict"]
    assert main(line) == 0
    assert "of a tile it is (score - " in capsys.readouterr().out
    assert main([*line, "--json"]) == 0
    verdict = json.loads(capsys.readouterr().out)["verdict"]
    assert verdict["level"] in ("good", "doubtful", "nothing")
    left, top = EAST + 20, NORTH - 20
    polygon = f"POLYGON(({left} {top}, {left + 200} {top}, {left + 200} {top - 200}, {left} {top}))"
    assert main(["describe", str(scene), "--polygon", polygon, "-k", "2"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("No phrase fits.")  # of paint
    assert "windows of " in told
    middle = f"{EAST + 384 * GSD_M},{NORTH - 384 * GSD_M}"
    assert main(["describe", str(scene), "--at", middle, "--every-scale", "-k", "2"]) == 0
    assert "scale  windows  phrases" in capsys.readouterr().out


def hits_of(line: list[str], capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert main([*line, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_hits_are_of_the_classes_that_are_named(
    indexed: ScanSummary, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["search", indexed.index, "water", "-k", "1000"]
    everything = hits_of([*line, "--verdict"], capsys)
    counts = {own["name"]: own["hits"] for own in everything["classes"]}
    kinds = [hit["category"] for hit in everything["results"]]
    assert counts == {name: kinds.count(name) for name in set(kinds)}
    assert sum(counts.values()) == len(kinds)
    first = next(iter(counts))
    some = hits_of([*line, "--class", f"{first}, sport and leisure"], capsys)["results"]
    assert {hit["category"] for hit in some} <= {first, "sport and leisure"}
    assert len(some) == counts[first] + counts.get("sport and leisure", 0)
    assert main([*line, "--class", "castles"]) == 1
    assert "There is no scene class 'castles'" in capsys.readouterr().err


def test_tiles_that_say_no_to_a_word_that_must_be_there_are_left_out(
    worker: WorkerProcess, indexed: ScanSummary, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["search", indexed.index]
    plain = hits_of([*line, "a green field with farmland", "-k", "1000"], capsys)["results"]
    required = hits_of([*line, "a green field with !farmland", "-k", "1000"], capsys)["results"]
    farmland = hits_of([*line, "farmland", "-k", "1000", "--verdict"], capsys)["results"]
    shown = {(hit["factor"], hit["row"], hit["col"]) for hit in farmland if hit["match_score"] >= 0}
    assert 0 < len(required) < len(plain)
    assert {(hit["factor"], hit["row"], hit["col"]) for hit in required} == shown
    request = SearchRequest("a green field with !farmland", (indexed.index,), k=1000)
    assert from_wire(RankReply, worker.call(RANK, request).result).count == len(required)
