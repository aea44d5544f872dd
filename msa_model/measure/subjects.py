"""What images of a class show: their subject, and which others may be seen on them as well.

Labels of different data sets mean the same thing by different names ("forest", "Forest"), and a class's
images show more than its name: an airport has roads. Truth that ignores this counts right answers as wrong.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from msa_model.measure.class_phrases import Phrases, class_name
from msa_model.protocol.errors import DatasetUnreadable
from msa_model.shipped import resource


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
