"""What a text encoder's tokenizer can read, and whether a query is English."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

from msa_model.protocol.errors import QueryEmpty, QueryNotUnderstood

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_MULTILINGUAL_SHARE = 0.12  # of the pieces; in BERT's English vocabulary 5 % are letters of other scripts
_END_OF_WORD = "</w>"  # as CLIP's tokenizer writes it


class Vocabulary:
    """The pieces of a tokenizer: words for WordPiece and SentencePiece, bytes for byte-level BPE."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    def unknown_share(self, text: str) -> float:
        """The share of pieces that tell the encoder nothing: unknown ones, and fragments of a character."""
        ids = self._tokenizer.encode(text, add_special_tokens=False).ids
        return sum(map(self._is_unknown, ids)) / len(ids) if ids else 1.0

    def unread(self, text: str) -> str:
        """What of a text lies beyond the encoder's limit; empty where it reads all of it."""
        found = self._tokenizer.encode(text)
        if not found.overflowing:
            return ""
        pairs = zip(found.offsets, found.special_tokens_mask, strict=True)
        return text[max((end for (_, end), special in pairs if not special), default=0) :].strip()

    def is_whole(self, word: str) -> bool:
        """Whether a word is one piece."""
        return sum(self._tokenizer.encode(word, add_special_tokens=False).attention_mask) == 1

    @cached_property
    def is_latin_only(self) -> bool:
        """Whether there are next to no words in other scripts."""
        words = [self._letters(piece) for piece in self._tokenizer.get_vocab()]
        words = [letters for letters in words if letters]
        return sum(not is_latin(word) for word in words) <= _MULTILINGUAL_SHARE * len(words)

    def _letters(self, piece: str) -> str:
        return "".join(c for c in self._readable(piece) or "" if c.isalpha())

    def _is_unknown(self, number: int) -> bool:
        return number == self._unknown or self._readable(self._tokenizer.id_to_token(number) or "") is None

    def _readable(self, piece: str) -> str | None:
        """The text of a piece; None for bytes that are no whole character."""
        if not self._is_byte_level:
            return piece
        try:
            return bytes(_BYTE_OF.get(c, ord("?")) for c in piece.removesuffix(_END_OF_WORD)).decode()
        except UnicodeDecodeError:
            return None

    @cached_property
    def _description(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self._tokenizer.to_str())
        return found

    @cached_property
    def _unknown(self) -> int | None:
        model = self._description["model"]
        if isinstance(model, dict) and model["type"] == "Unigram":
            return model["unk_id"]  # type: ignore[no-any-return]
        piece = getattr(self._tokenizer.model, "unk_token", None)
        return None if piece is None else self._tokenizer.token_to_id(piece)

    @cached_property
    def _is_byte_level(self) -> bool:
        return "ByteLevel" in json.dumps(self._description.get("pre_tokenizer"))


def is_latin(text: str) -> bool:
    """Whether at least half of the letters are Latin; true without letters."""
    letters = [c for c in text if c.isalpha()]
    foreign = [c for c in letters if "LATIN" not in unicodedata.name(c, "")]
    return 2 * len(foreign) <= len(letters)


def is_in(text: str, scripts: tuple[str, ...]) -> bool:
    """Whether at least half of the letters are of scripts, named as Unicode names characters."""
    letters = [c for c in text if c.isalpha()]
    return 2 * sum(unicodedata.name(c, "").startswith(scripts) for c in letters) >= len(letters)


def _byte_characters() -> dict[str, int]:
    """The character that stands for each byte in byte-level BPE (Radford et al., GPT-2)."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + i): byte for i, byte in enumerate(others)}


_BYTE_OF = _byte_characters()


MAX_UNKNOWN = 0.5  # share of a query's pieces


def is_query(text: str) -> bool:
    """Whether there is anything but blanks, punctuation and control characters."""
    return not all(unicodedata.category(c)[0] in "ZCP" for c in text)


def check_query(text: str, vocabulary: Vocabulary) -> str:
    """The query stripped of outer blanks.

    Raises:
        QueryEmpty: it has no character but blanks, punctuation and control characters.
        QueryNotUnderstood: most of its letters are not Latin and the encoder reads no other script, or most
            of its pieces are unknown to the vocabulary.
    """
    query = text.strip()
    if not is_query(query):
        raise QueryEmpty("The query has no words.")
    if not is_latin(query) and vocabulary.is_latin_only:
        raise QueryNotUnderstood(f"The query '{query}' is not written in Latin letters.")
    if vocabulary.unknown_share(query) > MAX_UNKNOWN:
        raise QueryNotUnderstood(f"The model's vocabulary does not cover the query '{query}'.")
    return query


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
