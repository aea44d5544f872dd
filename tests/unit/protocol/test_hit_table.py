"""Hits as columns: what goes in comes out, and nothing is made per hit before it is asked for."""

from __future__ import annotations

import struct
from array import array
from dataclasses import replace

import pytest

from msa_model.protocol.errors import ProtocolError
from msa_model.protocol.hit_table import HitTable, RankedIndex, RankReply, VerdictReply, pack_columns
from msa_model.protocol.messages import SearchTimings, TileRef

TIMINGS = SearchTimings(1.0, 2.0, 3.0)
NORTH_UP = RankedIndex("a.gpkg", "a.tif", "EPSG:3857", (0.5, 0, 100, 0, -0.5, 200), 0.5, 256, 32)
TURNED = RankedIndex("b.gpkg", "b.tif", "EPSG:25832", (0, 2, 10, 2, 0, 20), 2.0, 256, 32)
REPLY = RankReply("boats", 3, 99, (NORTH_UP, TURNED), TIMINGS)


def attachment(places: tuple[int, ...] = (1, 2, 1)) -> bytes:
    floats = (array("f", [0.75, 0.5, 0.25]), array("f", [1, 0.5, 1]))
    ints = (places, (0, 1, 0), (1, 2, 4), (0, 3, 2), (8, 1, 5))
    return pack_columns([*floats, *(array("i", column) for column in ints)])


def table() -> HitTable:
    return HitTable.of(REPLY, attachment())


def verdict(**changes: object) -> VerdictReply:
    plain = VerdictReply("good", 3.0, 0.99, 0.25, 0.125, "a lake", 1.0, ("water", "roofs"), ("nature",))
    return replace(plain, **changes)  # type: ignore[arg-type]


def phrases(*positions: int) -> bytes:
    return pack_columns([array("i", positions), array("i", (0, 0, -1)), array("f", (0.5, 0.25, 0.125))])


def test_columns_travel_little_endian_one_after_the_other() -> None:
    assert (
        pack_columns([array("i", [1, -2]), array("f", [0.5]), b"\x01"])
        == struct.pack("<iif", 1, -2, 0.5) + b"\x01"
    )


def test_a_row_knows_its_tile_its_scale_and_its_score() -> None:
    hits = table()
    assert len(hits) == 3
    assert list(hits.scores) == [0.75, 0.5, 0.25]
    assert list(hits.places) == [1, 2, 1]
    assert hits.tile(1) == TileRef("b.gpkg", 2, 3, 1)
    assert [hits.scale_m(row) for row in range(3)] == [128.0, 1024.0, 512.0]


def test_a_ring_goes_round_the_tile_from_its_upper_left() -> None:
    assert table().ring(0) == ((228.0, 200.0), (356.0, 200.0), (356.0, 72.0), (228.0, 72.0))


def test_a_raster_that_is_turned_turns_its_rings() -> None:
    x, y, side = 1 * 32 * 2, 3 * 32 * 2, 256 * 2
    corners = ((x, y), (x + side, y), (x + side, y + side), (x, y + side))
    assert table().ring(1) == tuple((2 * y + 10, 2 * x + 20) for x, y in corners)


def test_a_hit_is_the_row_in_full() -> None:
    hit = table().hit(2)
    assert (hit.rank, hit.score, hit.scale_m) == (3, 0.25, 512.0)
    assert (hit.source, hit.index, hit.factor, hit.row, hit.col) == ("a.tif", "a.gpkg", 4, 2, 5)
    xs, ys = zip(*hit.ring, strict=True)
    assert hit.bounds == (min(xs), min(ys), max(xs), max(ys))
    assert hit.crs == "EPSG:3857"


def test_a_verdict_adds_match_scores_and_phrases() -> None:
    hits = table().with_verdict(verdict(), phrases(1, 0, -1))
    assert [hits.match_score(row) for row in range(3)] == [4.0, 2.0, 0.0]
    assert [hits.phrase(row) for row in range(3)] == ["roofs", "water", None]
    assert [hits.category(row) for row in range(3)] == ["nature", "nature", None]


def test_without_a_verdict_nothing_is_claimed() -> None:
    assert (table().match_score(0), table().phrase(0), table().category(0)) == (None, None, None)


def test_a_verdict_leaves_the_table_that_it_was_given_for() -> None:
    before = table()
    before.with_verdict(verdict(), phrases(1, 0, 0))
    assert before.verdict is None


@pytest.mark.parametrize("cut", [1, 4, 28])
def test_columns_of_another_length_are_refused(cut: int) -> None:
    with pytest.raises(ProtocolError, match="3 numbers"):
        HitTable.of(REPLY, attachment()[:-cut])


def test_hits_of_an_index_that_is_not_named_are_refused() -> None:
    with pytest.raises(ProtocolError, match="index"):
        HitTable.of(replace(REPLY, indexes=(NORTH_UP,)), attachment())


def test_a_verdict_on_other_hits_is_refused() -> None:
    with pytest.raises(ProtocolError, match="3 numbers"):
        table().with_verdict(verdict(), phrases(1, 0, 0)[:-4])
    with pytest.raises(ProtocolError, match="phrase"):
        table().with_verdict(verdict(), phrases(2, 0, 0))


def test_an_answer_without_hits_is_an_empty_table() -> None:
    assert len(HitTable.of(RankReply("boats", 0, 0, (), TIMINGS), b"")) == 0
