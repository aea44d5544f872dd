"""Verdicts: on the hits of a search, beside phrases or other tiles; and the map of a search."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

from msa_model.index.background import BEST, GOOD, NEAREST
from msa_model.jobs.heatmap import heatmap
from msa_model.jobs.phrases import PhraseBanks, shipped_phrases
from msa_model.jobs.questions import Questions
from msa_model.jobs.search import rank, search
from msa_model.jobs.verdict import Verdicts
from msa_model.model.calibration import Calibration
from msa_model.protocol.errors import AoiOutsideRaster, BadArgument
from msa_model.protocol.hit_table import HitTable
from msa_model.protocol.messages import Aoi, Example, SearchRequest, TileRef
from tests.present import present
from tests.unit.jobs.searching import (
    Floats,
    Key,
    direction,
    text_direction,
    write_index,
)

QUERY = "boats"
EAST, NORTH = 500_000, 5_000_000
GRID: tuple[Key, ...] = tuple((1, row, col) for row in range(0, 21, 4) for col in range(0, 21, 4))


@pytest.fixture
def raster(make_raster: Callable[..., Path], textured: Callable[..., Any]) -> Path:
    return make_raster(textured(900, 900))


@pytest.fixture
def judge(asking: Questions) -> Verdicts:
    return Verdicts(asking, PhraseBanks(asking.encoder))


def tiles_with(*special: Floats) -> dict[Key, Floats]:
    """Tiles of anything, the first ones as given."""
    vectors = {key: direction(1000 + place) for place, key in enumerate(GRID)}
    return vectors | dict(zip(GRID, special, strict=False))


def bank_of(folder: Path, *rows: str) -> str:
    path = folder / "bank.csv"
    path.write_text("\n".join(("phrase,category", *rows)), encoding="utf-8")
    return str(path)


def test_tiles_that_show_the_query_are_good_and_others_nothing(raster: Path, judge: Verdicts) -> None:
    boats = text_direction(QUERY)
    there = write_index(raster, tiles_with(boats, boats, boats), name="there")
    without = {key: tile - (tile @ boats) * boats for key, tile in tiles_with().items()}
    absent = write_index(raster, without, name="absent")
    good, _ = judge.verdict(SearchRequest(QUERY, (there,)))
    nothing, _ = judge.verdict(SearchRequest(QUERY, (absent,)))
    assert (good.level, nothing.level) == ("good", "nothing")
    assert good.best_score > GOOD > 0 > nothing.best_score
    assert good.percentile > nothing.percentile


def test_the_best_score_is_the_match_score_of_the_best_tiles(
    raster: Path, judge: Verdicts, asking: Questions
) -> None:
    request = SearchRequest(QUERY, (write_index(raster, tiles_with()),), k=30)
    table = HitTable.of(*rank(asking, request)).with_verdict(*judge.verdict(request))
    assert table.verdict is not None
    match_score = [present(table.match_score(row)) for row in range(3)]
    assert np.mean(np.array(match_score, float)) == pytest.approx(table.verdict.reply.best_score, abs=1e-4)
    assert match_score == sorted(match_score, reverse=True)


def test_by_a_models_constants_the_phrases_most_like_the_query_count_for_it(
    raster: Path, judge: Verdicts, asking: Questions
) -> None:
    index = write_index(raster, tiles_with())
    constants = Calibration("", 0.5, 0.7, 0.3, 0.01, 0.02, 0.1, (), 0)
    offsets = []
    for nearest in (0.0, -0.5):
        asking.encoder.calibration = replace(constants, nearest=nearest)
        offsets.append(judge.verdict(SearchRequest(QUERY, (index,)))[0].offset)
    phrases = asking.encoder.encode_texts(shipped_phrases())
    tiles = np.stack(list(tiles_with().values()))
    excesses = np.sort(phrases @ tiles.T)[:, -BEST:].mean(axis=1) - phrases @ asking.encoder.background
    alike = np.argsort(-(phrases @ text_direction(QUERY)))[:NEAREST]
    above = float(excesses[alike].mean() - excesses.mean())
    assert offsets[1] - offsets[0] == pytest.approx(-0.5 * above, abs=1e-4)
    assert abs(above) > 1e-3


def test_hits_are_named_by_the_users_phrases(
    raster: Path, judge: Verdicts, asking: Questions, tmp_path: Path
) -> None:
    bank = bank_of(tmp_path, "red roofs,houses", "wide river,water", "pond,water", "never,other")
    special = [text_direction(phrase) for phrase in ("red roofs", "wide river", "pond")]
    index = write_index(raster, dict(zip(GRID, special, strict=False)))
    request = SearchRequest(QUERY, (index,), phrases=bank)
    reply, columns = judge.verdict(request)
    table = HitTable.of(*rank(asking, request)).with_verdict(reply, columns)
    named = {(table.cols[row], table.phrase(row), table.category(row)) for row in range(3)}
    assert named == {(0, "red roofs", "houses"), (4, "wide river", "water"), (8, "pond", "water")}
    assert set(reply.phrases) == {"red roofs", "wide river", "pond"}
    assert set(reply.categories) == {"houses", "water"}
    own = judge.verdict(SearchRequest(QUERY, (index,)))[0]
    assert own.best_score == reply.best_score  # measured against the shipped phrases all the same


def test_the_runner_up_is_another_phrase_than_the_query(raster: Path, judge: Verdicts) -> None:
    index = write_index(raster, dict.fromkeys(GRID, text_direction("wide river")))
    assert judge.verdict(SearchRequest("harbour", (index,)))[0].runner_up == "wide river"
    assert judge.verdict(SearchRequest("Wide River", (index,)))[0].runner_up != "wide river"


def test_an_area_has_a_background_of_its_own(raster: Path, judge: Verdicts) -> None:
    index = write_index(raster, tiles_with())
    west = Aoi(
        f"POLYGON(({EAST} {NORTH - 900}, {EAST} {NORTH}, {EAST + 90} {NORTH}, {EAST + 90} {NORTH - 900}, "
        f"{EAST} {NORTH - 900}))",
        "EPSG:32633",
    )
    whole, _ = judge.verdict(SearchRequest(QUERY, (index,)))
    part, columns = judge.verdict(SearchRequest(QUERY, (index,), k=100, aoi=west))
    assert whole.offset != part.offset
    assert len(columns) // 12 == 6  # tiles of the first column; the next one starts at 128 m
    beyond = Aoi(west.wkt.replace("500", "900"), "EPSG:32633")
    with pytest.raises(AoiOutsideRaster, match=r"scene\.tif"):
        judge.verdict(SearchRequest(QUERY, (index,), aoi=beyond))


def test_a_verdict_is_on_the_hits_that_were_ranked_though_the_index_grows(
    raster: Path, judge: Verdicts, asking: Questions
) -> None:
    few = dict(list(tiles_with().items())[:10])
    request = SearchRequest(QUERY, (write_index(raster, few),), k=100)
    reply, columns = rank(asking, request)
    before = judge.verdict(replace(request, ranked=reply.ranked))
    write_index(raster, dict(list(tiles_with().items())[10:]))
    after = judge.verdict(replace(request, ranked=reply.ranked))
    table = HitTable.of(reply, columns).with_verdict(*after)
    assert len(table) == 10
    assert after[1] == before[1]
    assert len(judge.verdict(SearchRequest(QUERY, request.indexes, k=99))[1]) // 12 == len(GRID)


def test_hits_of_an_area_are_judged_though_the_index_grows(
    raster: Path, judge: Verdicts, asking: Questions
) -> None:
    few = dict(list(tiles_with().items())[:10])
    low, right = NORTH - 900, EAST + 90
    west = f"POLYGON(({EAST} {low}, {EAST} {NORTH}, {right} {NORTH}, {right} {low}, {EAST} {low}))"
    request = SearchRequest(QUERY, (write_index(raster, few),), k=100, aoi=Aoi(west, "EPSG:32633"))
    reply, columns = rank(asking, request)
    write_index(raster, dict(list(tiles_with().items())[10:]))
    table = HitTable.of(reply, columns)
    judged = table.with_verdict(*judge.verdict(replace(request, ranked=reply.ranked)))
    assert 0 < len(judged) == reply.tiles < rank(asking, request)[0].tiles


@pytest.mark.parametrize("ranked", [(37,), (10_000,), (-1,), (1, 1)], ids=str)
def test_a_verdict_on_tiles_that_are_not_there_is_refused(
    raster: Path, judge: Verdicts, ranked: tuple[int, ...]
) -> None:
    request = SearchRequest(QUERY, (write_index(raster, tiles_with()),), ranked=ranked)
    with pytest.raises(BadArgument, match="ranked"):
        judge.verdict(request)


def test_tiles_that_are_added_join_the_background(raster: Path, judge: Verdicts) -> None:
    few = dict(list(tiles_with().items())[:10])
    index = write_index(raster, few)
    judge.verdict(SearchRequest(QUERY, (index,)))
    write_index(raster, dict(list(tiles_with().items())[10:]))
    grown, _ = judge.verdict(SearchRequest(QUERY, (index,)))
    fresh = Verdicts(judge._questions, judge._banks)
    assert fresh.verdict(SearchRequest(QUERY, (index,)))[0] == grown


def test_an_example_with_its_like_elsewhere_is_good_and_a_lone_one_is_not(
    raster: Path, judge: Verdicts
) -> None:
    twin = direction(5)
    vectors = tiles_with() | dict.fromkeys(((1, 0, 0), (1, 20, 20), (1, 20, 0), (1, 0, 20)), twin)
    vectors |= {(1, row, col): direction(6) for row in (8, 12) for col in (8, 12)}  # alike, as they overlap
    path = write_index(raster, vectors)
    paired, lone = (
        judge.verdict(SearchRequest("", (path,), examples=(Example(tile=TileRef(path, *key)),)))[0]
        for key in ((1, 0, 0), (1, 8, 8))
    )
    assert paired.level == "good"
    cosines = [reply.offset + reply.spread * reply.best_score for reply in (paired, lone)]
    assert cosines[0] > 0.95
    assert cosines[1] < 0.9  # its own surroundings do not count
    assert lone.best_score < paired.best_score
    assert lone.percentile < paired.percentile


def test_an_unreadable_bank_is_told_and_the_shipped_one_names_the_hits(
    raster: Path, judge: Verdicts, tmp_path: Path
) -> None:
    request = SearchRequest(QUERY, (write_index(raster, tiles_with()),))
    reply, _ = judge.verdict(replace(request, phrases=str(tmp_path / "none.csv")))
    (warning,) = reply.warnings
    assert "none.csv" in warning.sentence
    assert replace(reply, warnings=()) == judge.verdict(request)[0]


def test_a_heat_map_is_hottest_where_the_query_is(raster: Path, asking: Questions) -> None:
    boats = text_direction(QUERY)
    away = {key: tile - (tile @ boats) * boats for key, tile in tiles_with().items()}
    index = write_index(raster, away | {(1, 8, 8): boats})
    reply, content = heatmap(asking, SearchRequest(f" {QUERY} ", (index,)))
    with rasterio.MemoryFile(content) as memory, memory.open() as dataset:
        cells = dataset.read(1, masked=True)
        hottest = dataset.xy(*np.unravel_index(cells.argmax(), cells.shape))
        assert dataset.crs.to_epsg() == 32633
    assert cells.shape == (reply.height, reply.width)
    assert reply.query == QUERY
    assert reply.low < reply.high <= cells.max()
    x, y = hottest[0] - EAST, NORTH - hottest[1]
    assert 256 <= x <= 512
    assert 256 <= y <= 512


def test_a_heat_map_shows_one_index_and_only_the_area(raster: Path, asking: Questions) -> None:
    index = write_index(raster, tiles_with())
    other = write_index(raster, tiles_with(), name="other")
    with pytest.raises(BadArgument, match="one index, but 2"):
        heatmap(asking, SearchRequest(QUERY, (index, other)))
    wkt = f"POLYGON(({EAST} {NORTH}, {EAST + 9} {NORTH}, {EAST + 9} {NORTH - 9}, {EAST} {NORTH}))"
    _, content = heatmap(asking, SearchRequest(QUERY, (index,), aoi=Aoi(wkt, "EPSG:32633")))
    with rasterio.MemoryFile(content) as memory, memory.open() as dataset:
        cells = dataset.read(1, masked=True)
    assert cells[0, 0] is not np.ma.masked
    assert cells[-3, -3] is np.ma.masked


def test_columns_are_little_endian_numbers_of_four_bytes(raster: Path, judge: Verdicts) -> None:
    index = write_index(raster, tiles_with())
    reply, columns = judge.verdict(SearchRequest(QUERY, (index,), k=7))
    assert len(columns) == 7 * 12
    phrases = array("i", columns[: 7 * 4])
    assert max(phrases) < len(reply.phrases)


def test_words_that_the_model_does_not_read_are_told(
    raster: Path, judge: Verdicts, asking: Questions
) -> None:
    request = SearchRequest(
        f"{QUERY} and one two three four five six seven eight", (write_index(raster, tiles_with()),)
    )
    reply, _ = judge.verdict(request)
    assert any("eight' plays no part" in warning.sentence for warning in reply.warnings)
    assert search(asking, request).reply.warnings == tuple(
        own for own in reply.warnings if own.kind == "text_too_long"
    )
    assert search(asking, SearchRequest(QUERY, request.indexes)).reply.warnings == ()
