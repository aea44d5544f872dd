import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from msa_model.index.rank import rank_tiles
from msa_model.protocol.errors import BadArgument

whole = st.integers(-3, 3).map(float)


@given(
    hnp.arrays(np.float32, st.tuples(st.integers(0, 40), st.just(4)), elements=whole),
    hnp.arrays(np.float32, 4, elements=whole),
    st.integers(1, 45),
    st.data(),
)
def test_ranking_is_that_of_a_naive_sort(
    vectors: np.ndarray, query: np.ndarray, k: int, data: st.DataObject
) -> None:
    keep = data.draw(st.none() | hnp.arrays(bool, len(vectors)))
    positions, scores = rank_tiles(vectors, query, k, keep)
    naive = []
    for position, vector in enumerate(vectors.astype(float)):
        lengths = np.linalg.norm(vector) * np.linalg.norm(query.astype(float))
        cosine = np.float32(vector @ query / lengths) if lengths > 0 else np.float32(0)
        if keep is None or keep[position]:
            naive.append((-float(cosine), position))
    expected = sorted(naive, key=lambda pair: (round(pair[0], 5), pair[1]))[:k]
    assert positions.tolist() == [position for _, position in expected]
    np.testing.assert_allclose(scores, [-score for score, _ in expected], atol=1e-6)


@pytest.mark.parametrize("n", [1, 1023, 5000])
def test_a_large_table_ranks_as_in_double_precision(n: int) -> None:
    rng = np.random.default_rng(n)
    vectors = rng.normal(size=(n, 64)).astype(np.float32)
    query = rng.normal(size=64).astype(np.float32)
    positions, scores = rank_tiles(vectors, query, 20)
    exact = (
        vectors.astype(float) @ query / np.linalg.norm(vectors.astype(float), axis=1) / np.linalg.norm(query)
    )
    assert positions.tolist() == np.argsort(-exact, kind="stable")[:20].tolist()
    np.testing.assert_allclose(scores, exact[positions], atol=1e-6)


def test_equal_tiles_rank_in_their_order_wherever_they_stand() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(4000, 256)).astype(np.float32)
    twins = [3, 1022, 1025, 2047, 3999]
    vectors[twins] = vectors[3]
    positions, scores = rank_tiles(vectors, vectors[3], 5)
    assert positions.tolist() == twins
    assert len(set(scores.tolist())) == 1


def test_results_have_the_promised_types() -> None:
    positions, scores = rank_tiles(np.eye(3, dtype=np.float32), np.ones(3, np.float32), 2)
    assert (positions.dtype, scores.dtype) == (np.dtype(np.int64), np.dtype(np.float32))


@pytest.mark.parametrize("k", [0, -1])
def test_no_results_asked_for_is_an_error(k: int) -> None:
    with pytest.raises(BadArgument, match="at least 1"):
        rank_tiles(np.eye(3, dtype=np.float32), np.ones(3, np.float32), k)


def test_a_query_of_another_dimension_is_an_error() -> None:
    with pytest.raises(BadArgument, match="fit"):
        rank_tiles(np.eye(3, dtype=np.float32), np.ones(4, np.float32), 1)
