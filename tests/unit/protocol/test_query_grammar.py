"""The query grammar: terms, signs, weights and quotes; what is no query is refused with its place."""

from __future__ import annotations

import pytest

from msa_model.protocol.errors import QueryEmpty, QueryNotUnderstood
from msa_model.protocol.query import Term, parse_query

QUERIES: dict[str, list[tuple[str, float]]] = {
    '"car park" + trees - water': [("car park", 1), ("trees", 1), ("water", -1)],
    "car park + trees - water": [("car park", 1), ("trees", 1), ("water", -1)],
    "2:trees": [("trees", 2)],
    '2:"car park" - .5:water': [("car park", 2), ("water", -0.5)],
    "2: trees + 0.25 : two ponds": [("trees", 2), ("two ponds", 0.25)],
    "- water": [("water", -1)],
    "trees -water": [("trees", 1), ("water", -1)],
    "+trees": [("trees", 1)],
    '"trees"-"water"': [("trees", 1), ("water", -1)],
    "trees \u2212 water \u2013 roads": [("trees", 1), ("water", -1), ("roads", -1)],
    "\u201ccar park\u201d + \u201etwo ponds\u201c": [("car park", 1), ("two ponds", 1)],
    "  trees\t+\nwater ": [("trees", 1), ("water", 1)],
    "roofs + 0,5:trees - ,25 : water": [("roofs", 1), ("trees", 0.5), ("water", -0.25)],
    "roofs\u3000\uff0b\uff12\uff1atrees \uff0d 1\uff0c5\uff1awater": [
        ("roofs", 1),
        ("trees", 2),
        ("water", -1.5),
    ],
    "trees\u00a0+\u00a02\u00a0:\u00a0water": [("trees", 1), ("water", 2)],
    "\uff02car park\uff02 \u2010 water": [("car park", 1), ("water", -1)],
}

PLAIN = [
    "a bridge over a wide river",
    "semi-detached house",
    "A+ road, 4-lane",
    "c++",
    "grassland: dry, with tracks",
    'a 12" pipe',
    "it's a farmer's field",
    "5-10 boats",
    "трава и лес",
    "at 10 km: a river",
]

MISTAKES = {
    "trees +": (8, "no term after '+'"),
    "+": (2, "no term after '+'"),
    "trees + - water": (9, "no term after '+'"),
    '"car park': (1, "not closed"),
    '"" + trees': (1, "no words"),
    '"car park" trees': (12, "missing between two terms"),
    'trees "car park"': (7, "missing before the quote"),
    "0:trees": (1, "weight"),
    "1000:trees": (1, "weight"),
    "1.5.2:trees": (1, "weight"),
    "roofs + 1,000.5:trees": (9, "weight"),
    "50%:trees": (1, "weight"),
    "2x:trees": (1, "weight"),
    'trees" + water': (6, "not opened"),
    "trees + car park\u201d": (17, "not opened"),
    "2:": (3, "no term after '2:'"),
    "trees + 2:+ water": (11, "no term after '2:'"),
}


@pytest.mark.parametrize("text", QUERIES)
def test_signs_weights_and_quotes_make_terms(text: str) -> None:
    assert parse_query(text) == tuple(Term(*term) for term in QUERIES[text])


@pytest.mark.parametrize("text", PLAIN)
def test_plain_text_stays_one_term_as_it_was_typed(text: str) -> None:
    assert parse_query(f" {text} ") == (Term(text, 1.0),)


def test_a_mark_before_a_word_requires_it() -> None:
    assert parse_query("!bridge over a !wide river + trees") == (
        Term("bridge over a wide river", 1.0, ("bridge", "wide")),
        Term("trees"),
    )
    assert parse_query('2:!"car park" - water') == (Term("car park", 2.0, ("car park",)), Term("water", -1.0))
    assert parse_query("\uff01bridge") == (Term("bridge", 1.0, ("bridge",)),)


@pytest.mark.parametrize("text", ["houses!", "wow ! houses", '"!bridge"'])
def test_other_marks_are_plain_text(text: str) -> None:
    assert parse_query(text) == (Term(text.strip('"')),)


def test_what_is_avoided_cannot_be_required() -> None:
    with pytest.raises(QueryNotUnderstood, match="avoided cannot be required"):
        parse_query("river - !bridge")


def test_what_is_quoted_is_never_a_sign_or_a_weight() -> None:
    assert parse_query('"16:9 screens - not - water"') == (Term("16:9 screens - not - water"),)


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_is_named_with_its_place(text: str) -> None:
    character, words = MISTAKES[text]
    with pytest.raises(QueryNotUnderstood, match=words.replace("+", r"\+")) as caught:
        parse_query(text)
    assert caught.value.sentence.endswith(f"(character {character}).")


@pytest.mark.parametrize("text", ["", "  ", "\n\t"])
def test_no_words_are_an_empty_query(text: str) -> None:
    with pytest.raises(QueryEmpty):
        parse_query(text)


def test_a_query_of_very_many_terms_is_refused() -> None:
    with pytest.raises(QueryNotUnderstood, match="32 terms"):
        parse_query(" + ".join(["trees"] * 33))


@pytest.mark.parametrize("text", ["+ " * 9_999, '"' * 9_999, "a - " * 9_999, " " * 99_999 + "a +"])
def test_even_a_long_mistake_is_told_in_one_line(text: str) -> None:
    with pytest.raises(QueryNotUnderstood) as caught:
        parse_query(text)
    assert len(caught.value.sentence) < 150
