"""The short phrases of scene classes: what people type, several ways to say each."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

FILE = Path(__file__).resolve().parents[2] / "resources" / "class_phrases.csv"
LONGEST = 40


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_class_has_three_to_six_ways_to_say_it(rows: list[dict[str, str]]) -> None:
    counts = Counter(row["label"] for row in rows)
    assert len(counts) == 93
    assert {label: n for label, n in counts.items() if not 3 <= n <= 6} == {}


def test_no_class_repeats_a_phrase_and_all_are_short_and_trimmed(rows: list[dict[str, str]]) -> None:
    pairs = [(row["label"], row["phrase"].casefold()) for row in rows]
    assert len(set(pairs)) == len(pairs)
    assert all(row["phrase"] == row["phrase"].strip() and 0 < len(row["phrase"]) <= LONGEST for row in rows)


@pytest.mark.parametrize(
    ("british", "american"),
    [("car park", "parking lot"), ("aeroplane", "airplane"), ("motorway", "freeway"), ("harbour", "harbor")],
)
def test_british_words_stand_before_american_ones(
    rows: list[dict[str, str]], british: str, american: str
) -> None:
    phrases = [row["phrase"] for row in rows]
    assert phrases.index(british) < phrases.index(american)
