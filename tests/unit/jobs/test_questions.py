"""From a request to one vector: terms, examples, and what is not encoded twice."""

from __future__ import annotations

import numpy as np
import pytest

from msa_model.index.rank import AVOIDED_TEXT
from msa_model.jobs.questions import Questions
from msa_model.protocol.errors import QueryEmpty, QueryNotUnderstood
from msa_model.protocol.messages import Example, SearchRequest, TileRef
from msa_model.protocol.query import Term
from tests.unit.jobs.searching import CountingEncoder, text_direction


def ask(asking: Questions, query: str) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return asking.ask(SearchRequest(query, ())).vector


def test_plain_text_is_the_text_as_it_was_typed(asking: Questions) -> None:
    asked = asking.ask(SearchRequest("  a semi-detached house ", ()))
    assert asked.query == "a semi-detached house"
    assert asked.terms == (Term("a semi-detached house"),)
    np.testing.assert_allclose(asked.vector, text_direction("a semi-detached house"), atol=1e-6)


def test_a_minus_turns_the_vector_away(asking: Questions) -> None:
    mixed = text_direction("trees") - AVOIDED_TEXT * text_direction("water")
    np.testing.assert_allclose(ask(asking, "trees - water"), mixed / np.linalg.norm(mixed), atol=1e-6)


def test_the_order_of_terms_that_are_sought_or_avoided_hardly_matters(asking: Questions) -> None:
    assert ask(asking, "trees - water") @ ask(asking, "- water + trees") == pytest.approx(1)


def test_a_weight_on_the_only_term_changes_nothing(asking: Questions) -> None:
    np.testing.assert_allclose(ask(asking, "3:trees"), ask(asking, "trees"), atol=1e-6)


def test_a_heavier_term_is_nearer(asking: Questions) -> None:
    trees = text_direction("trees")
    assert ask(asking, "5:trees + water") @ trees > ask(asking, "trees + water") @ trees


def test_texts_are_encoded_once(asking: Questions, encoder: CountingEncoder) -> None:
    ask(asking, "trees + water - roads")
    before = encoder.texts
    ask(asking, "trees + water - roads")
    ask(asking, "trees - roads")
    assert encoder.texts == before > 0


@pytest.mark.parametrize(("query", "kind"), [(" ", QueryEmpty), ("trees +", QueryNotUnderstood)])
def test_what_is_no_query_is_refused(asking: Questions, query: str, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        ask(asking, query)


def test_no_text_is_needed_beside_examples_but_a_broken_one_is_refused(asking: Questions) -> None:
    example = Example(tile=TileRef("x.gpkg", 1, 0, 0))
    assert asking.check(SearchRequest("", (), examples=(example,))) == ()
    with pytest.raises(QueryNotUnderstood):
        asking.check(SearchRequest("trees +", (), examples=(example,)))
