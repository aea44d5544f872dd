"""The glossary: which words it lists, what it makes of several and leaves out, and how its file is filled."""

# ruff: noqa: RUF001

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from msa_model.model.glossary import ARTICLE, LINK, NAME, QUALITY, Glossary
from msa_model.model.word_forms import plain
from msa_model.protocol.errors import PhrasesUnreadable
from msa_model.shipped import resource
from tools.glossary import GLOSSARY, LANGUAGES, fill

FILE = """preset,english,de,fr
natural/pond,pond,Teich|Weiher,Étang
natural/valley,valley,Tal,Dolina
natural/sinkhole,sinkhole,Dolina,
"""
HELD_OUT = Path(__file__).parent / "resources" / "held_out_queries.csv"
ANALYST_WORDS = HELD_OUT.with_name("analyst_words.csv")  # what people look for, in 13 languages
SHIPPED = Glossary.read()


def listed(kinds: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """Language, form and English of what the file of terms lists."""
    with resource("glossary_terms.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return [
        (language, form, row["english"])
        for row in rows
        if (row["list"] if row["list"] in (QUALITY, LINK, ARTICLE) else NAME) in kinds
        for language in LANGUAGES
        for form in row[language].split("|")
        if form
    ]


NAMES = listed((NAME,))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "glossary.csv"
    path.write_text(FILE, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text", ["Teich", "teich", "  Weiher ", "ÉTANG", "étang.", "etang", "Teiche", "étangs"]
)
def test_a_word_is_found_whatever_its_capitals_accents_and_number(file: Path, text: str) -> None:
    assert Glossary.read(file).twins(text) == ("pond",)


def test_a_word_that_languages_share_stands_for_what_each_calls_so(file: Path) -> None:
    glossary = Glossary.read(file)
    assert [glossary.twins(text) for text in ("Dolina", "Tal", "")] == [
        ("sinkhole", "valley"),
        ("valley",),
        (),
    ]
    assert len(glossary) == 6


def test_a_word_that_stands_for_two_things_in_one_language_is_left_out(tmp_path: Path) -> None:
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    one.write_text("list,english,de\na,bank,Bank\nb,bench,Bank\nc,lake,See\n", encoding="utf-8")
    other.write_text("preset,english,de\na,sea,See\nb,park,Park\n", encoding="utf-8")
    glossary = Glossary.read(one, other)
    assert [glossary.twins(text) for text in ("Bank", "See", "Park")] == [(), ("lake",), ("park",)]


@settings(max_examples=50)
@given(st.text())
def test_any_text_can_be_looked_up(text: str) -> None:
    assert Glossary({}).twins(text) == ()
    assert all(SHIPPED.twins(text))


@settings(max_examples=150)
@given(st.sampled_from(NAMES), st.sampled_from([str.upper, str.title, plain, "  {} ".format, "{} .".format]))
def test_every_name_is_found_as_people_type_it(entry: tuple[str, str, str], typed: object) -> None:
    language, form, english = entry
    assert callable(typed)
    other = plain(form.casefold()) in {plain(own.casefold()) for code, own, e in NAMES if e != english}
    assert other or english in SHIPPED.twins(typed(form)), (language, form)


@settings(max_examples=100)
@given(st.sampled_from(NAMES), st.sampled_from(NAMES))
def test_two_names_that_a_link_joins_are_read_as_both(
    one: tuple[str, str, str], two: tuple[str, str, str]
) -> None:
    links = {"de": "neben", "fr": "avec", "es": "con", "pt": "com", "it": "con", "nl": "naast", "pl": "obok"}
    links |= {"ru": "рядом с", "ar": "بجانب", "zh": "和", "ja": "と", "ko": "와", "tr": "ve"}
    language, form, _ = one
    other = next((own for code, own, english in NAMES if code == language and english == two[2]), "")
    assume(other)  # some things have names in Korean alone
    twins = SHIPPED.twins(f"{form} {links[language]} {other}")
    assert any({" beside ", " with ", " and "} & {f" {word} " for word in twin.split()} for twin in twins)


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("Parkplätze", "car park"),
        ("Wäldern", "forest"),
        ("Gewaechshaeuser", "greenhouses"),
        ("Fabrikdächer", "factory roof"),
        ("terrains de football", "football pitch"),
        ("canaux", "canal"),
        ("maison detruite", "ruined buildings"),
        ("árboles", "trees"),
        ("aviões", "airplane"),
        ("lagos", "lake"),
        ("boschi", "forest"),
        ("gebouwen", "buildings"),
        ("lasów", "forest"),
        ("rzeki", "river"),
        ("zniszczonych domów", "ruined buildings"),
        ("nehirler", "river"),
        ("реками", "river"),
        ("лесных пожаров", "wildfire"),
        ("المطار", "airport"),
        ("مَطار", "airport"),
        ("주차장", "car park"),
        ("태양광발전소", "solar farm"),
        ("공장들", "factory"),
    ],
)
def test_inflected_forms_and_other_spellings_are_read(text: str, english: str) -> None:
    assert SHIPPED.twins(text) == ((english,) if english else ())


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("Parkplatz neben einem Stadion", "car park beside stadium"),
        ("viele Autos auf einem Parkplatz", "many cars on car park"),
        ("Dächer der Fabrik", "roof of factory"),
        ("parking à côté du stade", "car park beside stadium"),
        ("toits d’usine", "roof of factory"),
        ("herbe verte", "green grass"),
        ("puente sobre un río", "bridge over river"),
        ("casa con giardino", "house with garden"),
        ("most nad rzeką", "bridge over river"),
        ("stadyumun yanındaki otopark", "car park beside stadium"),
        ("мост через реку", "bridge over river"),
        ("جسر فوق النهر", "bridge over river"),
        ("体育场旁边的停车场", "car park beside stadium"),
        ("绿色的草地", "green grassland"),
        ("スタジアムの隣の駐車場", "car park beside stadium"),
        ("プールのある家", "house with swimming pool"),
        ("경기장 옆 주차장", "car park beside stadium"),
        ("탑이 있는 교회들", "church with tower"),
        ("차가 많은 주차장", "many cars car park"),
        ("터미널에 있는 비행기", "airplane at airport terminal"),
        ("Parkplatz neben einem Xylophon", ""),
        ("grün", ""),
        ("prés", ""),  # meadows, and not the Spanish dam
        ("neben", ""),
    ],
)
def test_several_words_are_read_where_each_is_known(text: str, english: str) -> None:
    assert SHIPPED.twins(text) == ((english,) if english else ())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"preset\nx\n",
        b"word,english\na,b\n",
        b"preset,english,de\na,b,c,d\n",
        b"preset,english,de\na,\xff,c\n",
    ],
)
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "glossary.csv"
    path.write_bytes(content)
    with pytest.raises(PhrasesUnreadable, match=r"glossary\.csv"):
        Glossary.read(path)


