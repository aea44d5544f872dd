"""Is a text English? Told by its script, its small words, and whether the English encoder knows its words."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from enum import Enum

from msa_model.model.vocabulary import Vocabulary, is_latin

_TOKEN = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")  # 'cul-de-sac' is one
_PART = re.compile(r"[^\W\d_]+")
_KNOWN = 0.7  # share of an English text's words that the encoder knows whole
_TAUGHT = 0.5  # share of its content words that the model was taught with pictures, at least
_LONG = 4  # letters of a stem

_SMALL = """
the of with and without from into onto over under between beside near next through along around across
above below behind at by for is are was were be been has have this that these those there their its it
which who where many some several most all no not more than very on in a an as or to s see seen
"""
# Of German, Dutch, French, Spanish, Portuguese, Italian, Polish and Turkish; none is an English word.
_SMALL_ELSEWHERE = """
und der das des dem den ein eine einer eines einem einen mit ohne auf vom von zum zur bei neben zwischen
für nach aus durch entlang im het een met zonder op naast tussen bij van voor le la les du de et une un
dans sur avec sans pour au aux en entre près el los las una con sin sobre por para y del al os um uma com
sem da dos das na ao il lo gli di della dello dei degli delle senza su sul sulla nel nella ed e nad pod
przy obok oraz bez ve ile bir için olan
"""
_LOANS = ("café", "cafés", "façade", "façades", "château", "châteaux")
_ENGLISH, _OTHER = frozenset(_SMALL.split()), frozenset(_SMALL_ELSEWHERE.split())


class LanguageGuess(Enum):
    """What a text's words say: `UNSURE` are words that English shares with other languages, or rare ones."""

    ENGLISH = "english"
    OTHER = "other"
    UNSURE = "unsure"


class EnglishReader:
    """Reads texts by an English vocabulary; `taught` are the words that the model saw with pictures."""

    def __init__(self, vocabulary: Vocabulary, taught: Collection[str]) -> None:
        self._vocabulary = vocabulary
        self._taught = taught

    def reading(self, text: str) -> LanguageGuess:
        """English where most words are known and taught; other where they are not, or its small words are."""
        tokens = [token.lower() for token in _TOKEN.findall(text)]
        if not tokens:
            return LanguageGuess.ENGLISH
        if not is_latin(text) or any(token in _OTHER or _is_accented(token) for token in tokens):
            return LanguageGuess.OTHER
        parts = [part for token in tokens for part in _PART.findall(token)]
        if _share(parts, self._is_known) < _KNOWN:
            return LanguageGuess.OTHER
        content = [part for part in parts if part not in _ENGLISH]
        taught = _share(content, self._is_taught)
        if taught > _TAUGHT or (content and len(content) < len(parts)):
            return LanguageGuess.ENGLISH
        return LanguageGuess.UNSURE

    def _is_taught(self, word: str) -> bool:
        return any(form in self._taught for form in _forms(word))

    def _is_known(self, word: str) -> bool:
        return word in _ENGLISH or self._is_taught(word) or any(map(self._vocabulary.is_whole, _forms(word)))


def words_of(texts: Iterable[str]) -> list[str]:
    """The words of texts in small letters, each as often as it occurs, without the small ones."""
    return [word for text in texts for word in _PART.findall(text.lower()) if word not in _ENGLISH]


def _share(words: list[str], good: Callable[[str], bool]) -> float:
    return sum(map(good, words)) / len(words) if words else 0.0


def _is_accented(token: str) -> bool:
    return not token.replace("’", "'").isascii() and token not in _LOANS


def _forms(word: str) -> list[str]:
    """The word, and what it may be the plural of."""
    return [word, *(word[: -len(end)] for end in ("s", "es") if word.endswith(end) and len(word) > _LONG)]
