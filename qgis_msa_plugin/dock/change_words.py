"""The forms of a question about two dates or many, as a text is typed and as a form is picked."""

from __future__ import annotations

from typing import Optional

from msa_model.protocol.change_query import APPEARED, BECAME, CHANGED, VANISHED, ChangeQuery, parse_change
from msa_model.protocol.errors import MsaError

OVER_TIME = "over time"  # plain words, of many dates
_ARROW = "->"


def read(text: str) -> Optional[ChangeQuery]:
    """What the text asks; nothing where it is of none of the forms yet."""
    try:
        return parse_change(text)
    except MsaError:
        return None


def written(form: str, text: str) -> str:
    """The question of that form with the words of the text, whatever form that has; some may be missing."""
    before, after = _words(text)
    if form == CHANGED:
        return CHANGED
    if form == BECAME:
        return f"{before} {_ARROW} {after}"
    if form == OVER_TIME:
        return after or before
    return f"{form}: {(after or before) if form == APPEARED else (before or after)}"


def asked(form: str, text: str) -> str:
    """What is asked once Enter is pressed: words that have no form take the one that is picked."""
    words = " ".join(text.split())
    if _has_form(words) or form in (BECAME, OVER_TIME):
        return words
    if form == CHANGED and not words:
        return CHANGED
    return f"{VANISHED if form == VANISHED else APPEARED}: {words}"


def _has_form(words: str) -> bool:
    return read(words) is not None or _ARROW in words or _named(words) is not None


def _words(text: str) -> tuple[str, str]:
    """The words for before and for after; empty where the text says nothing of that date."""
    words = " ".join(text.split())
    named = _named(words)
    if named is not None:
        form, rest = named
        return ("", rest) if form == APPEARED else (rest, "")
    if _ARROW in words:
        before, _, after = words.partition(_ARROW)
        return before.strip(), after.strip()
    return "", "" if read(words) is not None else words


def _named(words: str) -> Optional[tuple[str, str]]:
    """'appeared' or 'vanished', and what follows."""
    form, colon, rest = words.partition(":")
    known = form.strip().casefold()
    return (known, rest.strip()) if colon and known in (APPEARED, VANISHED) else None
