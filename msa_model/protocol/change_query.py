"""What is asked of two dates: which words come, go, or take each other's place."""

from __future__ import annotations

import re
from dataclasses import dataclass

from msa_model.protocol.errors import QueryNotUnderstood
from msa_model.protocol.query import parse_query

APPEARED, VANISHED, BECAME, CHANGED, LIKE = "appeared", "vanished", "became", "changed", "like"
WITH_WORDS = frozenset((APPEARED, VANISHED, BECAME))
FORMS = "'appeared: X', 'vanished: X', 'X -> Y', 'changed' or 'like this change'"

_NAMED = re.compile(r"\s*(appeared|vanished)\s*[:\uff1a](.*)", re.IGNORECASE | re.DOTALL)
_ARROW = re.compile(r"->|\u2192|=>")
_QUOTED = re.compile(r'"[^"]*"')
_WHOLE = {"changed": CHANGED, "like this change": LIKE}


@dataclass(frozen=True)
class ChangeQuery:
    """One of five `kind`s of questions; `before` and `after` are texts of the query grammar, or empty."""

    kind: str
    before: str = ""
    after: str = ""


def parse_change(text: str) -> ChangeQuery:
    """The question that a text asks.

    Raises:
        QueryNotUnderstood: it is of none of the forms.
        QueryEmpty, QueryNotUnderstood: words are missing, or break the query grammar.
    """
    if kind := _WHOLE.get(" ".join(text.casefold().split())):
        return ChangeQuery(kind)
    if named := _NAMED.fullmatch(text):
        words = _checked(named[2])
        return (
            ChangeQuery(APPEARED, after=words)
            if named[1].casefold() == APPEARED
            else ChangeQuery(VANISHED, words)
        )
    arrows = list(_ARROW.finditer(_QUOTED.sub(lambda quoted: "_" * len(quoted[0]), text)))
    if len(arrows) != 1:
        raise QueryNotUnderstood(f"A question about two dates reads {FORMS}, not '{text[:60]}'.")
    (arrow,) = arrows
    return ChangeQuery(BECAME, _checked(text[: arrow.start()]), _checked(text[arrow.end() :]))


def is_about_dates(text: str) -> bool:
    """Whether a text reads as a question about two dates, be its words right or not."""
    whole = " ".join(text.casefold().split()) in _WHOLE
    return whole or bool(_NAMED.fullmatch(text) or _ARROW.search(_QUOTED.sub("", text)))


def _checked(words: str) -> str:
    parse_query(words)
    return words.strip()
