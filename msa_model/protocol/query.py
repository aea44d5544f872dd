"""The query grammar, read by both sides alike: terms with signs and weights.

    "car park" + trees - water        what to find, what more to find, what to avoid
    2:trees + 0.5:"a narrow road"     weights, in front of a term
    a semi-detached house             text without signs is one term, hyphens and all
    !bridge river                     a word that must be there: what says no to it alone is left out

A sign is `+` or `-` at the start of a word: at the very front, after a blank or after a closing quote.

What is asked of two dates: which words come, go, or take each other's place.
Which words of a query mattered for a tile.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from msa_model.protocol.change_forms import (
    APPEARED,
    BECAME,
    VANISHED,
    WHOLE,
    WITH_COLON,
    folded,
)
from msa_model.protocol.errors import QueryEmpty, QueryNotUnderstood
from msa_model.protocol.messages import TileRef, WordShare

HEAVIEST = 100.0
MOST_TERMS = 32
LONGEST = 4000  # characters

_MINUS = (
    "-\u2212\u2013\u2010\u2011"  # the keyboard's, the mathematical one, and what text processors make of it
)
# What keyboards for Chinese, Japanese and Korean write, character for character.
_PLAIN = {
    0xFF0B: "+",
    0xFE62: "+",
    0xFF0D: "-",
    0xFE63: "-",
    0xFF01: "!",
    0xFF1A: ":",
    0xFE55: ":",
    0xFE13: ":",
}
_PLAIN |= {0xFF02: '"', 0xFF0E: ".", 0xFF0C: ",", 0x3000: " ", **{0xFF10 + n: str(n) for n in range(10)}}
_SIGNS = "+" + _MINUS
_OPENING = '"\u201c\u201e'
_CLOSING = '"\u201d\u201c'
_WEIGHT = re.compile(r"(\d+(?:[.,]\d*)?|[.,]\d+)\s*:\s*")
_LIKE_WEIGHT = re.compile(r"[.,]*\d[\d.,_'\u2019%/*xXeE\s]*:")
_WORD_START = re.compile(rf"(?<=\s)(?:[{re.escape(_SIGNS)}](?=[\s\w{_OPENING}.]|$)|[{_OPENING}])")
_STRAY_QUOTE = re.compile(rf"(?<=[^\W\d])[{_CLOSING}](?=\s|$)")  # after a number it is an inch
_MUST = re.compile(r"(?<!\S)!(?=\w)(\S+)")
_SHOWN = 24  # characters either side of a mistake


@dataclass(frozen=True)
class Term:
    """A text to find (positive weight) or to avoid (negative); `must`: words of it that must be there."""

    text: str
    weight: float = 1.0
    must: tuple[str, ...] = ()


def parse_query(text: str) -> tuple[Term, ...]:
    """The terms of a query, in its order.

    Raises:
        QueryEmpty: there is nothing but blanks.
        QueryNotUnderstood: a sign without a term, an open quote, a weight out of range; the sentence shows
            the place. Or it is far too long, or holds half a character.
    """
    if not text.strip():
        raise QueryEmpty("The query has no words.")
    _check_text(text)
    text = text.translate(_PLAIN)
    terms: list[Term] = []
    at = _skip_blanks(text, 0)
    while at < len(text):
        term, at = _signed_term(text, at, first=not terms)
        terms.append(term)
        if len(terms) > MOST_TERMS:
            raise QueryNotUnderstood(f"A query may have {MOST_TERMS} terms at most.")
        at = _skip_blanks(text, at)
    return tuple(terms)


def _check_text(text: str) -> None:
    if len(text) > LONGEST:
        raise QueryNotUnderstood(f"A query may have {LONGEST} characters at most, not {len(text)}.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise _mistake(
            text.encode("utf-8", "replace").decode(), error.start, "This is no character"
        ) from error


def _signed_term(text: str, at: int, *, first: bool) -> tuple[Term, int]:
    sign, start = 1.0, at
    if text[at] in _SIGNS:
        sign = 1.0 if text[at] == "+" else -1.0
        at = _skip_blanks(text, at + 1)
        if at == len(text) or text[at] in _SIGNS:
            raise _mistake(text, at, f"There is no term after '{text[start]}'")
    elif not first:
        raise _mistake(text, at, "A + or - is missing between two terms")
    weight, at = _weight(text, at)
    words, must, at = _words(text, at)
    if must and sign < 0:
        raise QueryNotUnderstood(f"What is to be avoided cannot be required: - {words[:_SHOWN]}.")
    return Term(words, sign * weight, must), at


def _words(text: str, at: int) -> tuple[str, tuple[str, ...], int]:
    """The words of a term without their marks, those that must be there, and where the next term begins."""
    marked = text.startswith("!", at) and text[at + 1 : at + 2] in tuple(_OPENING)
    if marked or text[at : at + 1] in tuple(_OPENING):
        words, end = _quoted(text, at + marked)
        return words, (words,) * marked, end
    words, end = _plain(text, at)
    must = tuple(dict.fromkeys(_MUST.findall(words)))
    return _MUST.sub(r"\1", words), must, end


def _weight(text: str, at: int) -> tuple[float, int]:
    found = _WEIGHT.match(text, at)
    if found is None:
        if _LIKE_WEIGHT.match(text, at):
            raise _mistake(text, at, "A weight is a number like 2 or 0.5")
        return 1.0, at
    weight = float(found.group(1).replace(",", "."))
    if not 0 < weight <= HEAVIEST:
        raise _mistake(text, at, f"A weight must lie above 0 and at most at {HEAVIEST:g}")
    if found.end() == len(text) or text[found.end()] in _SIGNS:
        raise _mistake(text, found.end(), f"There is no term after '{found.group().strip()}'")
    return weight, found.end()


def _quoted(text: str, at: int) -> tuple[str, int]:
    end = next((i for i in range(at + 1, len(text)) if text[i] in _CLOSING), -1)
    if end < 0:
        raise _mistake(text, at, "A quote is not closed")
    words = text[at + 1 : end].strip()
    if not words:
        raise _mistake(text, at, "There are no words between the quotes")
    return words, end + 1


def _plain(text: str, at: int) -> tuple[str, int]:
    """Words up to the next sign."""
    stop = _WORD_START.search(text, at)
    if stop is not None and stop.group() in _OPENING:
        raise _mistake(text, stop.start(), "A + or - is missing before the quote")
    end = len(text) if stop is None else stop.start()
    if stray := _STRAY_QUOTE.search(text, at, end):
        raise _mistake(text, stray.start(), "A quote is closed that was not opened")
    return text[at:end].strip(), end


def _skip_blanks(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _mistake(text: str, at: int, what: str) -> QueryNotUnderstood:
    before = ("…" if at > _SHOWN else "") + text[max(0, at - _SHOWN) : at]
    after = text[at : at + _SHOWN] + ("…" if len(text) > at + _SHOWN else "")
    return QueryNotUnderstood(f"{what}: {before}»{after}« (character {at + 1}).")


WITH_WORDS = frozenset((APPEARED, VANISHED, BECAME))
FORMS = "'appeared: X', 'vanished: X', 'X -> Y', 'changed' or 'like this change'"

_COLON = re.compile("[:\uff1a\ufe55\ufe13]")
_ARROW = re.compile("[-\u2010-\u2014\u2212\uff0d]+[>\uff1e]|=>|[\u2192\u21d2\u27f6\u2794\u279c\u279e]")
_QUOTED = re.compile(f"[{_OPENING}][^{_OPENING}{_CLOSING}]*[{_CLOSING}]")
_LONGEST_FORM = 60  # characters


@dataclass(frozen=True)
class ChangeQuery:
    """One of five `kind`s of questions; `before` and `after` are texts of the query grammar, or empty."""

    kind: str
    before: str = ""
    after: str = ""


def parse_change(text: str) -> ChangeQuery:
    """The question that a text asks; its form in any of the languages that words are read in.

    Raises:
        QueryNotUnderstood: it is of none of the forms.
        QueryEmpty, QueryNotUnderstood: words are missing, or break the query grammar.
    """
    _check_text(text)
    if kind := whole_form(text):
        return ChangeQuery(kind)
    if named := named_form(text):
        kind, words = named[0], _checked(named[1])
        return ChangeQuery(kind, after=words) if kind == APPEARED else ChangeQuery(kind, words)
    halves = halves_of(text)
    if len(halves) != 2:  # noqa: PLR2004  (before and after)
        raise QueryNotUnderstood(f"A question about two dates reads {FORMS}, not '{text[:60]}'.")
    return ChangeQuery(BECAME, *map(_checked, halves))


def is_about_dates(text: str) -> bool:
    """Whether a text reads as a question about two dates, be its words right or not."""
    return bool(whole_form(text) or named_form(text)) or len(halves_of(text)) > 1


def whole_form(text: str) -> str:
    """'changed' or 'like' where the whole text says so; else empty."""
    return WHOLE.get(folded(text), "") if len(text) <= _LONGEST_FORM else ""


def named_form(text: str) -> tuple[str, str] | None:
    """'appeared' or 'vanished' where the text says so before a colon, and the words after it."""
    colon = _COLON.search(text, 0, _LONGEST_FORM)
    kind = WITH_COLON.get(folded(text[: colon.start()])) if colon else None
    return (kind, text[colon.end() :].strip()) if colon and kind else None


def halves_of(text: str) -> list[str]:
    """The words between arrows that are not in quotes: one without an arrow, else those before and after."""
    ends, start = [], 0
    for arrow in _ARROW.finditer(_QUOTED.sub(lambda quoted: "_" * len(quoted[0]), text)):
        ends.append(text[start : arrow.start()].strip())
        start = arrow.end()
    return [*ends, text[start:].strip()]


def _checked(words: str) -> str:
    parse_query(words)
    return words.strip()


@dataclass(frozen=True)
class WordsRequest:
    """`search.words`: which words of the query mattered for one tile of an index."""

    query: str
    tile: TileRef


@dataclass(frozen=True)
class WordsReply:
    """Reply to `search.words`: the words in the query's order, and the tile's cosine with all of it."""

    query: str
    score: float
    words: tuple[WordShare, ...]
