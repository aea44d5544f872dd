"""The phrase bank: what a place may be called.

Keywords: the words of those phrases of a bank that fit a picture.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from msa_model.jobs.words import MINOR
from msa_model.protocol.describing import Keyword
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.phrases import PhraseRow, parse_phrases, phrase_bytes, read_phrases
from msa_model.shipped import resource

if TYPE_CHECKING:
    from msa_model.model.dual_encoder import DualEncoder

_TEMPERATURE = 0.1  # of the phrases' scores; chosen on validation captions (docs/experiments.md)
_WORD = re.compile(r"[^\W\d_]+(?:[-'][^\W\d_]+)*")
_MINOR_ELSEWHERE = frozenset(  # of the languages that phrases are translated into
    (
        *("der", "die", "das", "des", "dem", "den", "ein", "eine", "einer", "eines", "einem", "einen", "und"),
        *(
            "mit",
            "ohne",
            "im",
            "am",
            "an",
            "auf",
            "aus",
            "bei",
            "durch",
            "hinter",
            "um",
            "unter",
            "von",
            "vor",
        ),
        *("zwischen", "über", "wenig", "vielen"),
    )
)


@dataclass(frozen=True)
class WordTable:
    """The words of phrases: pair i says that phrase `holders[i]` holds the word `numbers[i]` of `words`."""

    words: tuple[str, ...]
    holders: NDArray[np.int64]
    numbers: NDArray[np.int64]

    @classmethod
    def of(cls, phrases: Sequence[str], *, as_written: bool = False) -> WordTable:
        """Words as 'river' and 'tree-lined', small ones as 'with' left out; `as_written` keeps capitals."""
        number: dict[str, int] = {}
        pairs = [
            (holder, number.setdefault(word, len(number)))
            for holder, phrase in enumerate(phrases)
            for word in dict.fromkeys(_WORD.findall(phrase if as_written else phrase.lower()))
            if word.lower() not in MINOR and word not in _MINOR_ELSEWHERE
        ]
        holders, numbers = np.array(pairs, np.int64).reshape(-1, 2).T
        return cls(tuple(number), holders, numbers)

    def keywords(self, scores: NDArray[np.float32], k: int) -> tuple[Keyword, ...]:
        """The `k` words whose phrases, by their scores [n], weigh most; all phrases together weigh 1.

        Phrases of minus infinity weigh nothing, and what they alone say is no keyword.
        """
        weights = np.exp((scores - scores.max()) / _TEMPERATURE)
        sums = np.bincount(self.numbers, (weights / weights.sum())[self.holders], len(self.words))
        best = [word for word in np.argsort(-sums, kind="stable")[:k].tolist() if sums[word] > 0]
        return tuple(Keyword(self.words[word], float(sums[word])) for word in best)


_KEPT_BANKS = 4


@dataclass(frozen=True)
class PhraseBank:
    """Phrases, their unit vectors [n, d], and each one's mean cosine over background images [n].

    `categories` [n]: what kind of phrase each is, empty where the file does not say. `words`: of which words
    they are made.
    """

    phrases: tuple[str, ...]
    vectors: NDArray[np.float32]
    background: NDArray[np.float32]
    categories: tuple[str, ...]
    words: WordTable

    def fits(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """How well each phrase fits vectors [..., d]: cosine less background, [..., n]."""
        fits: NDArray[np.float32] = vectors @ self.vectors.T - self.background
        return fits

    def nearest(self, vectors: NDArray[np.float32]) -> NDArray[np.int64]:
        """Which phrase fits each of vectors [n, d] best, [n]: the first of several."""
        best: NDArray[np.int64] = self.fits(vectors).argmax(axis=1)
        return best

    def told(self, translated: Mapping[str, str]) -> PhraseBank:
        """The same bank with other labels."""
        phrases = tuple(translated.get(phrase, phrase) for phrase in self.phrases)
        kinds = tuple(translated.get(kind, kind) for kind in self.categories)
        return replace(self, phrases=phrases, categories=kinds, words=WordTable.of(phrases, as_written=True))


class PhraseBanks:
    """Encoded phrase files, kept by content: a file that is edited is encoded anew."""

    def __init__(self, encoder: DualEncoder) -> None:
        self._encoder = encoder
        self._banks: dict[str, PhraseBank] = {}

    def bank(self, path: str | None, language: str = "") -> PhraseBank:
        """The phrases of a CSV file; None means the shipped ones. They are told in `language` where they can.

        Raises:
            PhrasesUnreadable: as of `read_phrases`.
        """
        place = resource("phrases.csv") if path is None else Path(path)
        data = phrase_bytes(place)
        digest = hashlib.sha256(data).hexdigest()
        if digest not in self._banks:
            while len(self._banks) >= _KEPT_BANKS:
                self._banks.pop(next(iter(self._banks)))
            self._banks[digest] = self._encode(parse_phrases(data, str(place)).rows)
        return self._told(digest, language)

    def check_classes(self, classes: frozenset[str]) -> None:
        """Raises `BadArgument` where one of `classes` is none of the shipped phrases'."""
        known = sorted(set(self.bank(None).categories)) if classes else []
        unknown = sorted(classes.difference(known))
        if unknown:
            raise BadArgument(f"There is no scene class '{unknown[0]}'; there are {', '.join(known)}.")

    def _told(self, digest: str, language: str) -> PhraseBank:
        """A bank with labels of a language; vectors and order are the same."""
        translated = translations(language)
        if not translated:
            return self._banks[digest]
        key = f"{digest} {language}"
        if key not in self._banks:
            self._banks[key] = self._banks[digest].told(translated)
        return self._banks[key]

    def _encode(self, rows: Sequence[PhraseRow]) -> PhraseBank:
        phrases = tuple(row.phrase for row in rows)
        vectors = self._encoder.encode_texts(phrases)
        background = vectors @ self._encoder.background
        kinds, words = tuple(row.category for row in rows), WordTable.of(phrases)
        return PhraseBank(phrases, vectors, background, kinds, words)


@lru_cache(maxsize=16)
def translations(language: str) -> Mapping[str, str]:
    """Shipped phrases and categories in a language such as 'de' or 'de_AT'; none where it has none."""
    code = re.split("[_-]", language)[0].lower()
    if not re.fullmatch("[a-z]{2,3}", code) or not (place := resource(f"phrases_{code}.csv")).is_file():
        return {}
    with place.open(encoding="utf-8", newline="") as lines:
        return {row["phrase"]: row["translation"] for row in csv.DictReader(lines)}


def shipped_rows() -> tuple[PhraseRow, ...]:
    """The phrases that searches are measured against, with their categories."""
    return read_phrases(resource("phrases.csv")).rows


def shipped_phrases() -> tuple[str, ...]:
    """Those that searches are measured against."""
    return tuple(row.phrase for row in shipped_rows())