def test_the_shipped_one_knows_things_that_maps_show_in_thirteen_languages() -> None:
    asked = ("Kläranlage", "parc solaire", "turbina wiatrowa", "водонапорная башня", "网球场")
    found = ["sewage works", "solar farm", "wind turbine", "water tower", "tennis court"]
    assert len(SHIPPED) > 12000
    assert GLOSSARY.read_text(encoding="utf-8").splitlines()[0] == ",".join(("preset", "english", *LANGUAGES))
    assert [SHIPPED.twins(word) for word in asked] == [(english,) for english in found]


def test_no_form_of_the_terms_stands_for_two_things_in_one_language() -> None:
    meant: dict[tuple[str, str], set[str]] = {}
    for language, form, english in (*NAMES, *listed((QUALITY,)), *listed((LINK,))):
        meant.setdefault((language, form.casefold()), set()).add(english)
    assert {key: english for key, english in meant.items() if len(english) > 1} == {}


@pytest.mark.parametrize("code", ["de", "fr", "es", "pl", "ko"])
def test_most_queries_that_are_held_out_are_no_names_of_the_glossary(code: str) -> None:
    with HELD_OUT.open(encoding="utf-8", newline="") as lines:
        queries = [row[code].casefold() for row in csv.DictReader(lines)]
    names = {form.casefold() for language, form, _ in NAMES if language == code}
    assert sum(query in names for query in queries) < len(queries) / 4


def test_the_languages_are_filled_in_from_the_names_of_presets(tmp_path: Path, file: Path) -> None:
    folder = tmp_path / "dist" / "translations"
    folder.mkdir(parents=True)
    for code in ("en", *LANGUAGES.values()):
        pond = {"en": "Pond", "de": "Teich / Weiher (künstlich)", "fr": "Étang"}.get(code, "Pond")
        found = {code: {"presets": {"presets": {"natural/pond": {"name": pond}}}}}
        (folder / f"{code}.json").write_text(json.dumps(found), encoding="utf-8")
    assert fill(file, tmp_path) == 3
    header, first, *_ = file.read_text(encoding="utf-8").splitlines()
    assert header == ",".join(("preset", "english", *LANGUAGES))
    assert first == "natural/pond,pond,Teich|Weiher,Étang" + "," * 11


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_people_look_for_is_read_in_their_language(language: str) -> None:
    with ANALYST_WORDS.open(encoding="utf-8", newline="") as lines:
        words = [row[language] for row in csv.DictReader(lines)]
    assert len(words) == 72
    assert [word for word in words if not SHIPPED.twins(word)] == []


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("parking poids lourds", "car park with trucks"),
        ("rizières en terrasses", "terraced fields"),
        ("обломки корабля", "shipwreck"),
        ("huerto de frutales", "orchard"),
        ("hangar à avions", "hangar"),
        ("ساحة قطارات", "rail yard"),
    ],
)
def test_names_of_several_words_are_not_read_by_their_parts(text: str, english: str) -> None:
    assert SHIPPED.twins(text) == (english,)
