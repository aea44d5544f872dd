from array import array
from dataclasses import replace
from typing import Any

import pytest
import shapely

from msa_model.index.batch_file import BatchHit, PairSummary
from msa_model.jobs.answers import Answers, AnswerTarget
from msa_model.protocol.batch import BatchRequest, WatchedQuery
from msa_model.protocol.hit_filter import DEPTH
from msa_model.protocol.hit_table import RankedIndex, RankReply, VerdictReply, pack_columns
from msa_model.protocol.messages import Aoi, RasterRef, SearchRequest, SearchTimings

CRS = "EPSG:32633"
INDEX = RankedIndex("town.gpkg", "town.tif", CRS, (1, 0, 500_000, 0, -1, 4_000_000), 1.0, 256, 32)
REQUEST = BatchRequest((RasterRef("town.tif"),), "out.gpkg", k=10)
PLACE = AnswerTarget(CRS, "town.tif", "town.gpkg")


class Engine:
    """Five hits; the second lies half on the first, the fourth on the third's place."""

    def __init__(self, count: int = 5) -> None:
        self.count = count
        self.asked: list[SearchRequest] = []

    def rank(self, request: SearchRequest) -> tuple[RankReply, bytes]:
        self.asked.append(request)
        columns: list[array[Any]] = [
            array("f", [0.5, 0.4, 0.3, 0.2, 0.1]),
            array("f", [1.0] * 5),
            array("i", [0, 0, 1, 1, 2]),
            array("i", [0] * 5),
            array("i", [1] * 5),
            array("i", [0] * 5),
            array("i", [0, 4, 40, 44, 80]),
        ]
        reply = RankReply(request.query, self.count, 99, (INDEX,), SearchTimings(0, 0, 0))
        return reply, pack_columns([column[: self.count] for column in columns])

    def judge(self, request: SearchRequest) -> tuple[VerdictReply, bytes]:
        self.asked.append(request)
        reply = VerdictReply("good", 2.0, 1.0, 0.3, 0.1, "a pond", 1.0, ("a pond", "a lake"), ("water",))
        columns: list[array[Any]] = [array("i", [0, 1, 0, 1, 0]), array("i", [0] * 5), array("f", [0.1] * 5)]
        return reply, pack_columns([column[: request.k] for column in columns])

    def answer(
        self, request: BatchRequest = REQUEST, **watched: object
    ) -> tuple[PairSummary, tuple[BatchHit, ...]]:
        query = replace(WatchedQuery("water", "ponds"), **watched)  # type: ignore[arg-type]
        return Answers(self.rank, self.judge).answer(request, query, PLACE, "s")


def test_hits_of_one_place_count_once() -> None:
    summary, hits = Engine().answer()
    assert [(hit.rank, hit.col) for hit in hits] == [(1, 0), (2, 40), (3, 80)]
    assert (summary.hits, summary.tiles, summary.signature) == (3, 99, "s")


def test_all_tiles_count_where_they_are_not_merged_and_their_overlap_once() -> None:
    summary, hits = Engine().answer(replace(REQUEST, merge=False, k=2))
    assert [hit.col for hit in hits] == [0, 4]
    assert summary.area_ha == pytest.approx(256 * (256 + 128) / 10_000, rel=2e-3)  # UTM is no equal-area map


def test_area_counts_only_inside_the_area_of_interest() -> None:
    left = Aoi(
        "POLYGON((499000 3999000, 500064 3999000, 500064 4001000, 499000 4001000, 499000 3999000))", CRS
    )
    summary, hits = Engine().answer(replace(REQUEST, merge=False, k=1, aoi=left))
    assert summary.area_ha == pytest.approx(64 * 256 / 10_000, rel=2e-3)
    assert hits[0].polygon.area == pytest.approx(256 * 256)  # the tile itself stays whole


def test_a_match_score_below_the_least_is_no_hit() -> None:
    summary, hits = Engine().answer(min_score=0.0)
    assert [hit.match_score for hit in hits] == pytest.approx([2.0, 0.0], abs=1e-6)
    assert summary.hits == 2


def test_a_hit_tells_what_the_verdict_says_of_it() -> None:
    summary, hits = Engine().answer(replace(REQUEST, merge=False))
    assert [hit.phrase for hit in hits] == ["a pond", "a lake", "a pond", "a lake", "a pond"]
    assert (summary.verdict, summary.best_score, summary.runner_up) == ("good", 2.0, "a pond")
    assert hits[0].polygon.equals(shapely.box(500_000, 4_000_000 - 256, 500_256, 4_000_000))
    assert {(hit.query, hit.name, hit.source, hit.index) for hit in hits} == {
        ("water", "ponds", "town.tif", "town.gpkg")
    }


def test_hits_are_placed_in_the_files_crs() -> None:
    engine = Engine()
    place = replace(PLACE, crs="EPSG:4326")
    _, hits = Answers(engine.rank, engine.judge).answer(REQUEST, WatchedQuery("water"), place, "s")
    x, y = hits[0].polygon.centroid.coords[0]
    assert (x, y) == pytest.approx((15.0014, 36.1445), abs=1e-3)


def test_the_area_and_depth_are_those_of_the_batch() -> None:
    engine, area = Engine(), Aoi("POLYGON((0 0, 1 0, 1 1, 0 0))", CRS)
    engine.answer(replace(REQUEST, aoi=area))
    assert {request.aoi for request in engine.asked} == {area}
    ranked, judged = engine.asked
    assert ranked.k == DEPTH  # some of them are of one place
    assert judged.k == 5  # the third place is the fifth hit's


def test_where_there_is_no_tile_there_is_no_verdict_to_ask_for() -> None:
    engine = Engine(count=0)
    summary, hits = engine.answer()
    assert (hits, summary.hits, summary.area_ha, summary.verdict) == ((), 0, 0.0, "nothing")
    assert len(engine.asked) == 1
