"""The glossary: which words it lists, what it leaves out, and how its file is filled."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msa_model.model.languages import Glossary
from msa_model.protocol.errors import PhrasesUnreadable
from tools.glossary import GLOSSARY, LANGUAGES, fill

FILE = """preset,english,de,fr
natural/pond,pond,Teich|Weiher,Étang
natural/valley,valley,Tal,Dolina
natural/sinkhole,sinkhole,Dolina,
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "glossary.csv"
    path.write_text(FILE, encoding="utf-8")
    return path


@pytest.mark.parametrize("text", ["Teich", "teich", "  Weiher ", "ÉTANG", "étang."])
def test_a_word_is_found_whatever_its_capitals(file: Path, text: str) -> None:
    assert Glossary.read(file).twin(text) == "pond"


def test_a_word_that_stands_for_two_things_is_left_out(file: Path) -> None:
    glossary = Glossary.read(file)
    assert (glossary.twin("Dolina"), glossary.twin("Tal"), glossary.twin("")) == ("", "valley", "")
    assert len(glossary) == 4


@settings(max_examples=50)
@given(st.text())
def test_any_text_can_be_looked_up(text: str) -> None:
    assert Glossary({}).twin(text) == ""


@pytest.mark.parametrize(
    "content", [b"", b"preset\nx\n", b"preset,english,de\na,b,c,d\n", b"preset,english,de\na,\xff,c\n"]
)
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "glossary.csv"
    path.write_bytes(content)
    with pytest.raises(PhrasesUnreadable, match=r"glossary\.csv"):
        Glossary.read(path)


def test_the_shipped_one_knows_things_that_maps_show_in_thirteen_languages() -> None:
    glossary = Glossary.read()
    asked = ("Kläranlage", "parc solaire", "turbina wiatrowa", "водонапорная башня", "网球场")
    found = ["sewage works", "solar farm", "wind turbine", "water tower", "tennis court"]
    assert len(glossary) > 3000
    assert GLOSSARY.read_text(encoding="utf-8").splitlines()[0] == ",".join(("preset", "english", *LANGUAGES))
    assert [glossary.twin(word) for word in asked] == found


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
