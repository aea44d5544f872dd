"""Match scores: best tiles beside those of background phrases, on the same tiles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from msa_model.index.background import (
    BEST,
    NEAREST,
    Background,
    BestScores,
    Scale,
    example_scale,
)
from msa_model.index.rank import SEGMENT, available
from msa_model.index.tile_table import GrowingTable

Floats = NDArray[np.float32]
Bytes = NDArray[np.int8]


def units(seed: int, count: int, dimension: int = 8) -> Floats:
    drawn = np.random.default_rng(seed).standard_normal((count, dimension)).astype(np.float32)
    unit: Floats = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    return unit


TEXTS, TILES = units(0, 20), units(1, 300)


def best_of(tiles: Floats, texts: Floats = TEXTS) -> BestScores:
    best = BestScores(texts)
    best.add(tiles)
    return best


def test_the_best_tiles_are_found_whatever_the_pieces_they_come_in() -> None:
    expected = np.sort(TEXTS @ TILES.T, axis=1)[:, -BEST:].mean(axis=1)
    pieces = BestScores(TEXTS)
    for start in range(0, len(TILES), 7):
        pieces.add(TILES[start : start + 7])
    joined = best_of(TILES[:100])
    joined.join(best_of(TILES[100:]))
    for best in (best_of(TILES), pieces, joined):
        assert best.tiles == len(TILES)
        assert best.means() == pytest.approx(expected, abs=1e-6)


def in_bytes(left: Bytes, right: Bytes, out: NDArray[np.int32]) -> None:
    out[:] = left.astype(np.int32) @ right.T.astype(np.int32)


@pytest.fixture(scope="module")
def table() -> GrowingTable:
    """A segment and some rows: clumps of tiles side by side, and many that are all the same."""
    count, random = SEGMENT + 500, np.random.default_rng(3)
    rows = units(2, 40)[np.sort(random.integers(0, 40, count))] + 0.2 * units(4, count)
    rows[9_000:20_000] = rows[8_999]
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    table = GrowingTable(rows.shape[1])
    table.extend(np.zeros((count, 3), np.int32), rows.astype(np.float16), np.ones(count, np.float32))
    return table


@pytest.mark.skipif(not available(), reason="faiss-cpu is not installed")
@given(rows=st.lists(st.slices(SEGMENT + 500), min_size=1, max_size=3))
@settings(max_examples=15, deadline=None)
def test_by_bytes_the_best_scores_are_the_same(table: GrowingTable, rows: list[slice]) -> None:
    assert len(table.segments) == 1
    by_bytes, by_vectors = BestScores(TEXTS, in_bytes), BestScores(TEXTS)
    for part in rows:
        chosen = np.sort(np.arange(len(table.keys))[part])
        by_bytes.add_rows(table, chosen)
        by_vectors.add(table.rows(chosen))
    assert by_bytes.tiles == by_vectors.tiles
    assert by_bytes.means() == pytest.approx(by_vectors.means(), abs=1e-6)


@pytest.mark.skipif(not available(), reason="faiss-cpu is not installed")
def test_by_bytes_few_vectors_are_read(table: GrowingTable, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    of_table = GrowingTable.rows

    def counted(own: GrowingTable, at: NDArray[np.int64]) -> NDArray[np.float32]:
        read.append(len(at))
        return of_table(own, at)

    monkeypatch.setattr(GrowingTable, "rows", counted)
    best = BestScores(TEXTS, in_bytes)
    best.add_rows(table, np.flatnonzero(np.arange(len(table.keys)) % 2))
    assert best.tiles == len(table.keys) // 2
    assert 0 < sum(read) < best.tiles / 2


@pytest.mark.skipif(not available(), reason="faiss-cpu is not installed")
@pytest.mark.parametrize("equal", [0, SEGMENT // 2, SEGMENT])
def test_by_bytes_the_best_of_two_segments_are_found_wherever_they_lie(equal: int) -> None:
    """The first `equal` tiles are all the same, as those of water or of a blank sheet are."""
    tiles = units(9, 2 * SEGMENT)
    tiles[:equal] = tiles[0]
    table = GrowingTable(tiles.shape[1])
    table.extend(
        np.zeros((len(tiles), 3), np.int32), tiles.astype(np.float16), np.ones(len(tiles), np.float32)
    )
    by_bytes, by_vectors = BestScores(TEXTS, in_bytes), BestScores(TEXTS)
    by_bytes.add_rows(table, np.arange(len(tiles)))
    by_vectors.add(table.rows(np.arange(len(tiles))))
    assert by_bytes.tiles == len(tiles)
    assert by_bytes.means() == pytest.approx(by_vectors.means(), abs=1e-6)


def test_fewer_tiles_than_are_compared_count_all() -> None:
    assert best_of(TILES[:1]).means() == pytest.approx(TEXTS @ TILES[0], abs=1e-6)


def test_the_best_of_more_tiles_must_be_higher_for_the_same_verdict() -> None:
    excesses = np.linspace(0.1, 0.5, 20, dtype=np.float32)
    offsets = [Background(excesses, tiles, centred=True).scale(0.0).offset for tiles in (1, 300, 100_000)]
    assert offsets == sorted(offsets)
    assert offsets[0] < offsets[2]


def test_phrases_that_stand_high_on_a_raster_raise_what_a_query_must_reach() -> None:
    low, high = (
        Background(np.linspace(a, a + 0.2, 20, dtype=np.float32), 100, centred=True) for a in (0, 0.2)
    )
    assert high.scale(0.0).offset > low.scale(0.0).offset


def test_a_text_that_fits_everything_has_its_own_mean_taken_off() -> None:
    background = Background.of(best_of(TILES), np.full(20, 0.01, np.float32))
    hub, plain = background.scale(0.3), background.scale(0.0)
    assert hub.match_score(0.8) == pytest.approx(plain.match_score(0.5))


def test_phrases_that_fit_everything_have_their_own_means_taken_off() -> None:
    means = np.linspace(0.1, 0.5, 20, dtype=np.float32)
    best = best_of(TILES)
    assert Background.of(best, means).excesses == pytest.approx(best.means() - means)


def test_without_known_means_the_whole_background_is_taken_off() -> None:
    best = best_of(TILES + np.float32(0.2))
    unknown = Background.of(best, np.zeros(20, np.float32))
    assert unknown.scale(0.0).offset > unknown.excesses.mean()
    known = Background(unknown.excesses, unknown.tiles, centred=True)
    assert known.scale(0.0).offset != unknown.scale(0.0).offset


@dataclass(frozen=True)
class Given:
    own: float = 0.5
    level: float = 0.7
    spread: float = 0.3
    nearest: float = -0.4
    growth: float = 0.01
    zero: float = 0.02
    width: float = 0.1


def test_a_models_constants_say_what_counts() -> None:
    background = Background(np.array([0.1, 0.3], np.float32), 100, centred=True)
    scale = background.scale(0.04, Given())
    assert scale.offset == pytest.approx(0.02 + 0.14 + 0.03 + 0.01 * np.log(100) + 0.02)
    assert scale.spread == Given.width
    uncentred = Background(background.excesses, 100, centred=False)
    assert uncentred.scale(0.04, Given()) == scale
    assert background.scale(0.04, Given(), nearest=0.1).offset == pytest.approx(scale.offset - 0.04)


def test_a_texts_kin_are_the_phrases_most_like_it() -> None:
    excesses = np.zeros(NEAREST + 30, np.float32)
    excesses[:NEAREST] = 0.5
    background = Background(excesses, 100, centred=True)
    like_the_high, like_the_low = np.linspace(0.9, 0.1, NEAREST + 30), np.linspace(0.1, 0.9, NEAREST + 30)
    above = background.nearest_excess(np.stack([like_the_high, like_the_low]).astype(np.float32))
    assert above == pytest.approx([0.5 - excesses.mean(), -excesses.mean()], abs=1e-6)


def test_where_there_are_few_phrases_all_are_kin() -> None:
    few = Background(np.array([0.1, 0.3], np.float32), 100, centred=True)
    assert few.nearest_excess(np.array([0.2, 0.1], np.float32)) == pytest.approx(0.0, abs=1e-6)


def test_the_percentile_is_the_share_of_phrases_that_stand_lower() -> None:
    background = Background(np.arange(10, dtype=np.float32), 9, centred=True)
    assert [background.percentile(x) for x in (-1.0, 4.5, 20.0)] == [0.0, 0.5, 1.0]


def test_phrases_that_all_stand_alike_divide_by_no_zero() -> None:
    scale = Background(np.ones(5, np.float32), 9, centred=True).scale(0.0)
    assert np.isfinite(scale.match_score(0.3))
    assert np.isfinite(example_scale(np.ones(5, np.float32)).match_score(0.3))


def test_match_scores_keep_the_order_of_cosines() -> None:
    scale = Scale(0.3, 0.1)
    assert [scale.match_score(x) for x in (0.2, 0.3, 0.4)] == pytest.approx([-1.0, 0.0, 1.0])
