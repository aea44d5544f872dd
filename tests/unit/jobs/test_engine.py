"""The engine: what it answered once it finds again by what was asked, and each verdict is on its own hits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from msa_model import jobs
from msa_model.jobs.engine import Engine
from msa_model.jobs.ranked import rank_indexes
from msa_model.protocol.hit_table import HitTable
from msa_model.protocol.messages import SearchRequest
from tests.unit.jobs.searching import CountingEncoder, Key, as_encoder, direction, write_index

GRID: tuple[Key, ...] = tuple((1, row, col) for row in range(0, 21, 4) for col in range(0, 21, 4))
HALF = len(GRID) // 2


@pytest.fixture
def engine() -> Engine:
    return Engine(as_encoder(CountingEncoder()))


@pytest.fixture
def raster(make_raster: Callable[..., Path], textured: Callable[..., Any]) -> Path:
    return make_raster(textured(900, 900))


def write_tiles(raster: Path, keys: tuple[Key, ...]) -> str:
    return write_index(raster, {key: direction(1000 + GRID.index(key)) for key in keys})


@pytest.mark.parametrize("between", [0, 1, 9], ids="{} searches between".format)
def test_a_verdict_is_on_the_hits_of_its_search_whatever_is_asked_between(
    engine: Engine, raster: Path, between: int
) -> None:
    request = SearchRequest("boats", (write_tiles(raster, GRID[:HALF]),), k=100)
    reply, columns = engine.rank(request)
    at_once = engine.verdict(replace(request, ranked=reply.ranked))
    write_tiles(raster, GRID[HALF:])
    for number in range(between):
        engine.rank(replace(request, query=f"water {number}"))
    later = engine.verdict(replace(request, ranked=reply.ranked))
    assert later[1] == at_once[1]
    assert len(HitTable.of(reply, columns).with_verdict(*later)) == HALF
    assert engine.rank(request)[0].count == len(GRID)


def test_a_search_tells_how_many_tiles_each_index_held(engine: Engine, raster: Path) -> None:
    few = write_index(raster, {GRID[0]: direction(1)}, name="few")
    many = write_index(raster, {key: direction(2) for key in GRID}, name="many")
    assert engine.rank(SearchRequest("boats", (many, few, many), k=1))[0].ranked == (len(GRID), 1)


def test_hits_are_judged_where_that_is_asked_for(engine: Engine, raster: Path) -> None:
    request = SearchRequest("boats", (write_tiles(raster, GRID),), k=5)
    plain, judged = engine.search(request), engine.search(request, judge=True)
    hits = plain.reply.results + judged.reply.results
    assert [hit.score for hit in hits[:5]] == [hit.score for hit in hits[5:]]
    assert [hit.match_score is None for hit in hits] == [True] * 5 + [False] * 5
    assert plain.verdict is None
    told, verdict = engine.verdict(request)[0], judged.verdict
    assert verdict is not None
    assert (verdict.level, verdict.best_score, verdict.runner_up) == (
        told.level,
        told.best_score,
        told.runner_up,
    )


def test_a_search_that_is_judged_ranks_once(
    engine: Engine, raster: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ranked: list[object] = []

    def once(*asked: object, **kept: object) -> object:
        ranked.append(asked)
        return rank_indexes(*asked, **kept)  # type: ignore[arg-type]

    monkeypatch.setattr(jobs.search, "rank_indexes", once)
    assert engine.search(SearchRequest("boats", (write_tiles(raster, GRID),), k=5), judge=True).verdict
    assert len(ranked) == 1
