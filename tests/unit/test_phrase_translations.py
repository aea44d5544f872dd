"""The shipped phrase bank in other languages, and the class phrases that languages are measured with."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from msa_model.jobs.phrases import translations
from msa_model.measure.subjects import read_phrases
from msa_model.protocol.errors import PhrasesUnreadable
from msa_model.research.evaluate.classes import read_translations

RESOURCES = Path(__file__).resolve().parents[2] / "resources"
CODES = {"en", "de", "fr", "es", "pt", "it", "nl", "pl", "tr", "ru", "ar", "zh", "ja", "ko"}


def test_every_shipped_phrase_and_category_has_one_german_name_of_its_own() -> None:
    with (RESOURCES / "phrases.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    german = translations("de")
    assert set(german) == {row["phrase"] for row in rows} | {row["category"] for row in rows}
    names = [german[row["phrase"]] for row in rows]
    assert len(set(names)) == len(names)
    assert all(name == name.strip() and name for name in german.values())


@pytest.mark.parametrize("code", ["de_AT", "de-CH", "DE"])
def test_a_region_has_the_phrases_of_its_language(code: str) -> None:
    assert translations(code) == translations("de")


@pytest.mark.parametrize("code", ["", "en", "fi_FI", "../de", "C"])
def test_a_language_without_translations_leaves_phrases_as_they_are(code: str) -> None:
    assert translations(code) == {}


def test_the_same_131_phrases_are_there_in_fourteen_languages() -> None:
    languages = read_translations()
    assert set(languages) == CODES
    english, shipped = languages["en"], read_phrases()
    assert sum(map(len, english.values())) == 131
    assert all(set(own) <= set(shipped[label]) for label, own in english.items())
    for own in languages.values():
        assert {label: len(phrases) for label, phrases in own.items()} == {
            label: len(phrases) for label, phrases in english.items()
        }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("label,de\nport,Hafen\n", "no columns label and phrase"),
        ("label,phrase,de\nport,port,\n", "leaves a cell empty"),
        ("", "no columns label and phrase"),
    ],
)
def test_a_file_of_translations_that_is_not_whole_is_refused(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "phrases.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(PhrasesUnreadable, match=words):
        read_translations(file)
