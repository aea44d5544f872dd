"""What images of a class show: their subject, and which others may be seen on them as well.

Labels of different data sets mean the same thing by different names ("forest", "Forest"), and a class's
images show more than its name: an airport has roads. Truth that ignores this counts right answers as wrong.

Short phrases of each class of labelled images.
What each shipped phrase says: true on images of some subjects, perhaps true on those of others.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from msa_model.protocol.errors import DatasetUnreadable, PhrasesUnreadable
from msa_model.shipped import resource

Phrases = Mapping[str, tuple[str, ...]]


def read_phrases(file: Path | None = None) -> dict[str, tuple[str, ...]]:
    """Phrases of each class from a CSV file with the columns label (or class) and phrase; shipped ones else.

    Raises:
        PhrasesUnreadable: it cannot be read, lacks a column, or holds no phrase.
    """
    file = file or resource("class_phrases.csv")
    phrases: dict[str, list[str]] = {}
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            for row in csv.DictReader(lines):
                label = (row["label"] if "label" in row else row["class"]) or ""
                if label.strip() and (row["phrase"] or "").strip():
                    phrases.setdefault(label.strip(), []).append(row["phrase"].strip())
    except OSError as error:
        raise PhrasesUnreadable(f"{file} cannot be read: {error.strerror}.") from error
    except (KeyError, UnicodeDecodeError, csv.Error) as error:
        raise PhrasesUnreadable(f"{file} is no CSV file with the columns label and phrase.") from error
    if not phrases:
        raise PhrasesUnreadable(f"{file} holds no phrase.")
    return {label: tuple(dict.fromkeys(own)) for label, own in phrases.items()}


def class_name(label: str) -> str:
    """A label in words: 'parking_lot' and 'ParkingLot' both read 'parking lot'."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[_-]", " ", label).lower()


@dataclass(frozen=True)
class Label:
    """A class: its `subject`, all subjects that its images may `show` (its own, too); is it one object?"""

    subject: str
    shows: frozenset[str]
    is_object: bool


def read_labels() -> dict[str, Label]:
    """The shipped table, by label."""
    with resource("class_shows.csv").open(encoding="utf-8", newline="") as lines:
        return {
            row["label"]: Label(
                row["subject"], frozenset((row["subject"], *row["shows"].split())), row["object"] == "yes"
            )
            for row in csv.DictReader(lines)
        }


def known(labels: Iterable[str], table: Mapping[str, Label]) -> dict[str, Label]:
    """What is known of labels; one that the table lacks is a subject of its own, which no other shows."""
    return {label: table.get(label) or Label(label, frozenset((label,)), False) for label in labels}


def subject_phrases(table: Mapping[str, Label], phrases: Phrases) -> dict[str, tuple[str, ...]]:
    """The short phrases of each subject: those of all its labels, or their names.

    Raises:
        DatasetUnreadable: the table is empty.
    """
    if not table:
        raise DatasetUnreadable("No class is known.")
    found: dict[str, dict[str, None]] = {}
    for label, known_as in table.items():
        for phrase in phrases.get(label, (class_name(label),)):
            found.setdefault(known_as.subject, {})[phrase] = None
    return {subject: tuple(own) for subject, own in found.items()}


TRUE, PERHAPS, FALSE = 1, 0, -1


@dataclass(frozen=True)
class PhraseSubjects:
    """A phrase `says` any of these subjects; `perhaps` it is true on images of those, too."""

    phrase: str
    says: frozenset[str]
    perhaps: frozenset[str]

    def truth(self, label: Label) -> int:
        """On images of a class: what they may show as well, besides their subject, is in doubt."""
        if label.subject in self.says:
            return TRUE
        return PERHAPS if label.subject in self.perhaps or self.says & label.shows else FALSE


def read_phrase_subjects() -> tuple[PhraseSubjects, ...]:
    """The shipped table, one row for each phrase of the shipped bank, in its order."""
    with resource("phrase_shows.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(
            PhraseSubjects(row["phrase"], frozenset(row["says"].split()), frozenset(row["perhaps"].split()))
            for row in csv.DictReader(lines)
        )


def truths(
    stated: Sequence[PhraseSubjects], labels: Iterable[str], table: Mapping[str, Label]
) -> dict[str, NDArray[np.int8]]:
    """Of each class what phrases are: `TRUE`, `PERHAPS` or `FALSE`, [n]."""
    return {
        name: np.array([row.truth(label) for row in stated], np.int8)
        for name, label in known(labels, table).items()
    }
