"""Texts for scene classes: what people type instead of a caption."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from msa_model.protocol.errors import BadArgument

Phrases = Mapping[str, tuple[str, ...]]


def read_phrases(path: Path) -> dict[str, tuple[str, ...]]:
    """Phrases by class (as `class_key` gives it), from a CSV file with the columns label and phrase.

    Raises:
        BadArgument: it cannot be read, or lacks a column.
    """
    found: dict[str, list[str]] = defaultdict(list)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                found[class_key(row["label"])].append(row["phrase"].strip())
    except (OSError, KeyError, ValueError, AttributeError) as error:
        raise BadArgument(f"The class phrases {path} cannot be read: {error!r}.") from error
    return {label: tuple(dict.fromkeys(phrases)) for label, phrases in found.items()}


def class_key(label: str) -> str:
    """The same for 'parking_lot', 'ParkingLot' and 'parkinglot'."""
    return re.sub(r"[^a-z0-9]", "", label.lower())


def class_name(label: str) -> str:
    """A class as words: 'parking_lot' and 'ParkingLot' both read 'parking lot'."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", label).lower()


def class_texts(label: str, templates: Sequence[str], phrases: Phrases) -> tuple[str, ...]:
    """Every phrase of a class in every template, phrase by phrase; a class without any goes by its name."""
    if not label:
        return ()
    own = phrases.get(class_key(label)) or (class_name(label),)
    return tuple(template.format(phrase) for phrase in own for template in templates)
