"""Forms of one word in the languages of the glossary: spellings without accents, and inflected ones.

Two words are forms of one another where they begin alike and go on by endings of the language. That is
coarser than a stemmer, and meant for a list of words that is known: what it might confuse is left out there.
"""

# ruff: noqa: RUF001

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache

UNSPACED = frozenset({"zh", "ja", "ko"})  # words are not parted, or as one likes (Korean)
EXACT, PLAIN, INFLECTED = 0, 1, 2  # how far a word is from the form that is listed

_LETTERS = str.maketrans(
    {"ß": "ss", "ł": "l", "ø": "o", "ı": "i", "æ": "ae", "œ": "oe", "đ": "d", "ى": "ي", "ة": "ه", "ـ": None}
)
_KEPT_MARKS = "\u3099\u309a"  # Japanese: another sound
_ARTICLES = ("وال", "بال", "كال", "فال", "ال", "لل")  # written with the word
_KEPT = 65536
SHORTEST = 3  # letters that forms of a word have in common
_DOTS = str.maketrans({"ı": "i", "\u0307": None})  # of Turkish capitals
_LOOSE = frozenset({"de", "pl", "ru", "ar"})
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})

_CASES_TR = "i in u un a e da de ta te dan den tan ten ya ye yi yu si su nin nun sini daki deki taki teki"
_ENDINGS: Mapping[str, str] = {
    "de": "e en er ern es em n s nen ien",
    "fr": "s x e es al aux ail l ux lle lles",
    "es": "s es z ces o a os as",
    "pt": "s es ao oes aes aos l is m ns il eis o a os as",
    "it": "o i a e co chi ca che go ghi ga ghe io ia ie cia ce",
    "nl": "s en n e es ken ten len nen men pen gen ren den sen zen ven f",
    "pl": """a e y i o u ow om ami ach em iem owi ie ia iami iach ego ej ych ich ym im ymi imi emu mi
        k ek ki ka ko kiem kami kow kach ce cy ec cow ga dze go gi ra rze ta cie ien""",
    "tr": " ".join(
        [
            _CASES_TR,
            "k gi gu g",
            *(f"{many}{case}" for many in ("lar", "ler") for case in ("", *_CASES_TR.split())),
        ]
    ),
    "ru": """а я ы и о е у ю ов ев ей ам ям ами ями ах ях ом ем ой ия ии ий ию ием иям ью ь ье ья
        ый ая яя ое ее ые ие ого его ому ему ым им ых их ыми ими ую юю ок ки ка ке ку ков ком ками ек""",
    "ar": "ات ه ون ين ان ي يه تين تان",
}


def folded(text: str) -> str:
    """A text in small letters, single blanks, its hyphens and apostrophes as blanks; accents are kept."""
    kept = (c if c.isalnum() or unicodedata.category(c) == "Mn" else " " for c in text.casefold())
    return " ".join(unicodedata.normalize("NFKC", "".join(kept)).split())


@lru_cache(_KEPT)
def plain(word: str) -> str:
    """A folded word without accents and other marks on its letters."""
    parts = unicodedata.normalize("NFKD", word.translate(_LETTERS))
    kept = (c for c in parts if c in _KEPT_MARKS or unicodedata.category(c) != "Mn")
    return unicodedata.normalize("NFC", "".join(kept)).translate(_LETTERS)


def words_of(text: str, language: str) -> tuple[str, ...]:
    """The folded words of a text, in Arabic without the article; in `UNSPACED` languages the characters."""
    words = folded(text).split()
    if language in UNSPACED:
        return tuple("".join(words))
    return tuple(map(_without_article, words)) if language == "ar" else tuple(words)


def distance(word: str, listed: str, language: str) -> int | None:
    """How far a folded word is from a listed one; None where it is no form of it.

    Accents that are typed must be right, but where they change with the form or are seldom written.
    """
    if word == listed:
        return EXACT
    if language in _LOOSE or plain(word) == _dotless(word):
        word, forms = plain(word), spellings(listed, language)
    else:
        word, forms = _dotless(word), frozenset({_dotless(listed)})
    if word in forms:
        return PLAIN
    return INFLECTED if any(_is_inflected(word, form, language) for form in forms) else None


@lru_cache(_KEPT)
def spellings(word: str, language: str) -> frozenset[str]:
    """A folded word without accents; in German with the letters that stand for them, too."""
    return frozenset({plain(word), plain(word.translate(_UMLAUTS))} if language == "de" else {plain(word)})


def _dotless(word: str) -> str:
    return word.translate(_DOTS)


def _is_inflected(word: str, other: str, language: str) -> bool:
    ends = _endings(language)
    return any(
        word[:stem] == other[:stem] and {plain(word[stem:]), plain(other[stem:])} <= ends
        for stem in range(SHORTEST, min(len(word), len(other)) + 1)
    )


def _without_article(word: str) -> str:
    for article in _ARTICLES:
        if word.startswith(article) and len(word) - len(article) >= SHORTEST - 1:
            return word.removeprefix(article)
    return word


@cache
def _endings(language: str) -> frozenset[str]:
    return frozenset(map(plain, _ENDINGS.get(language, "").split())) | {""}
