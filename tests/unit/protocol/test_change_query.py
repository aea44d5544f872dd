"""Questions about two dates, read as they are typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msa_model.protocol.errors import QueryEmpty, QueryNotUnderstood
from msa_model.protocol.query import (
    APPEARED,
    BECAME,
    CHANGED,
    LIKE,
    VANISHED,
    ChangeQuery,
    parse_change,
)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("appeared: houses", ChangeQuery(APPEARED, after="houses")),
        (" Vanished :  trees ", ChangeQuery(VANISHED, "trees")),
        ("appeared: 2:houses - trees", ChangeQuery(APPEARED, after="2:houses - trees")),
        ("bare land -> houses", ChangeQuery(BECAME, "bare land", "houses")),
        ("bare land \u2192 houses", ChangeQuery(BECAME, "bare land", "houses")),
        ('"a -> b" -> houses', ChangeQuery(BECAME, '"a -> b"', "houses")),
        ("CHANGED", ChangeQuery(CHANGED)),
        ("like  this change", ChangeQuery(LIKE)),
    ],
)
def test_each_form_is_read(text: str, asked: ChangeQuery) -> None:
    assert parse_change(text) == asked


@pytest.mark.parametrize("text", ["houses", "", "a -> b -> c", "changed: houses", "disappeared: houses"])
def test_what_is_of_no_form_is_refused_with_the_forms(text: str) -> None:
    with pytest.raises(QueryNotUnderstood, match="appeared: X"):
        parse_change(text)


@pytest.mark.parametrize("text", ["appeared:", "vanished: ", "-> houses", "bare land ->"])
def test_words_that_are_missing_are_asked_for(text: str) -> None:
    with pytest.raises(QueryEmpty):
        parse_change(text)


def test_a_mistake_in_the_words_is_shown() -> None:
    with pytest.raises(QueryNotUnderstood, match="quote"):
        parse_change('appeared: "houses')


@given(st.text(alphabet='abc ->:+"', max_size=30))
def test_any_text_is_read_or_refused_by_name(text: str) -> None:
    try:
        parse_change(text)
    except (QueryEmpty, QueryNotUnderstood):
        return
