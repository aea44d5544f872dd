"""How long an overview of 100,000 tiles takes."""

from __future__ import annotations

from pathlib import Path

from pytest_benchmark.fixture import BenchmarkFixture

from msa_model.jobs.engine import Engine
from msa_model.model.loading import load_encoder
from msa_model.protocol.exploring import ExploreRequest
from tests.benchmarks.large_index import write_large

TARGET_S = 5.0


def test_an_overview_of_a_large_index(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    request = ExploreRequest((str(write_large(tmp_path)),), 12)
    engine = Engine(load_encoder(None, "cpu"))
    engine.indexes.get(request.indexes[0])  # a search loads it as well
    engine.banks.bank(None)
    reply = benchmark.pedantic(engine.explore, (request,), rounds=3)
    print(f"\n{reply.tiles:,} tiles in {len(reply.groups)} groups: {benchmark.stats['median']:.2f} s")
    assert benchmark.stats["median"] <= TARGET_S
