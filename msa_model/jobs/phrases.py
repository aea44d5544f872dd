"""The phrase bank: what a place may be called."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from msa_model.jobs.keywords import WordTable
from msa_model.protocol.bounded_files import read_bytes
from msa_model.protocol.errors import PhrasesUnreadable
from msa_model.shipped import resource

if TYPE_CHECKING:
    from msa_model.model.dual_encoder import DualEncoder

COLUMN, CATEGORY = "phrase", "category"
MAX_PHRASES = 20_000
MAX_BYTES = 16 * 2**20
MAX_PHRASE = 1000  # characters
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
            PhrasesUnreadable: see `parse_phrases`, or there is no such file.
        """
        place = resource("phrases.csv") if path is None else Path(path)
        data = _read(place)
        digest = hashlib.sha256(data).hexdigest()
        if digest not in self._banks:
            while len(self._banks) >= _KEPT_BANKS:
                self._banks.pop(next(iter(self._banks)))
            self._banks[digest] = self._encode(parse_phrases(data, str(place)))
        return self._told(digest, language)

    def _told(self, digest: str, language: str) -> PhraseBank:
        """A bank with labels of a language; vectors and order are the same."""
        translated = translations(language)
        if not translated:
            return self._banks[digest]
        key = f"{digest} {language}"
        if key not in self._banks:
            self._banks[key] = self._banks[digest].told(translated)
        return self._banks[key]

    def _encode(self, phrases: dict[str, str]) -> PhraseBank:
        vectors = self._encoder.encode_texts(tuple(phrases))
        background = vectors @ self._encoder.background
        kinds, words = tuple(phrases.values()), WordTable.of(tuple(phrases))
        return PhraseBank(tuple(phrases), vectors, background, kinds, words)


def parse_phrases(data: bytes, name: str) -> dict[str, str]:
    """Phrases and their categories, of a CSV file whose header names `phrase` and perhaps `category`.

    A phrase counts once, with its first category; other columns are ignored.

    Raises:
        PhrasesUnreadable: no UTF-8, no such column, a row without a phrase, none at all or too many.
    """
    text = _decode(data, name)
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    rows = csv.reader(text.splitlines(), delimiter=delimiter, strict=True)
    phrases: dict[str, str] = {}
    try:
        header = [cell.strip().lower() for cell in next(rows, [])]
        column = _column(header, name)
        kind = header.index(CATEGORY) if CATEGORY in header else len(header)
        for row in rows:
            if any(map(str.strip, row)):
                phrases.setdefault(_phrase(row, column, name, rows.line_num), _cell(row, kind))
    except csv.Error as error:
        raise PhrasesUnreadable(f"{name}, line {rows.line_num}: {error}.") from error
    if not 1 <= len(phrases) <= MAX_PHRASES:
        raise PhrasesUnreadable(f"{name} holds {len(phrases)} phrases, not 1 to {MAX_PHRASES}.")
    return phrases


@lru_cache(maxsize=16)
def translations(language: str) -> Mapping[str, str]:
    """Shipped phrases and categories in a language such as 'de' or 'de_AT'; none where it has none."""
    code = re.split("[_-]", language)[0].lower()
    if not re.fullmatch("[a-z]{2,3}", code) or not (place := resource(f"phrases_{code}.csv")).is_file():
        return {}
    with place.open(encoding="utf-8", newline="") as lines:
        return {row["phrase"]: row["translation"] for row in csv.DictReader(lines)}


def shipped_phrases() -> tuple[str, ...]:
    """Those that searches are measured against."""
    place = resource("phrases.csv")
    return tuple(parse_phrases(_read(place), str(place)))


def _read(place: Path) -> bytes:
    try:
        return read_bytes(place, MAX_BYTES)
    except OSError as error:
        raise PhrasesUnreadable(f"{place} cannot be read: {error.strerror}.") from error


def _decode(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise PhrasesUnreadable(f"{name}, line {line}: not UTF-8.") from error


def _column(header: list[str], name: str) -> int:
    if COLUMN not in header:
        raise PhrasesUnreadable(f"{name}, line 1: there is no column '{COLUMN}'.")
    return header.index(COLUMN)


def _phrase(row: list[str], column: int, name: str, line: int) -> str:
    phrase = _cell(row, column)
    if not phrase:
        raise PhrasesUnreadable(f"{name}, line {line}: the row has no phrase.")
    if len(phrase) > MAX_PHRASE or "\0" in phrase:
        raise PhrasesUnreadable(
            f"{name}, line {line}: no phrase has more than {MAX_PHRASE} characters, or NUL."
        )
    return phrase


def _cell(row: list[str], column: int) -> str:
    return row[column].strip() if column < len(row) else ""
