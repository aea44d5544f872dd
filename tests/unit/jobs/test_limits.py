"""Which tiles take part in a search: its answer is that of a whole scan, filtered; no other tile is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from msa_model.index import rank as ranking
from msa_model.jobs.phrases import PhraseBanks
from msa_model.jobs.questions import Questions
from msa_model.jobs.search import find, rank, search
from msa_model.jobs.verdict import Verdicts
from msa_model.protocol import hit_filter
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.hit_filter import Filters, choose
from msa_model.protocol.hit_table import HitTable
from msa_model.protocol.messages import Aoi, SearchRequest
from tests.unit.jobs.searching import (
    CountingEncoder,
    Key,
    direction,
    questions,
    text_direction,
    write_index,
)

EAST, NORTH = 500_000, 5_000_000
SIDES = {1: 256.0, 2: 512.0, 3: 768.0}
KEYS: tuple[Key, ...] = tuple(
    (factor, row, col) for factor in SIDES for row in range(0, 9, 2) for col in range(0, 9, 2)
)


@pytest.fixture(scope="module")
def asking() -> Questions:
    return questions(CountingEncoder())


@pytest.fixture(scope="module")
def judge(asking: Questions) -> Verdicts:
    return Verdicts(asking, PhraseBanks(asking.encoder))


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> str:
    """75 tiles of three sides, of which shares between none and all of the pixels have data."""
    raster = tmp_path_factory.mktemp("limits") / "sheet.tif"
    write_sheet(raster)
    shares = np.linspace(0, 1, len(KEYS), dtype=np.float32)
    tiles = {key: direction(place) for place, key in enumerate(KEYS)}
    return write_index(raster, tiles, np.random.default_rng(0).permutation(shares))


def write_sheet(path: Path) -> None:
    place = {"crs": "EPSG:32633", "transform": rasterio.Affine(1, 0, EAST, 0, -1, NORTH)}
    with rasterio.open(path, "w", driver="GTiff", width=2304, height=2304, count=3, dtype="uint8", **place):
        pass


def area(west: int, north: int, side: int, *, centres: bool) -> Aoi:
    x, y = EAST + west, NORTH - north
    return Aoi(shapely.box(x, y - side, x + side, y).wkt, "EPSG:32633", centres)


AREAS = st.none() | st.builds(
    area, st.integers(0, 2000), st.integers(0, 2000), st.integers(200, 2300), centres=st.booleans()
)


@given(
    aoi=AREAS,
    limits=st.tuples(st.sets(st.sampled_from(sorted(SIDES.values()))), st.sampled_from([0.0, 0.3, 0.7, 1.0])),
    k=st.integers(1, 80),
)
@settings(max_examples=40, deadline=None)
def test_a_filtered_scan_finds_what_a_whole_scan_finds_filtered(
    asking: Questions, index: str, aoi: Aoi | None, limits: tuple[set[float], float], k: int
) -> None:
    scales, least = limits
    limited = SearchRequest("boats", (index,), k, aoi, scales_m=tuple(scales), min_valid=least)
    found = HitTable.of(*rank(asking, limited))
    whole = HitTable.of(*rank(asking, SearchRequest("boats", (index,), len(KEYS), aoi)))
    filters = Filters(scales_m=frozenset(scales), min_valid=least, merge=False, limit=len(KEYS))
    expected = choose(whole, filters).rows
    assert [found.tile(row) for row in range(len(found))] == [whole.tile(row) for row in expected[:k]]
    assert list(found.scores) == [whole.scores[row] for row in expected[:k]]
    assert found.reply.tiles == len(expected)


def test_a_rare_side_is_found_however_many_others_score_higher(
    asking: Questions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the best tiles are filtered afterwards, a side that none of them has is never seen."""
    monkeypatch.setattr(hit_filter, "DEPTH", 10)
    write_sheet(tmp_path / "sheet.tif")
    boats = text_direction("boats")
    fine: dict[Key, Any] = {key: boats for key in KEYS if key[0] == 1}
    index = write_index(tmp_path / "sheet.tif", fine | {(3, 0, 0): direction(5)})
    reply = search(asking, SearchRequest("boats", (index,), 5, scales_m=(768.0,))).reply
    assert [hit.factor for hit in reply.results] == [3]
    assert reply.tiles == 1


def test_sides_are_meant_within_a_twentieth_and_others_are_refused_with_those_there(
    asking: Questions, index: str
) -> None:
    near = find(asking, SearchRequest("boats", (index,), 80, scales_m=(262.0,))).ranking
    assert set(near.keys[:, 0].tolist()) == {1}
    with pytest.raises(BadArgument, match="no tiles of these sides; it has 256, 512, 768 m"):
        find(asking, SearchRequest("boats", (index,), 80, scales_m=(300.0,)))
    for wrong in ({"scales_m": (0.0,)}, {"scales_m": (float("nan"),)}, {"min_valid": 1.5}):
        with pytest.raises(BadArgument):
            find(asking, SearchRequest("boats", (index,), 80, **wrong))


def test_tiles_that_take_no_part_are_not_read(
    asking: Questions, judge: Verdicts, index: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither for the ranking nor for words that must be there, whose background is known already."""
    request = SearchRequest("boats + !masts", (index,), 80, scales_m=(512.0,), min_valid=0.3)
    expected = find(asking, request, judge.shows)
    read: list[int] = []

    def counted(vectors: NDArray[np.float16]) -> NDArray[np.float32]:
        read.append(len(vectors))
        return widened(vectors)

    widened = ranking.widened
    monkeypatch.setattr(ranking, "widened", counted)
    found = find(asking, request, judge.shows)
    assert found.ranking.keys.tolist() == expected.ranking.keys.tolist()
    kept = find(asking, SearchRequest("boats", (index,), 80, scales_m=(512.0,), min_valid=0.3)).ranking
    assert len(kept) < len(KEYS) / 3
    assert max(read) <= len(kept)


def test_words_that_must_be_there_are_those_of_a_whole_scan(
    asking: Questions, judge: Verdicts, index: str
) -> None:
    whole = find(asking, SearchRequest("boats + !masts", (index,), 80), judge.shows).ranking
    some = find(asking, SearchRequest("boats + !masts", (index,), 80, scales_m=(512.0,)), judge.shows).ranking
    assert 0 < len(some) < len(whole) < len(KEYS)
    assert some.keys.tolist() == [key for key in whole.keys.tolist() if key[0] == 2]


def test_a_verdict_is_on_all_sides_and_shares(asking: Questions, judge: Verdicts, index: str) -> None:
    whole, _ = judge.verdict(SearchRequest("boats", (index,), 80))
    some, columns = judge.verdict(SearchRequest("boats", (index,), 5, scales_m=(512.0,), min_valid=0.5))
    assert (some.best_score, some.offset, some.spread) == (whole.best_score, whole.offset, whole.spread)
    assert len(columns) == 5 * 3 * 4


def test_hits_of_a_class_are_looked_for_as_far_down_as_they_lie(
    asking: Questions, judge: Verdicts, index: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hit_filter, "DEPTH", 2)
    request = SearchRequest("boats", (index,), 80)
    every = search(asking, request, judge=judge.verdict).reply.results
    last = every[-1].category
    assert last is not None
    expected = [(hit.factor, hit.row, hit.col) for hit in every if hit.category == last]
    few = SearchRequest("boats", (index,), len(expected))
    found = search(asking, few, judge=judge.verdict, classes=frozenset((last,))).reply.results
    assert [(hit.factor, hit.row, hit.col) for hit in found] == expected
