"""Short phrases of each class of labelled images."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path

from msa_model.protocol.errors import PhrasesUnreadable
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
