"""The phrase bank that `describe` chooses from."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

BANK = Path(__file__).resolve().parents[2] / "resources" / "phrases.csv"
LONGEST = 48


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with BANK.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_bank_offers_at_least_two_hundred_phrases_in_two_columns(rows: list[dict[str, str]]) -> None:
    assert len(rows) >= 200
    assert all(set(row) == {"phrase", "category"} for row in rows)


def test_no_phrase_is_said_twice_whatever_its_case(rows: list[dict[str, str]]) -> None:
    phrases = [row["phrase"].casefold() for row in rows]
    assert sorted({p for p in phrases if phrases.count(p) > 1}) == []


def test_every_phrase_is_short_trimmed_and_in_a_category(rows: list[dict[str, str]]) -> None:
    for row in rows:
        assert row["phrase"] == row["phrase"].strip()
        assert 0 < len(row["phrase"]) <= LONGEST
        assert row["category"].strip()


def test_no_category_is_a_single_phrase(rows: list[dict[str, str]]) -> None:
    categories = [row["category"] for row in rows]
    assert all(categories.count(category) >= 5 for category in set(categories))
