"""Texts for scene classes: what people type instead of a caption."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from msa_model.measure import class_phrases
from msa_model.measure.class_phrases import class_name

Phrases = Mapping[str, tuple[str, ...]]


def read_phrases(path: Path) -> dict[str, tuple[str, ...]]:
    """Phrases by class, as `class_key` gives it; errors as of `class_phrases.read_phrases`."""
    found: dict[str, tuple[str, ...]] = {}
    for label, phrases in class_phrases.read_phrases(path).items():
        key = class_key(label)
        found[key] = tuple(dict.fromkeys((*found.get(key, ()), *phrases)))
    return found


def class_key(label: str) -> str:
    """The same for 'parking_lot', 'ParkingLot' and 'parkinglot'."""
    return re.sub(r"[^a-z0-9]", "", label.lower())


def class_texts(label: str, templates: Sequence[str], phrases: Phrases) -> tuple[str, ...]:
    """Every phrase of a class in every template, phrase by phrase; a class without any goes by its name."""
    if not label:
        return ()
    own = phrases.get(class_key(label)) or (class_name(label),)
    return tuple(template.format(phrase) for phrase in own for template in templates)
