"""Questions about two dates, read as they are typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msa_model.protocol.change_forms import (
    _APPEARED,
    _CHANGED,
    _LIKE,
    _VANISHED,
    APPEARED,
    BECAME,
    CHANGED,
    LIKE,
    VANISHED,
    WHOLE,
    WITH_COLON,
)
from msa_model.protocol.errors import QueryEmpty, QueryNotUnderstood
from msa_model.protocol.query import ChangeQuery, parse_change

LANGUAGES = 15


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
        ("disappeared: houses", ChangeQuery(VANISHED, "houses")),
        ("new: 2:houses - trees", ChangeQuery(APPEARED, after="2:houses - trees")),
        ("What changed?", ChangeQuery(CHANGED)),
        ("Erschienen: Häuser", ChangeQuery(APPEARED, after="Häuser")),
        ("verschwunden: Bäume", ChangeQuery(VANISHED, "Bäume")),
        ("Was hat sich verändert?", ChangeQuery(CHANGED)),
        ("disparu\u202f: arbres", ChangeQuery(VANISHED, "arbres")),
        ("aparecio: casas", ChangeQuery(APPEARED, after="casas")),
        ("出现\uff1a房屋", ChangeQuery(APPEARED, after="房屋")),
        ("появились: дома", ChangeQuery(APPEARED, after="дома")),
        ("zniknęły: drzewa", ChangeQuery(VANISHED, "drzewa")),
        ("变化", ChangeQuery(CHANGED)),
        ("변화", ChangeQuery(CHANGED)),
        ("bare land \u2013> houses", ChangeQuery(BECAME, "bare land", "houses")),
        ("农田\uff0d\uff1e房屋", ChangeQuery(BECAME, "农田", "房屋")),
        ("\u201ea -> b\u201c \u21d2 houses", ChangeQuery(BECAME, "\u201ea -> b\u201c", "houses")),
    ],
)
def test_each_form_is_read(text: str, asked: ChangeQuery) -> None:
    assert parse_change(text) == asked


@pytest.mark.parametrize(
    "text",
    [
        "houses",
        "",
        "a -> b -> c",
        "changed: houses",
        "2:houses",
        "12:30 -- houses",
        "the new: houses",
        "Weg: Schotter",
    ],
)
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


@pytest.mark.parametrize(("form", "kind"), [*WITH_COLON.items()])
def test_a_form_is_of_one_kind_in_whatever_language(form: str, kind: str) -> None:
    assert parse_change(f"{form.upper()} : x").kind == kind
    assert form not in WHOLE


@pytest.mark.parametrize("listed", [_APPEARED, _VANISHED, _CHANGED, _LIKE])
def test_every_language_has_each_form(listed: str) -> None:
    assert len(listed.strip().splitlines()) == LANGUAGES
