"""A large table is searched by its bytes, and answers as a naive ranking does."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from msa_model.index import rank
from msa_model.index.rank import SEGMENT, rank_tiles, widened
from msa_model.index.tile_table import GrowingTable

DIMENSION = 24


@pytest.fixture(scope="module")
def table() -> GrowingTable:
    """Two segments and some rows, in clumps: the best of a query lie side by side, and are many alike."""
    random = np.random.default_rng(0)
    count = 2 * SEGMENT + 1000
    clumps = random.standard_normal((64, DIMENSION))
    rows = clumps[np.sort(random.integers(0, 64, count))] + 0.3 * random.standard_normal((count, DIMENSION))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    table = GrowingTable(DIMENSION)
    table.extend(np.zeros((count, 3), np.int32), rows.astype(np.float16), np.ones(count, np.float32))
    return table


def queries() -> NDArray[np.float32]:
    return np.random.default_rng(1).standard_normal((12, DIMENSION)).astype(np.float32)


@pytest.mark.skipif(not rank.available(), reason="faiss-cpu is not installed")
@pytest.mark.parametrize("k", [1, 100, 1024])
def test_the_bytes_find_what_the_vectors_would(table: GrowingTable, k: int) -> None:
    assert len(table.segments) == 2
    for query in queries():
        positions, scores = table.rank(query, k)
        expected, exact = rank_tiles(table.vectors, query, k)
        assert len(np.intersect1d(positions, expected)) >= 0.99 * k
        assert positions.tolist() == expected.tolist()
        assert scores.tolist() == exact.tolist()


@pytest.mark.parametrize("chosen", [lambda n: n % 7 == 3, lambda n: n < 5, lambda n: n > SEGMENT + 9])
def test_rows_that_are_left_out_are_left_out_inside_the_scan(
    table: GrowingTable, chosen: Callable[[NDArray[np.int64]], NDArray[np.bool_]]
) -> None:
    keep = chosen(np.arange(len(table.keys)))
    for query in queries()[:4]:
        positions, _ = table.rank(query, 100, keep)
        assert positions.tolist() == rank_tiles(table.vectors, query, 100, keep)[0].tolist()
        assert keep[positions].all()


@given(st.lists(st.slices(2 * SEGMENT + 1000), max_size=3), st.integers(0, 11), st.integers(1, 300))
@settings(max_examples=25, deadline=None)
def test_whatever_is_left_out_the_best_of_the_rest_are_found(
    table: GrowingTable, parts: list[slice], asked: int, k: int
) -> None:
    keep = np.zeros(len(table.keys), bool)
    for part in parts:
        keep[part] = True
    positions, scores = table.rank(queries()[asked], k, keep)
    expected, exact = rank_tiles(table.vectors, queries()[asked], k, keep)
    assert positions.tolist() == expected.tolist()
    assert scores.tolist() == exact.tolist()


def test_of_what_is_left_out_no_vector_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(2)
    vectors = random.standard_normal((5000, DIMENSION)).astype(np.float16)
    read: list[int] = []
    whole = rank.widened

    def counted(rows: NDArray[np.float16]) -> NDArray[np.float32]:
        read.append(len(rows))
        return whole(rows)

    monkeypatch.setattr(rank, "widened", counted)
    keep = np.arange(5000) % 100 == 7
    rank_tiles(vectors, queries()[0], 10, keep)
    assert sum(read) <= 2 * keep.sum()


def test_without_faiss_the_answers_are_the_same(table: GrowingTable, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = GrowingTable(DIMENSION)
    bare.extend(table.keys, table.vectors, table.valid)
    monkeypatch.setattr("msa_model.index.tile_table.available", lambda: False)
    query = queries()[0]
    assert bare.segments == []
    assert bare.rank(query, 50)[0].tolist() == table.rank(query, 50)[0].tolist()


def test_rows_that_come_later_are_found_too(table: GrowingTable) -> None:
    grown, half = GrowingTable(DIMENSION), SEGMENT + 17
    for part in (slice(0, half), slice(half, None)):
        grown.extend(table.keys[part], table.vectors[part], table.valid[part])
        query = queries()[3]
        assert grown.rank(query, 30)[0].tolist() == rank_tiles(grown.vectors, query, 30)[0].tolist()


def test_equal_rows_of_a_segment_rank_in_their_order(table: GrowingTable) -> None:
    same = GrowingTable(DIMENSION)
    vectors = np.repeat(table.vectors[:1], SEGMENT, axis=0)
    same.extend(np.zeros((SEGMENT, 3), np.int32), vectors, np.ones(SEGMENT, np.float32))
    assert same.rank(queries()[0], 20)[0].tolist() == list(range(20))


@given(hnp.arrays(np.float16, st.integers(0, 80), elements=st.floats(-60000, 60000, width=16)))
def test_halves_are_widened_to_the_numbers_that_they_are(numbers: NDArray[np.float16]) -> None:
    assert np.array_equal(widened(numbers), numbers.astype(np.float32))


def test_every_finite_half_is_widened_right() -> None:
    every = np.arange(2**16, dtype=np.uint16).view(np.float16)
    finite = every[np.isfinite(every)].reshape(-1, 2)
    assert np.array_equal(widened(finite), finite.astype(np.float32))


@pytest.mark.skipif(not rank.available(), reason="faiss-cpu is not installed")
def test_rows_that_are_there_as_bytes_to_the_last_are_searched_so(table: GrowingTable) -> None:
    mapped = GrowingTable(DIMENSION)
    mapped.take_over(table.keys, table.vectors, table.valid, table.whole_as_segments())
    assert [len(segment.codes) for segment in mapped.segments] == [SEGMENT, SEGMENT, 1000]
    mapped.extend(table.keys[:9], table.vectors[:9], table.valid[:9])
    for query in queries()[:4]:
        assert mapped.rank(query, 60)[0].tolist() == rank_tiles(mapped.vectors, query, 60)[0].tolist()


@pytest.mark.skipif(not rank.available(), reason="faiss-cpu is not installed")
def test_the_last_rows_are_kept_as_bytes_once_all_rows_were_asked_for(table: GrowingTable) -> None:
    own = GrowingTable(DIMENSION)
    own.extend(table.keys[: SEGMENT + 7], table.vectors[: SEGMENT + 7], table.valid[: SEGMENT + 7])
    assert [len(segment.codes) for segment in own.segments] == [SEGMENT]
    own.whole_as_segments()
    assert [len(segment.codes) for segment in own.segments] == [SEGMENT, 7]
    own.extend(table.keys[:9], table.vectors[:9], table.valid[:9])
    assert sum(len(segment.codes) for segment in own.whole_as_segments()) == SEGMENT + 16


@given(
    hnp.arrays(np.float16, st.tuples(st.integers(1, 4), st.just(3)), elements=st.floats(-1, 1, width=16)),
    st.floats(-2, -1, width=16),
)
def test_a_step_of_bytes_is_that_of_the_largest_number(numbers: NDArray[np.float16], most: float) -> None:
    numbers[-1, 1] = most
    assert rank.encoded(numbers).step == -most / rank.MOST
