"""Every visible text is found, translated and compiled."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from tools.translations import (
    FOLDER,
    NotLiteral,
    release,
    strings_of,
    strings_of_plugin,
    translations_of,
    update,
)

FILES = sorted(FOLDER.glob("*.ts"))
TEXTS = strings_of_plugin()


def fields(text: str) -> list[tuple[str, str]]:
    """The names of values with how each is written."""
    parts = string.Formatter().parse(text)
    return sorted((name, form or "") for _, name, form, _ in parts if name is not None)


def test_texts_are_found_in_order_and_joined() -> None:
    source = 'tr("one")\nf(tr("two "\n   "parts"))\nother("three")\nx = tr("f{a}").format(a=1)'
    assert list(strings_of(source, "x.py")) == ["one", "two parts", "f{a}"]


@pytest.mark.parametrize("source", ["tr(name)", 'tr("a" + b)', 'tr(f"{x}")', 'tr("a", "b")'])
def test_a_text_that_only_running_would_tell_is_refused(source: str) -> None:
    with pytest.raises(NotLiteral, match=r"x\.py:1"):
        list(strings_of(source, "x.py"))


def test_the_plugin_has_texts_and_a_language() -> None:
    assert len(TEXTS) > 200
    assert [file.name for file in FILES] == ["msa_search_de.ts"]


def test_an_update_keeps_translations_marks_new_texts_and_drops_gone_ones(tmp_path: Path) -> None:
    file = tmp_path / "msa_search_xx.ts"
    assert update(file, {"Stop": "a.py", "Gone": "a.py"}) == ["Stop", "Gone"]
    marked = '<translation type="unfinished" />'
    file.write_text(file.read_text().replace(marked, "<translation>Halt</translation>", 1))
    assert update(file, {"Stop": "a.py", "Fresh <b>": "b.py"}) == ["Fresh <b>"]
    assert translations_of(file) == {"Stop": "Halt"}
    assert "Gone" not in file.read_text()


def test_compiling_makes_what_qt_loads(tmp_path: Path) -> None:
    made = release(tmp_path)
    assert [file.name for file in made] == ["msa_search_de.qm"]
    assert all(file.stat().st_size > 10_000 for file in made)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_text_is_translated(file: Path) -> None:
    known = translations_of(file)
    assert [text for text in TEXTS if text not in known] == [], "run: make translations"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_translation_fills_in_the_same_values(file: Path) -> None:
    pairs = translations_of(file).items()
    assert [text for text, said in pairs if fields(text) != fields(said)] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_translation_keeps_key_access_and_line_ends(file: Path) -> None:
    pairs = translations_of(file).items()
    key = re.compile(r"&\w")
    assert [text for text, said in pairs if bool(key.search(text)) != bool(key.search(said))] == []
    assert [text for text, said in pairs if text.count("\n") != said.count("\n")] == []
