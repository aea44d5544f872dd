"""What analysts type in other languages, read by its English twin: names, and what is made up of them.

`glossary.csv` holds names of OpenStreetMap's presets, `glossary_terms.csv` terms of published class lists,
with the qualities, links and articles that join them. A text is read where every word of it is known, in one
language and in one way.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from msa_model.model.word_forms import SHORTEST, distance, plain, spellings, words_of
from msa_model.protocol.errors import PhrasesUnreadable
from msa_model.shipped import resource

FILES = ("glossary_terms.csv", "glossary.csv")  # where they differ, the first is right
NAME, QUALITY, LINK, ARTICLE = "name", "quality", "link", "article"
OF = "of"
_ASIDE = ("list", "preset"), "english"
_KINDS = frozenset({QUALITY, LINK, ARTICLE})
_HEAD_LAST = frozenset({"de", "nl", "tr", "zh", "ja", "ko"})  # a name before a name tells more of that
_LINK_LAST = frozenset({"tr", "zh", "ja", "ko"})  # "A beside B" is told as "of B beside A"
_COMPOUNDS = {"de": ("", "s", "n", "en", "er", "es", "e"), "nl": ("", "s", "en", "e")}  # what joins two names
_KEPT = 4096


@dataclass(frozen=True)
class Entry:
    """A listed form as words, and the English for it; `file` is its number in `FILES`."""

    words: tuple[str, ...]
    english: str
    kind: str = NAME
    file: int = 0


class Cost(NamedTuple):
    """What a reading of words is worth; the lowest is the best."""

    pieces: int = 0
    distance: int = 0
    file: int = 0

    def plus(self, other: Cost) -> Cost:
        """That of both."""
        return Cost(*(one + two for one, two in zip(self, other, strict=True)))


class Piece(NamedTuple):
    """Entries that words are read by: one, or both parts of a compound."""

    entries: tuple[Entry, ...]
    cost: Cost
    length: int


class Lexicon:
    """The entries of one language."""

    def __init__(self, language: str, entries: Sequence[Entry]) -> None:
        self.language = language
        self.entries = entries
        self._by_start: dict[str, list[Entry]] = {}
        for entry in entries:
            for start in {word[:SHORTEST] for word in spellings(entry.words[0], language)}:
                self._by_start.setdefault(start, []).append(entry)

    def read(self, words: Sequence[str]) -> tuple[Cost, str] | None:
        """The English for words of which every one is known, and what that reading is worth."""
        best: list[tuple[Cost, tuple[Entry, ...]] | None] = [(Cost(), ()), *(None for _ in words)]
        for start in range(len(words)):
            so_far = best[start]
            if so_far is None:
                continue
            for piece in self._pieces(words, start):
                cost, end = so_far[0].plus(piece.cost), best[start + piece.length]
                if end is None or cost < end[0]:
                    best[start + piece.length] = cost, so_far[1] + piece.entries
        found = best[-1]
        english = _composed(found[1], self.language) if found else ""
        return (found[0], english) if found and english else None

    def _pieces(self, words: Sequence[str], start: int) -> Iterator[Piece]:
        """What may begin at a word: of each length the nearest entry, if it is one."""
        near: dict[int, dict[Cost, set[Entry]]] = {}
        for entry in self._by_start.get(plain(words[start])[:SHORTEST], ()):
            far = self._distance(entry, words[start : start + len(entry.words)])
            if far is not None:
                cost = Cost(1, far, entry.file)
                near.setdefault(len(entry.words), {}).setdefault(cost, set()).add(entry)
        for length, by_cost in near.items():
            cost = min(by_cost)
            if len({(entry.english, entry.kind) for entry in by_cost[cost]}) == 1:
                yield Piece((next(iter(by_cost[cost])),), cost, length)
        if 1 not in near and self.language in _COMPOUNDS:
            yield from self._compound(words[start])

    def _distance(self, entry: Entry, words: Sequence[str]) -> int | None:
        if len(words) < len(entry.words):
            return None
        far = [distance(word, own, self.language) for word, own in zip(words, entry.words, strict=True)]
        return None if None in far else sum(filter(None, far))

    def _compound(self, word: str) -> Iterator[Piece]:
        """A word of two that are known: the shortest first one, as the second is what it is."""
        for end in range(SHORTEST, len(word) - SHORTEST + 1):
            tail = self._single(word[end:])
            heads = (self._single(word[:end].removesuffix(join)) for join in _COMPOUNDS[self.language])
            head = next(filter(None, heads), None)
            if head and tail and tail.entries[0].kind == NAME:
                yield Piece(head.entries + tail.entries, head.cost.plus(tail.cost), 1)
                return

    def _single(self, word: str) -> Piece | None:
        """A name or quality of one word, of which a part of a compound is a form."""
        if len(word) < SHORTEST:
            return None
        fits = [
            (Cost(1, far, entry.file), entry)
            for entry in self._by_start.get(plain(word)[:SHORTEST], ())
            if len(entry.words) == 1
            and entry.kind in (NAME, QUALITY)
            and (far := distance(word, entry.words[0], self.language)) is not None
        ]
        if not fits:
            return None
        cost, entry = min(fits, key=lambda fit: fit[0])
        return Piece((entry,), cost, 1)


class Glossary:
    """The English twins of texts in many languages."""

    def __init__(self, entries: Mapping[str, Sequence[Entry]]) -> None:
        self._lexicons = [Lexicon(language, own) for language, own in entries.items()]
        self.twins = lru_cache(_KEPT)(self._twins)

    @classmethod
    def read(cls, *files: Path) -> Glossary:
        """From CSV files (else the shipped ones): list or preset, english, a column for each other language.

        A cell holds synonyms, parted by `|`. `list` names where a term is from, or says that it is a quality,
        a link or an article. A word that stands for two things in one language and file is left out.

        Raises:
            PhrasesUnreadable: one cannot be read, or has no such columns.
        """
        entries: dict[str, dict[tuple[str, ...], set[Entry]]] = {}
        for number, file in enumerate(files or map(resource, FILES)):
            for language, entry in _read(file, number):
                entries.setdefault(language, {}).setdefault(entry.words, set()).add(entry)
        return cls({language: _unambiguous(own) for language, own in entries.items()})

    def __len__(self) -> int:
        return sum(len(lexicon.entries) for lexicon in self._lexicons)

    def _twins(self, text: str) -> tuple[str, ...]:
        """The English for a text in another language, of as few entries as it takes.

        Empty where a word is not known; several where languages share a word for different things.
        """
        found = []
        for lexicon in self._lexicons:
            words = words_of(text, lexicon.language)
            reading = lexicon.read(words) if words else None
            found += [reading] if reading else []
        fewest = min((cost.pieces for cost, _ in found), default=0)
        best = sorted((cost, english) for cost, english in found if cost.pieces == fewest)
        return tuple(dict.fromkeys(english for _, english in best))


def _read(file: Path, number: int) -> Iterator[tuple[str, Entry]]:
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            rows = csv.DictReader(lines)
            names = list(rows.fieldnames or ())
            if len(names) < 2 or names[0] not in _ASIDE[0] or names[1] != _ASIDE[1]:  # noqa: PLR2004
                raise ValueError("it has no columns list (or preset) and english")
            for row in rows:
                origin, english, *cells = row.values()
                for language, cell in zip(names[2:], cells, strict=True):
                    for form in cell.split("|"):
                        words = words_of(form, language)
                        if words:
                            kind = origin if origin in _KINDS else NAME
                            yield language, Entry(words, english, kind, number)
    except (OSError, ValueError, TypeError, AttributeError, csv.Error) as error:
        raise PhrasesUnreadable(f"The glossary {file} cannot be read: {error}.") from error


def _unambiguous(entries: Mapping[tuple[str, ...], set[Entry]]) -> tuple[Entry, ...]:
    """Of each form the entry of the first file that has it, if it is the only one there."""
    kept = []
    for own in entries.values():
        first = min(entry.file for entry in own)
        of_first = [entry for entry in own if entry.file == first]
        if len({(entry.english, entry.kind) for entry in of_first}) == 1:
            kept.append(of_first[0])
    return tuple(kept)


@dataclass
class _Group:
    """What stands between two links: qualities and names, in the order of the text."""

    qualities: list[str]
    names: list[str]


def _composed(entries: Sequence[Entry], language: str) -> str:
    """The English for entries in the order of another language; empty where a part has no name."""
    groups, links = _grouped(entries, language)
    if not all(group.names for group in groups):
        return ""
    if language in _LINK_LAST:
        groups, links = groups[::-1], links[::-1]
    parts = [" ".join([*group.qualities, _joined(group.names, language)]) for group in groups]
    return " ".join([parts[0], *(word for pair in zip(links, parts[1:], strict=True) for word in pair)])


def _joined(names: Sequence[str], language: str) -> str:
    return " ".join(names) if language in _HEAD_LAST else f" {OF} ".join(names)


def _grouped(entries: Sequence[Entry], language: str) -> tuple[list[_Group], list[str]]:
    groups, links = [_Group([], [])], []
    for before, entry in zip((None, *entries), entries, strict=False):
        group = groups[-1]
        if entry.kind == LINK and not (language in _LINK_LAST and entry.english == OF and not group.names):
            links.append(entry.english)
            groups.append(_Group([], []))
        elif entry.kind == NAME and group.names and before is not None and before.kind == ARTICLE:
            links.append(OF)  # "Dächer der Fabrik"
            groups.append(_Group([], [entry.english]))
        elif entry.kind == NAME:
            group.names.append(entry.english)
        elif entry.kind == QUALITY:
            group.qualities.append(entry.english)
    return groups, links
